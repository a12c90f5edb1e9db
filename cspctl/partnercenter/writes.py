"""Writes: one effect at most. What may have happened is never repeated here; the caller settles it by
reading.

MS-RequestId is the idempotency key: it stays while no response came and is new after any response.
Source: Partner Center docs, page headers (Oct 2023).
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any

import httpx

from cspctl.errors import RemoteError, UnknownOutcomeError
from cspctl.model.ports import WriteContext
from cspctl.partnercenter.calls import Call, Reply
from cspctl.partnercenter.faults import is_hidden_fault, to_error
from cspctl.partnercenter.json_text import decode
from cspctl.partnercenter.retry import (
    NO_ANSWER,
    NOT_HTTP,
    NOT_SENT,
    Budget,
    Spent,
    is_hopeless,
    not_http,
    retry_after,
    throttled,
    unreachable,
)
from cspctl.partnercenter.session import Session

_REMEMBERED = 10_000
_SETTLE = "It may have happened: read the orders, carts and subscriptions before anything else is sent."


class Writes:
    def __init__(self, session: Session, budget: Budget | None = None) -> None:
        self.session = session
        self.budget = budget or Budget()
        self._answered: OrderedDict[str, None] = OrderedDict()

    async def write(self, call: Call, context: WriteContext) -> tuple[Any, Reply]:
        """The JSON (None for an empty 202 or 204) and the answer; `context.request_id` is the id that was
        used.

        Raises UnknownOutcomeError when the effect may have happened; ConflictError, other RemoteErrors and
        AccessError when it was refused; UnreachableError or ThrottledError when it was never accepted.
        """
        spent = Spent(self.budget)
        is_renewed = False
        while True:
            self._freshen(context)
            try:
                reply = await self._send(call, context)
            except NOT_SENT as fault:
                await self._again(call, spent, fault)
                continue
            self._remember(context.request_id)
            if reply.status == 401 and not is_renewed:
                is_renewed = True
                await self.session.renew(reply.spoken)
            elif reply.status == 429:
                self._throttled(call, spent, reply)
            else:
                return self._settled(call, reply), reply

    async def _send(self, call: Call, context: WriteContext) -> Reply:
        session = self.session
        try:
            async with session.limiter.turn(session.throttle_key(call)):
                return await session.exchange(
                    call, request_id=context.request_id, correlation_id=context.correlation_id
                )
        except NOT_SENT:
            raise
        except RemoteError:
            # A redirect: an answer all the same.
            self._remember(context.request_id)
            raise
        except NOT_HTTP as fault:
            raise not_http(call, fault) from None
        except NO_ANSWER as fault:
            raise _no_answer(call, context, fault) from None

    def _settled(self, call: Call, reply: Reply) -> Any:
        if reply.status >= 500 or reply.status == 408:
            raise _unknown(call, reply, f"answered {reply.status}")
        if not 200 <= reply.status < 300:
            raise to_error(call, reply)
        if not reply.content:
            if reply.status in (202, 204):
                return None
            raise _unknown(call, reply, f"answered {reply.status} without a body")
        try:
            body = decode(reply.content)
        except ValueError:
            raise _unknown(call, reply, f"answered {reply.status} with a broken body") from None
        if is_hidden_fault(body):
            raise to_error(call, reply)
        return body

    def _freshen(self, context: WriteContext) -> None:
        if context.request_id in self._answered:
            context.request_id = context.fresh()

    def _remember(self, request_id: str) -> None:
        self._answered[request_id] = None
        if len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)

    async def _again(self, call: Call, spent: Spent, cause: Exception) -> None:
        wait = spent.after_failure()
        if wait is None or is_hopeless(cause):
            raise unreachable(call, spent.failures, cause) from None
        self.session.report(
            "http.retry",
            {"method": call.method, "route": call.route, "attempt": spent.failures},
            logging.INFO,
        )
        await self.session.clock.sleep(wait)

    def _throttled(self, call: Call, spent: Spent, reply: Reply) -> None:
        wait = spent.after_throttle(retry_after(reply, self.session.clock.now()))
        if wait is None:
            raise throttled(call, spent.waited)
        self.session.report("http.throttled", {"route": call.route, "seconds": wait}, logging.INFO)
        self.session.limiter.pause(self.session.throttle_key(call), wait)


def unusable(call: Call, reply: Reply) -> UnknownOutcomeError:
    """For a success whose body is not what the operation answers."""
    return _unknown(call, reply, f"answered {reply.status} with an unexpected body")


def _unknown(call: Call, reply: Reply, what: str) -> UnknownOutcomeError:
    return UnknownOutcomeError(
        f"Partner Center {what} to {call.method} {call.route}",
        status=reply.status,
        request_id=reply.request_id,
        correlation_id=reply.correlation_id,
        hint=_SETTLE,
    )


def _no_answer(call: Call, context: WriteContext, cause: httpx.HTTPError) -> UnknownOutcomeError:
    return UnknownOutcomeError(
        f"no answer to {call.method} {call.route} ({type(cause).__name__})",
        status=0,
        request_id=context.request_id,
        correlation_id=context.correlation_id,
        hint=_SETTLE,
    )
