"""What may have to happen before a documented request about goods: orders, subscriptions, moves, papers."""

from __future__ import annotations

import json
from typing import Any

from conformance import seeds
from conformance.goods import documented_quantity
from conformance.plan import APP, Plan, Stage
from conformance.seeds import OURS, THEIRS
from conformance.subjects import linked, migration, schedule, transfer, value
from conformance.world import World


def subscription(kind: str, *changes: dict[str, Any]) -> Stage:
    def stage(world: World) -> Plan:
        id = world.subscription(kind)
        for change in changes:
            body = {**world.get(f"/subscriptions/{id}"), **change}
            answer = world.call("PATCH", f"/subscriptions/{id}", body)
            if answer.is_error:
                raise RuntimeError(answer.text[:200])
        return Plan(values={"subscriptions": id})

    return stage


def accepted_patch(world: World) -> Plan:
    world.switch(patch_mode="accepted")
    return Plan(values={"subscriptions": world.subscription("suite")})


def tagged(world: World) -> Plan:
    world.switch(subscription_etags=True)
    return Plan(values={"subscriptions": world.subscription("suite")})


def every_cycle(world: World) -> Plan:
    """Licences of each billing cycle they are sold for."""
    for term, cycle in (("P1M", "monthly"), ("P1Y", "annual"), ("P3Y", "triennial")):
        line = {"lineItemNumber": 0, "offerId": world.item("suite"), "quantity": 5, "termDuration": term}
        world.post("/orders", {"billingCycle": cycle, "lineItems": [{**line, "friendlyName": "Demo"}]})
    return Plan()


def late(world: World) -> Plan:
    """A term whose window for cancelling and for fewer seats is over."""
    seats = (documented_quantity(world.exchange) or 1) + 9
    id = str(world.order("suite", quantity=seats)["lineItems"][0]["subscriptionId"])
    world.advance("P8D")
    return Plan(values={"subscriptions": id})


def consent(world: World) -> Plan:
    grant = {"enterpriseApplicationId": "00000003-0000-0000-c000-000000000000", "scope": "User.Read"}
    return Plan(body={"applicationId": APP, "applicationGrants": [grant], "displayName": "Demo"})


def consented(world: World) -> Plan:
    world.post("/applicationconsents", consent(world).body)
    return Plan(values={"applicationconsents": APP})


def with_one(segment: str) -> Stage:
    def stage(world: World) -> Plan:
        value(world, segment, "", {})
        return Plan()

    return stage


def signed(world: World) -> Plan:
    every = world.get("/v1/agreements?agreementType=*")["items"]
    template = next(one for one in every if one.get("agreementType") == "MicrosoftCustomerAgreement")["templateId"]
    person = {"firstName": "Tania", "lastName": "Carr", "email": "someone@example.com", "phoneNumber": "1234567890"}
    body = {"primaryContact": person, "templateId": template, "dateAgreed": "2026-03-01T00:00:00.000Z"}
    world.post("/agreements", {**body, "type": "MicrosoftCustomerAgreement"})
    return Plan()


def requested(world: World) -> Plan:
    world.act("open-service-request")
    return Plan()


def noted(world: World) -> Plan:
    id = world.act("open-service-request")["id"]
    world.call("PATCH", f"/v1/servicerequests/{id}", {"newNote": {"text": "A note"}})
    return Plan(values={"servicerequests": id})


def renewed(world: World) -> Plan:
    world.stock()
    world.advance("P370D")
    return Plan()


def old_invoices(world: World) -> Plan:
    """Invoices of legacy offers, one with a correction, each with a tax receipt."""
    base = {
        "partner": OURS,
        "invoiceDate": "2026-02-08T00:00:00Z",
        "totalCharges": 10.0,
        "currencyCode": "USD",
        "billingPeriodStartDate": "2026-01-08T00:00:00Z",
        "billingPeriodEndDate": "2026-02-07T00:00:00Z",
    }
    line = {"provider": "office", "type": "billinglineitems", "item": {"subscriptionId": seeds.BASE_SUB}}
    kind = [{"invoiceLineItemType": "billing_line_items", "billingProvider": "one_time"}]
    amendment = {
        "id": "G000009999",
        "invoiceDate": "2026-02-09T00:00:00Z",
        "totalCharges": 1.0,
        "paidAmount": 0,
        "currencyCode": "USD",
        "currencySymbol": "$",
        "documentType": "adjustment_note",
        "amendsOf": "D000001234",
        "invoiceType": "OneTime",
        "attributes": {"objectType": "Invoice"},
        "invoiceDetails": [{**kind[0], "attributes": {"objectType": "InvoiceDetail"}}],
    }
    world.seed(invoices=[
        {**base, "id": "D000001234", "taxReceipts": [{"id": "R1"}], "amendments": [amendment], "lines": [line]},
        {**base, "id": "D000001235", "taxReceipts": [{"id": "R2"}], "lines": [line]},
    ])  # fmt: skip  # one section
    return Plan(values={"invoices": "D000001234"})


def order(kind: str, **more: Any) -> Stage:
    def stage(world: World) -> Plan:
        world.partner = more.get("partner", OURS)
        return Plan(values={"orders": str(world.bought(kind)["id"])}, partner=world.partner)

    return stage


def two_lines(world: World) -> Plan:
    offer = world.item("software")
    lines = [{"lineItemNumber": n, "offerId": offer, "quantity": 1, "termDuration": "P3Y"} for n in (0, 1)]
    order = world.post("/orders", {"billingCycle": "one_time", "lineItems": lines})
    return Plan(values={"orders": order["id"]}, needs=("status", "lineitems"))


def legacy_order(world: World) -> Plan:
    id = str(world.get(f"/subscriptions/{seeds.BASE_SUB}")["orderId"])
    return Plan(values={"orders": id})


def cycle_change(world: World) -> Plan:
    id = str(world.get(f"/subscriptions/{seeds.ADDON_SUB}")["orderId"])
    return Plan(values={"orders": id}, needs=("billingcycle",))


def pending_order(world: World) -> Plan:
    world.switch(require_purchase_order=True)
    return Plan(values={"orders": str(world.order()["id"])})


def papers(world: World) -> dict[str, Any]:
    price = {"isPartofTender": True, "customerPrice": "156.87", "currency": "CAD", "fxRate": "1.2"}
    files = [(name, (f"{name}.pdf", b"x" * 2048, "application/pdf")) for name in ("pofiles", "tenderfiles")]
    return {"data": {"metadata": json.dumps(price)}, "files": files}


def attach(world: World) -> Plan:
    plan, given = pending_order(world), papers(world)
    plan.body, plan.data, plan.files = None, given["data"], given["files"]
    return plan


def complete_order(world: World) -> Plan:
    plan = pending_order(world)
    world.call("POST", f"/orders/{plan.values['orders']}/attachment", **papers(world))
    return plan


def trial(world: World) -> Plan:
    return Plan(values={"subscriptions": seeds.TRIAL_SUB})


def legacy_upgrade(world: World) -> Plan:
    return Plan(values={"subscriptions": seeds.BASE_SUB})


def refused_upgrade(world: World) -> Plan:
    option = world.get(f"/subscriptions/{seeds.BASE_SUB}/upgrades")["items"][0]
    world.post(f"/subscriptions/{seeds.BASE_SUB}/upgrades", {**option, "upgradeType": 1})
    return Plan(values={"subscriptions": seeds.BASE_SUB})


def transition_body(world: World, target: str = "0002", **more: Any) -> dict[str, Any]:
    source = world.subscription("suite")
    return {
        "fromCatalogItemId": world.item("suite"), "fromSubscriptionId": source, "quantity": 2, "termDuration": "P1Y",
        "toCatalogItemId": world.item_of(seeds.SUITE, target), "billingCycle": "Monthly",
        "transitionType": "transition_only", **more,
    }  # fmt: skip  # one body


def transition_target(world: World) -> Plan:
    """A source and a target of the printed term, the target outside its own cancellation window."""
    printed = world.exchange.request_body if world.exchange else None
    term = (printed or {}).get("termDuration") or "P1Y"
    line = {"lineItemNumber": 0, "offerId": world.item_of(seeds.SUITE, "0002"), "quantity": 5, "termDuration": term}
    order = world.post("/orders", {"billingCycle": "monthly", "lineItems": [line]})
    world.second = order["lineItems"][0]["subscriptionId"]
    source = world.subscription("monthly" if term == "P1M" else "suite")
    world.advance("P8D")  # a target inside its own cancellation window takes no seats
    return Plan(values={"subscriptions": source})


def with_target(world: World) -> Plan:
    """As printed: one subscription that takes no seats, its term being shorter, and one that does."""
    line = {"lineItemNumber": 0, "offerId": world.item_of(seeds.SUITE, "0002"), "quantity": 5, "termDuration": "P1M"}
    world.post("/orders", {"billingCycle": "monthly", "lineItems": [line]})
    return Plan(values=transition_target(world).values)


def transitioned(world: World) -> Plan:
    id = world.subscription("suite")
    world.post(f"/subscriptions/{id}/transitions", transition_body(world))
    world.advance("PT60S")
    return Plan(values={"subscriptions": id})


def transfer_by(partner: str) -> Stage:
    def stage(world: World) -> Plan:
        id = transfer(world)
        return Plan(values={"transfers": id}, partner=partner)

    return stage


def broken_transfer(world: World) -> Plan:
    lines = [{"subscriptionId": one} for one in (world.subscription("suite"), seeds.BASE_SUB, seeds.SINGLE_SUB)]
    wanted = {"targetPartnerTenantId": THEIRS, "transferType": "1", "lineItems": lines}
    id = str(world.post("/transfers", wanted)["id"])
    world.switch(transfer_blocks_writes=False)  # else the line could not fail by a write
    body = {**world.get(f"/subscriptions/{seeds.SINGLE_SUB}"), "status": "suspended"}
    world.call("PATCH", f"/subscriptions/{seeds.SINGLE_SUB}", body)
    return Plan(values={"transfers": id}, partner=THEIRS)


def suspended(world: World) -> Plan:
    """A customer without an active subscription."""
    for one in world.get("/subscriptions")["items"]:
        if one["status"] == "active":
            path = f"/subscriptions/{one['id']}"
            world.call("PATCH", path, {**world.get(path), "status": "suspended"})
    return Plan()


def giving_away(world: World) -> Plan:
    """A transfer of a base with its add-ons: the subscriptions of the printed lines are legacy ones."""
    printed = (world.exchange.request_body if world.exchange else None) or {}
    lines: list[dict[str, Any]] = next((one for key, one in printed.items() if key.lower() == "lineitems"), [])
    subjects = (seeds.BASE_SUB, seeds.SINGLE_SUB, world.subscription("suite"))
    given = [{**line, "subscriptionId": id} for line, id in zip(lines, subjects, strict=False)]
    return Plan(body={**printed, "lineItems": given, "targetPartnerTenantId": THEIRS,
                      "sourcePartnerTenantId": world.partner}, whole=True)  # fmt: skip  # one plan


def artifact(world: World) -> Plan:
    """The link that the entitlement of a reservation shows."""
    group, line, resource = linked(world)
    return Plan(values={"groups": group, "lineitems": line, "resource": resource})


def taking_over(world: World) -> Plan:
    """The partner who is to receive the subscriptions asks for them."""
    return Plan(partner=THEIRS)


def moving(world: World) -> Plan:
    transfer(world)
    return Plan()


def transfer_eligibility(world: World) -> Plan:
    transfer(world)
    return Plan(query="transferType=directtoindirect")


def migrations(world: World) -> Plan:
    migration(world)
    return Plan(query=f"CustomerTenantId={world.customer}&CurrentSubscriptionId={seeds.BASE_SUB}")


def migration_events(world: World) -> Plan:
    id = migration(world)
    return Plan(query=f"migration_id={id}&current_subscription_id={seeds.BASE_SUB}")


def migrate(world: World) -> Plan:
    return Plan()


def schedules(world: World) -> Plan:
    id = schedule(world)
    return Plan(values={"schedules": id})


def schedule_list(world: World) -> Plan:
    schedule(world)
    return Plan(query=f"CustomerTenantId={world.customer}&CurrentSubscriptionId={seeds.BASE_SUB}")


def schedule_change(world: World) -> Plan:
    return Plan(values={"schedules": schedule(world)})
