"""Purchase orders, activation links, entitlements, the cancel matrix and sandbox quotas; rules 28, 29, 53."""

from __future__ import annotations

import json

TOOLS, AZURE = "DG7GMGF0DWT0", "DZH318Z0BPS6"
SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
PRICE = {"isPartofTender": False, "customerPrice": "156.87", "currency": "CAD"}


def code(answer):
    return answer.status_code, answer.json()["code"]


def attach(shop, order, metadata, **files):
    parts = [(name, (f"{name}.pdf", b"x" * 2048, "application/pdf")) for name in files]
    data = {"metadata": json.dumps(metadata)}
    return shop.call("POST", f"/orders/{order['id']}/attachment", data=data, files=parts)


def software(shop, sku="0001", **more):
    term = {"termDuration": None} if sku == "0001" else {"termDuration": "P3Y"}
    return shop.order(f"{TOOLS}:{sku}", billingCycle="one_time", **{**term, "quantity": 1, **more})


def test_an_order_waits_for_its_purchase_order(shop, sample, misfits):
    shop.switch(require_purchase_order=True)
    order = shop.order()
    assert order["status"] == "pending_po_upload"
    assert misfits(sample("pending-po-upload"), order) == []
    answer = attach(shop, order, {**PRICE, "isPartofTender": True}, pofiles=1, tenderfiles=1)
    assert answer.status_code == 201, answer.text
    documented = sample("attaching-purchase-order-and-completing-po-details")
    assert misfits(documented, answer.json()) == []
    kinds = [(one["fileName"], one["attachmentType"], one["sizeInKB"]) for one in answer.json()["items"]]
    assert kinds == [("pofiles.pdf", "POAttachment", 2), ("tenderfiles.pdf", "TenderAttachment", 2)]
    after = shop.get(f"/orders/{order['id']}")
    assert after["status"] == "po_upload_complete"
    assert misfits(sample("po-upload-complete-status"), after) == []
    assert shop.audited("update_order")


def test_what_a_purchase_order_must_have(shop):
    shop.switch(require_purchase_order=True)
    order = shop.order()
    assert code(attach(shop, order, PRICE, tenderfiles=1)) == (400, 900252)
    assert code(attach(shop, order, {**PRICE, "isPartofTender": True}, pofiles=1)) == (400, 900253)
    assert code(attach(shop, order, {"currency": "CAD"}, pofiles=1)) == (400, 900254)
    shop.switch(require_purchase_order=None)
    assert code(attach(shop, shop.order(), PRICE, pofiles=1)) == (400, 900141)


def test_activation_links_per_line(shop, sample, misfits):
    order = software(shop)
    body = shop.get(f"/orders/{order['id']}/lineitems/0/activationlinks")
    assert misfits(sample("get-activation-link-by-order-line-item"), body) == []
    assert code(shop.call("GET", f"/orders/{order['id']}/lineitems/7/activationlinks")) == (400, 800071)


def test_entitlements_are_software_and_reservations(shop):
    shop.order()
    order = software(shop, quantity=3)
    (one,) = shop.get("/entitlements?entitlementType=software&showExpiry=true")["items"]
    assert (one["referenceOrder"]["id"], one["quantity"], one["productId"]) == (order["id"], 3, TOOLS)
    assert "expiryDate" not in shop.get("/entitlements")["items"][0]
    assert shop.get("/entitlements?entitlementType=reservedInstance")["items"] == []
    assert code(shop.call("GET", "/entitlements", user=False)) == (403, 900329)


def test_rule_28_two_orders_are_two_orders(shop):
    before = len(shop.get("/orders")["items"])
    assert shop.order()["id"] != shop.order()["id"]
    assert len(shop.get("/orders")["items"]) == before + 2


def cancel(shop, order, **more):
    return shop.call("PATCH", f"/orders/{order['id']}", {"id": order["id"], "status": "cancelled", **more})


def test_rule_29_perpetual_software_is_cancelled_through_its_order(shop, sample, misfits):
    order = software(shop)
    answer = cancel(shop, order)
    assert answer.status_code == 200, answer.text
    documented = sample("cancel-an-order-from-the-integration-sandbox")
    assert misfits(documented, answer.json(), "lineItems.termDuration") == []
    assert (answer.json()["status"], answer.json()["lineItems"][0]["quantity"]) == ("cancelled", 0)
    id = order["lineItems"][0]["subscriptionId"]
    assert shop.get(f"/subscriptions/{id}")["status"] == "deleted"
    assert code(cancel(shop, order)) == (400, 800061)


def test_rule_29_one_line_of_an_order(shop, sample, misfits):
    lines = [
        {"lineItemNumber": n, "offerId": shop.item(f"{TOOLS}:0002"), "quantity": 1, "termDuration": "P3Y"}
        for n in range(2)
    ]
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "one_time", "lineItems": lines}
    order = shop.post("/orders", body, status=201)
    answer = cancel(shop, order, lineItems=[{"lineItemNumber": 0, "offerId": lines[0]["offerId"]}]).json()
    but = ("client.marketplaceCountry", "client.deviceFamily", "client.name")
    assert misfits(sample("cancel-software-purchases"), answer, *but) == []
    assert answer["status"] == "completed"
    assert [line["quantity"] for line in answer["lineItems"]] == [0, 1]


def test_rule_29_windows_of_the_matrix(shop):
    perpetual, subscription = software(shop), software(shop, "0002")
    shop.advance("P8D")
    assert code(cancel(shop, subscription)) == (400, 900117)
    assert cancel(shop, perpetual).status_code == 200
    late = software(shop)
    shop.advance("P31D")
    assert code(cancel(shop, late)) == (400, 900117)


def test_rule_29_what_an_order_cannot_cancel(shop):
    assert code(cancel(shop, shop.order())) == (400, 800063)
    plan = shop.order(f"{AZURE}:0001", quantity=1, termDuration=None, billingCycle="one_time")
    assert code(cancel(shop, plan)) == (400, 800061)
    shop.seed(
        {
            "catalogue": [
                {
                    "productId": "DZH318Z0SAAS",
                    "title": "Market thing",
                    "productType": "SaaS",
                    "skus": [{"id": "0001", "terms": [{"duration": "P1M", "billingCycle": "monthly"}]}],
                },
                {
                    "productId": "DZH318Z0BQ4B",
                    "title": "Reserved",
                    "productType": {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines"}},
                    "skus": [{"id": "0047", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}],
                },
            ]
        }
    )
    assert code(cancel(shop, shop.order("DZH318Z0SAAS:0001", termDuration="P1M"))) == (403, 800077)
    reserved = shop.order("DZH318Z0BQ4B:0047", billingCycle="one_time", quantity=1)
    assert code(cancel(shop, reserved)) == (403, 800019)


def test_rule_29_sandbox_orders_of_more_than_60_days_stay(open_shop):
    shop = open_shop(SANDBOX)
    order = software(shop)
    shop.advance("P61D")
    assert code(cancel(shop, order)) == (400, 800061)


def test_rule_53_licences_and_subscriptions_of_a_sandbox_customer(open_shop):
    shop = open_shop(SANDBOX)
    assert shop.order(quantity=26, status=400)["code"] == 800018
    line = {"id": 0, "catalogItemId": shop.item(), "quantity": 26, "termDuration": "P1Y", "billingCycle": "monthly"}
    cart = shop.post("/carts", {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}, status=201)
    assert cart["lineItems"][0]["error"]["errorCode"] == 10009
    bought = [shop.buy(quantity=25) for _ in range(5)]
    assert shop.order(quantity=1, status=400)["code"] == 800018
    assert code(shop.patch(bought[0]["id"], quantity=26)) == (400, 800018)


def test_rule_53_azure_plans_of_a_sandbox_customer(open_shop):
    shop = open_shop(SANDBOX)
    shop.plan()
    again = shop.order(f"{AZURE}:0001", quantity=1, termDuration=None, billingCycle="one_time", status=400)
    assert again["code"] == 900116


def test_a_licence_order_is_not_changed(shop):
    order = shop.order()
    assert code(shop.call("PATCH", f"/orders/{order['id']}", {"billingCycle": "annual"})) == (400, 900141)
