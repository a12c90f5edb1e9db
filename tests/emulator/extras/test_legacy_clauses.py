"""Clause by clause: the legacy catalogue and what a PATCH of a legacy order may do (3.5, 3.8); rules 42 and 43."""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"
OLD_BASE, OLD_ADDON = "195416c1-3447-423a-b37b-ee59a99a19c4", "2828be95-46ba-4f91-b2fd-0bef192ecf60"
OLD_BIGGER, OLD_LONE = "796b6b5f-613c-4e24-a17c-eba730d49c02", "4d3f8b90-29b3-4e7b-b37c-4a435ddef1d9"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
LONE_SUB = "75b71186-73c3-45b4-a403-281c0d7eb032"


def code(answer):
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("path", ["/v1/offers", f"/v1/offers/{OLD_BASE}", f"/v1/offers/{OLD_BASE}/addons",
                                  "/v1/offercategories"])  # fmt: skip  # the four calls
def test_all_four_calls_need_a_country(shop, path):
    assert code(shop.call("GET", path)) == (400, 800002)
    assert code(shop.call("GET", f"{path}?country=Germany")) == (400, 800002)
    assert shop.call("GET", f"{path}?country=de").status_code == 200


def test_the_language_of_the_names_is_the_callers(shop):
    one = shop.get(f"/v1/offers/{OLD_BASE}?country=DE", headers={"X-Locale": "de-DE"})
    assert (one["locale"], one["country"], one["category"]["locale"]) == ("de-DE", "DE", "de-DE")
    assert shop.get("/v1/offercategories?country=DE")["items"][0]["locale"] == "en-us"


def test_modern_items_have_no_add_ons_here(shop):
    for path in (f"{SUITE}/addons", f"{SUITE}:0001:CFQ7TTAAAAAA"):
        assert code(shop.call("GET", f"/v1/offers/{path}?country=DE")) == (400, 2100)
    assert shop.get(f"/v1/offers/{OLD_BIGGER}/addons?country=DE")["items"] == []


def test_by_customer_the_country_is_the_customers(shop):
    assert {one["country"] for one in shop.get("/offers")["items"]} == {"DE"}
    assert {one["country"] for one in shop.get("/offercategories")["items"]} == {"DE"}


def test_an_offer_that_is_no_longer_sold(shop):
    shop.seed({"offers": [{"id": OLD_BIGGER, "name": "Gone", "isAvailableForPurchase": False}]})
    line = {"lineItemNumber": 0, "offerId": OLD_BIGGER, "quantity": 1}
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
    assert code(shop.call("POST", "/orders", body)) == (403, 2085)
    cart = {"id": 0, "catalogItemId": OLD_BIGGER, "quantity": 1, "billingCycle": "monthly"}
    made = shop.post("/carts", {**body, "lineItems": [cart]}, status=201)
    assert made["lineItems"][0]["error"]["errorCode"] == 10001


@pytest.mark.parametrize(
    ("line", "billing", "expected"),
    [
        ({"quantity": 0}, "monthly", (400, 2002)),
        ({"quantity": 10_000_001}, "monthly", (400, 2002)),
        ({"offerId": OLD_LONE}, "annual", (400, 900269)),
        ({"offerId": OLD_ADDON}, "monthly", (400, 800002)),
        ({"offerId": "11111111-2222-3333-4444-555555555555"}, "monthly", (400, 800004)),
        ({"partnerIdOnRecord": "4847383"}, "monthly", (404, 2072)),
    ],
)
def test_what_a_traditional_order_may_not_be(shop, line, billing, expected):
    given = {"lineItemNumber": 0, "offerId": OLD_BIGGER, "quantity": 1, **line}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": billing, "lineItems": [given]}
    assert code(shop.call("POST", "/orders", body)) == expected


def test_the_cycle_unknown_means_monthly(shop):
    line = {"lineItemNumber": 0, "offerId": OLD_BIGGER, "quantity": 1}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "unknown", "lineItems": [line]}
    assert shop.post("/orders", body, status=201)["billingCycle"] == "monthly"


def order_of(shop, subscription):
    return shop.get(f"/orders/{shop.get(f'/subscriptions/{subscription}')['orderId']}")


def change(shop, order, **changes):
    return shop.call("PATCH", f"/orders/{order['id']}", {**order, **changes})


@pytest.mark.parametrize("spelling", ["Annual", "annual", "ANNUAL"])
def test_rule_42_every_subscription_of_the_order_follows(shop, spelling):
    order = order_of(shop, BASE_SUB)
    answer = change(shop, order, billingCycle=spelling).json()
    assert answer["billingCycle"] == "annual"
    assert answer["attributes"]["etag"] != order["attributes"]["etag"]
    for line in answer["lineItems"]:
        assert shop.get(f"/subscriptions/{line['subscriptionId']}")["billingCycle"] == "annual"
    assert shop.audited("update_order")
    assert change(shop, answer, billingCycle="monthly").json()["billingCycle"] == "monthly", "and back"


def test_rule_42_the_lines_of_the_order_are_repeated(shop):
    order = order_of(shop, BASE_SUB)
    assert code(change(shop, order, billingCycle="annual", lineItems=[])) == (400, 800002)
    wrong = [{**order["lineItems"][0], "lineItemNumber": 7}]
    assert code(change(shop, order, billingCycle="annual", lineItems=wrong)) == (400, 800071)
    other = [{**order["lineItems"][0], "subscriptionId": LONE_SUB}]
    assert code(change(shop, order, billingCycle="annual", lineItems=other)) == (400, 800071)
    assert code(change(shop, order, billingCycle="weekly")) == (400, 800002)
    assert order_of(shop, BASE_SUB)["billingCycle"] == "monthly"


def test_rule_42_one_inactive_subscription_stops_the_change(shop):
    order_id = shop.get(f"/subscriptions/{BASE_SUB}")["orderId"]
    line = {"lineItemNumber": 1, "offerId": OLD_ADDON, "parentSubscriptionId": BASE_SUB, "quantity": 2}
    body = {"referenceCustomerId": shop.customer, "lineItems": [line]}
    added = shop.call("PATCH", f"/orders/{order_id}", body).json()["lineItems"][-1]["subscriptionId"]
    assert shop.patch(added, status="suspended").status_code == 200
    assert code(change(shop, order_of(shop, BASE_SUB), billingCycle="annual")) == (400, 6000)
    assert shop.patch(added, status="active").status_code == 200
    assert change(shop, order_of(shop, BASE_SUB), billingCycle="annual").status_code == 200


def test_rule_42_a_subscription_does_not_change_its_cycle_itself(shop):
    for subscription in (BASE_SUB, ADDON_SUB, LONE_SUB):
        assert code(shop.patch(subscription, billingCycle="annual")) == (400, 2054)
        assert shop.patch(subscription, billingCycle="monthly", friendlyName="same").status_code == 200


def add(shop, order_id, **line):
    item = {"lineItemNumber": 0, "offerId": OLD_ADDON, "parentSubscriptionId": BASE_SUB, "quantity": 2, **line}
    return shop.call("PATCH", f"/orders/{order_id}", {"referenceCustomerId": shop.customer, "lineItems": [item]})


def test_an_add_on_needs_a_base_of_this_order(shop):
    order_id = shop.get(f"/subscriptions/{BASE_SUB}")["orderId"]
    other = shop.get(f"/subscriptions/{LONE_SUB}")["orderId"]
    assert code(add(shop, other)) == (400, 800029), "the base was bought with another order"
    assert code(add(shop, order_id, parentSubscriptionId=None)) == (400, 800002)
    assert code(add(shop, order_id, parentSubscriptionId=OLD_BASE)) == (404, 20003)
    assert code(add(shop, order_id, parentSubscriptionId=LONE_SUB)) == (400, 800029)
    assert code(add(shop, order_id, quantity=0)) == (400, 2002)
    line = add(shop, order_id, parentSubscriptionId=BASE_SUB.upper()).json()["lineItems"][-1]
    assert (line["parentSubscriptionId"], line["quantity"]) == (BASE_SUB, 2)


@pytest.mark.parametrize("status", ["suspended", "deleted"])
def test_rule_43_whatever_the_base_is_but_active(shop, status):
    order_id = shop.get(f"/subscriptions/{BASE_SUB}")["orderId"]
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    if status == "deleted":
        shop.advance("P91D")
    assert shop.get(f"/subscriptions/{BASE_SUB}")["status"] == status
    assert code(add(shop, order_id)) == (409, 27009)
    assert len(order_of(shop, BASE_SUB)["lineItems"]) == 1, "nothing was added"


def test_rule_43_an_add_on_may_be_suspended_and_back_under_an_active_base(shop):
    assert shop.patch(ADDON_SUB, status="suspended").status_code == 200
    assert shop.get(f"/subscriptions/{BASE_SUB}")["status"] == "active", "the base stays"
    assert shop.patch(ADDON_SUB, status="active").json()["status"] == "active"
