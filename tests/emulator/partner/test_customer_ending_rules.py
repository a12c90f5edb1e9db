"""The end of a customer, clause by clause: sandbox deletion, the end of a relationship, invitations (14, 15, 20)."""

from __future__ import annotations

from uuid import uuid4

import pytest

NONE = {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}
SOFTWARE, RESERVED = "DG7GMGF0DWT0", "DZH318Z0BQ4B"
GOODS = {
    "catalogue": [
        {"productId": SOFTWARE, "title": "Tools", "productType": "Software", "skus": [
            {"id": "0001", "title": "Tools CAL", "terms": [{"billingCycle": "one_time"}]},
            {"id": "0002", "title": "Tools 3 years", "terms": [{"duration": "P3Y", "billingCycle": "one_time"}]}]},
        {"productId": RESERVED, "title": "Reserved",
         "productType": {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines"}},
         "skus": [{"id": "0047", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}]},
    ],
}  # fmt: skip  # a table of goods
BLOCKING = [(SOFTWARE, "0001", None), (SOFTWARE, "0002", "P3Y"), (RESERVED, "0047", "P1Y")]


def order(office, product, sku, term):
    office.control("POST", "seed", GOODS)
    items = office.get(f"/v1/products/{product}/skus/{sku}/availabilities?country=US")["items"]
    line = {"lineItemNumber": 0, "offerId": items[0]["catalogItemId"], "quantity": 1, "termDuration": term}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "one_time", "lineItems": [line]}
    made = office.call("POST", "/orders", body)
    assert made.status_code == 201, made.text
    return made.json()


def cancel(office, made):
    answer = office.call("PATCH", f"/orders/{made['id']}", {**made, "status": "canceled"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("product", "sku", "term"), BLOCKING)
def test_rule_14_software_and_reservations_block_a_deletion(sandbox, product, sku, term):
    made = order(sandbox, product, sku, term)
    assert sandbox.refused("DELETE", "") == (400, 800002)
    cancel(sandbox, made)
    assert sandbox.call("DELETE", "").status_code == 204


@pytest.mark.parametrize(("product", "sku", "term"), BLOCKING)
def test_rule_15_software_and_reservations_block_the_end_of_a_relationship(sandbox, product, sku, term):
    made = order(sandbox, product, sku, term)
    assert sandbox.refused("PATCH", "", NONE) == (400, 800002)
    cancel(sandbox, made)
    assert sandbox.call("PATCH", "", NONE).status_code == 200


def new_customer(sandbox, domain="made.onmicrosoft.com", line="1 Way"):
    address = {"country": "US", "state": "WA", "city": "Redmond", "addressLine1": line, "postalCode": "98052"}
    billing = {"culture": "en-US", "email": "i@example.org", "language": "en", "companyName": "New"}
    body = {"companyProfile": {"domain": domain}, "billingProfile": {**billing, "defaultAddress": address}}
    return sandbox.call("POST", "/v1/customers", body)


def test_rule_14_a_deletion_purges_the_tenant_and_frees_its_place(sandbox):
    sandbox.switch(sandbox_customers=2)
    made = new_customer(sandbox).json()
    one = f"/v1/customers/{made['id']}"
    contact = {"firstName": "T", "lastName": "C", "email": "s@example.com"}
    template = sandbox.get("/v1/agreements?agreementType=MicrosoftCustomerAgreement")["items"][0]["templateId"]
    agreed = {"primaryContact": contact, "templateId": template, "type": "MicrosoftCustomerAgreement"}
    assert sandbox.call("POST", f"{one}/agreements", {**agreed, "dateAgreed": "2026-03-01"}).status_code == 201
    assert sandbox.call("POST", f"{one}/qualifications", {"qualification": "StateOwnedEntity"}).status_code == 201
    assert new_customer(sandbox, "other.onmicrosoft.com").json()["code"] == 800018
    assert sandbox.call("DELETE", one).status_code == 204
    for path in ("", "/agreements", "/qualifications", "/subscriptions", "/profiles/billing"):
        assert sandbox.refused("GET", one + path) == (404, 60003)
    held = sandbox.control("GET", "dump").json()["documents"]
    assert {kind for kind in held for row in held[kind] if row["parent"] == made["id"]} == {"audit"}
    assert new_customer(sandbox, "made.onmicrosoft.com").status_code == 201, "the domain and the place are free"


def test_rule_14_a_subscription_that_was_purged_never_comes_due(sandbox):
    items = sandbox.get("/v1/products/CFQ7TTAB12CD/skus/0001/availabilities?country=US")["items"]
    line = {"lineItemNumber": 0, "offerId": items[0]["catalogItemId"], "quantity": 1, "termDuration": "P1Y"}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
    assert sandbox.call("POST", "/orders", body).status_code == 201
    assert sandbox.call("DELETE", "").status_code == 204
    sandbox.advance("P2Y")
    assert sandbox.store.count("subscription", sandbox.partner) == 0


def test_rule_14_a_customer_with_an_invalid_address_stays_for_ever(sandbox):
    made = new_customer(sandbox, line="1 Nowhere Street").json()
    assert sandbox.refused("DELETE", f"/v1/customers/{made['id']}") == (400, 800002)
    assert sandbox.call("GET", f"/v1/customers/{made['id']}").status_code == 200


def test_rule_14_production_refuses_and_keeps_the_customer(office):
    assert office.refused("DELETE", "") == (403, 900127)
    assert office.call("GET", "").status_code == 200
    assert office.audited() == []


def test_rule_14_deletion_works_with_an_app_only_token(sandbox):
    assert sandbox.call("DELETE", "", app_only=True).status_code == 204


def test_rule_15_the_page_prints_the_address_with_a_slash(open_office):
    office = open_office(removal_needs_suspension=False)
    assert office.call("PATCH", "/", NONE).status_code == 200


def test_rule_15_nothing_else_of_a_customer_can_be_patched(office):
    for body in ({"relationshipToPartner": "advisor"}, {"allowDelegatedAccess": True}, {"companyProfile": {}}, {}):
        assert office.refused("PATCH", "", body) == (400, 800002), body


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", NONE),
        ("GET", "/profiles/billing", None),
        ("GET", "/profiles/company", None),
        ("GET", "/orders", None),
        ("POST", "/orders", {"lineItems": []}),
        ("POST", "/carts", {"lineItems": []}),
        ("GET", "/agreements", None),
        ("GET", "/users", None),
        ("GET", "/usagebudget", None),
        ("GET", "/qualifications", None),
    ],
)
def test_rule_15_every_later_call_is_403_20002(open_office, method, path, body):
    office = open_office(removal_needs_suspension=False)
    assert office.call("PATCH", "", NONE).status_code == 200
    assert office.refused(method, path, body) == (403, 20002)


def test_the_end_of_delegated_access_shows_in_the_customer(office):
    kept = office.store.get("customer", office.partner, office.customer[-36:])
    office.store.put("customer", office.partner, kept["id"], {**kept, "allowDelegatedAccess": True})
    assert office.get("")["allowDelegatedAccess"] is True
    assert office.call("PATCH", "", {"allowDelegatedAccess": False}).status_code == 200
    assert office.get("")["allowDelegatedAccess"] is False


def test_rule_20_an_invitation_names_the_partner_and_the_reseller_asked_for(office):
    plain = office.get("/v1/customers/relationshiprequests")
    assert set(plain) == {"url", "attributes"} and plain["attributes"] == {"objectType": "RelationshipRequest"}
    reseller = str(uuid4())
    named = office.get(f"/v1/customers/relationshiprequests?indirectResellerId={reseller}")["url"]
    assert reseller in named and office.partner in named
    assert "agreement" not in named


def test_rule_20_a_customer_of_a_reseller_is_told_twice(office):
    wanted = ["reseller-relationship-accepted-by-customer", "indirect-reseller-relationship-accepted-by-customer"]
    hook = {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": wanted}
    office.switch(webhook_delay_seconds=3600)  # nobody listens there
    office.call("POST", "/webhooks/v1/registration", hook)
    office.act("accept-relationship", customer={"domain": "own.onmicrosoft.com"})
    assert names(office) == wanted[:1]
    id = office.act("accept-relationship", customer={"domain": "g.onmicrosoft.com", "reseller": "1234567"})[
        "customerId"
    ]
    assert names(office) == [wanted[0], *wanted]
    assert office.get(f"/v1/customers/{id}/relationships")["items"][0]["mpnId"] == "1234567"
    assert id in [one["id"] for one in office.get("/v1/customers")["items"]]


def names(office):
    return [event["payload"]["EventName"] for event in office.store.list("webhook_event", "")]
