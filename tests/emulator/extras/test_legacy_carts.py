"""Carts of traditional offers: a base with addonItems, an add-on to what the customer has, mixed carts; rule 43."""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"
OLD_BASE, OLD_ADDON = "195416c1-3447-423a-b37b-ee59a99a19c4", "2828be95-46ba-4f91-b2fd-0bef192ecf60"
OLD_BIGGER, OLD_LONE = "796b6b5f-613c-4e24-a17c-eba730d49c02", "4d3f8b90-29b3-4e7b-b37c-4a435ddef1d9"
BASE_SUB, OLD_AZURE = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "MS-AZR-0145P"
SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"


def code(answer):
    return answer.status_code, answer.json()["code"]


def base_line(**more):
    addon = {"Id": 1, "CatalogItemId": OLD_ADDON, "Quantity": 2, "BillingCycle": "monthly"}
    line = {"Id": 0, "CatalogItemId": OLD_BASE.upper(), "FriendlyName": "Myofferpurchase", "Quantity": 3}
    return {**line, "BillingCycle": "monthly", "AddonItems": [addon], **more}


def cart(shop, *lines, status=201):
    return shop.post("/carts", {"PartnerOnRecordAttestationAccepted": True, "LineItems": list(lines)}, status=status)


def checkout(shop, made):
    return shop.post(f"/carts/{made['id']}/checkout", status=201)


def test_a_base_with_its_add_ons_looks_like_the_sample(shop, sample, misfits):
    made = cart(shop, base_line())
    assert misfits(sample("create-a-cart-with-add-ons", 0), made) == []
    (line,) = made["lineItems"]
    assert (line["catalogItemId"], line["orderGroup"], line["quantity"]) == (OLD_BASE.upper(), "OMS-0", 3)
    (addon,) = line["addonItems"]
    assert (addon["id"], addon["quantity"], addon["orderGroup"], addon["currencyCode"]) == (1, 2, "OMS-0", "EUR")
    assert "pricing" not in line


def test_the_checkout_makes_one_order_and_the_add_on_hangs_on_the_new_base(shop):
    made = cart(shop, base_line())
    (order,) = checkout(shop, made)["orders"]
    assert len(order["id"]) == 36, "traditional orders have GUIDs"
    assert order["attributes"]["etag"]
    base, addon = order["lineItems"]
    assert (base["quantity"], base["friendlyName"], addon["quantity"]) == (3, "Myofferpurchase", 2)
    assert addon["parentSubscriptionId"] == base["subscriptionId"]
    children = shop.get(f"/subscriptions/{base['subscriptionId']}/addons")["items"]
    assert [one["id"] for one in children] == [addon["subscriptionId"]]
    assert children[0]["links"]["parentSubscription"]["uri"].endswith(base["subscriptionId"])
    assert checkout(shop, made)["orders"] == [order], "repeating it buys nothing"
    assert len([one for one in shop.get("/orders")["items"] if one["id"] == order["id"]]) == 1
    assert shop.get(f"/carts/{made['id']}")["status"] == "Ordered"


def test_an_add_on_to_a_base_the_customer_has(shop, sample, misfits):
    context = {"ParentSubscriptionId": BASE_SUB.upper()}
    line = {
        "Id": 0,
        "CatalogItemId": OLD_ADDON,
        "Quantity": 1,
        "BillingCycle": "annual",
        "ProvisioningContext": context,
    }
    made = cart(shop, line)
    assert misfits(sample("create-a-cart-with-add-ons", 1), made) == []
    assert made["lineItems"][0]["provisioningContext"] == {"parentSubscriptionId": BASE_SUB.upper()}
    (order,) = checkout(shop, made)["orders"]
    assert (order["billingCycle"], order["lineItems"][0]["parentSubscriptionId"]) == ("annual", BASE_SUB)
    held = [one["id"] for one in shop.get(f"/subscriptions/{BASE_SUB}/addons")["items"]]
    assert order["lineItems"][0]["subscriptionId"] in held


def test_traditional_and_modern_lines_of_one_cart_are_orders_of_their_own(shop):
    usage = {"id": 0, "catalogItemId": OLD_AZURE, "quantity": 1, "billingCycle": "monthly", "termDuration": "P1Y"}
    modern = {"id": 1, "catalogItemId": shop.item(), "quantity": 1, "billingCycle": "monthly", "termDuration": "P1Y"}
    yearly = {"id": 2, "catalogItemId": OLD_BIGGER, "quantity": 4, "billingCycle": "annual"}
    made = cart(shop, usage, modern, yearly)
    assert [line["orderGroup"] for line in made["lineItems"]] == ["OMS-0", "0", "OMS-1"]
    assert made["lineItems"][0]["termDuration"] == "P1Y"
    orders = checkout(shop, made)["orders"]
    assert [order["lineItems"][0]["offerId"] for order in orders] == [OLD_AZURE, modern["catalogItemId"], OLD_BIGGER]
    assert [order["billingCycle"] for order in orders] == ["monthly", "monthly", "annual"]
    assert shop.get(f"/subscriptions/{orders[0]['lineItems'][0]['subscriptionId']}")["billingType"] == "usage"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"catalogItemId": "11111111-2222-3333-4444-555555555555"}, 10001),
        ({"catalogItemId": OLD_ADDON}, 10010),
        ({"catalogItemId": OLD_ADDON, "provisioningContext": {"parentSubscriptionId": SANDBOX}}, 10007),
        ({"catalogItemId": OLD_BIGGER, "provisioningContext": {"parentSubscriptionId": BASE_SUB}}, 10006),
        ({"quantity": 10_000_001}, 10015),
    ],
)
def test_what_is_wrong_with_a_line_stays_in_the_cart(shop, line, expected):
    given = {"id": 0, "catalogItemId": OLD_BIGGER, "quantity": 1, "billingCycle": "monthly", **line}
    assert cart(shop, given)["lineItems"][0]["error"]["errorCode"] == expected


def test_an_error_of_an_add_on_keeps_its_whole_group_from_being_ordered(shop):
    wrong = {"Id": 1, "CatalogItemId": OLD_BIGGER, "Quantity": 1, "BillingCycle": "monthly"}
    other = {"Id": 2, "CatalogItemId": OLD_LONE, "Quantity": 1, "BillingCycle": "monthly"}
    made = cart(shop, base_line(AddonItems=[wrong]), {**other, "BillingCycle": "Monthly"})
    assert "error" not in made["lineItems"][0]
    assert made["lineItems"][0]["addonItems"][0]["error"]["errorCode"] == 10006
    result = checkout(shop, made)
    assert result["orders"] == []
    assert [(one["orderGroupId"], one["code"]) for one in result["orderErrors"]] == [("OMS-0", 800029)]
    assert shop.get(f"/carts/{made['id']}")["status"] == "Active"


def test_base_and_add_on_have_one_billing_cycle(shop):
    addon = {"Id": 1, "CatalogItemId": OLD_ADDON, "Quantity": 2, "BillingCycle": "annual"}
    made = cart(shop, base_line(AddonItems=[addon]))
    assert made["lineItems"][0]["addonItems"][0]["error"]["errorCode"] == 10010
    assert checkout(shop, made)["orderErrors"][0]["code"] == 800085


def test_what_no_traditional_cart_can_be_made_of(shop):
    def refused(line):
        body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
        return code(shop.call("POST", "/carts", body))

    assert refused(base_line(Quantity=0)) == (400, 2002)
    assert refused(base_line(BillingCycle="triennial")) == (400, 900269)
    assert refused(base_line(AddonItems=7)) == (400, 800002)
    assert refused(base_line(AddonItems=[{"Id": 0, "CatalogItemId": OLD_ADDON, "Quantity": 1}])) == (400, 800009)
    modern = {"id": 0, "catalogItemId": shop.item(), "quantity": 1, "billingCycle": "monthly", "termDuration": "P1Y"}
    assert refused({**modern, "addonItems": [{"catalogItemId": OLD_ADDON, "quantity": 1}]}) == (400, 800002)


def test_the_reseller_of_a_base_stands_on_its_add_ons(shop):
    people = [{"key": "transaction_reseller", "value": "1234567"}]
    (order,) = checkout(shop, cart(shop, base_line(Participants=people)))["orders"]
    assert [line["partnerIdOnRecord"] for line in order["lineItems"]] == ["1234567", "1234567"]
    child = shop.get(f"/subscriptions/{order['lineItems'][1]['subscriptionId']}")
    assert child["partnerId"] == "1234567"


def test_a_replaced_cart_buys_what_it_holds_then(shop):
    made = cart(shop, base_line())
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [base_line(Quantity=9, AddonItems=[])]}
    changed = shop.call("PUT", f"/carts/{made['id']}", body).json()
    assert "addonItems" not in changed["lineItems"][0]
    (order,) = checkout(shop, made)["orders"]
    assert [line["quantity"] for line in order["lineItems"]] == [9]


def test_rule_43_an_add_on_in_a_cart_needs_an_active_base(shop):
    context = {"parentSubscriptionId": BASE_SUB}
    line = {"id": 0, "catalogItemId": OLD_ADDON, "quantity": 1, "billingCycle": "monthly"}
    line["provisioningContext"] = context
    good = cart(shop, line)
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    assert cart(shop, line)["lineItems"][0]["error"]["errorCode"] == 10007
    assert checkout(shop, good)["orderErrors"][0]["code"] == 27009, "the base was active when the cart was made"
    assert shop.patch(BASE_SUB, status="active").status_code == 200
    assert len(checkout(shop, good)["orders"]) == 1


def test_rule_43_an_order_of_an_add_on_under_an_inactive_base(shop):
    line = {"lineItemNumber": 0, "offerId": OLD_ADDON, "parentSubscriptionId": BASE_SUB, "quantity": 1}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    assert code(shop.call("POST", "/orders", body)) == (409, 27009)
    assert shop.patch(BASE_SUB, status="active").status_code == 200
    assert shop.post("/orders", body, status=201)["lineItems"][0]["parentSubscriptionId"] == BASE_SUB


def test_rule_27_a_traditional_order_waits_for_the_list_too(shop):
    shop.switch(order_list_lag_seconds=900)
    (order,) = checkout(shop, cart(shop, base_line()))["orders"]
    assert order["id"] not in {one["id"] for one in shop.get("/orders")["items"]}
    shop.advance("PT15M")
    assert order["id"] in {one["id"] for one in shop.get("/orders")["items"]}


def test_rule_53_a_sandbox_counts_base_and_add_ons(open_shop):
    shop = open_shop(SANDBOX)
    line = cart(shop, base_line(Quantity=26))["lineItems"][0]
    assert line["error"]["errorCode"] == 10009


def test_rule_27_a_traditional_order_waits_for_its_subscriptions(shop):
    shop.switch(provisioning_lag_seconds=600)
    (order,) = checkout(shop, cart(shop, base_line()))["orders"]
    assert order["status"] == "pending"
    assert not any("subscriptionId" in line for line in order["lineItems"])
    before = len(shop.get("/subscriptions")["items"])
    shop.advance("PT10M")
    done = shop.get(f"/orders/{order['id']}")
    assert done["status"] == "completed"
    assert done["lineItems"][1]["parentSubscriptionId"] == done["lineItems"][0]["subscriptionId"]
    assert len(shop.get("/subscriptions")["items"]) == before + 2
