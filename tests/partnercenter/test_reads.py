"""Reads over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from cspctl.errors import (
    AccessError,
    CspctlError,
    NotFoundError,
    RefusedError,
    RemoteError,
    ThrottledError,
    UnreachableError,
)
from cspctl.partnercenter.calls import Call, call
from cspctl.partnercenter.reads import Reads
from cspctl.partnercenter.session import Session

GET = call("GET", "/v1/customers/{customer}", family="customers", customer="cust-no-1")
Read = Callable[..., Any]


@pytest.fixture
def read(partner: Any, clock: Any, tokens: Any, budget: Any) -> Read:
    """Sends one call through a session of its own."""

    def run(request: Call = GET, url: str | None = None, **options: Any) -> Any:
        async def main() -> Any:
            session = Session(url or partner.url, tokens.token, clock=clock, tenant="t", **options)
            try:
                return await Reads(session, budget).read(request)
            finally:
                await session.aclose()

        return asyncio.run(main())

    return run


# Twenty in flight go through httpx's pool, more through the shards: both must behave alike.
both_transports = pytest.mark.parametrize("concurrency", [2, 50])


@both_transports
def test_headers_and_body(read: Read, partner: Any, say: Any, concurrency: int) -> None:
    partner.script = [say(body=b'{"price": 30.40}')]
    assert read(concurrency=concurrency) == {"price": Decimal("30.40")}
    (request,) = partner.seen
    assert (request.method, request.target) == ("GET", "/v1/customers/cust-no-1")
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["accept"] == "application/json"
    assert request.headers["x-locale"] == "en-US"
    assert request.headers["ms-partnercenter-application"] == "cspctl"
    assert request.headers["host"] == partner.url.removeprefix("http://")
    assert len(request.headers["ms-requestid"]) == 36
    assert len(request.headers["ms-correlationid"]) == 36
    assert "content-type" not in request.headers


@both_transports
def test_a_lost_answer_is_asked_for_again_with_the_same_id(
    read: Read, partner: Any, say: Any, clock: Any, concurrency: int
) -> None:
    partner.script = [say(drop=True), say(body={"id": "x"})]
    assert read(concurrency=concurrency) == {"id": "x"}
    first, second = partner.ids()
    assert first == second
    assert clock.sleeps == [0.5]


@both_transports
def test_an_answer_that_is_cut_off_is_asked_for_again(read: Read, partner: Any, say: Any, concurrency: int) -> None:
    partner.script = [say(body={"id": "x" * 100}, cut=True), say(body={"id": "x"})]
    assert read(concurrency=concurrency) == {"id": "x"}


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_transient_error_is_asked_again_with_a_new_id(read: Read, partner: Any, say: Any, status: int) -> None:
    partner.script = [say(status, b"<html>busy</html>"), say(body={"id": "x"})]
    assert read() == {"id": "x"}
    first, second = partner.ids()
    assert first != second
    correlations = {request.headers["ms-correlationid"] for request in partner.seen}
    assert len(correlations) == 1


def test_broken_json_is_asked_again(read: Read, partner: Any, say: Any) -> None:
    partner.script = [say(body=b'{"id": '), say(body=b""), say(body={"id": "x"})]
    assert read() == {"id": "x"}


def test_backing_off_grows_and_ends(read: Read, partner: Any, say: Any, clock: Any) -> None:
    partner.answer = lambda _: say(503)
    with pytest.raises(UnreachableError) as caught:
        read()
    assert len(partner.seen) == 4
    assert clock.sleeps == [0.5, 1.0, 2.0]
    assert caught.value.exit_code == 7
    assert "503" in caught.value.message


def test_nobody_listens(read: Read, closed_port: str, clock: Any) -> None:
    with pytest.raises(UnreachableError) as caught:
        read(url=closed_port)
    assert "ConnectError" in caught.value.message
    assert len(clock.sleeps) == 3


@pytest.mark.parametrize("status", [405, 501])
def test_what_is_not_offered_is_not_asked_again(read: Read, partner: Any, say: Any, status: int) -> None:
    partner.answer = lambda _: say(status, b"")
    with pytest.raises(RemoteError) as caught:
        read()
    assert caught.value.code == "E-REMOTE-UNSUPPORTED"
    assert len(partner.seen) == 1


def test_other_refusals_are_not_asked_again(read: Read, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(404, {"code": 20003, "description": "none"})
    with pytest.raises(NotFoundError) as caught:
        read()
    assert len(partner.seen) == 1
    assert [caught.value.request_id] == partner.ids()


def test_retry_after_is_waited_for(read: Read, partner: Any, say: Any, clock: Any) -> None:
    throttle = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."}
    partner.script = [say(429, throttle, {"Retry-After": "57"}), say(body={"id": "x"})]
    assert read() == {"id": "x"}
    assert clock.sleeps == [57]


def test_without_the_header_the_text_of_a_429_counts(read: Read, partner: Any, say: Any, clock: Any) -> None:
    throttle = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 31 seconds."}
    partner.script = [say(429, throttle), say(body={"id": "x"})]
    assert read() == {"id": "x"}
    assert clock.sleeps == [31]


def test_retry_after_may_be_a_date(read: Read, partner: Any, say: Any, clock: Any) -> None:
    partner.script = [
        say(429, {}, {"Retry-After": "Sat, 21 Nov 2026 12:00:20 GMT"}),
        say(body={"id": "x"}),
    ]
    assert read() == {"id": "x"}
    assert clock.sleeps == [20]


def test_repeated_throttling_backs_off_and_ends(read: Read, partner: Any, say: Any, clock: Any) -> None:
    partner.answer = lambda _: say(429, {}, {"Retry-After": "0"})
    with pytest.raises(ThrottledError):
        read()
    assert sum(clock.sleeps) <= 600
    assert clock.sleeps[:3] == [1.0, 2.0, 4.0]


def test_a_refused_token_is_renewed_once(read: Read, partner: Any, say: Any, tokens: Any) -> None:
    partner.script = [say(401, {"code": 800001, "description": "x"}), say(body={"id": "x"})]
    assert read() == {"id": "x"}
    assert [request.headers["authorization"] for request in partner.seen] == [
        "Bearer token-1",
        "Bearer token-2",
    ]
    assert tokens.forced == 1


def test_a_token_refused_twice_is_an_access_error(read: Read, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(401, {"code": 900421, "description": "x"})
    with pytest.raises(AccessError) as caught:
        read()
    assert caught.value.code == "E-ACCESS-MFA"
    assert caught.value.exit_code == 6
    assert len(partner.seen) == 2


def test_many_refusals_at_once_renew_the_token_once(
    partner: Any, say: Any, clock: Any, tokens: Any, budget: Any
) -> None:
    partner.answer = lambda seen: say(401 if seen.headers["authorization"] == "Bearer token-1" else 200, {"id": "x"})

    async def main() -> None:
        session = Session(partner.url, tokens.token, clock=clock, concurrency=30)
        reads = Reads(session, budget)
        await asyncio.gather(*(reads.read(GET) for _ in range(30)))
        await session.aclose()

    asyncio.run(main())
    assert tokens.forced == 1


def test_an_error_inside_a_success(read: Read, partner: Any, say: Any) -> None:
    partner.script = [say(body={"code": 400072, "description": "This item isn't available"})]
    with pytest.raises(RemoteError) as caught:
        read()
    assert caught.value.code == "E-NOT-AVAILABLE"


def test_redirects_stay_on_the_origin(read: Read, partner: Any, say: Any) -> None:
    partner.script = [say(307, b"", {"Location": "/v1/elsewhere?a=b"}), say(body={"id": "x"})]
    assert read() == {"id": "x"}
    assert partner.seen[1].target == "/v1/elsewhere?a=b"


def test_a_redirect_elsewhere_is_not_followed(read: Read, partner: Any, say: Any) -> None:
    partner.script = [say(302, b"", {"Location": "https://evil.example/v1/customers"})]
    with pytest.raises(RemoteError) as caught:
        read()
    assert caught.value.code == "E-ORIGIN"
    assert len(partner.seen) == 1


def test_redirects_in_circles_end(read: Read, partner: Any, say: Any) -> None:
    partner.answer = lambda seen: say(302, b"", {"Location": seen.target})
    with pytest.raises(RemoteError) as caught:
        read()
    assert caught.value.code == "E-REDIRECT"


@pytest.mark.parametrize(
    "request_call",
    [
        call("PATCH", "/v1/customers/{customer}", family="customers", customer="c"),
        call("DELETE", "/v1/customers/{customer}", family="customers", customer="c"),
        call("POST", "/v1/customers/{customer}/carts", family="carts", customer="c"),
    ],
)
def test_what_changes_something_is_not_a_read(read: Read, partner: Any, request_call: Call) -> None:
    with pytest.raises(RefusedError) as caught:
        read(request_call)
    assert caught.value.code == "E-READ-ONLY"
    assert partner.seen == []


def test_a_harmless_post_is_a_read(read: Read, partner: Any, say: Any) -> None:
    partner.script = [say(503), say(body={"status": "Verified"})]
    request = call("POST", "/v1/validations/address", family="validations", body={"city": "Bremen"})
    assert read(request) == {"status": "Verified"}
    assert [seen.json for seen in partner.seen] == [{"city": "Bremen"}] * 2
    assert partner.seen[0].headers["content-type"] == "application/json"


def test_a_request_that_is_no_http_is_our_own_fault(read: Read, clock: Any) -> None:
    with pytest.raises(CspctlError) as caught:
        read(call("GET", "/v1/x", family="x", headers={"X-Test": "a\r\nb: c"}))
    assert caught.value.code == "E-REQUEST"
    assert clock.sleeps == []


def test_a_faked_transport_may_be_given(read: Read) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"id": "fake"}))
    assert read(url="https://api.partnercenter.microsoft.com", transport=transport) == {"id": "fake"}


def test_logs_carry_route_and_ids_and_no_secrets(
    read: Read, partner: Any, say: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "cspctl.partnercenter")
    events: list[tuple[str, Any]] = []
    partner.script = [say(429, {}, {"Retry-After": "1"}), say(body={"secret": "body-text"})]
    read(on_event=lambda name, fields: events.append((name, dict(fields))))
    (first, *_) = [record for record in caplog.records if record.event == "http.request"]  # type: ignore[attr-defined] # set through extra
    fields = first.__dict__
    assert (fields["method"], fields["route"], fields["status"]) == ("GET", "/v1/customers/{customer}", 429)
    assert fields["request_id"] == partner.ids()[0]
    assert [name for name, _ in events] == ["http.request", "http.throttled", "http.request"]
    everything = repr([record.__dict__ for record in caplog.records]) + repr(events)
    for hidden in ("token-1", "Bearer", "body-text", "cust-no-1"):
        assert hidden not in everything
