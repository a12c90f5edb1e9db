"""JSON in and out: any-case property names in, camelCase without nulls and internal keys out."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request

from cspctl.emulator.errors import ApiError
from cspctl.emulator.store import to_json
from cspctl.emulator.wire.body_kinds import misfit
from cspctl.emulator.wire.names import CAMEL


def json_of(request: Request) -> Any:
    """The request's JSON with camelCase property names; None for an empty body. Raises ApiError 400."""
    raw: bytes = request.state.body
    if not raw.strip():
        return None
    try:
        parsed = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))  # .NET clients may send a byte order mark
    except orjson.JSONDecodeError as error:
        raise ApiError(400, 800002, f"Invalid request input: the body is not JSON ({error}).") from None
    try:
        body = camel(parsed)
        wrong = misfit(body)
    except RecursionError:
        raise ApiError(400, 800002, "Invalid request input: the body is nested too deeply.") from None
    if wrong:
        raise ApiError(400, 800002, f"Invalid request input: {wrong}.")
    return body


def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object with camelCase property names; {} for none. Raises ApiError 400."""
    parsed = json_of(request)
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise ApiError(400, 800002, "Invalid request input: the body must be a JSON object.")
    return parsed


def camel(value: Any) -> Any:
    """Property names in any case become the documented camelCase; unknown ones lose a leading capital."""
    if isinstance(value, dict):
        return {camel_name(key): camel(item) for key, item in value.items()}
    if isinstance(value, list):
        return [camel(item) for item in value]
    return value


class Shown(dict[str, Any]):
    """An object made without nulls and internal keys, all the way down: it is sent as it is."""


_PLAIN = frozenset({str, int, float, bool, Shown})  # most values of an answer: they are not worth a call


def camel_name(key: str) -> str:
    return CAMEL.get(key.lower()) or key[:1].lower() + key[1:]


def pascal(value: Any) -> Any:
    """camelCase property names become PascalCase, nulls stay, internal keys go (audit records)."""
    if isinstance(value, dict):
        return {k[:1].upper() + k[1:]: pascal(v) for k, v in value.items() if not k.startswith("_")}
    if isinstance(value, list):
        return [pascal(item) for item in value]
    return value


def visible(value: Any) -> Any:
    """Without nulls and without keys that start with "_"; nulls inside lists stay."""
    if isinstance(value, dict):
        shown = {}
        for key, inner in value.items():  # one loop and no call for plain values: every answer passes through here
            if inner is not None and key[:1] != "_":
                shown[key] = inner if not inner or inner.__class__ in _PLAIN else visible(inner)
        return shown
    if isinstance(value, list):
        return [item if item.__class__ in _PLAIN else visible(item) for item in value]
    return value


def wire(body: Any) -> bytes:
    return to_json(visible(body))
