"""Values of path parameters, by the fixed segment in front of them, whatever the page calls the parameter."""

from __future__ import annotations

from collections.abc import Callable

from conformance import relations, seeds
from conformance.engagements import payout, referral
from conformance.goods import GOODS, family, offer
from conformance.receiver import Receiver
from conformance.samples import Exchange
from conformance.world import World

# Which subject a documented page means is tried in this order; the first that fits every property is taken.
SUBSCRIPTIONS = ("suite", "legacy add-on", "legacy", "azure", "software", "marketplace", "savings", "legacy azure",
                 "reservation", "legacy trial")  # fmt: skip  # one order of trial
_SCOPE = "0350d130-4d3d-4005-aca0-cf84f0ab0d4a"
PRODUCTS = ("suite", "azure", "reservation", "software", "savings", "marketplace")


class UnresolvedError(Exception):
    """A path parameter nobody prepared a value for; its text names it."""


def kinds_of(exchange: Exchange) -> tuple[str, ...]:
    """The kinds of subject worth trying: the family of the printed goods first, then every other one."""
    path = exchange.template.lower()
    every: tuple[str, ...] = PRODUCTS if "products/{" in path else ("suite",)
    if any(one in path for one in ("subscriptions/", "orders/", "order_id=")):
        every = SUBSCRIPTIONS
    printed = offer(exchange.body) or offer(exchange.request_body)
    likely = [one for one in family(printed) if one in every] if printed else []
    return tuple(dict.fromkeys([*likely, *every]))


def value(world: World, segment: str, kind: str, before: dict[str, str]) -> str:
    """The value of the parameter behind `segment`; `before` holds those further left. Raises UnresolvedError."""
    maker = _MAKERS.get(segment.lower())
    if maker is None:
        raise UnresolvedError(f"no value is known for the parameter behind {segment!r}")
    return maker(world, kind, before)


def _availability(world: World, kind: str, before: dict[str, str]) -> str:
    return world.item_of(before["products"], before["skus"]).split(":")[2]


def _cart(world: World, kind: str, before: dict[str, str]) -> str:
    line = {"id": 0, "catalogItemId": world.item("suite"), "quantity": 5, "termDuration": "P1Y"}
    azure = {
        "id": 1,
        "catalogItemId": world.item("savings"),
        "quantity": 1,
        "termDuration": "P1Y",
        "purchaseCommitment": {"amount": 0.05, "currency": "usd", "grain": "hourly"},
        "provisioningContext": {"scope": "shared", "subscriptionId": _SCOPE, "entitlementId": _SCOPE},
    }
    lines = [{**line, "billingCycle": "monthly", "friendlyName": "Demo"}, {**azure, "billingCycle": "monthly"}]
    return str(world.post("/carts", {"lineItems": lines})["id"])


def _entitlement(world: World, kind: str, before: dict[str, str]) -> str:
    items = world.get(f"/subscriptions/{before['subscriptions']}/azureEntitlements")["items"]
    return str(items[0]["id"])


def _policy(world: World, kind: str, before: dict[str, str]) -> str:
    body = {"name": "Demo", "category": "o_o_b_e", "description": "d", "policySettings": ["skip_express_settings"]}
    return str(world.post("/policies", body)["id"])


def _batch(world: World, kind: str, before: dict[str, str]) -> str:
    devices = [{"serialNumber": "2R9-ZNP67", "productKey": "00329-00000-0003-AA606", "hardwareHash": "DummyHash123",
                "modelName": "T7500", "oemManufacturerName": "Dell"}]  # fmt: skip  # one device
    world.post("/deviceBatches", {"batchId": "Conformance", "devices": devices})
    return "Conformance"


def _device(world: World, kind: str, before: dict[str, str]) -> str:
    return str(world.get(f"/deviceBatches/{before['devicebatches']}/devices")["items"][0]["id"])


def _batch_job(world: World, kind: str, before: dict[str, str]) -> str:
    """An upload with an incomplete device and one that another tenant has."""
    taken = {"serialNumber": "4", "productKey": "00329-00000-0003-AA606", "hardwareHash": "DummyHash124"}
    batch = {"batchId": "Elsewhere", "devices": [taken]}
    world.post(f"/v1/customers/{seeds.THEIR_CUSTOMER}/deviceBatches", batch, partner=seeds.THEIRS)
    _batch(world, kind, before)
    answer = world.call("POST", "/deviceBatches/Conformance/devices", [{"serialNumber": "3"}, taken])
    return str(answer.headers["location"].rsplit("/", 1)[1])


def self_serve(world: World) -> str:
    body = {
        "selfServeEntity": {"selfServeEntityType": "customer", "tenantID": world.customer},
        "grantor": {"grantorType": "billToPartner", "tenantID": world.partner},
        "permissions": [{"resource": "AzureReservedInstances", "action": "Purchase"}],
    }
    return str(world.post("/v1/SelfServePolicy", body)["id"])


def _invoice(world: World, kind: str, before: dict[str, str]) -> str:
    return str(world.bill()["id"])


def pair(world: World) -> dict[str, object]:
    """A legacy base with its add-ons, as migrations name them."""
    addons = [{"currentSubscriptionId": id} for id in (seeds.ADDON_SUB, seeds.ADDON_SUB_2)]
    return {"currentSubscriptionId": seeds.BASE_SUB, "addOnMigrations": addons}


def migration(world: World) -> str:
    body = {**pair(world), "externalReferenceId": seeds.REFERENCE, "purchaseFullTerm": False}
    id = str(world.post("/migrations/newcommerce", body)["id"])
    world.advance("PT300S")
    return id


def schedule(world: World) -> str:
    """A schedule for a pair, or for a single subscription where the printed request has no add-ons."""
    printed = world.exchange.request_body if world.exchange else None
    single = isinstance(printed, dict) and not any(key.lower().startswith("addonmigration") for key in printed)
    what = {"currentSubscriptionId": seeds.SINGLE_SUB} if single else pair(world)
    body = {**what, "targetDate": "2026-04-01T00:00:00Z", "externalReferenceId": seeds.REFERENCE}
    return str(world.post("/migrations/newcommerce/schedules", body)["id"])


def transfer(world: World) -> str:
    lines = [{"subscriptionId": one} for one in (world.subscription("suite"), seeds.BASE_SUB)]
    body = {"targetPartnerTenantId": seeds.THEIRS, "transferType": "1", "lineItems": lines}
    return str(world.post("/transfers", body)["id"])


def _validation_event(world: World, kind: str, before: dict[str, str]) -> str:
    """A test event that was delivered."""
    with Receiver() as receiver:
        hook = {"webhookUrl": receiver.url, "webhookEvents": ["test-created"]}
        world.post("/webhooks/v1/registration", hook)
        id = str(world.post("/webhooks/v1/registration/validationEvents")["correlationId"])
        world.advance("PT0S")  # answers when everything that is due was sent
    return id


def role(world: World) -> str:
    return str(world.get("/directoryroles")["items"][0]["id"])


def member(world: World, role: str) -> str:
    """A user who has the role."""
    id = world.user()
    world.post(f"/directoryroles/{role}/usermembers", {"id": id, **world.get(f"/users/{id}")})
    return id


def template(world: World) -> str:
    every = world.get("/v1/agreements?agreementType=*")["items"]
    return str(next(one for one in every if one.get("agreementType") == "MicrosoftCustomerAgreement")["templateId"])


def _audit_record(world: World, kind: str, before: dict[str, str]) -> str:
    world.bought("suite")
    return str(world.get("/v1/auditrecords?startDate=2026-03-01")["items"][0]["id"])


def _upgrade(world: World, kind: str, before: dict[str, str]) -> str:
    world.old_azure()
    body = {"customerId": world.customer, "productFamily": "azure"}
    id = str(world.call("POST", "/v1/productupgrades", body).headers["location"].split("/")[-2])
    world.advance("PT300S")
    return id


def _product(world: World, kind: str, before: dict[str, str]) -> str:
    return GOODS[kind][0]


def _sku(world: World, kind: str, before: dict[str, str]) -> str:
    return GOODS[kind][1]


def linked(world: World) -> tuple[str, str, str]:
    """Group, line and resource of the link that the entitlement of a reservation shows."""
    world.bought("reservation")
    shown = world.get("/entitlements?entitlementType=reservedInstance")["items"][0]["entitledArtifacts"][0]
    uri = shown["link"]["uri"].split("/")
    return uri[6], uri[8], uri[10]


_MAKERS: dict[str, Callable[[World, str, dict[str, str]], str]] = {
    "customers": lambda world, kind, before: world.customer,
    "subscriptions": lambda world, kind, before: world.subscription(kind),
    "subscription": lambda world, kind, before: world.act("raise-fraud-event")["subscriptionId"],
    "orders": lambda world, kind, before: str(world.bought(kind)["id"]),
    "lineitems": lambda world, kind, before: "0",
    "carts": _cart,
    "products": _product,
    "skus": _sku,
    "availabilities": _availability,
    "azureentitlements": _entitlement,
    "users": lambda world, kind, before: world.user(),
    "referrals": lambda world, kind, before: referral(world),
    "payments": lambda world, kind, before: payout(world, "payments"),
    "transactionhistory": lambda world, kind, before: payout(world, "transactionhistory"),
    "policies": _policy,
    "devicebatches": _batch,
    "devices": _device,
    "batchjobstatus": _batch_job,
    "selfservepolicy": lambda world, kind, before: self_serve(world),
    "invoices": _invoice,
    "receipts": lambda world, kind, before: "R1",
    "onetime": lambda world, kind, before: "BillingLineItems",
    "servicecosts": lambda world, kind, before: "mostrecent",
    "servicerequests": lambda world, kind, before: world.act("open-service-request")["id"],
    "newcommerce": lambda world, kind, before: migration(world),
    "schedules": lambda world, kind, before: schedule(world),
    "transfers": lambda world, kind, before: transfer(world),
    "offers": lambda world, kind, before: seeds.OLD_BASE,
    "productpromotions": lambda world, kind, before: seeds.PROMOTION,
    "productupgrades": _upgrade,
    "validationevents": _validation_event,
    "compliance": lambda world, kind, before: "csp",
    "domains": lambda world, kind, before: "contoso.onmicrosoft.com",
    "applicationconsents": lambda world, kind, before: "11111111-1111-1111-1111-111111111111",
    "directoryroles": lambda world, kind, before: role(world),
    "usermembers": lambda world, kind, before: member(world, before["directoryroles"]),
    "agreementtemplates": lambda world, kind, before: template(world),
    "auditrecords": _audit_record,
    "delegatedadminrelationships": lambda world, kind, before: relations.relationship(world),
    "accessassignments": lambda world, kind, before: relations.assignment(world, before["delegatedadminrelationships"]),
    "requests": lambda world, kind, before: relations.request(world, before["delegatedadminrelationships"]),
    "delegatedadmincustomers": lambda world, kind, before: world.customer,
    "groups": lambda world, kind, before: linked(world)[0],
    "resource": lambda world, kind, before: linked(world)[2],
    "operations": lambda world, kind, before: relations.operation(world, before),
    "manifests": lambda world, kind, before: relations.manifest(world),
    "countryvalidationrules": lambda world, kind, before: "US",
    "checkdomainavailability": lambda world, kind, before: "nobody-has-this",
    "": lambda world, kind, before: world.partner,  # a tenant in front of the token route
}
COLLECTIONS = frozenset(_MAKERS) - {""}
