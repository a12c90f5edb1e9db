"""Clause by clause: orders and what a purchase needs from partner, reseller and customer (3.7, 3.8)."""

from __future__ import annotations

import pytest

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
UNSIGNED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
SUITE, AZURE, SOFTWARE = "CFQ7TTAB12CD", "DZH318Z0BPS6", "DG7GMGF0DWT0"
OFFER = "195416c1-3447-423a-b37b-ee59a99a19c4"


def code(answer):
    return answer.status_code, answer.json()["code"]


def seed(market, **sections):
    answer = market.control("POST", "seed", sections)
    assert answer.status_code == 200, answer.text


def line(market, number=0, **more):
    return {"lineItemNumber": number, "offerId": market.item(), "quantity": 3, "termDuration": "P1Y", **more}


def order(market, *lines, **more):
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "annual", "lineItems": list(lines), **more}
    return market.call("POST", "/orders", body)


@pytest.mark.parametrize("numbers", [(1,), (0, 0), (0, 2), (-1, 0), ("x", 0)])
def test_line_numbers_count_from_zero(market, numbers):
    assert code(order(market, *(line(market, number) for number in numbers))) == (400, 800071)


def test_line_numbers_may_be_left_out_and_lines_keep_their_place(market):
    bare = {key: value for key, value in line(market).items() if key != "lineItemNumber"}
    made = order(market, bare, {**bare, "quantity": 5}).json()
    assert [(one["lineItemNumber"], one["quantity"]) for one in made["lineItems"]] == [(0, 3), (1, 5)]


def test_what_an_order_line_says_comes_back_and_reaches_the_subscription(market):
    said = {"friendlyName": "core", "partnerIdOnRecord": "1234567", "renewsTo": {"termDuration": "P1M"}}
    made = order(market, line(market, **said)).json()
    assert {name: made["lineItems"][0][name] for name in said} == said
    held = market.get(f"/subscriptions/{made['lineItems'][0]['subscriptionId']}")
    assert (held["friendlyName"], held["partnerId"], held["renewalTermDuration"]) == ("core", "1234567", "P1M")
    assert made["alternateId"] == made["id"]
    assert made["client"] == {}
    assert (made["currencyCode"], made["currencySymbol"]) == ("EUR", "€")


def test_an_order_is_monthly_unless_it_says_otherwise(market):
    assert order(market, line(market), billingCycle=None).json()["billingCycle"] == "monthly"


@pytest.mark.parametrize(
    ("mpn", "expected"), [("4847383", (404, 2072)), ("9999999", (404, 800015)), ("7654321", (400, 800016))]
)
def test_rule_24_resellers_of_an_order_line(market, mpn, expected):
    assert code(order(market, line(market, partnerIdOnRecord=mpn))) == expected
    assert code(order(market, line(market, additionalPartnerIdsOnRecord=mpn))) == expected
    assert code(order(market, line(market, additionalPartnerIdsOnRecord=["1234567", mpn]))) == expected


def test_an_order_in_a_currency_that_is_not_sold_here(market):
    assert code(order(market, line(market), currencyCode="USD")) == (400, 900169)
    assert order(market, line(market), currencyCode="EUR").json()["currencyCode"] == "EUR"


def test_modern_and_traditional_goods_are_not_one_order(market):
    seed(market, offers=[{"id": OFFER, "name": "Traditional"}])
    both = [line(market), {"lineItemNumber": 1, "offerId": OFFER, "quantity": 1}]
    assert code(order(market, *both)) == (400, 800004)
    assert market.get("/orders")["items"] == []


def test_app_only_orders_are_not_for_customers_of_a_reseller(market):
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s"}
    form["resource"] = "https://api.partnercenter.microsoft.com"
    token = market.send({"method": "POST", "url": f"/{PROVIDER}/oauth2/token", "data": form})[0].json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    def alone(*lines):
        body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "annual", "lineItems": list(lines)}
        url = f"/v1/customers/{CUSTOMER}/orders"
        return market.send({"method": "POST", "url": url, "headers": headers, "json": body})[0]

    assert code(alone(line(market, partnerIdOnRecord="1234567"))) == (403, 900329)
    assert alone(line(market)).status_code == 201


def both_ways(market, **more):
    """The codes of a purchase through a cart and through an order."""
    people = {"participants": [{"key": "transaction_reseller", "value": more["mpn"]}]} if more else {}
    record = {"partnerIdOnRecord": more["mpn"]} if more else {}
    cart = market.cart(market.line(**people))
    assert cart.status_code == 201, "a cart may be made"
    return {code(market.checkout(cart.json()["id"])), code(order(market, line(market, **record)))}


def change_partner(market, **changes):
    partner = next(one for one in market.store.list("partner", "") if one["accountId"] == PROVIDER)
    seed(market, partners=[{**partner, **changes}])


def test_a_partner_sells_where_it_is_onboarded(market):
    change_partner(market, sellsIn=["AT", "CH"])
    assert both_ways(market) == {(403, 2030)}
    change_partner(market, sellsIn=["de"])
    assert len(market.checkout(market.cart(market.line()).json()["id"]).json()["orders"]) == 1


def test_a_partner_without_the_partner_agreement_sells_nothing(market):
    change_partner(market, agreementSigned=False)
    assert both_ways(market) == {(403, 900124)}


@pytest.mark.parametrize(
    ("state", "expected"), [({"agreementSigned": False}, (403, 900123)), ({"enrolled": False}, (400, 900154))]
)
def test_a_reseller_must_be_enrolled_and_have_signed(market, state, expected):
    seed(market, resellers=[{"partner": PROVIDER, "mpnId": "1234599", "market": "DE", **state}])
    assert both_ways(market, mpn="1234599") == {expected}
    assert market.get("/orders")["items"] == []


def test_900419_a_customer_has_room_for_so_many_subscriptions(open_market):
    market = open_market(customer_subscriptions=2)
    three = market.cart(*(market.line() for _ in range(3))).json()
    assert code(market.checkout(three["id"])) == (400, 900419)
    two = market.cart(market.line(), market.line()).json()
    (made,) = market.checkout(two["id"]).json()["orders"]
    assert code(order(market, line(market))) == (400, 900419)
    gone = market.get(f"/subscriptions/{made['lineItems'][0]['subscriptionId']}")
    assert market.patch(gone, status="deleted").status_code == 200
    assert order(market, line(market)).status_code == 201


def test_nothing_of_azure_is_bought_while_azure_subscriptions_move(market):
    seed(market, offers=[{"id": "MS-AZR-0145P", "name": "Microsoft Azure", "billing": "usage"}])
    usage = {"catalogItemId": "MS-AZR-0145P", "quantity": 1, "billingCycle": "monthly"}
    market.checkout(market.cart(usage).json()["id"])
    wanted = {"customerId": CUSTOMER, "productFamily": "azure"}
    assert market.call("POST", "/v1/productUpgrades", wanted).status_code == 202
    plan = {"catalogItemId": market.item(f"{AZURE}:0001"), "quantity": 1, "billingCycle": "one_time"}
    cart = market.cart(plan).json()
    assert code(market.checkout(cart["id"])) == (409, 900113)
    one = {"lineItemNumber": 0, "offerId": plan["catalogItemId"], "quantity": 1}
    assert code(order(market, one, billingCycle="one_time")) == (409, 900113)
    assert market.checkout(market.cart(market.line()).json()["id"]).status_code == 201
    market.advance("PT300S")
    (error,) = market.checkout(cart["id"]).json()["orderErrors"]
    assert error["code"] == 800088, "the upgrade has brought the one plan the customer may have"


def test_rule_26_a_cart_belongs_to_its_customer_and_its_id_has_no_case(market):
    cart = market.cart(market.line()).json()
    assert market.get(f"/carts/{cart['id'].upper()}")["id"] == cart["id"]
    market.base = f"/v1/customers/{UNSIGNED}"
    assert code(market.checkout(cart["id"])) == (404, 800008)
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [market.line()]}
    assert code(market.call("PUT", f"/carts/{cart['id']}", body)) == (404, 800008)


def test_rule_26_an_expired_cart_is_not_changed(market):
    cart = market.cart(market.line()).json()
    market.advance("P7D")
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [market.line()]}
    assert code(market.call("PUT", f"/carts/{cart['id']}", body)) == (404, 800008)


def test_rule_26_no_change_while_a_checkout_runs(market):
    market.switch(checkout_latency_ms=30)
    cart = market.cart(market.line()).json()
    headers = {"Authorization": f"Bearer {market.bearer()}"}
    url = f"/v1/customers/{CUSTOMER}/carts/{cart['id']}"
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [market.line()]}
    checkout = {"method": "POST", "url": f"{url}/checkout", "headers": headers}
    change = {"method": "PUT", "url": url, "headers": headers, "json": body}
    first, second = market.send(checkout, change)
    assert first.status_code == 201
    assert code(second) == (409, 800064)


def test_a_change_moves_the_time_of_a_cart_but_not_its_end(market):
    cart = market.cart(market.line()).json()
    market.advance("PT1H")
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [market.line()]}
    changed = market.call("PUT", f"/carts/{cart['id']}", body).json()
    assert changed["creationTimestamp"] == cart["creationTimestamp"]
    assert changed["lastModifiedTimestamp"] == "2026-03-10T10:15:00Z"
    assert changed["expirationTimestamp"] == cart["expirationTimestamp"]
    assert changed["lastModifiedUser"] == cart["lastModifiedUser"]


def test_the_answer_to_a_change_is_201_or_by_switch_200(market):
    cart = market.cart(market.line()).json()
    market.switch(cart_update_status=200)
    answer = market.call("PUT", f"/carts/{cart['id']}", cart | {"partnerOnRecordAttestationAccepted": True})
    assert answer.status_code == 200, "a cart may be sent back as it was answered"
    assert answer.json()["lineItems"] == cart["lineItems"]


def test_rule_24_a_changed_cart_needs_the_attestation_too(market):
    cart = market.cart(market.line()).json()
    assert code(market.call("PUT", f"/carts/{cart['id']}", {"lineItems": [market.line()]})) == (400, 900206)


def test_rule_24_the_attestation_may_be_switched_off(market):
    market.switch(require_attestation=False)
    assert market.call("POST", "/carts", {"lineItems": [market.line()]}).status_code == 201


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [("monthly", 1), ("Annual", 1), ("onetime", 1), ("one_time", 1), ("OneTime", 1), ("none", 1), ("triennial", 0)],
)
def test_orders_of_a_billing_type(market, spelling, expected):
    azure = {"catalogItemId": market.item(f"{AZURE}:0001"), "quantity": 1, "billingCycle": "one_time"}
    trial = market.line(f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    cart = market.cart(market.line(), market.line(billingCycle="annual"), azure, trial).json()
    assert len(market.checkout(cart["id"]).json()["orders"]) == 4
    assert len(market.get(f"/orders?billingType={spelling}")["items"]) == expected
    unknown = market.call("GET", "/orders?billingType=weekly")
    assert (unknown.status_code, unknown.json()["code"]) == (400, 900126)


def test_rule_29_a_body_names_the_order_and_the_customer_of_the_path(market):
    software = {"productId": SOFTWARE, "title": "Tools", "productType": "Software"}
    seed(market, catalogue=[{**software, "skus": [{"id": "0001", "terms": [{"billingCycle": "one_time"}]}]}])
    one = {"lineItemNumber": 0, "offerId": market.item(f"{SOFTWARE}:0001"), "quantity": 1}
    assert code(order(market, one, billingCycle="one_time", referenceCustomerId=UNSIGNED)) == (400, 900118)
    made = order(market, one, billingCycle="one_time").json()
    path, cancel = f"/orders/{made['id']}", {"status": "cancelled"}
    assert code(market.call("PATCH", path, {**cancel, "id": "0123456789ab"})) == (400, 800002)
    assert code(market.call("PATCH", path, {**cancel, "referenceCustomerId": UNSIGNED})) == (400, 900118)
    good = {**cancel, "id": made["id"], "referenceCustomerId": CUSTOMER.upper()}
    assert market.call("PATCH", path, good).json()["status"] == "cancelled"
    wrong = {**cancel, "lineItems": [{"lineItemNumber": 5}]}
    again = order(market, one, billingCycle="one_time").json()
    assert code(market.call("PATCH", f"/orders/{again['id']}", wrong)) == (400, 800071)


def test_rule_27_unknown_orders(market):
    for tail in ("", "/provisioningstatus", "/lineitems/0/activationlinks"):
        assert code(market.call("GET", f"/orders/0123456789ab{tail}")) == (404, 20000)
    assert code(market.call("PATCH", "/orders/0123456789ab", {"status": "cancelled"})) == (404, 20000)


def test_rule_27_a_cancelled_line_is_unfulfilled(market):
    software = {"productId": SOFTWARE, "title": "Tools", "productType": "Software"}
    seed(market, catalogue=[{**software, "skus": [{"id": "0001", "terms": [{"billingCycle": "one_time"}]}]}])
    one = {"lineItemNumber": 0, "offerId": market.item(f"{SOFTWARE}:0001"), "quantity": 2}
    made = order(market, one, billingCycle="one_time").json()
    path = f"/orders/{made['id']}/provisioningstatus"
    (before,) = market.get(path)["items"]
    assert (before["status"], before["quantityProvisioningInformation"]) == (
        "fulfilled",
        [{"quantity": 2, "status": "fulfilled"}],
    )
    market.call("PATCH", f"/orders/{made['id']}", {"status": "cancelled"})
    assert market.get(path)["items"][0]["status"] == "unfulfilled"


def test_rule_28_two_carts_are_two_orders_and_one_cart_is_one(market):
    first, second = (market.cart(market.line(friendlyName="core")).json() for _ in range(2))
    ids = [market.checkout(cart["id"]).json()["orders"][0]["id"] for cart in (first, second, first)]
    assert ids[0] == ids[2] != ids[1]
    names = [one["lineItems"][0]["friendlyName"] for one in market.get("/orders")["items"]]
    assert names == ["core", "core"], "the name is the mark by which a client finds its order again"
