"""Drift: live against last applied, and who did it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cspctl.engine.drift import attribute, detect
from cspctl.engine.narrowing import Narrowing
from cspctl.kinds.subscription.kind import SubscriptionKind
from cspctl.model.audit import ServiceAuditRecord
from cspctl.model.live import Gap
from cspctl.model.plan import DriftRow

FABRIKAM = "0d2a6f5e-1f43-4f0b-b7a3-000000000001"
A = "aaaaaaaa-0000-4000-8000-000000000000"


def rows(world: Any) -> list[DriftRow]:
    return [row for row, _ in detect(world.situation(), [SubscriptionKind()])]


def seen(world: Any) -> list[tuple[str, Any, Any]]:
    return [(r.path, r.old, r.new) for r in rows(world)]


@pytest.fixture
def bound(world: Any) -> Any:
    """One manifest, its subscription, and a binding as it was applied; `change` is what somebody did since."""

    def build(said: dict[str, Any] | None = None, change: dict[str, Any] | None = None, **applied: Any) -> Any:
        world.declare("e3", {"friendlyName": "e3", **(said or {})})
        world.objects.clear()
        world.put({"id": "a"})
        world.bind("e3", {"live": "a", "applied": applied})
        world.objects.clear()
        world.put({"id": "a", **(change or {})})
        return world

    return build


def test_nothing_changed(bound: Any) -> None:
    assert seen(bound()) == []


def test_what_somebody_changed_is_drift(bound: Any) -> None:
    world = bound(change={"quantity": 33, "friendlyName": "Hacked", "autoRenewEnabled": False})
    assert seen(world) == [("autoRenew", True, False), ("friendlyName", "e3", "Hacked"), ("quantity", 30, 33)]


def test_a_schedule_that_somebody_made_is_drift(bound: Any) -> None:
    found = rows(bound(change={"next": {"quantity": 10}}))
    assert [(r.path, r.old, r.new["quantity"]) for r in found] == [("next", None, 10)]


def test_what_the_manifest_says_anyway_is_converged(bound: Any) -> None:
    assert seen(bound(said={"quantity": 33}, change={"quantity": 33})) == []


def test_an_edited_manifest_is_pending_not_drift(bound: Any) -> None:
    assert seen(bound(said={"quantity": 40}, change={}, quantity=30)) == []


def test_what_is_ignored_by_now_is_accepted(bound: Any) -> None:
    world = bound(change={"quantity": 33})
    world.declare("e3", {"friendlyName": "e3", "lifecycle": {"ignore": ["quantity"]}})
    assert seen(world) == []


def test_a_renewal_is_expected(bound: Any) -> None:
    changed = {"commitmentEndDate": "2028-03-31T00:00:00Z", "cancellationAllowedUntilDate": "2027-04-07T00:00:00Z"}
    assert seen(bound(change=changed)) == []


def test_an_own_schedule_that_landed_is_expected_and_another_result_is_not(bound: Any) -> None:
    end = {"endOfTerm": {"action": "renew", "on": "2026-10-31", "next": {"quantity": 20}}}
    following = {
        "product": "CFQ7TTC0LFLX", "sku": "0001", "term": "P1Y", "billing": "monthly", "quantity": 20, "endDate": None,
    }  # fmt: skip # one value
    renewed = {"commitmentEndDate": "2027-10-31T00:00:00Z"}
    assert seen(bound(said=end, change={**renewed, "quantity": 20}, next=following)) == []
    world = bound(said=end, change={**renewed, "quantity": 25}, next=following)
    assert seen(world) == [("quantity", 20, 25)]


def test_an_end_behind_our_back_cannot_be_taken_back(bound: Any) -> None:
    (row,) = rows(bound(change={"status": "deleted", "autoRenewEnabled": False}))
    assert (row.klass, row.path, row.old, row.new, row.revertible) == ("ended", "state", "active", "cancelled", False)


def test_an_end_that_was_applied_or_is_wanted_is_no_drift(bound: Any) -> None:
    assert rows(bound(said={"state": "cancelled"}, change={"status": "deleted"}, state="cancelled")) == []
    assert rows(bound(said={"state": "cancelled"}, change={"status": "expired"}, state="active")) == []


def test_the_end_of_a_term_that_was_not_to_be_renewed_is_no_drift(bound: Any) -> None:
    over = {"status": "expired", "autoRenewEnabled": False, "commitmentEndDate": "2026-10-31T00:00:00Z"}
    said = {"endOfTerm": {"action": "extend"}}
    assert rows(bound(said=said, change=over, autoRenew=False)) == []
    assert [r.klass for r in rows(bound(said=said, change={**over, "commitmentEndDate": "2027-10-31T00:00:00Z"}))] == [
        "ended"
    ]
    assert [r.klass for r in rows(bound(change=over))] == ["ended"]


def test_what_is_not_listed_is_missing(bound: Any) -> None:
    world = bound()
    world.objects.clear()
    assert [(r.klass, r.old, r.new) for r in rows(world)] == [("missing", "bound", None)]


def test_a_gap_is_no_drift(bound: Any) -> None:
    world = bound(change={"quantity": 33})
    world.gaps = (Gap(FABRIKAM, "403"),)
    assert rows(world) == []


def test_what_was_released_or_is_not_asked_for_is_left_out(bound: Any) -> None:
    world = bound(change={"quantity": 33})
    world.narrowing = Narrowing(targets=("Subscription/other",))
    assert rows(world) == []
    world.narrowing = Narrowing()
    world.bind("e3", {"live": "a", "state": "released", "applied": {"quantity": 30}})
    assert rows(world) == []


def test_drift_of_what_has_no_manifest_any_more_still_counts(bound: Any) -> None:
    world = bound(change={"quantity": 33})
    world.subscriptions.clear()
    assert ("quantity", 30, 33) in seen(world)


@pytest.mark.parametrize(
    ("change", "revertible", "until"),
    [
        ({"quantity": 20}, True, None),
        ({"quantity": 33}, False, None),
        (
            {
                "quantity": 33,
                "refundableQuantity": {"details": [{"quantity": 3, "allowedUntilDateTime": "2026-11-25T00:00:00Z"}]},
            },
            True,
            datetime(2026, 11, 25, tzinfo=UTC),
        ),
        ({"autoRenewEnabled": False}, True, None),
        ({"termDuration": "P3Y"}, False, None),
    ],
)
def test_whether_it_can_be_taken_back(bound: Any, change: dict[str, Any], revertible: bool, until: Any) -> None:
    (row,) = rows(bound(change=change))
    assert (row.revertible, row.revertible_until) == (revertible, until)


@dataclass
class Feed:
    kept: Sequence[ServiceAuditRecord]
    asked: list[str] = field(default_factory=list)

    async def records(self, *, customer_id: str, since: datetime, until: datetime) -> Sequence[ServiceAuditRecord]:
        assert until - since <= timedelta(days=90), "the service keeps ninety days"
        self.asked.append(customer_id)
        return self.kept


def record(hours: int, who: str, *, status: str = "succeeded", live: str = A, **values: Any) -> ServiceAuditRecord:
    at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hours)
    return ServiceAuditRecord(
        at,
        "update_customer_subscription",
        "subscription",
        who,
        "portal",
        FABRIKAM,
        status,
        live.upper(),
        values or None,
    )


def attributed(world: Any, *records: ServiceAuditRecord) -> tuple[list[DriftRow], Feed]:
    feed = Feed(records)
    found = detect(world.situation(), [SubscriptionKind()])
    return asyncio.run(attribute(found, {"acc": feed}, {FABRIKAM: "acc"}, now=world.now)), feed


def test_the_record_that_made_it_so_names_who_and_when(bound: Any) -> None:
    world = bound(change={"quantity": 33})
    (row,), feed = attributed(
        world, record(1, "amy", quantity=31), record(2, "bob", quantity=33), record(3, "cid", quantity=33, next=None)
    )
    assert (row.principal, row.application, row.operation) == ("cid", "portal", "update_customer_subscription")
    assert row.at == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert feed.asked == [FABRIKAM]


def test_a_record_that_only_repeats_the_value_is_not_the_culprit(bound: Any) -> None:
    world = bound(change={"quantity": 33})
    later = ServiceAuditRecord(
        datetime(2026, 11, 20, 5, tzinfo=UTC),
        "rename",
        "subscription",
        "zoe",
        None,
        FABRIKAM,
        "succeeded",
        A,
        {"quantity": 33, "friendlyName": "x"},
        {"quantity": 33, "friendlyName": "e3"},
    )
    (row,), _ = attributed(world, record(2, "bob", quantity=33), later)
    assert row.principal == "bob"


@pytest.mark.parametrize(
    "unfit",
    [
        record(2, "bob", status="failed", quantity=33),
        record(2, "bob", live="bbbbbbbb-0000-4000-8000-000000000000", quantity=33),
        record(-24 * 365, "bob", quantity=33),
    ],
    ids=["failed", "another subscription", "before it was applied"],
)
def test_without_a_fitting_record_nobody_is_named(bound: Any, unfit: ServiceAuditRecord) -> None:
    (row,), _ = attributed(bound(change={"quantity": 33}), unfit)
    assert (row.principal, row.at) == (None, None)
    assert "no audit record" in row.note


def test_a_tenant_is_asked_once(bound: Any) -> None:
    found, feed = attributed(bound(change={"quantity": 33, "friendlyName": "x"}), record(1, "amy", quantity=33))
    assert len(found) == 2
    assert feed.asked == [FABRIKAM]
