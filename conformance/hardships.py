"""Refusals that any operation can answer, for pages that document one: tried after the stages of the operation.

Only for pages that print the code of the error: the documented status and the documented code must come of it, so
no refusal can pass for another.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from conformance.plan import Plan, Stage
from conformance.samples import Exchange
from conformance.seeds import OURS, SANDBOX, THEIRS
from conformance.world import World


def unknown(world: World) -> Plan:
    return Plan(unknown=True)


def unsigned(world: World) -> Plan:
    return Plan(headers={"Authorization": "Bearer no-token"})


def app_only(world: World) -> Plan:
    """A token of the application alone."""
    form = {"grant_type": "client_credentials", "client_id": "conformance", "client_secret": "demo",
            "resource": "https://api.partnercenter.microsoft.com"}  # fmt: skip  # one form
    path, host = f"/{world.partner}/oauth2/token", "login.microsoftonline.com"
    answer = world.service.call("POST", path, partner=world.partner, data=form, host=host)
    return Plan(headers={"Authorization": f"Bearer {answer.json()['access_token']}"})


def stranger(world: World) -> Plan:
    """Another partner, who has no relationship with the customer."""
    return Plan(partner=THEIRS)


def unagreed(world: World) -> Plan:
    """A customer who accepted no agreement."""
    other = {"partner": OURS, "id": str(UUID(int=405)), "domain": "unagreed.onmicrosoft.com",
             "companyName": "Unagreed", "market": "US", "agreement": False}  # fmt: skip  # one customer
    world.seed(customers=[other])
    return Plan(values={"customers": str(other["id"])})


def printed(world: World) -> Plan:
    """The address goes out as it is printed: what is refused is what it names."""
    return Plan(printed=True)


def again(world: World) -> Plan:
    return Plan(twice=True)


def stale(world: World) -> Plan:
    return Plan(etag='"stale"')


def sandboxed(world: World) -> Plan:
    world.partner = SANDBOX
    return Plan(partner=SANDBOX)


_BY_STATUS: dict[int, tuple[Stage, ...]] = {
    400: (again, stale, unknown, sandboxed), 401: (unsigned,), 403: (stranger, sandboxed, unagreed, app_only),
    404: (unknown,),
    409: (again, stale), 412: (stale,), 417: (stale,),
}  # fmt: skip  # a table of statuses


# Of these nothing is made up: a page that prints the status alone is answered by the status.
_PLAIN: dict[int, tuple[Stage, ...]] = {
    400: (printed,), 404: (printed,), 403: (printed,), 409: (again,),
}  # fmt: skip  # a table of statuses


def hardships(exchange: Exchange) -> tuple[Stage, ...]:
    return _PLAIN.get(exchange.status or 0, ()) + _coded(exchange)


def _coded(exchange: Exchange) -> tuple[Stage, ...]:
    return _BY_STATUS.get(exchange.status or 0, ()) if code_of(exchange.body) is not None else ()


def code_of(body: Any) -> Any:
    """The code of an error in each of the documented shapes."""
    inner = body.get("error", body) if isinstance(body, dict) else {}
    return inner.get("code") if isinstance(inner, dict) else None
