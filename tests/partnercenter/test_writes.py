"""At most one effect, and the rule for request ids: the same while no response came, new after any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cspctl.errors import (
    AccessError,
    ConflictError,
    RemoteError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from cspctl.partnercenter.calls import call
from cspctl.partnercenter.session import Session
from cspctl.partnercenter.writes import Writes

POST = call("POST", "/v1/customers/{customer}/carts", family="carts", customer="c", body={"lineItems": []})
Write = Callable[..., Any]


@pytest.fixture
def write(partner: Any, clock: Any, tokens: Any, budget: Any, ids: Any) -> Write:
    """Sends one call `times` times with one context, through a session of its own."""

    def run(url: str | None = None, times: int = 1, concurrency: int = 2) -> Any:
        async def main() -> Any:
            session = Session(url or partner.url, tokens.token, clock=clock, concurrency=concurrency)
            writes = Writes(session, budget)
            context = ids.context()
            try:
                for _ in range(times):
                    body, _reply = await writes.write(POST, context)
                return body
            finally:
                await session.aclose()

        return asyncio.run(main())

    return run


def test_the_journaled_ids_are_used(write: Write, partner: Any, say: Any) -> None:
    partner.script = [say(201, {"id": "cart"})]
    assert write() == {"id": "cart"}
    (request,) = partner.seen
    assert request.headers["ms-requestid"] == "id-1"
    assert request.headers["ms-correlationid"] == "flow"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {"lineItems": []}


@pytest.mark.parametrize("concurrency", [2, 50])
@pytest.mark.parametrize(
    "trouble",
    [
        {"drop": True},
        {"status": 201, "body": {"id": "x" * 100}, "cut": True},
        {"status": 201, "body": b"{broken"},
        {"status": 201, "body": b""},
        {"status": 200, "body": b"<html>"},
        {"status": 500, "body": {"code": 800003, "description": "x"}},
        {"status": 502, "body": b""},
        {"status": 503, "body": b"", "headers": {"Retry-After": "1"}},
        {"status": 501, "body": b""},
        {"status": 408, "body": b""},
    ],
)
def test_what_may_have_happened_is_not_sent_again(
    write: Write, partner: Any, say: Any, ids: Any, clock: Any, trouble: dict[str, Any], concurrency: int
) -> None:
    partner.answer = lambda _: say(**trouble)
    with pytest.raises(UnknownOutcomeError) as caught:
        write(concurrency=concurrency)
    assert len(partner.seen) == 1
    assert clock.sleeps == []
    assert ids.journal == ["id-1"], "no id is journaled that is not used"
    assert (caught.value.request_id, caught.value.correlation_id) == ("id-1", "flow")


def test_a_connection_that_was_never_made_may_be_tried_again_with_the_same_id(
    write: Write, closed_port: str, ids: Any, clock: Any
) -> None:
    with pytest.raises(UnreachableError):
        write(url=closed_port)
    assert clock.sleeps == [0.5, 1.0, 2.0]
    assert ids.journal == ["id-1"]


def test_after_a_429_the_id_is_fresh(write: Write, partner: Any, say: Any, ids: Any, clock: Any) -> None:
    partner.script = [say(429, {}, {"Retry-After": "57"}), say(201, {"id": "cart"})]
    assert write() == {"id": "cart"}
    assert partner.ids() == ["id-1", "id-2"]
    assert ids.journal == ["id-1", "id-2"]
    assert clock.sleeps == [57]


def test_throttling_beyond_the_budget(write: Write, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(429, {}, {"Retry-After": "400"})
    with pytest.raises(ThrottledError):
        write()
    assert len(partner.seen) == 2


def test_after_a_401_the_token_is_renewed_and_the_id_is_fresh(
    write: Write, partner: Any, say: Any, tokens: Any
) -> None:
    partner.script = [say(401, {"code": 800001, "description": "x"}), say(201, {"id": "cart"})]
    assert write() == {"id": "cart"}
    assert partner.ids() == ["id-1", "id-2"]
    assert partner.seen[1].headers["authorization"] == "Bearer token-2"


def test_a_token_refused_twice(write: Write, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(401, {"code": 900420, "description": "x"})
    with pytest.raises(AccessError):
        write()
    assert len(partner.seen) == 2


def test_a_context_that_was_answered_gets_a_fresh_id_for_the_next_write(write: Write, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(201, {"id": "cart"})
    write(times=3)
    assert partner.ids() == ["id-1", "id-2", "id-3"]


def test_after_no_response_the_same_context_keeps_its_id(
    partner: Any, say: Any, clock: Any, tokens: Any, budget: Any, ids: Any
) -> None:
    partner.script = [say(drop=True), say(201, {"id": "cart"})]

    async def main() -> None:
        session = Session(partner.url, tokens.token, clock=clock)
        writes = Writes(session, budget)
        context = ids.context()
        with pytest.raises(UnknownOutcomeError):
            await writes.write(POST, context)
        await writes.write(POST, context)
        await session.aclose()

    asyncio.run(main())
    assert partner.ids() == ["id-1", "id-1"]


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [(409, 900278, "E-OPERATION-PENDING"), (400, 2055, "E-STALE-ETAG"), (412, 0, "E-STALE-ETAG")],
)
def test_conflicts_are_for_the_caller(write: Write, partner: Any, say: Any, status: int, code: int, ours: str) -> None:
    partner.answer = lambda _: say(status, {"code": code, "description": "x"})
    with pytest.raises(ConflictError) as caught:
        write()
    assert caught.value.code == ours
    assert len(partner.seen) == 1


def test_an_error_inside_a_success_is_a_refusal(write: Write, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(200, {"code": 400072, "description": "x"})
    with pytest.raises(RemoteError) as caught:
        write()
    assert caught.value.code == "E-NOT-AVAILABLE"


@pytest.mark.parametrize("location", ["/v1/other", "https://evil.example/v1/other"])
def test_a_write_follows_no_redirect(write: Write, partner: Any, say: Any, location: str) -> None:
    partner.answer = lambda _: say(307, b"", {"Location": location})
    with pytest.raises(RemoteError) as caught:
        write()
    assert caught.value.code == "E-REDIRECT"
    assert len(partner.seen) == 1


@pytest.mark.parametrize("status", [202, 204])
def test_accepted_without_a_body(write: Write, partner: Any, say: Any, status: int) -> None:
    partner.answer = lambda _: say(status)
    assert write() is None
