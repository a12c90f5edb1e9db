"""Writes about purchases, subscriptions and their moves."""

from __future__ import annotations

import json
from typing import Any

from writes import OURS, SANDBOX, THEIRS, C, Call, S, writes

SUITE, AZURE, TOOLS = "CFQ7TTAB12CD", "DZH318Z0BPS6", "DG7GMGF0DWT0"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
TRIAL_SUB, OLD_AZURE = "488745b5-2086-4912-802c-6abb9f7c3638", "a356ac8c-e310-44f4-bf85-c7f29044af99"
BOTH = {"currentSubscriptionId": BASE_SUB, "addOnMigrations": [{"currentSubscriptionId": ADDON_SUB}]}
MOVES, SCHEDULES = "/migrations/newcommerce", "/migrations/newcommerce/schedules"
DRAFT = "a cart is a draft; its checkout is recorded as create_order"
NOTHING = "it reads: the method is POST because the question needs a body"


def cart_body(shop: Any) -> dict[str, Any]:
    line = {"id": 0, "catalogItemId": shop.item(), "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    return {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}


@writes("POST", f"{C}/carts", reason=DRAFT)
def cart(shop: Any) -> Call:
    body = cart_body(shop)
    return lambda: shop.call("POST", "/carts", body)


@writes("PUT", f"{C}/carts/{{cart_id}}", reason=DRAFT)
def cart_change(shop: Any) -> Call:
    made = shop.post("/carts", cart_body(shop), status=201)
    return lambda: shop.call("PUT", f"/carts/{made['id']}", {**made, **cart_body(shop)})


@writes("POST", f"{C}/carts/{{cart_id}}/checkout", "create_order")
def checkout(shop: Any) -> Call:
    made = shop.post("/carts", cart_body(shop), status=201)
    return lambda: shop.call("POST", f"/carts/{made['id']}/checkout")


@writes("POST", f"{C}/orders", "create_order")
def order(shop: Any) -> Call:
    line = {"lineItemNumber": 0, "offerId": shop.item(), "quantity": 10, "termDuration": "P1Y"}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
    return lambda: shop.call("POST", "/orders", body)


@writes("PATCH", f"{C}/orders/{{order_id}}", "update_order")
def order_cancel(shop: Any) -> Call:
    made = shop.order(f"{TOOLS}:0001", billingCycle="one_time", termDuration=None, quantity=1)
    return lambda: shop.call("PATCH", f"/orders/{made['id']}", {"id": made["id"], "status": "cancelled"})


@writes("POST", f"{C}/orders/{{order_id}}/attachment", "update_order", require_purchase_order=True)
def attachment(shop: Any) -> Call:
    made = shop.order()
    data = {"metadata": json.dumps({"isPartofTender": False, "customerPrice": "156.87", "currency": "CAD"})}
    files = [("pofiles", ("p.pdf", b"x" * 2048, "application/pdf"))]
    return lambda: shop.call("POST", f"/orders/{made['id']}/attachment", data=data, files=files)


@writes("PATCH", S, "update_subscription")
def subscription(shop: Any) -> Call:
    bought = shop.buy()
    return lambda: shop.call("PATCH", f"/subscriptions/{bought['id']}", {**bought, "quantity": 12})


@writes("POST", f"{S}/transitions", "upgrade_subscription")
def transition(shop: Any) -> Call:
    source = shop.buy()
    body = {"fromCatalogItemId": source["offerId"], "fromSubscriptionId": source["id"], "quantity": 10,
            "toCatalogItemId": shop.item(f"{SUITE}:0002"), "transitionType": "transition_only"}  # fmt: skip  # one body
    return lambda: shop.call("POST", f"/subscriptions/{source['id']}/transitions", body)


@writes("POST", f"{S}/conversions", "convert_trial_subscription")
def conversion(shop: Any) -> Call:
    path = f"/subscriptions/{TRIAL_SUB}/conversions"
    body = {**shop.get(path)["items"][0], "billingCycle": "annual"}
    return lambda: shop.call("POST", path, body)


@writes("POST", f"{S}/upgrades", "upgrade_subscription")
def upgrade(shop: Any) -> Call:
    path = f"/subscriptions/{BASE_SUB}/upgrades"
    body = {**shop.get(path)["items"][0], "upgradeType": 1}
    return lambda: shop.call("POST", path, body)


@writes("PUT", f"{S}/supportcontact", "update_subscription")
def support_contact(shop: Any) -> Call:
    wanted = {"supportTenantId": "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01", "supportMpnId": "1234567", "name": "Trey"}
    return lambda: shop.call("PUT", f"/subscriptions/{BASE_SUB}/supportcontact", wanted)


def _entitlement(shop: Any) -> str:
    plan = shop.plan()
    path = f"/subscriptions/{plan['id']}/azureEntitlements"
    return f"{path}/{shop.get(path)['items'][0]['id']}"


@writes("POST", f"{S}/azureEntitlements/{{entitlement_id}}", reason=NOTHING)
def entitlement(shop: Any) -> Call:
    path = _entitlement(shop)
    return lambda: shop.call("POST", path)


@writes("POST", f"{S}/azureEntitlements/{{entitlement_id}}/cancel", "update_subscription")
def entitlement_cancel(shop: Any) -> Call:
    path = _entitlement(shop)
    return lambda: shop.call("POST", f"{path}/cancel", {"cancellationReason": "compromise"})


@writes("POST", f"{S}/azureEntitlements/{{entitlement_id}}/reactivate", "update_subscription")
def entitlement_back(shop: Any) -> Call:
    path = _entitlement(shop)
    shop.post(f"{path}/cancel", {"cancellationReason": "compromise"})
    return lambda: shop.call("POST", f"{path}/reactivate")


@writes("POST", f"{S}/registrations", "update_subscription")
def registration(shop: Any) -> Call:
    plan = shop.plan()
    return lambda: shop.call("POST", f"/subscriptions/{plan['id']}/registrations")


@writes("POST", f"{S}/activate", "update_subscription", partner=SANDBOX)
def activate(shop: Any) -> Call:
    skus = [{"id": "0001", "terms": [{"duration": "P1M", "billingCycle": "monthly"}]}]
    thing = {"productId": "DZH318Z0SAAS", "title": "Market thing", "productType": "SaaS", "skus": skus}
    shop.seed({"catalogue": [thing]})
    bought = shop.buy("DZH318Z0SAAS:0001", termDuration="P1M")
    return lambda: shop.call("POST", f"/subscriptions/{bought['id']}/activate")


@writes("PUT", f"{C}/subscriptions/overage", "manage_overage")
def overage(shop: Any) -> Call:
    id = _entitlement(shop).rpartition("/")[2]
    body = {"azureEntitlementId": id, "partnerId": "1234567", "overageEnabled": True}
    return lambda: shop.call("PUT", "/subscriptions/overage", body)


def _old_azure(shop: Any) -> dict[str, str]:
    shop.seed({"legacySubscriptions": [
        {"partner": OURS, "customer": shop.customer, "offerId": "MS-AZR-0145P", "id": OLD_AZURE}]})  # fmt: skip  # one
    return {"customerId": shop.customer, "productFamily": "azure"}


@writes("POST", "/v1/productUpgrades", "upgrade_subscription")
def product_upgrade(shop: Any) -> Call:
    wanted = _old_azure(shop)
    return lambda: shop.call("POST", "/v1/productUpgrades", wanted)


@writes("POST", "/v1/productUpgrades/eligibility", reason=NOTHING)
def upgrade_eligibility(shop: Any) -> Call:
    wanted = _old_azure(shop)
    return lambda: shop.call("POST", "/v1/productUpgrades/eligibility", wanted)


@writes("POST", "/v1/productUpgrades/{upgrade_id}/status", reason=NOTHING)
def upgrade_status(shop: Any) -> Call:
    wanted = _old_azure(shop)
    path = "/v1" + shop.call("POST", "/v1/productUpgrades", wanted).headers["location"]
    return lambda: shop.call("POST", path, wanted)


@writes("POST", f"{C}{MOVES}/validate", reason=NOTHING)
def migration_check(shop: Any) -> Call:
    return lambda: shop.call("POST", f"{MOVES}/validate", BOTH)


@writes("POST", f"{C}{MOVES}", "create_order")
def migration(shop: Any) -> Call:
    return lambda: shop.call("POST", MOVES, BOTH)


@writes("POST", f"{C}{SCHEDULES}", "update_subscription")
def schedule(shop: Any) -> Call:
    return lambda: shop.call("POST", SCHEDULES, {**BOTH, "migrateOnRenewal": True})


@writes("PUT", f"{C}{SCHEDULES}/{{schedule_id}}", "update_subscription")
def schedule_change(shop: Any) -> Call:
    made = shop.post(SCHEDULES, {**BOTH, "migrateOnRenewal": True})
    return lambda: shop.call("PUT", f"{SCHEDULES}/{made['id']}", {**made, "quantity": 9})


@writes("POST", f"{C}{SCHEDULES}/{{schedule_id}}/cancel", "update_subscription")
def schedule_end(shop: Any) -> Call:
    made = shop.post(SCHEDULES, {**BOTH, "migrateOnRenewal": True})
    return lambda: shop.call("POST", f"{SCHEDULES}/{made['id']}/cancel")


def _transfer() -> dict[str, Any]:
    return {"targetPartnerTenantId": THEIRS, "lineItems": [{"subscriptionId": BASE_SUB}]}


@writes("POST", f"{C}/transfers", "create_transfer")
def transfer(shop: Any) -> Call:
    return lambda: shop.call("POST", "/transfers", _transfer())


@writes("PATCH", f"{C}/transfers/{{transfer_id}}", "update_transfer")
def transfer_reject(shop: Any) -> Call:
    made = shop.post("/transfers", _transfer(), status=201)
    body = {"id": made["id"], "status": "reject"}
    return lambda: shop.call("PATCH", f"/transfers/{made['id']}", body, partner=THEIRS)


@writes("DELETE", f"{C}/transfers/{{transfer_id}}", "update_transfer")
def transfer_withdraw(shop: Any) -> Call:
    made = shop.post("/transfers", _transfer(), status=201)
    return lambda: shop.call("DELETE", f"/transfers/{made['id']}")


@writes("POST", f"{C}/transfers/{{transfer_id}}/accept", "update_transfer")
def transfer_accept(shop: Any) -> Call:
    made = shop.post("/transfers", _transfer(), status=201)
    return lambda: shop.call("POST", f"/transfers/{made['id']}/accept", partner=THEIRS)
