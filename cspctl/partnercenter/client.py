"""Partner Center with two faces: one that can only read, and one that can also write.

Bodies are raw JSON objects with amounts as Decimal, so that nothing is lost; `cspctl.partnercenter.wire`
reads them.
Every method raises AccessError, the RemoteError family, UnreachableError or ThrottledError (cspctl.errors).
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, overload

import httpx

from cspctl.errors import CspctlError
from cspctl.model.ports import Clock, WriteContext
from cspctl.partnercenter.calls import Reply
from cspctl.partnercenter.endpoints import (
    audit_records,
    carts,
    catalogue,
    customers,
    orders,
    subscriptions,
    validations,
)
from cspctl.partnercenter.limiter import Limiter
from cspctl.partnercenter.patching import shows
from cspctl.partnercenter.reads import Reads
from cspctl.partnercenter.retry import Budget
from cspctl.partnercenter.session import OnEvent, Session
from cspctl.partnercenter.transport import Transport
from cspctl.partnercenter.writes import Writes
from cspctl.secret import Secret

DEFAULT_CONCURRENCY = 20
# After a 202 the subscription is read until it shows the change, at most this long.
SETTLE_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0)


class TokenSource(Protocol):
    """Access tokens of one partner account; it caches, so this is asked before every request."""

    async def token(self, *, force: bool = False) -> Secret:
        """`force` wants a newly issued one, because the service refused the last."""
        ...


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """What a write led to. `pending`: accepted with 202 and not visible yet; `body` is the last state
    read, or empty.

    `request_id` is the MS-RequestId that was answered, the last of those the write used.
    """

    body: dict[str, Any]
    status: int
    request_id: str
    correlation_id: str
    location: str | None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Wiring:
    """What is seldom needed. Share `limiter` between clients of one account, `transport` (which stays open when
    a client is closed) between clients of one base URL. `verify`: CA file or context."""

    verify: str | ssl.SSLContext | None = None
    limiter: Limiter | None = None
    budget: Budget | None = None
    on_event: OnEvent | None = None
    transport: Transport | httpx.AsyncBaseTransport | None = None


class ReaderClient:
    """Reads, and the POSTs that change nothing."""

    def __init__(self, session: Session, budget: Budget | None = None) -> None:
        self._session = session
        self._budget = budget
        self._reads = Reads(session, budget)

    async def customers(self) -> list[dict[str, Any]]:
        """Every page; items carry id, companyProfile and relationshipToPartner only."""
        return await customers.listed(self._reads)

    def customer_pages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """As `customers`, page by page; what was read before a failure is not the whole list."""
        return customers.listed_by_page(self._reads)

    async def customers_starting_with(self, field: str, value: str) -> list[dict[str, Any]]:
        """`field`: `Domain` or `CompanyName`; matched by prefix, so compare exactly before adopting one."""
        return await customers.starting_with(self._reads, field, value)

    async def customer(self, cid: str) -> dict[str, Any]:
        return await customers.by_id(self._reads, cid)

    async def subscriptions(self, cid: str) -> list[dict[str, Any]]:
        return await subscriptions.of_customer(self._reads, cid)

    async def subscription(self, cid: str, sid: str) -> dict[str, Any]:
        return await subscriptions.by_id(self._reads, cid, sid)

    async def availabilities(
        self, cid: str, product: str, sku: str, *, segment: str | None = None
    ) -> list[dict[str, Any]]:
        """What this customer can buy of a SKU."""
        return await catalogue.availabilities_of_customer(self._reads, cid, product, sku, segment)

    async def country_availabilities(
        self, product: str, sku: str, country: str, *, segment: str | None = None
    ) -> list[dict[str, Any]]:
        return await catalogue.availabilities(self._reads, product, sku, country, segment)

    async def products(self, country: str, target_view: str, segment: str | None = None) -> list[dict[str, Any]]:
        return await catalogue.products(self._reads, country, target_view, segment)

    async def skus(self, product: str, country: str) -> list[dict[str, Any]]:
        return await catalogue.skus(self._reads, product, country)

    async def orders(self, cid: str) -> list[dict[str, Any]]:
        """New ones can take 15 minutes to be listed."""
        return await orders.of_customer(self._reads, cid)

    async def order(self, cid: str, oid: str) -> dict[str, Any]:
        return await orders.by_id(self._reads, cid, oid)

    async def order_provisioning(self, cid: str, oid: str) -> list[dict[str, Any]]:
        return await orders.provisioning_status(self._reads, cid, oid)

    async def cart(self, cid: str, cart_id: str) -> dict[str, Any]:
        """Undocumented read: NotFoundError, or RemoteError `E-REMOTE-UNSUPPORTED` where the service has
        none."""
        return await carts.by_id(self._reads, cid, cart_id)

    async def audit_records(self, *, customer_id: str | None, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Both ends included; nothing older than 89 days can be had (`endpoints.audit_records.earliest`)."""
        return await audit_records.between(self._reads, customer=customer_id, since=since, until=until)

    async def promotion_eligibilities(self, cid: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await customers.promotion_eligibilities(self._reads, cid, body)

    async def check_inventory(self, country: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await catalogue.inventory(self._reads, country, body)

    async def validate_address(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return await validations.address(self._reads, body)

    async def validate_migration(self, cid: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await validations.migration(self._reads, cid, body)

    async def aclose(self) -> None:
        """Closes the connections; on the event loop that used them."""
        await self._session.aclose()


class WriterClient(ReaderClient):
    """Also writes. UnknownOutcomeError means: it may have happened, read before anything else is sent."""

    def __init__(self, session: Session, budget: Budget | None = None) -> None:
        super().__init__(session, budget)
        self._writes = Writes(session, budget)

    async def create_cart(self, cid: str, cart: Mapping[str, Any], context: WriteContext) -> WriteAnswer:
        body, reply = await carts.create(self._writes, cid, cart, context)
        return _answer(body, reply)

    async def checkout_cart(self, cid: str, cart_id: str, context: WriteContext) -> WriteAnswer:
        """`body` is `{"orders": […], "orderErrors": […]}`: 201 can be a partial success."""
        body, reply = await carts.checkout(self._writes, cid, cart_id, context)
        return _answer(body, reply)

    async def patch_subscription(
        self, cid: str, body: Mapping[str, Any], changes: Mapping[str, Any], context: WriteContext
    ) -> WriteAnswer:
        """`body` is a fresh read, sent back whole with `changes` applied; None in `changes` removes a
        property.

        ConflictError `E-STALE-ETAG` when it is not fresh, `E-OPERATION-PENDING` when another change is
        running.
        """
        state, reply = await subscriptions.patch(self._writes, cid, body, changes, context)
        if reply.status != 202:
            return _answer(state or {}, reply)
        return await self._watched(cid, body, changes, state, reply)

    async def _watched(
        self,
        cid: str,
        body: Mapping[str, Any],
        changes: Mapping[str, Any],
        state: dict[str, Any] | None,
        reply: Reply,
    ) -> WriteAnswer:
        # The answer of a 202 may be the old resource, and its Location has several documented forms: read
        # by id.
        sid = next(item for key, item in body.items() if key.casefold() == "id")
        for wait in SETTLE_WAITS:
            await self._session.clock.sleep(wait)
            try:
                state = await subscriptions.by_id(self._reads, cid, sid)
            except CspctlError:
                continue
            if shows(state, changes):
                return _answer(state, reply)
        return _answer(state or {}, reply, pending=True)


@overload
def connect(
    base_url: str,
    token_source: TokenSource,
    *,
    reader_only: Literal[True],
    clock: Clock,
    concurrency: int = ...,
    tenant: str = ...,
    wiring: Wiring | None = ...,
) -> ReaderClient: ...


@overload
def connect(
    base_url: str,
    token_source: TokenSource,
    *,
    reader_only: Literal[False],
    clock: Clock,
    concurrency: int = ...,
    tenant: str = ...,
    wiring: Wiring | None = ...,
) -> WriterClient: ...


@overload
def connect(
    base_url: str,
    token_source: TokenSource,
    *,
    reader_only: bool,
    clock: Clock,
    concurrency: int = ...,
    tenant: str = ...,
    wiring: Wiring | None = ...,
) -> ReaderClient | WriterClient: ...


def connect(
    base_url: str,
    token_source: TokenSource,
    *,
    reader_only: bool,
    clock: Clock,
    concurrency: int = DEFAULT_CONCURRENCY,
    tenant: str = "",
    wiring: Wiring | None = None,
) -> ReaderClient | WriterClient:
    """A client for one partner account (`tenant` is its id, part of the throttle key). Opens nothing yet.

    Raises InputError `E-URL`, `E-URL-INSECURE`, `E-CA-FILE`.
    """
    wired = wiring or Wiring()
    session = Session(
        base_url,
        token_source.token,
        clock=clock,
        concurrency=concurrency,
        limiter=wired.limiter,
        tenant=tenant,
        verify=wired.verify,
        on_event=wired.on_event,
        transport=wired.transport,
    )
    return ReaderClient(session, wired.budget) if reader_only else WriterClient(session, wired.budget)


def _answer(body: dict[str, Any], reply: Reply, *, pending: bool = False) -> WriteAnswer:
    return WriteAnswer(
        body=body,
        status=reply.status,
        request_id=reply.request_id,
        correlation_id=reply.correlation_id,
        location=reply.headers.get("location"),
        pending=pending,
    )
