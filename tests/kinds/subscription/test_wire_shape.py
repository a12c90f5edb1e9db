"""From the JSON that Partner Center sends to comparable attributes. Source: subscription-resources (Oct 2023)."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription.remote import live_object

SAMPLES = Path(os.environ.get("CSPCTL_SAMPLES", Path(__file__).parents[4] / "shared" / "partner-center" / "samples"))
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def sample(page: str) -> list[dict[str, Any]]:
    path = SAMPLES / f"{page}.json"
    if not path.exists():
        pytest.skip(f"the samples of Partner Center are not at {SAMPLES}")
    exchanges = json.loads(path.read_text("utf-8"))["exchanges"]
    return [e["response_body"] for e in exchanges if isinstance(e["response_body"], dict)]


def test_the_documented_new_commerce_subscription() -> None:
    bodies = sample("get-a-subscription-by-id")
    body = next(b for b in bodies if (b.get("productType") or {}).get("id") == "OnlineServicesNCE")
    live = live_object(body, "t1", NOW)
    product, sku, _ = body["offerId"].split(":")
    expected = {"product": product, "sku": sku, "quantity": body["quantity"], "term": body["termDuration"]}
    assert {k: live.attributes[k] for k in expected} == expected
    assert live.attributes["billing"] == body["billingCycle"].lower()
    assert live.live_id == body["id"].lower()
    assert live.facts["commitmentEnd"] == body["commitmentEndDate"][:10]
    assert live.body == body


def test_every_documented_subscription_can_be_read() -> None:
    for body in sample("get-a-subscription-by-id"):
        live = live_object(body, "t1", NOW)
        assert (live.facts["status"], live.attributes["quantity"]) == (body["status"], body["quantity"])


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-21T09:30:00.1234567Z", datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2026-11-21T09:30:00.1Z", datetime(2026, 11, 21, 9, 30, 0, 100000, tzinfo=UTC)),
        ("2026-11-21T09:30:00", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("2026-11-21T10:30:00+01:00", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("2026-11-21T10:30:00.5+01:00", datetime(2026, 11, 21, 9, 30, 0, 500000, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_instants_of_any_precision(text: Any, instant: datetime | None) -> None:
    assert shape.parse_instant(text) == instant


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ((), set()),
        (("quantity", "friendlyName"), {"quantity", "friendlyName"}),
        (("item",), {"product", "sku"}),
        (("endOfTerm",), {"autoRenew", "next"}),
        (("endOfTerm.action",), {"autoRenew"}),
        (("endOfTerm.next",), {"next"}),
        (("endOfTerm.next.quantity",), {"next"}),
        (("spec.quantity",), {"quantity"}),
        (("autoRenew", "next"), {"autoRenew", "next"}),
    ],
)
def test_ignored_paths_are_those_of_the_manifest(paths: tuple[str, ...], left: set[str]) -> None:
    assert shape.ignored(paths) == left


def test_absent_and_null_are_the_same() -> None:
    sparse = shape.live_attributes({"id": "x", "offerId": "P:S:A", "status": "active"})
    assert sparse == {"product": "P", "sku": "S", "state": "active", "autoRenew": False}
    facts = shape.live_facts({"id": "x", "refundableQuantity": None})
    assert (facts["refundable"], facts["commitmentEnd"], facts["cancelUntil"]) == ([], None, None)


def test_refundable_tranches_add_up_until_their_instants(make_world: Any) -> None:
    tranches = [
        {"quantity": 4, "allowedUntilDateTime": "2026-11-21T09:30:00Z"},
        {"quantity": 5, "allowedUntilDateTime": "2026-11-21T09:30:01Z"},
        {"quantity": 6, "allowedUntilDateTime": "2026-11-24T00:00:00Z"},
    ]
    live = make_world().put({"id": "a", "refundableQuantity": {"totalQuantity": 15, "details": tranches}})
    assert shape.refundable_now(live, NOW) == (11, datetime(2026, 11, 21, 9, 30, 1, tzinfo=UTC))
    assert shape.commitment_end(live) == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("on", "end", "now", "landed"),
    [
        ("2026-10-31", "2027-10-31", "2026-11-01", True),
        ("2026-10-31", "2026-10-31", "2026-11-01", False),
        ("2026-10-31", "2027-10-31", "2026-10-31", False),
        (None, "2027-10-31", "2026-11-01", False),
    ],
)
def test_a_schedule_has_landed_when_the_next_term_runs(
    make_world: Any, on: str | None, end: str, now: str, landed: bool
) -> None:
    live = make_world().put({"id": "a", "commitmentEndDate": f"{end}T00:00:00Z"})
    assert shape.scheduled_landed(on, live, datetime.fromisoformat(f"{now}T12:00:00+00:00")) is landed
