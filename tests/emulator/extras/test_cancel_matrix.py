"""The cancel matrix, cell by cell: which resource is updated to cancel what, in the sandbox and in production.

Source: page cancel-an-order-from-the-integration-sandbox (2023).
"""

from __future__ import annotations

import pytest

OURS, SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
SUITE, AZURE, TOOLS = "CFQ7TTAB12CD", "DZH318Z0BPS6", "DG7GMGF0DWT0"
MARKET, RESERVED = "DZH318Z0SAAS", "DZH318Z0BQ4B"
OLD_OFFER, OLD = "195416c1-3447-423a-b37b-ee59a99a19c4", "5d2b75c1-74a5-472a-a729-7f8cefc477f9"
GOODS = [
    {"productId": MARKET, "title": "Market thing", "productType": "SaaS",
     "skus": [{"id": "0001", "terms": [{"duration": "P1M", "billingCycle": "monthly"}]}]},
    {"productId": RESERVED, "title": "Reserved",
     "productType": {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines"}},
     "skus": [{"id": "0047", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}]},
]  # fmt: skip  # a table of goods
ONCE = {"billingCycle": "one_time", "quantity": 1}
BOUGHT = {
    "reservation": (f"{RESERVED}:0047", ONCE),
    "perpetual software": (f"{TOOLS}:0001", {**ONCE, "termDuration": None}),
    "software subscription": (f"{TOOLS}:0002", {**ONCE, "termDuration": "P3Y"}),
    "licences": (f"{SUITE}:0001", {}),
    "marketplace": (f"{MARKET}:0001", {"termDuration": "P1M"}),
    "Azure plan": (f"{AZURE}:0001", {**ONCE, "termDuration": None}),
}
# product: sandbox by order, sandbox by subscription, production by order, production by subscription
MATRIX = {
    "reservation": (True, False, False, False),
    "perpetual software": (True, False, True, False),
    "software subscription": (True, True, True, True),
    "licences": (False, True, False, True),
    "marketplace": (False, True, False, True),
    "Azure plan": (False, True, False, True),
    "legacy": (False, False, False, False),
}
WAYS = [(SANDBOX, "order"), (SANDBOX, "subscription"), (OURS, "order"), (OURS, "subscription")]
CELLS = [(product, *way, granted) for product, row in MATRIX.items() for way, granted in zip(WAYS, row, strict=True)]


def purchase(shop, product):
    """The subscription of a product, just bought."""
    if product == "legacy":
        entry = {"partner": shop.partner, "customer": shop.customer, "id": OLD, "offerId": OLD_OFFER, "quantity": 5}
        shop.seed({"legacySubscriptions": [entry]})
        return shop.get(f"/subscriptions/{OLD}")
    shop.seed({"catalogue": GOODS})
    item, more = BOUGHT[product]
    one = shop.buy(item, **more)
    if product == "Azure plan":  # its Azure subscriptions go first
        path = f"/subscriptions/{one['id']}/azureEntitlements"
        shop.post(f"{path}/{shop.get(path)['items'][0]['id']}/cancel", {})
    return one


@pytest.mark.parametrize(("product", "partner", "resource", "granted"), CELLS)
def test_rule_29_the_cancel_matrix(open_shop, product, partner, resource, granted):
    shop = open_shop(partner)
    one = purchase(shop, product)
    if resource == "order":
        answer = shop.call("PATCH", f"/orders/{one['orderId']}", {"id": one["orderId"], "status": "cancelled"})
    else:
        answer = shop.patch(one["id"], status="deleted")
    assert (answer.status_code == 200) == granted, answer.text
    assert granted or answer.status_code in (400, 403)
    after = shop.get(f"/subscriptions/{one['id']}")["status"]
    assert after == ("deleted" if granted else "active")


@pytest.mark.parametrize("partner", [SANDBOX, OURS])
def test_legacy_subscriptions_are_suspended_instead(open_shop, partner):
    shop = open_shop(partner)
    one = purchase(shop, "legacy")
    assert shop.patch(one["id"], status="suspended").json()["status"] == "suspended"
