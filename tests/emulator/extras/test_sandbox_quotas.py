"""What an integration sandbox may not exceed, limit by limit (rule 53)."""

from __future__ import annotations

import pytest

from cspctl.emulator.settings import DEFAULTS

SUITE, AZURE, TOOLS, RESERVED = "CFQ7TTAB12CD", "DZH318Z0BPS6", "DG7GMGF0DWT0", "DZH318Z0BQ4B"
DIRECT, PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a60"
ONCE = {"termDuration": None, "billingCycle": "one_time", "quantity": 1}
GUIDS = [f"0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b{number:02d}" for number in range(60, 64)]
VM = {
    "productId": RESERVED,
    "title": "Reserved",
    "productType": {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines"}},
    "skus": [{"id": "0047", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}],
}


def code(answer):
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def direct(open_shop):
    return open_shop(DIRECT)


@pytest.fixture
def provider(open_shop):
    """A sandbox provider with three resellers and two customers."""
    shop = open_shop()
    partner = {"accountId": PROVIDER, "domain": "tip.example", "market": "DE", "currency": "EUR", "sandbox": True}
    resellers = [{"partner": PROVIDER, "mpnId": f"77{number}", "displayName": f"R{number}"} for number in range(4)]
    customers = [{"partner": PROVIDER, "id": id, "domain": f"c{id[-2:]}.example"} for id in GUIDS]
    tier = {"tier": "indirect-provider"}
    shop.seed({"partners": [{**partner, **tier}], "resellers": resellers, "customers": customers})
    shop.partner = PROVIDER
    enter(shop, 0)
    return shop


def enter(shop, number):
    shop.customer = GUIDS[number]
    shop.base = f"/v1/customers/{GUIDS[number]}"


def plan(shop, reseller="", status=201):
    more = {"partnerIdOnRecord": reseller} if reseller else {}
    return shop.order(f"{AZURE}:0001", status=status, **ONCE, **more)


def test_rule_53_the_documented_numbers():
    limits = (DEFAULTS.sandbox_customers, DEFAULTS.sandbox_subscriptions, DEFAULTS.sandbox_licences,
              DEFAULTS.sandbox_azure_plans, DEFAULTS.sandbox_customer_plans_direct, DEFAULTS.sandbox_customer_plans,
              DEFAULTS.sandbox_reservations, DEFAULTS.sandbox_resellers,
              DEFAULTS.sandbox_order_cancel_days)  # fmt: skip  # page test-and-debug
    assert limits == (75, 5, 25, 10, 1, 3, 2, 5, 60)


@pytest.mark.parametrize(("quantity", "status"), [(25, 201), (26, 400)])
def test_rule_53_licences_of_one_subscription(direct, quantity, status):
    answer = direct.order(quantity=quantity, status=status)
    assert status == 201 or answer["code"] == 800018


def test_rule_53_seats_are_added_up_to_the_limit(direct):
    bought = direct.buy(quantity=24)
    assert direct.patch(bought["id"], quantity=25).status_code == 200
    assert code(direct.patch(bought["id"], quantity=26)) == (400, 800018)


def test_rule_53_trials_count_as_subscriptions(direct):
    direct.buy(f"{SUITE}:0004", quantity=25, termDuration="P1M", billingCycle="none")
    for _ in range(4):
        direct.buy(quantity=1)
    assert direct.order(quantity=1, status=400)["code"] == 800018


def test_rule_53_an_ended_subscription_makes_room(direct):
    bought = [direct.buy(quantity=1) for _ in range(5)]
    assert direct.order(quantity=1, status=400)["code"] == 800018
    assert direct.patch(bought[0]["id"], status="deleted").status_code == 200
    assert direct.buy(quantity=1)


def test_rule_53_lines_of_one_order_count_together(direct):
    for _ in range(4):
        direct.buy(quantity=1)
    item = direct.item()
    lines = [{"lineItemNumber": n, "offerId": item, "quantity": 1, "termDuration": "P1Y"} for n in range(2)]
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": lines}
    assert code(direct.call("POST", "/orders", body)) == (400, 800018)
    assert direct.get("/orders")["totalCount"] == 4, "all lines or none"


def test_rule_53_a_cart_line_says_10009(direct):
    for _ in range(4):
        direct.buy(quantity=1)
    line = {"catalogItemId": direct.item(), "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [{"id": n, **line} for n in range(2)]}
    first, second = direct.post("/carts", body, status=201)["lineItems"]
    assert "error" not in first
    assert second["error"]["errorCode"] == 10009


def test_rule_53_one_azure_plan_for_a_customer_of_a_direct_partner(direct):
    plan(direct)
    assert plan(direct, status=400)["code"] == 900116


def test_rule_53_three_azure_plans_for_a_customer_of_a_provider_each_of_another_reseller(provider):
    for reseller in ("770", "771"):
        plan(provider, reseller)
        assert plan(provider, reseller, status=400)["code"] == 900116
    plan(provider, "772")
    assert plan(provider, "773", status=400)["code"] == 900116


def test_rule_53_plans_of_several_resellers_although_the_sku_allows_a_quantity_of_one(provider):
    """As the page get-a-list-of-availabilities-for-a-sku-by-customer prints it; only seats of licences add up."""
    sku = {"id": "0001", "maximumQuantity": 1, "terms": [{"billingCycle": "one_time"}]}
    provider.seed({"catalogue": [{"productId": AZURE, "title": "Azure plan", "productType": "Azure", "skus": [sku]}]})
    for reseller in ("770", "771", "772"):
        plan(provider, reseller)
        assert plan(provider, reseller, status=400)["code"] == 900116


def test_rule_53_ten_azure_plans_of_a_partner(open_shop):
    shop = open_shop(DIRECT, sandbox_azure_plans=2)
    customers = [{"partner": DIRECT, "id": id, "domain": f"c{id[-2:]}.example"} for id in GUIDS]
    shop.seed({"customers": customers})
    for number, expected in ((0, 201), (1, 201), (2, 400)):
        enter(shop, number)
        answer = plan(shop, status=expected)
    assert answer["code"] == 900116


def test_rule_53_azure_plans_need_an_approval(direct):
    direct.switch(sandbox_azure_approved=False)
    assert plan(direct, status=403)["code"] == 900322
    direct.switch(sandbox_azure_approved=None)
    plan(direct)


def test_rule_53_two_reserved_instances_of_a_customer(direct):
    direct.seed({"catalogue": [VM]})
    item = f"{RESERVED}:0047"
    assert direct.order(item, billingCycle="one_time", quantity=3, status=400)["code"] == 800018
    direct.order(item, billingCycle="one_time", quantity=1)
    assert direct.order(item, billingCycle="one_time", quantity=2, status=400)["code"] == 800018
    direct.order(item, billingCycle="one_time", quantity=1)
    plan(direct)  # reservations are no Azure plans, and no subscriptions of the five
    for _ in range(5):
        direct.buy(quantity=1)


def test_rule_53_perpetual_software_is_none_of_the_five(direct):
    for _ in range(6):
        direct.order(f"{TOOLS}:0001", **ONCE)
    direct.buy(quantity=1)


def test_rule_53_production_has_none_of_these_limits(shop):
    for _ in range(7):
        shop.buy(quantity=30)
    plan(shop)
    plan(shop)
    shop.seed({"catalogue": [VM]})
    shop.order(f"{RESERVED}:0047", billingCycle="one_time", quantity=9)
