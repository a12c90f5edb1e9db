"""One request to Partner Center as inert data, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from cspctl.errors import InputError
from cspctl.secret import Secret


@dataclass(frozen=True, slots=True)
class Call:
    """`route` is the path template: it goes to logs, the path itself does not.

    `family` and `customer` are parts of the throttle key. `body` None sends none.
    """

    method: str
    route: str
    path: str
    family: str
    customer: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def target(self) -> str:
        """Path and query, percent-encoded."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path

    def with_query(self, query: Mapping[str, str]) -> Call:
        return replace(self, query=query)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to the end. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    request_id: str
    correlation_id: str
    # The token that was sent, so that an error text which echoes it can be cleaned.
    spoken: Secret | None = None


def call(
    method: str,
    route: str,
    *,
    family: str,
    query: Mapping[str, str | None] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    **segments: str,
) -> Call:
    """Fills `{name}` of the route with encoded segments; a query parameter that is None is left out.

    Raises InputError `E-ID` for a segment that is empty or would change the path.
    """
    encoded = {name: _segment(name, value) for name, value in segments.items()}
    return Call(
        method=method,
        route=route,
        path=route.format(**encoded),
        family=family,
        customer=segments.get("customer"),
        query={name: value for name, value in (query or {}).items() if value is not None},
        headers=dict(headers or {}),
        body=body,
    )


def _segment(name: str, value: str) -> str:
    if not value or value in (".", ".."):
        raise InputError(f"the {name} id is empty or no id", code="E-ID")
    return quote(value, safe="")
