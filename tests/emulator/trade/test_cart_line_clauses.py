"""Clause by clause: what a cart line may say, and every error code of a line (page cart-resources); rules 22 to 25."""

from __future__ import annotations

import pytest

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
OTHER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
FOREIGN = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b13"
ABROAD = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b15"
SUITE, DESK, AZURE = "CFQ7TTAB12CD", "CFQ7TTEF34GH", "DZH318Z0BPS6"
RESERVED, SAVINGS = "DZH318Z0BQ3V", "DZH318Z09V6F"


def code(answer):
    return answer.status_code, answer.json()["code"]


def error_of(answer, line=0):
    assert answer.status_code == 201, answer.text
    found = answer.json()["lineItems"][line]
    assert "pricing" not in found
    return found["error"]["errorCode"]


def ordered(market, cart):
    """Code of the one group of a cart that cannot be ordered."""
    result = market.checkout(cart.json()["id"]).json()
    assert result["orders"] == []
    return result["orderErrors"][0]["code"]


def seed(market, **sections):
    answer = market.control("POST", "seed", sections)
    assert answer.status_code == 200, answer.text


def seed_sku(market, **sku):
    seed(market, catalogue=[{"productId": SUITE, "title": "Demo Suite", "skus": [{"id": "0009", **sku}]}])
    return market.line(f"{SUITE}:0009")


def post(market, *lines, **more):
    return market.call("POST", "/carts", {"partnerOnRecordAttestationAccepted": True, "lineItems": list(lines), **more})


def test_a_cart_needs_at_least_one_line(market):
    assert code(post(market)) == (400, 800002)
    assert code(market.call("POST", "/carts", {"partnerOnRecordAttestationAccepted": True})) == (400, 800002)


def test_ids_are_numbers_by_position_when_left_out_and_may_come_as_text(market):
    line = {key: value for key, value in market.line().items() if key != "id"}
    assert [one["id"] for one in post(market, line, line).json()["lineItems"]] == [0, 1]
    assert post(market, {**line, "id": "7"}).json()["lineItems"][0]["id"] == 7


def test_an_id_names_one_line(market):
    assert code(post(market, market.line(), market.line(quantity=2))) == (400, 800009)


def test_the_name_of_the_request_table_is_read_too(market):
    line = market.line()
    item = line.pop("catalogItemId")
    assert post(market, {**line, "catalogId": item}).json()["lineItems"][0]["catalogItemId"] == item


@pytest.mark.parametrize("left_out", ["quantity", "billingCycle", "termDuration"])
def test_required_properties(market, left_out):
    line = {key: value for key, value in market.line().items() if key != left_out}
    assert code(post(market, line))[0] == 400


def test_a_line_without_an_item_is_an_error_of_the_line(market):
    line = {key: value for key, value in market.line().items() if key != "catalogItemId"}
    assert error_of(post(market, line)) == 10001


def test_what_a_line_says_comes_back(market):
    said = {
        "friendlyName": "core",
        "attestationAccepted": True,
        "renewsTo": {"termDuration": "P1M"},
        "provisioningContext": {"scope": "shared"},
        "participants": [{"key": "transaction_reseller", "value": "1234567"}],
    }
    line = market.cart(market.line(**said)).json()["lineItems"][0]
    assert {key: line[key] for key in said} == said
    bare = market.cart(market.line()).json()["lineItems"][0]
    assert bare["provisioningContext"] == {}
    assert "friendlyName" not in bare


def test_renews_to_may_be_a_list_and_names_the_next_term(market):
    bought = market.buy(renewsTo=[{"termDuration": "P1M"}])
    assert bought["renewalTermDuration"] == "P1M"


def test_an_azure_plan_has_no_term_and_a_named_one_is_not_looked_at(market):
    line = {"catalogItemId": market.item(f"{AZURE}:0001"), "quantity": 1, "billingCycle": "one_time"}
    for term in ({}, {"termDuration": "P1Y"}):
        assert "error" not in post(market, {**line, **term}).json()["lineItems"][0]


def test_10000_a_currency_that_is_neither_the_partners_nor_the_markets(market):
    cart = market.cart(market.line(currencyCode="JPY"))
    assert error_of(cart) == 10000
    assert ordered(market, cart) == 900169
    assert market.cart(market.line(currencyCode="eur")).json()["lineItems"][0]["currencyCode"] == "EUR"


def test_rule_25_lines_of_two_currencies_are_two_orders(market):
    """A customer abroad may be billed in the partner's currency or in that of the market."""
    abroad = {"partner": PROVIDER, "id": ABROAD, "domain": "abroad.onmicrosoft.com", "market": "US"}
    row = {"productId": SUITE, "skuId": "0001", "term": "P1Y", "billing": "monthly", "market": "US"}
    prices = [{**row, "currency": currency, "unitPrice": price} for currency, price in (("USD", "120"), ("EUR", "240"))]
    seed(market, customers=[abroad], prices=prices)
    market.base = f"/v1/customers/{ABROAD}"
    cart = market.cart(market.line(), market.line(currencyCode="USD"), market.line(quantity=1)).json()
    assert [line["orderGroup"] for line in cart["lineItems"]] == ["0", "1", "0"]
    assert [line["pricing"]["price"] for line in cart["lineItems"]] == [20.0, 10.0, 20.0]
    orders = market.checkout(cart["id"]).json()["orders"]
    assert [(order["currencyCode"], len(order["lineItems"])) for order in orders] == [("EUR", 2), ("USD", 1)]
    assert orders[1]["currencySymbol"] == "$"


def test_10001_an_item_of_another_country(market):
    line = seed_sku(market, markets=["US", "DE"])
    assert "error" not in market.cart(line).json()["lineItems"][0]
    seed(market, catalogue=[{"productId": SUITE, "skus": [{"id": "0009", "markets": ["US"]}]}])
    cart = market.cart(line)
    assert error_of(cart) == 10001
    assert ordered(market, cart) == 800070


def test_10002_a_trial_is_bought_once_in_a_life_time(market):
    trial = market.line(f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    both = market.cart(trial, trial)
    assert "error" not in both.json()["lineItems"][0]
    assert error_of(both, 1) == 10002
    market.checkout(market.cart(trial).json()["id"])
    again = market.cart(trial)
    assert error_of(again) == 10002
    assert ordered(market, again) == 800089
    market.advance("P40D")
    assert {one["isTrial"] for one in market.get("/subscriptions")["items"]} == {False}, "it became paid"
    assert error_of(market.cart(trial)) == 10002


def test_10002_the_asset_limit_of_any_sku_counts_what_was_cancelled(market):
    line = seed_sku(market, assetOwnershipLimit=1)
    bought = market.buy(catalogItemId=line["catalogItemId"])
    assert market.patch(bought, status="deleted").status_code == 200
    assert error_of(market.cart(line)) == 10002


def test_10003_inventory_runs_out(market):
    line = seed_sku(market, inventory=12)
    short = market.cart({**line, "quantity": 13})
    assert error_of(short) == 10003
    assert ordered(market, short) == 800017
    market.checkout(market.cart({**line, "quantity": 12}).json()["id"])
    gone = market.cart({**line, "quantity": 1})
    assert error_of(gone) == 10003
    assert ordered(market, gone) == 800010


def test_10003_is_found_again_at_the_checkout(market):
    line = seed_sku(market, inventory=12)
    first, second = (market.cart({**line, "quantity": 10}) for _ in range(2))
    assert len(market.checkout(first.json()["id"]).json()["orders"]) == 1
    assert ordered(market, second) == 800017


def test_10004_additional_resellers_exist_in_the_eu_and_efta(market, open_market):
    resellers = [{"partner": PROVIDER, "mpnId": str(2000000 + n), "market": "DE"} for n in range(6)]
    seed(market, resellers=resellers)
    people = [{"key": "additional_transaction_reseller", "value": one["mpnId"]} for one in resellers]
    assert code(market.cart(market.line(participants=people))) == (400, 800002), "at most five"
    order = market.checkout(market.cart(market.line(participants=people[:5])).json()["id"]).json()["orders"][0]
    assert order["lineItems"][0]["additionalPartnerIdsOnRecord"] == [one["mpnId"] for one in resellers[:5]]
    american = open_market(OTHER)
    american.base = f"/v1/customers/{FOREIGN}"
    abroad = [{"key": "additional_transaction_reseller", "value": "7654321"}]
    assert error_of(american.cart(american.line(participants=abroad))) == 10004


def test_participants_have_two_keys_and_are_a_list(market):
    for people in ([{"key": "friend", "value": "1234567"}], "1234567", [7]):
        assert code(market.cart(market.line(participants=people))) == (400, 800002)


def test_10015_more_seats_than_a_subscription_may_have(market):
    cart = market.cart(market.line(f"{DESK}:0001", quantity=5001))
    assert error_of(cart) == 10015
    assert ordered(market, cart) == 2002
    market.buy(quantity=200)
    beyond = market.cart(market.line(quantity=200))
    assert error_of(beyond) == 10015
    assert ordered(market, beyond) == 800088


def test_rule_22_seats_of_earlier_lines_count(market):
    cart = market.cart(market.line(quantity=200), market.line(quantity=101))
    assert "error" not in cart.json()["lineItems"][0]
    assert error_of(cart, 1) == 10015
    assert cart.json()["lineItems"][1]["error"]["additionalInformation"]["availableQuantity"] == 100


def test_rule_22_an_order_refuses_what_a_cart_marks(market):
    def order(sku, quantity):
        line = {"lineItemNumber": 0, "offerId": market.item(sku), "quantity": quantity, "termDuration": "P1Y"}
        body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
        return code(market.call("POST", "/orders", body))

    assert order(f"{DESK}:0001", 4) == (400, 2002)
    assert order(f"{DESK}:0001", 5001) == (400, 2002)
    assert order(f"{SUITE}:0001", 0) == (400, 2002)


@pytest.mark.parametrize(
    ("term", "billing", "expected"),
    [
        ("P1M", "Monthly", None),
        ("P1Y", "ANNUAL", None),
        ("P3Y", "Triennial", None),
        ("P3Y", "annual", None),
        ("P1M", "annual", 900270),
        ("P1M", "triennial", 900270),
        ("P1Y", "one_time", 900269),
        ("P1Y", "weekly", 900269),
        ("P2Y", "monthly", 800121),
        ("", "monthly", 800121),
    ],
)
@pytest.mark.parametrize("through", ["cart", "update", "order"])
def test_rule_23_only_the_pairs_of_the_availability(market, through, term, billing, expected):
    line = market.line(termDuration=term, billingCycle=billing, quantity=1)
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
    if through == "order":
        one = {"lineItemNumber": 0, "offerId": line["catalogItemId"], "quantity": 1, "termDuration": term}
        answer = market.call("POST", "/orders", {**body, "billingCycle": billing, "lineItems": [one]})
    elif through == "update":
        answer = market.call("PUT", f"/carts/{market.cart(market.line()).json()['id']}", body)
    else:
        answer = market.call("POST", "/carts", body)
    assert (answer.status_code, answer.json().get("code")) == ((201, None) if expected is None else (400, expected))


def benefits(market):
    """A reservation that needs a registered plan, and a savings plan."""

    def azure(kind):
        return {"id": "Azure", "displayName": "Azure", "subType": {"id": kind, "displayName": kind}}

    reserved = {
        "id": "0001",
        "terms": [{"duration": "P1Y", "billingCycle": "one_time"}],
        "purchasePrerequisites": ["AzureSubscriptionRegistration", "InventoryCheck"],
        "provisioningVariables": ["Scope", "SubscriptionId"],
    }
    plan = {"id": "0001", "terms": [{"duration": "P1Y", "billingCycle": "monthly"}]}
    vm = {"productId": RESERVED, "title": "Reserved VM", "productType": azure("VirtualMachines"), "skus": [reserved]}
    vm["reservationScopes"] = ["AzurePlan"]
    usage = {"id": "MS-AZR-0145P", "name": "Microsoft Azure", "billing": "usage"}
    savings = {"productId": SAVINGS, "title": "Savings", "productType": azure("SavingsPlan"), "skus": [plan]}
    seed(market, catalogue=[vm, savings], offers=[usage])


def reserved_item(market):
    path = f"/v1/products/{RESERVED}/skus/0001/availabilities?country=DE&reservationScope=AzurePlan"
    return market.get(path)["items"][0]["catalogItemId"]


def reserve(market, **context):
    line = {"catalogItemId": reserved_item(market), "quantity": 1, "termDuration": "P1Y", "billingCycle": "one_time"}
    return market.cart({**line, "provisioningContext": context})


def azure_plan(market):
    line = {"catalogItemId": market.item(f"{AZURE}:0001"), "quantity": 1, "billingCycle": "one_time"}
    order = market.checkout(market.cart(line).json()["id"]).json()["orders"][0]
    return order["lineItems"][0]["subscriptionId"]


def test_10007_and_10011_a_reservation_needs_an_active_and_registered_plan(market):
    benefits(market)
    for context, expected in (
        ({}, 900317),
        ({"scope": "shared", "subscriptionId": ABROAD}, 800011),
        ({"scope": "shared", "subscriptionId": market.buy()["id"]}, 800011),
    ):
        cart = reserve(market, **context)
        assert error_of(cart) == 10007
        assert ordered(market, cart) == expected
    plan = azure_plan(market)
    cart = reserve(market, scope="shared", subscriptionId=plan.upper())
    assert error_of(cart) == 10011
    assert ordered(market, cart) == 800030
    assert market.call("POST", f"/subscriptions/{plan}/registrations").status_code == 202
    assert error_of(reserve(market, subscriptionId=plan)) == 10011, "still registering"
    market.advance("PT60S")
    good = reserve(market, scope="Single", subscriptionId=plan)
    assert "error" not in good.json()["lineItems"][0]
    assert len(market.checkout(good.json()["id"]).json()["orders"]) == 1
    gone = reserve(market, subscriptionId=plan, entitlementId=ABROAD)
    assert error_of(gone) == 10007
    assert ordered(market, gone) == 900314


def test_10008_a_reservation_of_the_azure_plan_is_not_for_an_older_subscription(market):
    benefits(market)
    line = {"catalogItemId": "MS-AZR-0145P", "quantity": 1, "billingCycle": "monthly"}
    order = market.checkout(market.cart(line).json()["id"]).json()["orders"][0]
    cart = reserve(market, subscriptionId=order["lineItems"][0]["subscriptionId"])
    assert error_of(cart) == 10008
    assert ordered(market, cart) == 800013


def test_10010_the_scope_of_a_benefit(market):
    benefits(market)
    cart = reserve(market, scope="everything")
    assert error_of(cart) == 10010
    assert ordered(market, cart) == 900312
    item = market.item(f"{SAVINGS}:0001")
    line = {"catalogItemId": item, "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    single = market.cart({**line, "provisioningContext": {"scope": "single"}})
    assert error_of(single) == 10010
    assert ordered(market, single) == 900313
    for context in ({"scope": "single", "entitlementId": ABROAD}, {"scope": "managementGroup"}, {"scope": "shared"}):
        assert "error" not in market.cart({**line, "provisioningContext": context}).json()["lineItems"][0]


def test_a_savings_plan_has_the_reseller_of_its_azure_plan(market):
    benefits(market)
    seed(market, resellers=[{"partner": PROVIDER, "mpnId": "1234568", "market": "DE"}])
    line = {"catalogItemId": market.item(f"{AZURE}:0001"), "quantity": 1, "billingCycle": "one_time"}
    line["participants"] = [{"key": "transaction_reseller", "value": "1234567"}]
    order = market.checkout(market.cart(line).json()["id"]).json()["orders"][0]
    plan = order["lineItems"][0]["subscriptionId"]
    savings = {"catalogItemId": market.item(f"{SAVINGS}:0001"), "quantity": 1, "termDuration": "P1Y"}
    savings |= {"billingCycle": "monthly", "provisioningContext": {"scope": "shared", "subscriptionId": plan}}
    other = {**savings, "participants": [{"key": "transaction_reseller", "value": "1234568"}]}
    cart = market.cart(other)
    assert error_of(cart) == 10004
    assert ordered(market, cart) == 900323
    bought = market.checkout(market.cart(savings).json()["id"]).json()["orders"][0]
    assert bought["lineItems"][0]["partnerIdOnRecord"] == "1234567"


@pytest.mark.parametrize(("said", "term"), [("1Year", "P1Y"), ("3Years", "P3Y"), ("", None), ("9Years", None)])
def test_the_duration_of_the_context_is_the_term_of_a_reservation(market, said, term):
    kind = {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines", "displayName": "VM"}}
    terms = [{"duration": one, "billingCycle": "one_time"} for one in ("P1Y", "P3Y")]
    reserved = {"productId": RESERVED, "title": "VM", "productType": kind, "skus": [{"id": "0001", "terms": terms}]}
    seed(market, catalogue=[reserved])
    line = {"lineItemNumber": 0, "offerId": market.item(f"{RESERVED}:0001"), "quantity": 1}
    line["provisioningContext"] = {"scope": "shared", "duration": said}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "one_time", "lineItems": [line]}
    answer = market.call("POST", "/orders", body)
    if term is None:
        assert code(answer) == (400, 800121), "two terms to choose from"
    else:
        assert answer.json()["lineItems"][0]["termDuration"] == term


def test_a_reservation_of_one_term_needs_none(market):
    benefits(market)
    line = {
        "lineItemNumber": 0,
        "offerId": reserved_item(market),
        "quantity": 1,
        "provisioningContext": {"subscriptionId": ABROAD},
    }
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "one_time", "lineItems": [line]}
    assert code(market.call("POST", "/orders", body)) == (400, 800011), "the term is not what is missing"


def test_rule_25_the_groups_of_the_sample(market, sample):
    """Usage, two reservations, software, a marketplace plan, a marketplace trial; each group is one order."""
    kind = {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines", "displayName": "VM"}}

    def sku(id, billing, term=None):
        return {"id": id, "terms": [{"billingCycle": billing, **({"duration": term} if term else {})}]}

    reserved = [sku("0001", "one_time", "P1Y"), sku("0002", "one_time", "P3Y")]
    thing = [sku("0001", "monthly", "P1M"), sku("0002", "none", "P1M")]
    seed(
        market,
        catalogue=[
            {"productId": RESERVED, "title": "VM", "productType": kind, "skus": reserved},
            {
                "productId": "DG7GMGF0DWTL",
                "title": "Server",
                "productType": "Software",
                "skus": [sku("0001", "one_time")],
            },
            {"productId": "DZH318Z0BXWC", "title": "Thing", "productType": "SaaS", "skus": thing},
        ],
        offers=[{"id": "MS-AZR-0145P", "name": "Microsoft Azure", "billing": "usage"}],
    )
    items = [f"{RESERVED}:0001", f"{RESERVED}:0002", "DG7GMGF0DWTL:0001", "DZH318Z0BXWC:0001", "DZH318Z0BXWC:0002"]
    documented = sample("create-a-cart", 0)["lineItems"]
    names = ["MS-AZR-0145P", *(market.item(item) for item in items)]
    copied = ("id", "quantity", "billingCycle", "termDuration", "renewsTo")
    lines = [
        {"catalogItemId": name, **{key: line[key] for key in copied if key in line}}
        for name, line in zip(names, documented, strict=True)
    ]
    cart = post(market, *lines).json()
    assert [line["orderGroup"] for line in cart["lineItems"]] == [line["orderGroup"] for line in documented]
    orders = market.checkout(cart["id"]).json()["orders"]
    assert [len(order["lineItems"]) for order in orders] == [1, 3, 1, 1]
    theirs = sample("checkout-a-cart", 0)["orders"]
    assert [one["billingCycle"] for one in orders[:3]] == [one["billingCycle"] for one in theirs]


@pytest.mark.parametrize(("quantity", "read"), [(5.0, 5), (5, 5), (5.5, None), ("5", None), (True, None), (None, None)])
def test_rule_22_a_quantity_is_a_whole_number(market, quantity, read):
    answer = market.cart(market.line(quantity=quantity))
    if read is None:
        assert code(answer) == (400, 2002)
    else:
        assert answer.json()["lineItems"][0]["quantity"] == read


def test_rule_26_a_cart_that_succeeded_answers_again_whatever_came_after(market):
    cart = market.cart(market.line()).json()
    first = market.checkout(cart["id"]).json()
    partner = next(one for one in market.store.list("partner", "") if one["accountId"] == PROVIDER)
    seed(market, partners=[{**partner, "agreementSigned": False}])
    assert market.checkout(cart["id"]).json() == first


def test_what_became_wrong_since_is_an_order_error_and_the_other_groups_stand(market):
    seed_sku(market)
    two = [market.line(), market.line(f"{SUITE}:0009", billingCycle="annual")]
    cart = market.cart(*two)
    terms = [{"duration": "P1M", "billingCycle": "monthly"}]
    seed_sku(market, terms=terms)
    result = market.checkout(cart.json()["id"]).json()
    assert [order["billingCycle"] for order in result["orders"]] == ["monthly"]
    assert [(one["orderGroupId"], one["code"]) for one in result["orderErrors"]] == [("1", 800121)]


def test_rule_22_an_azure_plan_is_one_for_each_reseller(market):
    """The SKU's quantity of one is no seat limit of the customer: a provider's resellers each have their plan."""
    market.control("POST", "seed", {"resellers": [{"partner": market.partner, "mpnId": "1234568", "market": "DE"}]})
    plan = {"lineItemNumber": 0, "offerId": market.item("DZH318Z0BPS6:0001"), "quantity": 1}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "one_time"}

    def order(reseller):
        return market.call("POST", "/orders", {**body, "lineItems": [{**plan, "partnerIdOnRecord": reseller}]})

    assert [order(reseller).status_code for reseller in ("1234567", "1234568")] == [201, 201]
    assert code(order("1234568")) == (403, 800088)
