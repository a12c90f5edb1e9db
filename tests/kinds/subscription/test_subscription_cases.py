"""Behaviour as case files: {desired, live, bindings, now} -> {changes, steps}. Adding a case adds a file.

`source` names the page of the documentation that the expectation comes from. Expected mappings are compared key by
key, lists element by element, so a case says only what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cspctl.engine.planfile import read_plan, write_plan
from cspctl.kinds.subscription.steps import STEP_TYPES
from cspctl.model.change import Change
from cspctl.model.plan import Plan

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_case(path: Path, world_from: Callable[[Mapping[str, Any]], Any], tmp_path: Path) -> None:
    case = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    assert case["title"]
    assert case["source"]
    world = world_from(case)
    made = world.plan().plan
    expected = case["expect"]
    seen = [_said(c) for c in made.changes]
    _covers(seen, _plain(expected["changes"]), "changes")
    assert sorted(g.name for g in made.guards if not g.allowed) == expected.get("guards", [])
    if "unmanaged" in expected:
        assert [u.live_id[0] for u in made.unmanaged] == expected["unmanaged"]
    if "expires" in expected:
        assert made.expires_at.isoformat() == expected["expires"]
    if "exit" in expected:
        assert made.detailed_exit_code() == expected["exit"]
    _holds_for_every_plan(world, made, tmp_path)


def _said(change: Change) -> dict[str, Any]:
    timing = change.timing
    return {
        "address": change.addr.name,
        "action": change.action.value,
        "timing": " ".join(str(v) for v in (timing.when.value, timing.rule, timing.on) if v),
        "firstLegal": str(timing.first_legal) if timing.first_legal else None,
        "attributes": {a.path: [a.before, a.after] for a in change.attributes},
        "steps": [s.model_dump(mode="json", by_alias=True) for s in change.steps],
        "findings": [f.code for f in change.findings],
        "cause": change.cause.type,
        "reason": change.reason,
        "live": (change.live_id or "")[:1],
        "sideEffects": list(change.side_effects),
        "requires": [r.removeprefix("Subscription/") for r in change.requires],
        "phase": change.phase,
        "movedFrom": (change.binding or {}).get("movedFrom"),
    }


def _covers(seen: Any, expected: Any, where: str) -> None:
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert key in seen, f"{where} has no {key}: {seen}"
            _covers(seen[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(seen) == len(expected), f"{where}: {seen}"
        for index, value in enumerate(expected):
            _covers(seen[index], value, f"{where}[{index}]")
    elif where.endswith((".reason",)):
        assert expected in seen, f"{where}: {seen}"
    else:
        assert seen == expected, f"{where}: {seen!r} is not {expected!r}"


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _holds_for_every_plan(world: Any, made: Plan, tmp_path: Path) -> None:
    """What is true of any plan, whatever the case."""
    for change in made.changes:
        patches = [s for s in change.steps if s.type == "subscription.patch"]
        for patch in patches:
            # One change per PATCH; a longer term may bring its billing cycle along (update-a-subscription-by-id).
            assert len(patch.changes) == 1 or set(patch.changes) == {"termDuration", "billingCycle"}
        if change.blocked:
            assert change.steps == ()
            assert change.timing.rule in [f.code for f in change.findings]
        if change.steps:
            assert change.fingerprint
        carts = [s for s in change.steps if s.type == "cart.checkout"]
        assert len(carts) <= 1
    again = world.plan().plan
    assert again.digest == made.digest
    assert again.model_copy(update={"id": made.id}) == made
    path = tmp_path / "plan.json"
    write_plan(made, path)
    assert read_plan(path, STEP_TYPES) == made
