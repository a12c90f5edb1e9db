"""What may have to happen before a documented request about accounts: usage, bills, users, partners."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from conformance.plan import Plan, Stage
from conformance.seeds import MPN, OURS, SANDBOX
from conformance.subjects import member, role, self_serve, value
from conformance.world import World


def used(world: World) -> Plan:
    plan = world.use_azure()
    world.call("PATCH", "/usagebudget", {"amount": 100})
    query = "start_time=2026-03-01T00:00:00-08:00&end_time=2026-03-05T00:00:00-08:00"
    return Plan(values={"subscriptions": plan}, query=query)


def used_plainly(world: World) -> Plan:
    plan = used(world)
    plan.query = None
    return plan


def billed(world: World) -> Plan:
    return Plan(values={"invoices": str(world.bill()["id"])})


def unbilled(world: World) -> Plan:
    world.stock()
    world.use_azure()
    base = "provider=onetime&invoicelineitemtype=usagelineitems&currencycode=usd&size=1"
    return Plan(query=f"{base}&period=current")


def unbilled_before(world: World) -> Plan:
    """Purchases of a month that is over and not yet billed."""
    world.stock()
    world.advance("P24D")
    return Plan()


def estimates(world: World) -> Plan:
    world.stock()
    world.advance("P1D")
    return Plan()


def cost_month(world: World) -> Plan:
    world.stock()
    world.advance("P30D")
    return Plan()


def peopled(world: World) -> Plan:
    """One user, and one that was deleted."""
    id = world.user()
    world.call("DELETE", f"/users/{id}")
    world.user("theodora")
    return Plan()


def inactive_user(world: World) -> Plan:
    id = world.user()
    world.call("DELETE", f"/users/{id}")
    return Plan(values={"users": id})


def licensed(world: World) -> Plan:
    id, sku = world.user(), world.licence()
    body = {"licensesToAssign": [{"skuId": sku}]}
    world.post(f"/users/{id}/licenseupdates", body)
    return Plan(values={"users": id})


def licensed_school(world: World) -> Plan:
    id = world.user()
    world.subscription("school")
    items = world.get("/subscribedskus?licenseGroupIds=Group2")["items"]
    world.post(f"/users/{id}/licenseupdates", {"licensesToAssign": [{"skuId": items[0]["productSku"]["id"]}]})
    return Plan(values={"users": id})


def users_with_roles(world: World) -> Plan:
    return Plan(values={"users": member(world, role(world))})


def role_with_member(world: World) -> Plan:
    id = role(world)
    member(world, id)
    return Plan(values={"directoryroles": id})


def suspected(world: World) -> Plan:
    world.second = str(world.act("raise-fraud-event")["subscriptionId"])
    return Plan()


def cancelled_entitlement(world: World) -> Plan:
    plan = world.subscription("azure")
    id = value(world, "azureentitlements", "", {"subscriptions": plan})
    path = f"/subscriptions/{plan}/azureEntitlements/{id}"
    world.post(f"{path}/cancel", {"cancellationReason": "compromise"})
    return Plan(values={"subscriptions": plan, "azureentitlements": id})


def over(world: World) -> Plan:
    plan = world.subscription("azure")
    id = value(world, "azureentitlements", "", {"subscriptions": plan})
    body = {"azureEntitlementId": id, "partnerId": MPN, "type": "PhoneServices", "overageEnabled": True}
    world.call("PUT", "/subscriptions/overage", body)
    return Plan()


def no_licence_left(world: World) -> Plan:
    sku = world.licence()
    seats = int(world.get("/subscribedskus")["items"][0]["availableUnits"])
    domain = world.get("")["companyProfile"]["domain"]
    for number in range(seats + 1):
        name = f"user{number}"
        body = {"usageLocation": "US", "userPrincipalName": f"{name}@{domain}", "displayName": name,
                "firstName": name, "lastName": name,
                "passwordProfile": {"password": "Renew456*", "forceChangePassword": False}}  # fmt: skip  # one body
        id = str(world.post("/users", body)["id"])
        if number < seats:
            world.post(f"/users/{id}/licenseupdates", {"licensesToAssign": [{"skuId": sku}]})
    return Plan(values={"users": id})


def blocked(world: World) -> Plan:
    world.licence()
    plan = Plan(values={"users": world.user()})
    world.switch(conditional_access_block=True)
    return plan


def status(name: str) -> Stage:
    def stage(world: World) -> Plan:
        world.act("set-account-status", status=name)
        return Plan()

    return stage


def qualified(outcome: str, reason: str = "Not an Education Customer", body: Any = None) -> Stage:
    def stage(world: World) -> Plan:
        wanted = {"qualification": "Education", "educationSegment": "K12", "website": "school.example"}
        world.switch(vetting_outcome=outcome or "Approved")
        world.post("/qualifications", body or wanted)
        if outcome:
            world.advance("P1D")
        return Plan()

    return stage


def coded(world: World) -> Plan:
    """A validation code of the partner, in the query."""
    return Plan(query=f"code={world.get('/v1/customers/all/validations')[0]['validationId']}", ours=True)


def hooked(world: World) -> Plan:
    world.switch(webhook_delay_seconds=3600)
    hook = {"webhookUrl": "http://127.0.0.1:9/hook", "webhookEvents": ["subscription-updated", "test-created"]}
    world.post("/webhooks/v1/registration", hook)
    return Plan()


def fraud(world: World) -> Plan:
    return Plan()


def fraud_new(world: World) -> Plan:
    return Plan(headers={"X-NewEventsModel": "true"})


def seen_without_mfa(world: World) -> Plan:
    world.call("GET", "/subscriptions", mfa=False)
    return Plan()


def acted(world: World) -> Plan:
    world.bought("suite")
    return Plan(query="startDate=2026-03-01&filter=" + json.dumps(
        {"Field": "CustomerId", "Value": world.customer, "Operator": "equals"}))  # fmt: skip  # one query


def acted_plainly(world: World) -> Plan:
    world.get("/subscriptions")
    return Plan()


def policied(world: World) -> Plan:
    self_serve(world)
    return Plan(query=f"entity_id={world.customer}")


def policy_change(world: World) -> Plan:
    id = self_serve(world)
    return Plan(values={"selfservepolicy": id}, resource=f"/v1/SelfServePolicy/{id}")


def compliance(query: str) -> Stage:
    return lambda world: Plan(query=query)


def unsigned(by: str) -> Stage:
    account = "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b03"

    def stage(world: World) -> Plan:
        entry = {"partner": OURS, "mpnId": "1234569", "accountId": account, "displayName": "U", "market": "US"}
        world.seed(resellers=[{**entry, "agreementSigned": False}])
        return Plan(query="mpnId=1234569" if by == "mpn" else f"tenantId={account}")

    return stage


def sandboxed(kind: str = "") -> Stage:
    def stage(world: World) -> Plan:
        world.partner = SANDBOX
        values = {"subscriptions": world.subscription(kind)} if kind else {}
        return Plan(partner=SANDBOX, values=values)

    return stage


def sandbox_reseller(world: World) -> Plan:
    world.partner = SANDBOX
    body = {
        "mpnId": "6363276", "organizationProfileLanguage": "en",
        "tenant": {"domainPrefix": "demo7050", "name": "Demo", "displayName": "Demo", "adminUserName": "admin",
                   "adminFirstName": "Demo", "adminLastName": "Demo", "adminAlternateEmail": "demo@example.com",
                   "country": "US", "culture": "en-us"},
        "legalBusinessProfile": {
            "companyName": "Demo", "culture": "en-US",
            "address": {"country": "US", "city": "Redmond", "state": "WA", "addressLine1": "One Way",
                        "postalCode": "98052"},
            "primaryContact": {"firstName": "A", "lastName": "B", "email": "a@example.com",
                               "phoneNumber": "4255550101"}},
    }  # fmt: skip  # one body
    made = world.post("/v1/sandboxIndirectReseller", body)
    id = str(made["accountId"])
    return Plan(partner=SANDBOX, values={"sandboxindirectreseller": id})


def taken_domain(world: World) -> Plan:
    return Plan(values={"domains": "contoso.onmicrosoft.com"})


def free_domain(world: World) -> Plan:
    return Plan(values={"domains": "nobody-has-this.onmicrosoft.com"})


def eligible_azure(world: World) -> Plan:
    world.old_azure()
    return Plan()


def budget(world: World) -> Plan:
    world.call("PATCH", "/usagebudget", {"amount": 100})
    return Plan()


def several_customers(world: World) -> Plan:
    """More than a page of one holds."""
    for number, name in enumerate(("adatum", "contosos", "fabrikams")):
        entry = {"partner": OURS, "id": str(UUID(int=500 + number)), "companyName": name, "market": "US"}
        world.seed(customers=[{**entry, "domain": f"{name}.onmicrosoft.com"}])
    return Plan()


def nested_rules(world: World) -> Plan:
    """The form of the page; the recorded form, which is the default, is another."""
    world.switch(country_rules_form="documented")
    return Plan()


def stocked(world: World) -> Plan:
    world.stock()
    return Plan()
