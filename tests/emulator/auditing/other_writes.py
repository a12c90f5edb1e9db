"""Calls whose method writes and that leave no record, each with the reason; and the writes of the other hosts."""

from __future__ import annotations

from typing import Any

from writes import C, Call, elsewhere, writes

SUITE = "CFQ7TTAB12CD"
HOST, GRAPH = "api.partner.microsoft.com", "graph.microsoft.com"
HOOK = {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": ["test-created"]}
NOTHING = "it reads: the method is POST because the question needs a body"
NO_NAME = "no operation type is documented for it"
FILE = "it orders a file of what is there and changes nothing"
_PRODUCT = f"{C}/products"


@writes("POST", "/v1/validations/address", reason=NOTHING)
def address(shop: Any) -> Call:
    body = {"addressLine1": "1 Way", "city": "R", "state": "WA", "postalCode": "98052", "country": "US"}
    return lambda: shop.call("POST", "/v1/validations/address", body)


@writes("POST", f"{C}/promotionEligibilities", reason=NOTHING)
def promotions(shop: Any) -> Call:
    line = {"id": 0, "catalogItemId": shop.item(), "quantity": 1, "billingCycle": "monthly", "termDuration": "P1Y"}
    return lambda: shop.call("POST", "/promotionEligibilities", {"items": [line]})


@writes("POST", "/v1/extensions/product/checkInventory", reason=NOTHING)
def inventory(shop: Any) -> Call:
    body = {"TargetItems": [{"ProductId": "DZH318Z0BPS6"}], "InventoryContext": {"customerId": shop.customer,
            "azureSubscriptionId": "x", "armRegionName": "westus", "armSkuName": "x"}}  # fmt: skip  # one body
    return lambda: shop.call("POST", "/v1/extensions/product/checkInventory?country=DE", body)


def _catalogue(path: str, sent: str) -> None:
    @writes("POST", _PRODUCT + path, reason="the page prints POST for a read of the catalogue")
    def read(shop: Any) -> Call:
        item = shop.item().split(":")[2]
        return lambda: shop.call("POST", f"/products{sent.format(item=item)}")


_catalogue("", "?targetView=OnlineServices")
_catalogue("/{product_id}", f"/{SUITE}")
_catalogue("/{product_id}/skus", f"/{SUITE}/skus")
_catalogue("/{product_id}/skus/{sku_id}", f"/{SUITE}/skus/0001")
_catalogue("/{product_id}/skus/{sku_id}/availabilities", f"/{SUITE}/skus/0001/availabilities")
_catalogue(
    "/{product_id}/skus/{sku_id}/availabilities/{availability_id}", f"/{SUITE}/skus/0001/availabilities/{{item}}"
)


def _generate(path: str) -> None:
    @writes(
        "POST", path, reason="a token is issued; nothing of the partner changes", old_exchange_path_until="9999-01-01"
    )
    def exchange(shop: Any) -> Call:
        bearer = {
            "Authorization": f"Bearer {shop.bearer('https://api.partnercenter.microsoft.com', shop.partner, True)}"
        }
        return lambda: shop.send(method="POST", url=path, headers=bearer, data={"grant_type": "jwt_token"})


_generate("/generatetoken")
_generate("/v3/generatetoken")


@writes("POST", "/webhooks/v1/registration", reason=NO_NAME)
def hook(shop: Any) -> Call:
    return lambda: shop.call("POST", "/webhooks/v1/registration", HOOK)


@writes("PUT", "/webhooks/v1/registration", reason=NO_NAME)
def hook_change(shop: Any) -> Call:
    shop.post("/webhooks/v1/registration", HOOK)
    return lambda: shop.call("PUT", "/webhooks/v1/registration", HOOK)


@writes("POST", "/webhooks/v1/registration/validationEvents", reason=NO_NAME)
def hook_test(shop: Any) -> Call:
    shop.switch(webhook_delay_seconds=3600)  # nobody listens there
    shop.post("/webhooks/v1/registration", HOOK)
    return lambda: shop.call("POST", "/webhooks/v1/registration/validationEvents")


@writes("PATCH", "/v1/servicerequests/{request_id}", reason=NO_NAME)
def service_request(shop: Any) -> Call:
    action = {"action": "open-service-request", "partner": shop.partner, "customer": shop.customer}
    id = shop.control("POST", "actions", action).json()["id"]
    return lambda: shop.call("PATCH", f"/v1/servicerequests/{id}", {"status": "closed"})


@writes("POST", "/v1/fraudEvents/subscription/{subscription_id}/status", reason=NO_NAME)
def fraud(shop: Any) -> Call:
    action = {"action": "raise-fraud-event", "partner": shop.partner, "customer": shop.customer}
    raised = shop.control("POST", "actions", action).json()
    body = {"EventIds": [raised["eventId"]], "EventStatus": "Resolved", "ResolvedReason": "Fraud"}
    return lambda: shop.call("POST", f"/v1/fraudEvents/subscription/{raised['subscriptionId']}/status", body)


def _export(name: str, body: dict[str, Any]) -> None:
    path = f"/v1.0/reports/partners/billing/{name}/export"

    @writes("POST", path, reason=FILE)
    def export(shop: Any) -> Call:
        if "invoiceId" in body:
            shop.buy()
            shop.advance("P2M")
            body["invoiceId"] = shop.get("/v1/invoices")["items"][0]["id"]
        return lambda: elsewhere(shop, GRAPH, "POST", path, body)


_export("reconciliation/billed", {"invoiceId": "", "attributeSet": "full"})
_export("reconciliation/unbilled", {"billingPeriod": "current", "currencyCode": "EUR", "attributeSet": "full"})
_export("usage/billed", {"invoiceId": "", "attributeSet": "full"})
_export("usage/unbilled", {"billingPeriod": "current", "currencyCode": "EUR", "attributeSet": "full"})

REFERRALS = "/v1.0/engagements/referrals"


def _lead(shop: Any) -> Any:
    profile = {"name": "Contoso", "size": "10to50employees", "address": {"country": "US", "city": "Redmond"}}
    body = {"name": "Co-sell", "type": "Shared", "qualification": "SalesQualified", "customerProfile": profile}
    return elsewhere(shop, HOST, "POST", REFERRALS, body)


@writes("POST", REFERRALS, "create_referral")
def referral(shop: Any) -> Call:
    return lambda: _lead(shop)


@writes("PATCH", f"{REFERRALS}/{{referral_id}}", "update_referral")
def referral_change(shop: Any) -> Call:
    id = _lead(shop).json()["id"]
    change = [{"op": "replace", "path": "/name", "value": "Other"}]
    return lambda: elsewhere(shop, HOST, "PATCH", f"{REFERRALS}/{id}", change)


def _payouts(name: str) -> None:
    path = f"/v1.0/payouts/{name}"

    @writes("POST", path, reason=FILE)
    def queue(shop: Any) -> Call:
        return lambda: elsewhere(shop, HOST, "POST", path)

    @writes("DELETE", f"{path}/{{request_id}}", reason=FILE)
    def forget(shop: Any) -> Call:
        id = elsewhere(shop, HOST, "POST", path).json()["value"][0]["requestId"]
        return lambda: elsewhere(shop, HOST, "DELETE", f"{path}/{id}")


_payouts("transactionhistory")
_payouts("payments")
