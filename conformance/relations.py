"""What Graph has to hold before a documented request: admin relationships, their assignments, exported bills."""

from __future__ import annotations

from typing import Any

from conformance.plan import Plan, Stage
from conformance.world import World
from cspctl.emulator.settings import GRAPH

_HOST = GRAPH.removeprefix("https://").rstrip("/")
_RELATIONS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_BILLING = "/v1.0/reports/partners/billing"
# Directory reader and global reader.
_TWO = ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "f2ef992c-3afb-46b9-b7cf-a126ee74c451")
_ROLES = {"unifiedRoles": [{"roleDefinitionId": _TWO[0]}]}
_GROUP = {"accessContainerId": "869eeb38-7d42-4466-a1ab-0d7f5b2b1c5e", "accessContainerType": "securityGroup"}


def made(world: World, path: str, body: Any) -> dict[str, Any]:
    return dict(world.post(path, body, host=_HOST))


def relationship(world: World) -> str:
    """One that was created and not yet sent to its customer."""
    return str(made(world, _RELATIONS, _wanted(world))["id"])


def _wanted(world: World) -> dict[str, Any]:
    customer = {"tenantId": world.customer}
    return {"displayName": "Demo", "duration": "P730D", "customer": customer, "accessDetails": _ROLES}


def active(world: World, roles: dict[str, Any] | None = None) -> str:
    """One its customer has approved; with the roles that documented assignments ask for."""
    printed = world.exchange.request_body if world.exchange else None
    asked = printed.get("accessDetails") if isinstance(printed, dict) else None
    ids = [*_ids(roles or asked), *_TWO]
    details = {"unifiedRoles": [{"roleDefinitionId": id} for id in dict.fromkeys(ids)]}
    id = str(made(world, _RELATIONS, {**_wanted(world), "accessDetails": details})["id"])
    made(world, f"{_RELATIONS}/{id}/requests", {"action": "lockForApproval"})
    world.act("approve-gdap", relationship=id)
    return id


def _ids(details: Any) -> list[str]:
    roles = details.get("unifiedRoles") if isinstance(details, dict) else None
    return [str(one["roleDefinitionId"]) for one in roles or []]


def assignment(world: World, relation: str) -> str:
    body = {"accessContainer": _GROUP, "accessDetails": _ROLES}
    return str(made(world, f"{_RELATIONS}/{relation}/accessAssignments", body)["id"])


def request(world: World, relation: str) -> str:
    return str(made(world, f"{_RELATIONS}/{relation}/requests", {"action": "lockForApproval"})["id"])


def export(world: World) -> str:
    """The operation of an export that is done."""
    world.stock()
    id = _asked(world)
    world.advance("PT1H")
    return id


def _asked(world: World) -> str:
    body = {"currencyCode": "USD", "billingPeriod": "current", "attributeSet": "full"}
    answer = world.call("POST", f"{_BILLING}/reconciliation/unbilled/export", body, host=_HOST)
    return answer.headers["location"].rstrip("/").rsplit("/", 1)[1]


def exporting(world: World) -> Plan:
    """An export that is not done yet."""
    world.stock()
    return Plan(values={"operations": _asked(world)})


def nothing_exported(world: World) -> Plan:
    """An export of a month without a charge."""
    id = _asked(world)
    world.advance("PT1H")
    return Plan(values={"operations": id})


def manifest(world: World) -> str:
    done = world.get(f"{_BILLING}/operations/{export(world)}", host=_HOST)
    link = next(str(link) for name, link in done.items() if name.startswith("resourceLocation"))
    return link.rstrip("/").rsplit("/", 1)[1]


def operation(world: World, before: dict[str, str]) -> str:
    """Of a relationship where one stands further left, else of an export."""
    relation = before.get("delegatedadminrelationships")
    if relation is None:
        return export(world)
    found = world.get(f"{_RELATIONS}/{relation}/operations", host=_HOST)["value"]
    return str(found[0]["id"])


def approved(with_assignment: bool = True) -> Stage:
    def stage(world: World) -> Plan:
        id = active(world)
        if with_assignment:
            assignment(world, id)
        return Plan(values={"delegatedadminrelationships": id})

    return stage


def customer_with_access(world: World) -> Plan:
    active(world)
    return Plan()


def changed_access(world: World) -> Plan:
    """An active relationship with one operation: the change of an assignment's roles."""
    roles = [{"roleDefinitionId": id} for id in _TWO]
    id = active(world, {"unifiedRoles": roles})
    given = assignment(world, id)
    path = f"{_RELATIONS}/{id}/accessAssignments/{given}"
    etag = str(world.get(path, host=_HOST)["@odata.etag"])
    body = {"accessDetails": {"unifiedRoles": roles}}
    world.call("PATCH", path, body, host=_HOST, headers={"If-Match": etag})
    return Plan(values={"delegatedadminrelationships": id})


def patched_access(world: World) -> Plan:
    id = active(world)
    return Plan(values={"delegatedadminrelationships": id, "accessassignments": assignment(world, id)})
