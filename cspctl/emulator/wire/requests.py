"""What several operations read from a request in the same way: country, lists of objects, quantities, filters."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request

from cspctl.emulator.errors import ApiError
from cspctl.emulator.wire.shapes import query_value

_LARGEST = 2**31 - 1


def invalid(text: str) -> ApiError:
    """400/800002, the documented answer to input that cannot be read."""
    return ApiError(400, 800002, f"Invalid request input: {text}.")


def filter_of(text: str) -> dict[str, str]:
    """A `filter` of the query, one JSON object of plain values, by lower-case name. Raises 400/800002."""
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict) or not all(isinstance(value, str | int | float) for value in parsed.values()):
        raise invalid("the filter must be a JSON object of plain values")
    return {key.lower(): str(value) for key, value in parsed.items()}


def country_of(request: Request) -> str:
    """The required two-letter `country` of the query in upper case. Raises 400/800002."""
    country = query_value(request, "country") or ""
    if len(country) != 2 or not country.isalpha():
        raise invalid("country must be a two-letter code")
    return country.upper()


def objects(value: object, name: str) -> list[dict[str, Any]]:
    """A list of at least one JSON object. Raises 400/800002."""
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise invalid(f"{name} must hold at least one object")
    return value


def whole(value: object, name: str, *, least: int = 1) -> int:
    """A whole number of at least `least`, as large as an int of the service. Raises 400/2002."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else least - 1
    if not least <= number <= _LARGEST or number != int(number):
        raise ApiError(400, 2002, f"Subscription quantity isn't within minimum and maximum: {name} {value!r}.")
    return int(number)


def self_uri(request: Request) -> str:
    """The host-relative address of the request without /v1, for `links.self`."""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path.removeprefix("/v1") + query


def text_of(body: dict[str, Any], name: str) -> str:
    """A required text of a body. Raises 400/800002."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(f"{name} is required")
    return value.strip()
