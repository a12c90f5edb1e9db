from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cspctl.errors import (
    AccessError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RemoteError,
)
from cspctl.partnercenter.calls import Reply, call
from cspctl.partnercenter.fault_hints import FAULTS
from cspctl.partnercenter.faults import clean, is_hidden_fault, read_fault, to_error
from cspctl.secret import Secret

CALL = call("PATCH", "/v1/customers/{customer}/orders/{order}", family="orders", customer="c-1", order="o-1")


def reply(status: int, body: Any, spoken: str | None = None) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    token = Secret(spoken) if spoken else None
    return Reply(status, {}, content, "request-1", "correlation-1", spoken=token)


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ({"code": 900118, "description": "Bad id", "data": ["x"], "source": "PartnerFD"}, "900118", "Bad id"),
        ({"Code": "900118", "Description": "Bad id"}, "900118", "Bad id"),
        ({"code": 600074, "message": "None", "errorName": "X", "isRetryable": False}, "600074", "None"),
        ({"error": {"code": "itemNotFound", "message": "No sheet", "innerError": {}}}, "itemNotFound", "No sheet"),
        ({"error": "invalid_grant", "error_description": "AADSTS1: no"}, "invalid_grant", "AADSTS1: no"),
        ({"statusCode": 429, "message": "Rate limit is exceeded."}, None, "Rate limit is exceeded."),
        ({}, None, ""),
        ([1, 2], None, ""),
        ("just text", None, "just text"),
        (b"<html><body>Bad gateway</body></html>", None, ""),
        (b"", None, ""),
        (b"\xff\xfe", None, ""),
        ({"code": None, "description": 5}, None, ""),
        ({"code": True, "description": ["x"]}, None, ""),
    ],
)
def test_every_shape_is_read(body: Any, code: str | None, text: str) -> None:
    fault = read_fault(body if isinstance(body, bytes) else json.dumps(body).encode())
    assert (fault.code, fault.text) == (code, text)


def test_documented_error_bodies_give_their_code_and_ids(samples: list[dict[str, Any]]) -> None:
    bodies = [
        (exchange["response_status"], exchange["response_body"])
        for exchange in samples
        if isinstance(exchange["response_body"], dict) and {"code", "description"} <= set(exchange["response_body"])
    ]
    assert len(bodies) >= 14
    for status, body in bodies:
        error = to_error(CALL, reply(status, body))
        assert isinstance(error, RemoteError)
        assert error.remote_code == str(body["code"])
        assert (error.status, error.request_id, error.correlation_id) == (status, "request-1", "correlation-1")
        assert body["description"][:100] in error.message


@pytest.mark.parametrize(
    ("status", "code", "kind", "ours"),
    [
        (401, 900420, AccessError, "E-ACCESS-AUDIENCE"),
        (401, 900421, AccessError, "E-ACCESS-MFA"),
        (401, 800001, AccessError, "E-ACCESS-TOKEN"),
        (401, 400, AccessError, "E-ACCESS-TOKEN"),
        (403, 13605, ForbiddenError, "E-AGREEMENT-MISSING"),
        (403, 900329, ForbiddenError, "E-ACCESS-APP-USER"),
        (403, 20002, ForbiddenError, "E-NO-RELATIONSHIP"),
        (403, 999999, ForbiddenError, "E-REMOTE-FORBIDDEN"),
        (404, 20003, NotFoundError, "E-REMOTE-NOT-FOUND"),
        (404, 400019, NotFoundError, "E-AVAILABILITY-GONE"),
        (409, 900278, ConflictError, "E-OPERATION-PENDING"),
        (409, 800082, ConflictError, "E-OPERATION-PENDING"),
        (409, 800014, ConflictError, "E-OPERATION-PENDING"),
        (409, 800060, ConflictError, "E-OPERATION-PENDING"),
        (409, 800064, ConflictError, "E-OPERATION-PENDING"),
        (409, 1003, ConflictError, "E-REMOTE-CONFLICT"),
        (400, 2055, ConflictError, "E-STALE-ETAG"),
        (417, 800036, ConflictError, "E-STALE-ETAG"),
        (412, 5, ConflictError, "E-STALE-ETAG"),
        (400, 800065, RemoteError, "E-CART-SUBMITTED"),
        (400, 123, RemoteError, "E-REMOTE"),
        (405, 0, RemoteError, "E-REMOTE-UNSUPPORTED"),
        (501, 0, RemoteError, "E-REMOTE-UNSUPPORTED"),
    ],
)
def test_classes_and_stable_codes(status: int, code: int, kind: type[Exception], ours: str) -> None:
    error = to_error(CALL, reply(status, {"code": code, "description": "x"}))
    assert type(error) is kind
    assert error.code == ours


def test_an_empty_412_still_says_what_to_do() -> None:
    error = to_error(CALL, reply(412, b""))
    assert error.code == "E-STALE-ETAG"
    assert error.hint


def test_messages_carry_the_route_and_no_ids_of_customers() -> None:
    error = to_error(CALL, reply(400, {"code": 1, "description": "x"}))
    assert "/v1/customers/{customer}/orders/{order}" in error.message
    assert "c-1" not in error.message


def test_server_text_is_one_bounded_line_without_control_characters() -> None:
    text = clean("a\x1b[31mred\r\nnext\u202eflip\u2028end\x00" + "x" * 1000)
    assert len(text) <= 300
    assert text.isprintable()
    assert text.startswith("a [31mred next flip end x")


def test_a_token_that_the_server_echoes_is_not_repeated() -> None:
    error = to_error(CALL, reply(401, {"code": 1, "description": "bad token abc.def"}, spoken="abc.def"))
    assert "abc.def" not in error.message
    assert "***" in error.message


def test_an_error_inside_a_success_is_noticed() -> None:
    assert is_hidden_fault({"code": 400072, "description": "This item isn't available"})
    assert not is_hidden_fault({"items": [], "code": 1, "description": "x"})
    assert not is_hidden_fault({"code": "DE", "name": "Germany"})
    assert not is_hidden_fault([])


def test_our_hints_speak_of_documented_codes() -> None:
    folder = os.environ.get("CSPCTL_SAMPLES") or Path(__file__).parents[3] / "shared/partner-center/samples"
    table = Path(folder).parent / "errors.json"
    if not table.is_file():
        pytest.skip("the documented error codes are not there")
    documented = {str(row["code"]) for row in json.loads(table.read_text("utf-8"))["errors"]}
    assert set(FAULTS) <= documented
