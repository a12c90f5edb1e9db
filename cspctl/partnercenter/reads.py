"""Reads: repeated until there is an answer or the budget is used up. Whatever changes something is refused
here."""

from __future__ import annotations

import logging
from typing import Any

from cspctl.errors import RefusedError
from cspctl.partnercenter.calls import Call, Reply
from cspctl.partnercenter.faults import is_hidden_fault, to_error
from cspctl.partnercenter.json_text import decode
from cspctl.partnercenter.request_ids import new_id
from cspctl.partnercenter.retry import (
    NO_ANSWER,
    NOT_HTTP,
    Budget,
    Spent,
    is_hopeless,
    not_http,
    retry_after,
    throttled,
    unreachable,
)
from cspctl.partnercenter.session import Session

# POST requests that change nothing. Source: Partner Center docs, pages get-promotions, check-inventory,
# validate-an-address, validate-subscription-for-migration (Oct 2023).
READ_POSTS = frozenset(
    {
        "/v1/customers/{customer}/promotionEligibilities",
        "/v1/extensions/product/checkInventory",
        "/v1/validations/address",
        "/v1/customers/{customer}/migrations/newcommerce/validate",
    }
)
# A server that says 5xx may say otherwise in a moment, except that it will not learn an operation meanwhile.
_FINAL = frozenset({501, 505})


class Reads:
    def __init__(self, session: Session, budget: Budget | None = None) -> None:
        self.session = session
        self.budget = budget or Budget()

    async def read(self, call: Call) -> Any:
        """The JSON of a 2xx answer.

        Raises AccessError, RemoteError and its kinds, UnreachableError or ThrottledError when the budget
        is used up.
        """
        if call.method not in ("GET", "HEAD") and (call.method != "POST" or call.route not in READ_POSTS):
            raise RefusedError(f"{call.method} {call.route} is not a read", code="E-READ-ONLY")
        return await _Reading(self.session, call, self.budget).answer()


class _Reading:
    """One logical read over its tries."""

    def __init__(self, session: Session, call: Call, budget: Budget) -> None:
        self._session = session
        self._call = call
        self._spent = Spent(budget)
        self._request_id = new_id()
        self._correlation_id = new_id()
        self._renewed = False

    async def answer(self) -> Any:
        while True:
            reply = await self._try()
            if reply is None:
                continue
            if 200 <= reply.status < 300:
                if self._call.method == "HEAD" or reply.status == 204:
                    return None
                try:
                    body = decode(reply.content)
                except ValueError:
                    self._request_id = new_id()
                    await self._again(None, None)
                    continue
                return self._unmasked(body, reply)
            if not await self._recovered(reply):
                raise to_error(self._call, reply)

    async def _try(self) -> Reply | None:
        session = self._session
        try:
            async with session.limiter.turn(session.throttle_key(self._call)):
                reply = await session.exchange(
                    self._call, request_id=self._request_id, correlation_id=self._correlation_id
                )
        except NOT_HTTP as fault:
            raise not_http(self._call, fault) from None
        except NO_ANSWER as fault:
            await self._again(fault, None)
            return None
        return reply

    async def _recovered(self, reply: Reply) -> bool:
        """True when it makes sense to try again; has waited then."""
        # Any response makes the id used, no response leaves it. Source: docs, page headers (Oct 2023).
        self._request_id = new_id()
        if reply.status == 401 and not self._renewed:
            self._renewed = True
            await self._session.renew(reply.spoken)
            return True
        if reply.status == 429:
            await self._throttled(reply)
            return True
        if reply.status == 408 or (reply.status >= 500 and reply.status not in _FINAL):
            await self._again(None, reply.status)
            return True
        return False

    async def _again(self, cause: Exception | None, status: int | None) -> None:
        wait = self._spent.after_failure()
        if wait is None or (cause is not None and is_hopeless(cause)):
            raise unreachable(self._call, self._spent.failures, cause, status) from None
        self._session.report(
            "http.retry",
            {"method": self._call.method, "route": self._call.route, "attempt": self._spent.failures},
            logging.INFO,
        )
        await self._session.clock.sleep(wait)

    async def _throttled(self, reply: Reply) -> None:
        session = self._session
        wait = self._spent.after_throttle(retry_after(reply, session.clock.now()))
        if wait is None:
            raise throttled(self._call, self._spent.waited)
        session.report("http.throttled", {"route": self._call.route, "seconds": wait}, logging.INFO)
        session.limiter.pause(session.throttle_key(self._call), wait)

    def _unmasked(self, body: Any, reply: Reply) -> Any:
        if is_hidden_fault(body):
            raise to_error(self._call, reply)
        return body
