"""What an open transfer holds back, what cannot be transferred, and what the new partner finds.

Sources: pages create-a-transfer, accept-a-transfer, get-customer-s-subscriptions-transfer-eligibility (2020),
error-codes 900101 to 900148 (2023); that an open transfer blocks writes: community pack of 2026, hence a switch.
"""

from __future__ import annotations

import pytest

THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
OLD_AZURE = "MS-AZR-0145P"
GOODS = [
    {"productId": "DZH318Z0SAAS", "title": "Market thing", "productType": "SaaS",
     "skus": [{"id": "0001", "terms": [{"duration": "P1M", "billingCycle": "monthly"}]}]},
    {"productId": "DZH318Z0BQ4B", "title": "Reserved",
     "productType": {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines"}},
     "skus": [{"id": "0047", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}]},
]  # fmt: skip  # a table of goods


def code(answer):
    return answer.status_code, answer.json()["code"]


def transfer(shop, *subscriptions, **more):
    lines = [{"subscriptionId": one} for one in subscriptions]
    return shop.call("POST", "/transfers", {"targetPartnerTenantId": THEIRS, "lineItems": lines, **more})


def accept(shop, kept):
    return shop.post(f"/transfers/{kept['id']}/accept", partner=THEIRS)


def withdraw(shop, kept):
    assert shop.call("DELETE", f"/transfers/{kept['id']}").status_code == 204


def reject(shop, kept):
    body = {"id": kept["id"], "status": "reject"}
    assert shop.call("PATCH", f"/transfers/{kept['id']}", body, partner=THEIRS).status_code == 200


CHANGES = [{"quantity": 11}, {"friendlyName": "x"}, {"autoRenewEnabled": False}, {"status": "suspended"},
           {"status": "deleted"}]  # fmt: skip  # a table of changes


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_an_open_transfer_holds_back_every_change(shop, change):
    one = shop.buy()
    kept = transfer(shop, one["id"]).json()
    assert code(shop.patch(one["id"], **change)) == (409, 900278)
    withdraw(shop, kept)
    assert shop.patch(one["id"], **change).status_code == 200


@pytest.mark.parametrize("end", [withdraw, reject])
def test_what_ends_a_transfer_frees_its_subscriptions_with_their_add_ons(shop, end):
    kept = transfer(shop, BASE_SUB).json()
    for id in (BASE_SUB, ADDON_SUB):
        assert code(shop.patch(id, friendlyName="x")) == (409, 900278)
        assert shop.get(f"/subscriptions/{id}")["actions"] == []
    end(shop, kept)
    for id in (BASE_SUB, ADDON_SUB):
        assert shop.patch(id, friendlyName="x").status_code == 200


def test_an_accepted_transfer_is_free_at_the_new_partner(shop):
    one = shop.buy()
    accept(shop, transfer(shop, one["id"]).json())
    body = {**shop.get(f"/subscriptions/{one['id']}", partner=THEIRS), "quantity": 11}
    answer = shop.call("PATCH", f"/subscriptions/{one['id']}", body, partner=THEIRS)
    assert (answer.status_code, answer.json()["quantity"]) == (200, 11)
    assert code(shop.call("GET", f"/subscriptions/{one['id']}")) == (404, 20003)


def test_the_hold_is_a_switch(shop):
    shop.switch(transfer_blocks_writes=False)
    one = shop.buy()
    transfer(shop, one["id"])
    assert shop.get(f"/subscriptions/{one['id']}")["actions"] == ["edit", "cancel"]
    assert shop.patch(one["id"], quantity=11).status_code == 200


def test_time_goes_on_for_what_is_held(shop):
    one = shop.buy(termDuration="P1M")
    kept = transfer(shop, one["id"]).json()
    shop.advance("P32D")
    assert shop.get(f"/subscriptions/{one['id']}")["commitmentEndDate"] == "2026-05-09T00:00:00Z"
    assert accept(shop, kept)["transferErrors"] == []
    moved = shop.get(f"/subscriptions/{one['id']}", partner=THEIRS)
    assert moved["commitmentEndDate"] == "2026-05-09T00:00:00Z"
    shop.advance("P30D")
    moved = shop.get(f"/subscriptions/{one['id']}", partner=THEIRS)
    assert moved["commitmentEndDate"] == "2026-06-09T00:00:00Z"


FRANCS = {"productId": "CFQ7TTAB12CD", "skuId": "0001", "term": "P1M", "billing": "monthly", "market": "DE",
          "segment": "commercial", "erpPrice": "60.00"}  # fmt: skip  # one row


def test_a_partner_of_another_currency_locks_its_own_price(shop):
    """In francs, from the row in force when the term began; what is bought at 31.00 EUR costs the target 29.00 CHF."""
    other = {"accountId": THEIRS, "domain": "other.onmicrosoft.com", "displayName": "Other", "market": "DE",
             "currency": "CHF", "mpnId": "5847383", "tier": "direct"}  # fmt: skip  # one partner
    shop.seed({"partners": [other], "prices": [{**FRANCS, "currency": "EUR", "unitPrice": "31.00"}]})
    unpriced = shop.buy(termDuration="P1M", quantity=2)
    answer = accept(shop, transfer(shop, unpriced["id"]).json())
    assert [error["code"] for error in answer["transferErrors"]] == [900103]
    assert shop.get(f"/subscriptions/{unpriced['id']}")["quantity"] == 2

    late = {**FRANCS, "currency": "CHF", "unitPrice": "99.00", "effectiveStartDate": "2026-03-20T00:00:00Z"}
    early = {**FRANCS, "currency": "CHF", "unitPrice": "29.00", "effectiveStartDate": "2026-01-01T00:00:00Z",
             "effectiveEndDate": "2026-03-19T23:59:59Z"}  # fmt: skip  # one row
    shop.seed({"prices": [early, late]})
    bought = shop.buy(termDuration="P1M", quantity=2)
    shop.advance("P15D")
    assert accept(shop, transfer(shop, bought["id"]).json())["transferErrors"] == []
    body = {**shop.get(f"/subscriptions/{bought['id']}", partner=THEIRS), "quantity": 3}
    assert shop.call("PATCH", f"/subscriptions/{bought['id']}", body, partner=THEIRS).status_code == 200
    shop.advance("P20D")
    invoice = shop.get("/v1/invoices", partner=THEIRS)["items"][0]
    assert invoice["currencyCode"] == "CHF"
    path = f"/v1/invoices/{invoice['id']}/lineitems/OneTime/BillingLineItems?size=100"
    lines = shop.get(path, partner=THEIRS)["items"]
    assert {float(line["unitPrice"]) for line in lines if line["subscriptionId"] == bought["id"]} == {29.0}


def test_a_held_subscription_does_not_migrate(shop):
    transfer(shop, BASE_SUB)
    body = {"currentSubscriptionId": BASE_SUB, "addOnMigrations": [{"currentSubscriptionId": ADDON_SUB}]}
    assert code(shop.call("POST", "/migrations/newcommerce", body)) == (400, 900216)


def test_what_a_change_occupies_is_not_transferred(shop):
    one = shop.buy()
    shop.switch(patch_mode="accepted", patch_delay_seconds=600)
    assert shop.patch(one["id"], quantity=11).status_code == 202
    assert code(transfer(shop, one["id"])) == (400, 800078)
    found = {each["id"]: each for each in shop.get("/transferseligibility?transferType=directtodirect")}
    assert found[one["id"]]["reason"] == f"Subscription: {one['id']} is in state: Pending"
    shop.advance("PT10M")
    assert transfer(shop, one["id"]).status_code == 201


def test_nobody_else_named(shop):
    body = {"lineItems": [{"subscriptionId": BASE_SUB}]}
    assert code(shop.call("POST", "/transfers", body)) == (400, 900136)


@pytest.mark.parametrize(
    ("item", "more", "expected"),
    [
        ("DZH318Z0SAAS:0001", {"termDuration": "P1M"}, 900146),
        ("DZH318Z0BQ4B:0047", {"billingCycle": "one_time", "quantity": 1}, 900145),
    ],
)
def test_marketplace_goods_and_reservations_stay(shop, item, more, expected):
    shop.seed({"catalogue": GOODS})
    one = shop.buy(item, **more)
    answer = transfer(shop, one["id"])
    assert code(answer) == (400, expected)
    found = {each["id"]: each for each in shop.get("/transferseligibility?transferType=directtodirect")}
    assert found[one["id"]]["isEligible"] is False
    assert found[one["id"]]["reason"] == answer.json()["description"]
    every = shop.call("POST", "/transfers", {"targetPartnerTenantId": THEIRS}).json()
    assert one["id"] not in [line["subscriptionId"] for line in every["lineItems"]]


def test_an_azure_plan_moves_only_active_and_without_legacy_azure_beside_it(shop):
    plan = shop.plan()
    (held,) = shop.get(f"/subscriptions/{plan['id']}/azureEntitlements")["items"]
    path = f"/subscriptions/{plan['id']}/azureEntitlements/{held['id']}"
    shop.post(f"{path}/cancel", {})
    assert shop.patch(plan["id"], status="suspended").status_code == 200
    assert code(transfer(shop, plan["id"])) == (400, 900132)
    assert shop.patch(plan["id"], status="active").status_code == 200
    entry = {"partner": shop.partner, "customer": shop.customer, "offerId": OLD_AZURE}
    shop.seed({"legacySubscriptions": [{**entry, "id": "a356ac8c-e310-44f4-bf85-c7f29044af99"}]})
    assert code(transfer(shop, plan["id"])) == (400, 900131)


def test_an_open_transfer_holds_back_what_goes_through_orders_conversions_and_upgrades(shop):
    trial, software = "488745b5-2086-4912-802c-6abb9f7c3638", shop.buy(
        "DG7GMGF0DWT0:0002", termDuration="P3Y", billingCycle="one_time", quantity=1
    )  # fmt: skip  # a pair
    offer = shop.get(f"/subscriptions/{trial}/conversions")["items"][0]
    option = shop.get(f"/subscriptions/{BASE_SUB}/upgrades")["items"][0]
    order = shop.get(f"/orders/{shop.get(f'/subscriptions/{BASE_SUB}')['orderId']}")
    kept = transfer(shop, BASE_SUB, trial, software["id"]).json()
    cancelled = {"id": software["orderId"], "status": "cancelled"}
    calls = [
        ("PATCH", f"/orders/{software['orderId']}", cancelled, (409, 900278)),
        ("POST", f"/subscriptions/{trial}/conversions", offer, (409, 900278)),
        ("POST", f"/subscriptions/{BASE_SUB}/upgrades", option, (409, 900278)),
        ("PATCH", f"/orders/{order['id']}", {**order, "billingCycle": "annual"}, (400, 800072)),
    ]
    for method, path, body, expected in calls:
        assert code(shop.call(method, path, body)) == expected, path
    withdraw(shop, kept)
    assert shop.call("PATCH", f"/orders/{software['orderId']}", cancelled).status_code == 200
    assert "error" not in shop.post(f"/subscriptions/{trial}/conversions", offer)
