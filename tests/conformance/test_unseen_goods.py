"""Carts, orders and updates of pages nobody has seen, for every family of goods, term and billing cycle."""

from __future__ import annotations

import json

import pytest

from conformance.goods import last_month_end
from conformance.outcome import judge
from conformance.samples import read
from tests.conformance.unsampled import entry, page

LICENCE, SOFTWARE = "CFQ7TTC0LH16:0001:CFQ7TTC0K971", "DG7GMGF0FKZV:0003:DG7GMGF0DWMS"
RESERVED, PLAN, SAVINGS = "DZH318Z0BQ36:004G:DZH318Z08C0S", "DZH318Z0BPS6:0001:X", "DZH318Z09V6F:0001:DZH318Z0BLD3"
LEGACY = "195416C1-3447-423A-B37B-EE59A99A19C4"
CONTEXT = {"subscriptionId": "3D5ECED6-1151-44C7-AEE6-70A4BB725666", "scope": "shared", "duration": "3Years"}
COMMITMENT = {"purchaseCommitment": {"amount": 1.5, "currency": "USD", "grain": "hourly"}}
LINES = [
    *((LICENCE, *pair, {}) for pair in (
        ("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual"), ("P3Y", "monthly"), ("P3Y", "Annual"),
        ("P3Y", "triennial"), ("P1M", "none"))),
    *((SOFTWARE, *pair, {}) for pair in (
        ("P1Y", "one_time"), ("P1Y", "annual"), ("P3Y", "OneTime"), ("P3Y", "annual"), ("P3Y", "triennial"),
        (None, "one_time"))),
    *((RESERVED, *pair, {"provisioningContext": CONTEXT}) for pair in (
        ("P1Y", "one_time"), ("P3Y", "one_time"), ("P1Y", "monthly"), ("P3Y", "monthly"), (None, "one_time"))),
    *((RESERVED, *pair, {}) for pair in (
        ("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual"), ("P3Y", "annual"))),
    *((PLAN, term, "monthly", {}) for term in (None, "P1M", "P1Y")),
    *((SAVINGS, *pair, {**COMMITMENT, "provisioningContext": CONTEXT}) for pair in (
        ("P1Y", "one_time"), ("P3Y", "one_time"), ("P1Y", "monthly"), ("P3Y", "monthly"))),
    *((LEGACY, None, cycle, {}) for cycle in ("monthly", "annual")),
]  # fmt: skip  # a table of lines


def judged(service, folder, row):
    (folder / "never-seen.json").write_text(json.dumps(page(entry(("x", *row)))))
    (one,) = read(folder).exchanges
    return judge(service, one).problems


def seats(cycle):
    return 25 if cycle == "none" else 1


@pytest.mark.parametrize(("item", "term", "cycle", "more"), LINES)
def test_a_documented_line_is_bought_by_cart_and_by_order(service, tmp_path, item, term, cycle, more):
    line = {"quantity": seats(cycle), **({"termDuration": term} if term else {}), **more}
    cart = {"lineItems": [{"id": 0, "catalogItemId": item, "billingCycle": cycle, **line}]}
    made = {"id": "x", "lineItems": [{"id": 0, "catalogItemId": item, "quantity": 1, "billingCycle": cycle}]}
    path = ("/v1/customers/{customer-id}/carts", "/v1/customers/x/carts")
    assert judged(service, tmp_path, ("POST", *path, cart, 201, made)) == []
    order = {"referenceCustomerId": "x", "billingCycle": cycle, "lineItems": [
        {"lineItemNumber": 0, "offerId": item, **line}]}  # fmt: skip  # one order
    made = {"id": "x", "billingCycle": cycle, "lineItems": [{"lineItemNumber": 0, "offerId": item, "quantity": 1}]}
    path = ("/v1/customers/{customer-id}/orders", "/v1/customers/x/orders")
    assert judged(service, tmp_path, ("POST", *path, order, 201, made)) == []


@pytest.mark.parametrize(("item", "term", "cycle"), sorted({line[:3] for line in LINES if line[1]}))
def test_a_documented_subscription_is_renamed_as_it_stands_on_the_page(service, tmp_path, item, term, cycle):
    body = {"id": "y", "offerId": item, "friendlyName": "New name", "quantity": seats(cycle), "status": "active",
            "autoRenewEnabled": True, "billingCycle": cycle, "termDuration": term}  # fmt: skip  # one body
    path = ("/v1/customers/{c}/subscriptions/{s}", "/v1/customers/x/subscriptions/y")
    assert judged(service, tmp_path, ("PATCH", *path, body, 200, body)) == []


@pytest.mark.parametrize(
    ("start", "term", "expected"),
    [
        ("2027-02-28T00:00:00Z", "P3Y", "2030-02-28"),
        ("2027-02-27T00:00:00Z", "P3Y", "2030-01-31"),
        ("2026-04-09T00:00:00Z", "P1M", "2026-04-30"),
        ("2027-03-09T00:00:00Z", "P1Y", "2028-02-29"),
    ],
)
def test_a_scheduled_end_lies_at_the_last_month_end_of_the_next_term(start, term, expected):
    assert last_month_end(start, term) == expected
