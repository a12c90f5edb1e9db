"""What an upgrade costs: the example of the page common-billing-scenarios-onetime-recurring.

300 seats of 10.08 are bought on 18 June and upgraded on the 25th to a product of 6.43.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

UPGRADE = {
    "catalogue": [
        {"productId": "CFQ7TTAAAA01", "title": "From", "skus": [
            {"id": "0001", "title": "From", "upgradeTargetOffers": ["CFQ7TTAAAA02:0001"]}]},
        {"productId": "CFQ7TTAAAA02", "title": "To", "skus": [{"id": "0001", "title": "To"}]},
    ],
    "prices": [
        {"productId": product, "skuId": "0001", "term": "P1M", "billing": "monthly", "market": "DE", "currency": "EUR",
         "unitPrice": amount}
        for product, amount in (("CFQ7TTAAAA01", "10.08"), ("CFQ7TTAAAA02", "6.43"))
    ],
}  # fmt: skip  # a table of a world reads better packed


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def charged(market, period="current"):
    path = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    return market.get(f"{path}&period={period}")["items"]


def brief(lines):
    return [(one["chargeType"], one["billableQuantity"], one["subtotal"]) for one in lines]


@pytest.fixture
def upgraded(open_market):
    """Buy 300 seats on 18 June, go to the 25th; answers (market, subscription, a function that moves seats)."""
    market = open_market(now="2026-06-18T09:00:00Z")
    assert market.control("POST", "seed", UPGRADE).status_code == 200
    one = market.buy(sku="CFQ7TTAAAA01:0001", quantity=300, termDuration="P1M")
    assert brief(charged(market)) == [("new", "300", "3024")]
    at(market, "2026-06-25T09:00:00Z")

    def move(quantity, **more):
        body = {"toCatalogItemId": market.item("CFQ7TTAAAA02:0001"), "quantity": quantity, "termDuration": "P1M",
                "billingCycle": "monthly", "transitionType": "transition_with_license_transfer", **more}  # fmt: skip
        answer = market.call("POST", f"/subscriptions/{one['id']}/transitions", body)
        assert answer.status_code == 200, answer.text

    return market, one, move


def test_rule_44_a_full_upgrade_is_charged_as_published(upgraded):
    market, one, move = upgraded
    move(300)
    lines = charged(market)[1:]
    assert brief(lines) == [("convert", "-300", "-2316"), ("convert", "300", "1476")]
    assert {line["subscriptionId"] for line in lines} == {one["id"]}
    assert {line["chargeEndDate"] for line in lines} == {"2026-07-17T00:00:00Z"}
    assert [line["productId"] for line in lines] == ["CFQ7TTAAAA01", "CFQ7TTAAAA02"]


def test_rule_44_a_partial_upgrade_is_charged_as_published_with_two_ids_and_one_reference(upgraded):
    market, _, move = upgraded
    move(100)
    lines = charged(market)[1:]
    assert brief(lines) == [("convert", "-100", "-772"), ("convert", "100", "492")]
    assert len({line["subscriptionId"] for line in lines}) == 2
    assert lines[0]["referenceId"] == lines[1]["referenceId"]


def test_a_year_upgraded_in_part_is_charged_on_the_same_days_in_both_subscriptions(open_market):
    """The same example for a year billed monthly: 23 of 30 days for both, and one day of charge for both from then."""
    market = open_market(now="2026-06-18T09:00:00Z")
    prices = [{**row, "term": "P1Y", "unitPrice": str(Decimal(row["unitPrice"]) * 12)} for row in UPGRADE["prices"]]
    assert market.control("POST", "seed", {**UPGRADE, "prices": prices}).status_code == 200
    one = market.buy(sku="CFQ7TTAAAA01:0001", quantity=300, termDuration="P1Y")
    at(market, "2026-06-25T09:00:00Z")
    body = {"toCatalogItemId": market.item("CFQ7TTAAAA02:0001"), "quantity": 100, "transitionType": "transition_only"}
    assert market.call("POST", f"/subscriptions/{one['id']}/transitions", body).status_code == 200
    lines = charged(market)[1:]
    assert brief(lines) == [("convert", "-100", "-772"), ("convert", "100", "492")]
    assert {line["chargeEndDate"] for line in lines} == {"2026-07-17T00:00:00Z"}
    assert {line["subscriptionEndDate"] for line in lines} == {"2027-06-17T00:00:00Z"}
    at(market, "2026-07-18T00:00:00Z")
    assert sorted(brief(charged(market))) == [("cycleCharge", "100", "643"), ("cycleCharge", "200", "2016")]
    order = market.get(f"/orders/{market.get('/subscriptions')['items'][1]['orderId']}")
    pricing = order["lineItems"][0]["pricing"]
    assert (pricing["listPrice"], pricing["price"]) == (6.43, 4.93)


def test_rule_44_into_an_existing_subscription_the_seats_are_moved(upgraded):
    market, one, move = upgraded
    at(market, "2026-06-18T12:00:00Z")
    target = market.buy(sku="CFQ7TTAAAA02:0001", quantity=10, termDuration="P1M")
    at(market, "2026-06-26T12:00:00Z")
    move(100, toSubscriptionId=target["id"])
    lines = charged(market)[2:]
    assert [(line["chargeType"], line["billableQuantity"]) for line in lines] == [
        ("moveQuantity", "-100"),
        ("moveQuantity", "100"),
    ]
    assert lines[0]["referenceId"] == lines[1]["referenceId"]
    assert [line["subscriptionId"] for line in lines] == [one["id"], target["id"]]
