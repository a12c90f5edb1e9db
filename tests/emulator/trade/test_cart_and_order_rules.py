"""Rules 24 to 30: carts, checkout, orders, provisioning."""

from __future__ import annotations

import json

import pytest

CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
UNSIGNED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
DIRECT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
SUITE, DESK, AZURE = "CFQ7TTAB12CD", "CFQ7TTEF34GH", "DZH318Z0BPS6"


def code(answer):
    return answer.status_code, answer.json()["code"]


def error_of(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()["lineItems"][0]["error"]["errorCode"]


def reseller(value):
    return [{"key": "transaction_reseller", "value": value}]


def order_body(market, **more):
    line = {"lineItemNumber": 0, "offerId": market.item(), "quantity": 3, "termDuration": "P1Y"}
    return {"partnerOnRecordAttestationAccepted": True, "billingCycle": "annual", "lineItems": [line], **more}


def test_cart_has_every_property_and_the_amounts_of_the_sample(market, sample):
    documented = sample("create-a-cart", 1)
    body = market.cart(market.line(quantity=1, billingCycle="Monthly")).json()
    assert set(body) == set(documented)
    assert set(body["lineItems"][0]) == set(documented["lineItems"][0])
    assert body["lineItems"][0]["pricing"] == documented["lineItems"][0]["pricing"]
    assert body["lineItems"][0]["billingCycle"] == "monthly"
    assert body["status"] == "Active"


def test_cart_reads_properties_in_any_case(market):
    line = {"CatalogItemId": market.item(), "Quantity": 1, "TermDuration": "P1M", "BillingCycle": "Monthly"}
    body = {"PartnerOnRecordAttestationAccepted": True, "LineItems": [line]}
    answer = market.call("POST", "/carts", body)
    assert answer.json()["lineItems"][0]["pricing"]["price"] == 36.48


def test_prices_are_rounded_to_cents_and_the_whole_term_is_not_a_sum_of_rounded_cycles(market):
    pricing = market.cart(market.line(quantity=3, termDuration="P3Y")).json()["lineItems"][0]["pricing"]
    assert (pricing["price"], pricing["extendedPrice"]) == (27.78, 3000.0)


def test_an_item_without_a_seeded_price_has_no_pricing(market):
    assert "pricing" not in market.cart(market.line(f"{DESK}:0001")).json()["lineItems"][0]


def test_cart_lives_seven_days(market):
    cart = market.cart(market.line()).json()
    assert cart["expirationTimestamp"] == "2026-03-17T09:15:00Z"
    market.advance("P6DT23H59M59S")
    assert market.get(f"/carts/{cart['id']}")["id"] == cart["id"]
    market.advance("PT1S")
    assert code(market.call("GET", f"/carts/{cart['id']}")) == (404, 800008)
    assert code(market.checkout(cart["id"])) == (404, 800008)


def test_put_replaces_the_lines_of_an_active_cart(market):
    cart = market.cart(market.line()).json()
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [market.line(quantity=2)]}
    changed = market.call("PUT", f"/carts/{cart['id']}", body)
    assert changed.status_code == 201
    assert market.get(f"/carts/{cart['id']}")["lineItems"][0]["quantity"] == 2


@pytest.mark.parametrize("accepted", [None, False])
def test_rule_24_no_attestation_is_400_900206(market, accepted):
    body = {"lineItems": [market.line()], "partnerOnRecordAttestationAccepted": accepted}
    assert code(market.call("POST", "/carts", body)) == (400, 900206)
    assert code(market.call("POST", "/orders", order_body(market, partnerOnRecordAttestationAccepted=accepted))) == (
        400,
        900206,
    )


@pytest.mark.parametrize(
    ("mpn", "expected"), [("4847383", (404, 2072)), ("9999999", (404, 800015)), ("7654321", (400, 800016))]
)
def test_rule_24_resellers_that_cannot_stand_on_a_line(market, mpn, expected):
    assert code(market.cart(market.line(participants=reseller(mpn)))) == expected


def test_rule_24_the_reseller_becomes_partner_of_record(market):
    bought = market.buy(participants=reseller("1234567"))
    assert bought["partnerId"] == "1234567"
    assert market.get("/subscriptions?mpn_id=1234567")["items"][0]["id"] == bought["id"]
    assert market.get("/subscriptions?mpn_id=7654321")["items"] == []
    order = market.get(f"/orders/{bought['orderId']}")
    assert order["lineItems"][0]["partnerIdOnRecord"] == "1234567"


def test_rule_24_at_most_one_reseller(market):
    both = reseller("1234567") + reseller("1234567")
    assert code(market.cart(market.line(participants=both))) == (400, 800002)


def test_a_direct_partner_has_no_participants(open_market):
    market = open_market(DIRECT)
    assert error_of(market.cart(market.line(participants=reseller("1111111")))) == 10004


def test_line_errors_stay_in_a_201_cart(market):
    assert error_of(market.cart(market.line(catalogItemId="CFQ7NOTHING0:0001:CFQ7TT000000"))) == 10001
    assert error_of(market.cart(market.line(f"{SUITE}:0005"))) == 10001
    assert error_of(market.cart(market.line(f"{SUITE}:0004"))) == 10012
    accepted = market.cart(market.line(f"{SUITE}:0004", attestationAccepted=True))
    assert "error" not in accepted.json()["lineItems"][0]


def test_line_error_is_a_name_when_switched(market):
    market.switch(cart_error_form="name")
    assert error_of(market.cart(market.line(f"{SUITE}:0004"))) == "AttestationNotAccepted"


def test_an_add_on_needs_its_base_in_the_cart_or_active(market):
    add_on = market.line(f"{SUITE}:0003")
    assert error_of(market.cart(add_on)) == 10006
    together = market.cart(add_on, market.line(f"{DESK}:0001")).json()
    assert all("error" not in line for line in together["lineItems"])
    market.buy(catalogItemId=market.item(f"{DESK}:0001"))
    assert "error" not in market.cart(add_on).json()["lineItems"][0]


def test_rule_25_lines_are_grouped_by_cycle_and_product_family(market):
    azure = {"catalogItemId": market.item(f"{AZURE}:0001"), "quantity": 1, "billingCycle": "one_time"}
    cart = market.cart(
        market.line(), market.line(billingCycle="annual"), azure, market.line(f"{DESK}:0001"), market.line(quantity=1)
    ).json()
    assert [line["orderGroup"] for line in cart["lineItems"]] == ["0", "1", "2", "0", "0"]
    orders = market.checkout(cart["id"]).json()["orders"]
    assert [(order["billingCycle"], len(order["lineItems"])) for order in orders] == [
        ("monthly", 3),
        ("annual", 1),
        ("one_time", 1),
    ]
    usage = market.get(f"/subscriptions/{orders[2]['lineItems'][0]['subscriptionId']}")
    assert (usage["billingType"], usage["commitmentEndDate"]) == ("usage", "9999-12-10T00:00:00Z")


def test_rule_25_a_failed_group_leaves_the_others_standing(market):
    cart = market.cart(market.line(f"{SUITE}:0004"), market.line(billingCycle="annual")).json()
    answer = market.checkout(cart["id"])
    assert answer.status_code == 201
    assert [order["billingCycle"] for order in answer.json()["orders"]] == ["annual"]
    assert [(e["orderGroupId"], e["code"]) for e in answer.json()["orderErrors"]] == [("0", 900203)]


def test_rule_26_failed_groups_are_tried_again_and_the_others_are_not_bought_twice(market):
    cart = market.cart(market.line(f"{SUITE}:0003"), market.line(billingCycle="annual")).json()
    first = market.checkout(cart["id"]).json()
    assert len(first["orders"]) == 1
    market.buy(catalogItemId=market.item(f"{DESK}:0001"))
    second = market.checkout(cart["id"]).json()
    assert "orderErrors" not in second
    assert second["orders"][0] == first["orders"][0]
    assert len(market.get("/orders")["items"]) == 3


def test_checkout_order_has_every_property_of_the_sample(market, sample):
    documented = sample("checkout-a-cart", 1)
    order = market.checkout(market.cart(market.line(quantity=1, termDuration="P1M")).json()["id"]).json()["orders"][0]
    assert set(documented) <= set(order)
    line, theirs = order["lineItems"][0], documented["lineItems"][0]
    assert set(theirs) <= set(line)
    assert set(theirs["links"]) <= set(line["links"])
    assert line["pricing"] == theirs["pricing"]
    assert (line["transactionType"], order["transactionType"]) == ("New", "UserPurchase")
    assert order["totalPrice"] == documented["totalPrice"]
    assert len(order["id"]) == len(documented["id"])
    assert order["links"]["patchOperation"]["method"] == "PATCH"


def test_rule_26_repeated_checkout_answers_the_same_and_buys_once(market):
    cart = market.cart(market.line()).json()
    first, second = market.checkout(cart["id"]), market.checkout(cart["id"])
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(market.get("/orders")["items"]) == 1
    assert market.control("GET", "stats").json()["purchases"] == 1


def test_rule_26_repeated_checkout_is_refused_when_switched(market):
    market.switch(checkout_repeat="refuse")
    cart = market.cart(market.line()).json()
    market.checkout(cart["id"])
    assert code(market.checkout(cart["id"])) == (400, 800065)


def test_rule_26_concurrent_checkout_is_409_800064(market):
    market.switch(checkout_latency_ms=20)
    cart = market.cart(market.line()).json()
    request = {
        "method": "POST",
        "url": f"/v1/customers/{CUSTOMER}/carts/{cart['id']}/checkout",
        "headers": {"Authorization": f"Bearer {market.bearer()}"},
    }
    answers = market.send(request, request)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [code(answer) for answer in answers if answer.status_code == 409] == [(409, 800064)]
    assert len(market.get("/orders")["items"]) == 1


def test_rule_26_unknown_cart_and_put_on_an_ordered_one(market):
    assert code(market.checkout("3655b1a0-b1c9-4268-9824-577fdbc4d0be")) == (404, 800008)
    cart = market.cart(market.line()).json()
    market.checkout(cart["id"])
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [market.line()]}
    assert code(market.call("PUT", f"/carts/{cart['id']}", body)) == (400, 800065)
    assert market.get(f"/carts/{cart['id']}")["status"] == "Ordered"


def test_rule_19_purchase_without_agreement_is_403_13605(market):
    market.base = f"/v1/customers/{UNSIGNED}"
    cart = market.cart(market.line())
    assert cart.status_code == 201
    assert code(market.checkout(cart.json()["id"])) == (403, 13605)
    assert code(market.call("POST", "/orders", order_body(market))) == (403, 13605)
    assert market.get("/orders")["items"] == []


def test_rule_27_the_list_lags_and_the_order_itself_does_not(market):
    market.switch(order_list_lag_seconds=900)
    bought = market.buy()
    assert market.get(f"/orders/{bought['orderId']}")["id"] == bought["orderId"]
    assert market.get("/orders")["items"] == []
    market.advance("PT15M")
    assert [order["id"] for order in market.get("/orders")["items"]] == [bought["orderId"]]


def test_rule_27_subscription_id_comes_with_provisioning(market, sample):
    market.switch(provisioning_lag_seconds=600)
    order = market.checkout(market.cart(market.line()).json()["id"]).json()["orders"][0]
    assert order["status"] == "pending"
    assert "subscriptionId" not in order["lineItems"][0]
    assert market.get("/subscriptions")["items"] == []
    path = f"/orders/{order['id']}/provisioningstatus"
    assert market.get(path)["items"][0]["status"] == "prefulfillment_pending"
    market.advance("PT10M")
    done = market.get(f"/orders/{order['id']}")
    assert done["status"] == "completed"
    sub = done["lineItems"][0]["subscriptionId"]
    assert [one["id"] for one in market.get("/subscriptions")["items"]] == [sub]
    documented = sample("get-order-provisioning-status", 0)
    status = market.get(path)
    assert set(status) == set(documented)
    assert set(status["items"][0]) == set(documented["items"][0])
    assert status["items"][0]["status"] == documented["items"][0]["status"]
    answer = market.get(f"/subscriptions/{sub}/provisioningstatus")
    assert set(answer) == set(sample("get-subscription-provisioning-status", 0))
    assert (answer["status"], answer["quantity"]) == ("success", 10)


def test_rule_28_two_posts_of_an_order_are_two_orders(market):
    body = order_body(market)
    first, second = (market.call("POST", "/orders", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    assert len(market.get("/subscriptions")["items"]) == 2


def test_rule_28_the_same_request_id_is_one_order(market):
    body, id = order_body(market), "0e5fc923-8e3c-4560-9100-ce7283c3e081"
    first, second = (market.call("POST", "/orders", body, MS_RequestId=id) for _ in range(2))
    assert first.json() == second.json()
    assert len(market.get("/orders")["items"]) == 1


def test_an_order_is_all_or_nothing_with_the_code_of_its_line(market):
    body = order_body(market)
    body["lineItems"].append({"offerId": f"{SUITE}:0001:CFQ7TT000000", "quantity": 1, "termDuration": "P1Y"})
    assert code(market.call("POST", "/orders", body)) == (404, 400019)
    body["lineItems"][1] = {**body["lineItems"][0], "lineItemNumber": 1, "quantity": 301}
    assert code(market.call("POST", "/orders", body)) == (400, 2002)
    assert market.get("/orders")["items"] == []


def test_rule_29_an_order_of_licences_is_not_cancelled(market):
    order = market.get(f"/orders/{market.buy()['orderId']}")
    body = {"id": order["id"], "referenceCustomerId": CUSTOMER, "status": "cancelled"}
    assert code(market.call("PATCH", f"/orders/{order['id']}", body)) == (400, 800063)


def test_orders_are_narrowed_by_billing_type_in_both_spellings(market):
    azure = {"catalogItemId": market.item(f"{AZURE}:0001"), "quantity": 1, "billingCycle": "one_time"}
    market.checkout(market.cart(azure, market.line()).json()["id"])
    for spelling in ("onetime", "one_time"):
        items = market.get(f"/orders?billingType={spelling}")["items"]
        assert [order["billingCycle"] for order in items] == ["one_time"]


def seed_promotion(market, **term):
    promotion = {
        "id": "39NFABCD12EF:0001:39NFGHJK34LM",
        "startDate": "2026-01-01T00:00:00+00:00",
        "endDate": "2026-06-30T23:59:59+00:00",
        "properties": {"isAutoApplicable": True},
        "requiredProducts": [
            {
                "productId": SUITE,
                "skuId": "0001",
                "term": {"duration": "P1Y", "billingCycle": "Monthly", **term},
                "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.15"}],
            }
        ],
    }
    assert market.control("POST", "seed", {"promotions": [promotion]}).status_code == 200
    return promotion["id"]


def test_rule_30_a_promotion_lowers_the_partner_price(market):
    promotion = seed_promotion(market)
    line = market.cart(market.line(quantity=1)).json()["lineItems"][0]
    assert line["promotionId"] == promotion
    assert line["pricing"]["listPrice"] == 30.4
    assert (line["pricing"]["price"], line["pricing"]["extendedPrice"]) == (25.84, 310.08)


def test_rule_30_a_promotion_of_another_term_is_ignored_in_silence(market):
    promotion = seed_promotion(market, duration="P3Y")
    line = market.cart(market.line(quantity=1, promotionId=promotion)).json()["lineItems"][0]
    assert line["pricing"]["price"] == 30.4


def test_rule_30_an_unknown_promotion_is_400_27007(market):
    assert code(market.cart(market.line(promotionId="39NFXXXXXXXX:0001:39NFXXXXXXXX"))) == (400, 27007)


def test_rule_46_an_order_leaves_the_documented_record(market, sample):
    bought = market.buy(friendlyName="core")
    record = market.get("/v1/auditrecords?startDate=2026-03-01")["items"][0]
    assert (record["operationType"], record["resourceType"]) == ("create_order", "order")
    pairs = {pair["key"]: pair.get("value") for pair in record["customizedData"]}
    documented = sample("get-a-record-of-partner-center-activity-by-user", 0)["items"][0]
    assert set(pairs) == {pair["key"] for pair in documented["customizedData"]}
    assert pairs["SubscriptionId-0"] == bought["id"]
    assert (pairs["Quantity-0"], pairs["BillingCycle"], pairs["SubscriptionName-0"]) == ("10", "Monthly", "core")
    assert json.loads(record["resourceNewValue"])["LineItems"][0]["SubscriptionId"] == bought["id"]
