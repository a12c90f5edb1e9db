"""Kinds that exist only in the project: noted in the ledger, never sent. Source: product contract, section 4.1."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cspctl.commerce.price_book import PriceBooks
from cspctl.engine.narrowing import Narrowing
from cspctl.engine.planner import plan
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import ProjectView
from cspctl.kinds.plan.kind import PlanKind
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.live import Gap, LiveState
from cspctl.model.plan import Plan
from cspctl.model.positions import Origin, SourcePos
from cspctl.model.resource import Resource, ResourceIndex

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SPEC = {"displayName": "M365", "items": [{"name": "e3", "product": "CFQ7TTC0LFLX"}]}


def planned(specs: dict[str, dict[str, Any]], bindings: dict[str, dict[str, Any]], **more: Any) -> Plan:
    previous = more.pop("previous", ())
    resources = {
        Address("Plan", name): Resource(
            Address("Plan", name), spec, spec, Origin("plans.yaml", 0), previous_names=previous
        )
        for name, spec in specs.items()
    }
    bound = {
        Address("Plan", name): Binding(Address("Plan", name), f"local:{name}", "", applied, NOW, "run-0", realm="r")
        for name, applied in bindings.items()
    }
    situation = Situation(
        project="test",
        view=ProjectView(ResourceIndex(resources), PriceBooks({}), NOW),
        kinds=(PlanKind(),),
        bindings=bound,
        live=LiveState({}, (Gap("t1", "403"),)),
        now=NOW,
        labels={"t1": "alpha"},
        realm_of=lambda cloud, account: f"test|{cloud}|{account}|live",
        locate=lambda origin, path: SourcePos(origin.file, 3, 5),
        desired_digest="sha256:d",
        **more,
    )
    return plan(situation).plan


def said(made: Plan) -> list[tuple[str, str, str]]:
    return [(c.address, c.action.value, c.reason) for c in made.changes]


def test_a_new_manifest_is_noted() -> None:
    made = planned({"m365": SPEC}, {})
    assert said(made) == [("Plan/m365", "local", "first noted")]
    change = made.changes[0]
    assert (change.steps, change.live_id, change.cause.pos) == ((), "local:m365", "plans.yaml:3:5")
    assert made.findings == ()


def test_an_edited_manifest_says_which_leaves() -> None:
    made = planned({"m365": {**SPEC, "displayName": "Microsoft 365"}}, {"m365": SPEC})
    assert said(made) == [("Plan/m365", "local", "edited")]
    assert [(a.path, a.before, a.after) for a in made.changes[0].attributes] == [
        ("displayName", "M365", "Microsoft 365")
    ]


def test_an_unchanged_manifest_is_no_row() -> None:
    assert planned({"m365": SPEC}, {"m365": SPEC}).changes == ()


def test_a_rename_follows_the_binding() -> None:
    made = planned({"new": SPEC}, {"old": SPEC}, previous=("old",))
    assert said(made) == [("Plan/new", "local", "renamed from Plan/old")]
    assert (made.changes[0].binding or {})["movedFrom"] == "Plan/old"


def test_a_removed_manifest_is_released() -> None:
    assert [(a, b) for a, b, _ in said(planned({}, {"m365": SPEC}))] == [("Plan/m365", "release")]
    assert planned({}, {"m365": SPEC}, complete=False).changes == ()
    assert planned({}, {"m365": SPEC}, narrowing=Narrowing(excludes=("Plan/x",))).changes == ()


def test_a_plan_names_what_it_was_made_from() -> None:
    made = planned({"m365": SPEC}, {}, narrowing=Narrowing(targets=("Plan/*",)))
    assert (made.created_at, made.as_of, made.project, made.desired_digest) == (NOW, NOW, "test", "sha256:d")
    assert made.realm == "test|global||live"
    assert (made.expires_at - made.created_at).total_seconds() == 24 * 3600
    assert made.scope == {"targets": ["Plan/*"]}
    assert made.summary == {"actions": {"local": 1}}
    assert [(g.scope, g.scope_label, g.reason) for g in made.gaps] == [("t1", "alpha", "403")]
    assert made.detailed_exit_code() == 3, "a gap is no success"
