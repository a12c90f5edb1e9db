"""A saved plan is exactly what was reviewed: every step type comes back whole, and an edit shows."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cspctl.engine.planfile import check_fresh, is_plan_file, read_plan, write_plan
from cspctl.errors import InputError, StalePlanError
from cspctl.kinds.subscription.steps import (
    STEP_TYPES,
    CartLine,
    CheckoutCart,
    ClearSchedule,
    CreateCart,
    PatchSubscription,
    ScheduleNextTerm,
)
from cspctl.model.change import Step
from cspctl.model.plan import Plan

LINE = CartLine(
    product="CFQ7TTC0LFLX",
    sku="0001",
    segment="education",
    term="P1Y",
    billing="monthly",
    quantity=3,
    friendly_name="Größe ☂",
    end_date="2027-03-31",
    align_to="Subscription/base",
    reseller_mpn="4391227",
    promotion="39NFJQT1PFPZ:0001",
)
BASE = {"scope": "t1", "unit": "u", "summary": "what it does"}
WHOLE: tuple[Step, ...] = (
    CreateCart(**BASE, line=LINE),
    CheckoutCart(**BASE, line=LINE),
    PatchSubscription(**BASE, subscription="s-1", changes={"quantity": 3, "status": "active", "flag": False}),
    ScheduleNextTerm(
        **BASE,
        subscription="s-1",
        product="P",
        sku="0001",
        segment="commercial",
        term="P3Y",
        billing="annual",
        quantity=7,
        end_date="2028-03-31",
        on="2027-03-31",
    ),
    ClearSchedule(**BASE, subscription="s-1"),
)


@pytest.fixture
def made(world: Any) -> Plan:
    world.declare("e3", {"quantity": 35})
    world.put({"id": "a"})
    world.bind("e3", {"live": "a"})
    plan: Plan = world.plan().plan
    return plan


def with_steps(plan: Plan, *steps: Step) -> Plan:
    from cspctl.engine.planner import plan_digest

    changed = plan.model_copy(update={"changes": (plan.changes[0].model_copy(update={"steps": steps}),)})
    return changed.model_copy(update={"digest": plan_digest(changed)})


def test_every_step_type_is_covered_here() -> None:
    assert {type(step) for step in WHOLE} == set(STEP_TYPES)


@pytest.mark.parametrize("step", WHOLE, ids=lambda s: s.type)
def test_a_step_comes_back_whole(made: Plan, tmp_path: Path, step: Step) -> None:
    path = tmp_path / "plan.json"
    plan = with_steps(made, step)
    write_plan(plan, path)
    found = read_plan(path, STEP_TYPES)
    assert found == plan
    assert type(found.changes[0].steps[0]) is type(step)
    written = json.loads(path.read_text("utf-8"))["changes"][0]["steps"][0]
    assert written == step.model_dump(mode="json", by_alias=True)
    assert set(written) == {f.alias or name for name, f in type(step).model_fields.items()}


def test_the_file_is_for_its_owner_only(made: Plan, tmp_path: Path) -> None:
    path = tmp_path / "new" / "plan.json"
    write_plan(made, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["plan.json"], "no temporary file is left"


def test_the_digest_does_not_depend_on_ids_and_instants(made: Plan, world: Any) -> None:
    again = world.later(world.now + timedelta(minutes=5)).plan().plan
    assert again.digest == made.digest
    assert again.id != made.id
    assert again.created_at != made.created_at
    world.declare("e3", {"quantity": 36})
    assert world.plan().plan.digest != made.digest


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    body = json.loads(path.read_text("utf-8"))
    change(body)
    path.write_text(json.dumps(body), "utf-8")


EDITS: dict[str, Callable[[dict[str, Any]], None]] = {
    "seats": lambda b: b["changes"][0]["steps"][0]["changes"].update(quantity=3000),
    "a fraction": lambda b: b["changes"][0]["steps"][0]["changes"].update(quantity=35.5),
    "not a number": lambda b: b["changes"][0]["steps"][0]["changes"].update(quantity=float("nan")),
    "expiry": lambda b: b.update(expiresAt="2030-01-01T00:00:00Z"),
    "realm": lambda b: b.update(realm="other|global||live"),
    "guards": lambda b: b.update(guards=[]) or b.update(allowed=True),
    "a change left out": lambda b: b.update(changes=[]),
    "seal": lambda b: b.update(seal="sha256:0"),
    "no seal": lambda b: b.pop("seal"),
    "digest": lambda b: b.update(digest="sha256:0"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_file_is_refused(made: Plan, tmp_path: Path, name: str) -> None:
    path = tmp_path / "plan.json"
    write_plan(made, path)
    edit(path, EDITS[name])
    with pytest.raises(StalePlanError) as caught:
        read_plan(path, STEP_TYPES)
    assert caught.value.code == "E-PLAN-EDITED"


def test_white_space_is_no_edit(made: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(made, path)
    edit(path, lambda body: None)
    assert read_plan(path, STEP_TYPES) == made


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E-PLAN-FILE"),
        ("{", "E-PLAN-FILE"),
        ("[]", "E-PLAN-FILE"),
        ("{}", "E-PLAN-FILE"),
        ("[" * 100_000, "E-PLAN-FILE"),
        ('{"planVersion": "2.0"}', "E-PLAN-VERSION"),
    ],
    ids=["empty", "broken", "list", "other", "deep", "newer"],
)
def test_what_is_no_plan_is_told_so(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(path, STEP_TYPES)
    assert caught.value.code == code


def test_a_step_of_another_version_is_told_so(made: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(made, path)
    with pytest.raises(InputError) as caught:
        read_plan(path, (CreateCart,))
    assert caught.value.code == "E-PLAN-FILE"


def test_a_missing_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_plan(tmp_path / "none.json", STEP_TYPES)


@pytest.mark.parametrize(
    ("after", "realm", "code"),
    [
        (timedelta(hours=24, seconds=1), None, "E-PLAN-EXPIRED"),
        (timedelta(minutes=-6), None, "E-PLAN-CLOCK"),
        (timedelta(0), "test|global||emulator", "E-PLAN-REALM"),
        (timedelta(hours=24), None, None),
        (timedelta(minutes=-5), None, None),
    ],
)
def test_a_plan_lives_a_day_and_in_its_realm(made: Plan, after: timedelta, realm: str | None, code: str | None) -> None:
    now = made.created_at + after
    if code is None:
        check_fresh(made, now=now, realm=made.realm)
        return
    with pytest.raises(StalePlanError) as caught:
        check_fresh(made, now=now, realm=realm or made.realm)
    assert caught.value.code == code


def test_plan_files_are_told_from_manifests(made: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan"
    write_plan(made, path)
    manifest = tmp_path / "all.yaml"
    manifest.write_text("{}", "utf-8")
    (tmp_path / "notes.txt").write_text("hello", "utf-8")
    assert is_plan_file(path)
    assert not any(map(is_plan_file, (manifest, tmp_path / "notes.txt", tmp_path, tmp_path / "none")))
