"""One script per write operation: it prepares a shop and answers the call that performs the write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

Call = Callable[[], httpx.Response]
Script = Callable[[Any], Call]
OURS, THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
SANDBOX, SANDBOX_PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a60"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
IDS = {
    "MS-RequestId": "5f6c9d0e-6c7a-4b66-8d0c-0e8a8c6f1d02",
    "MS-CorrelationId": "a176c585-b5de-4d65-824c-67a6deb45cd9",
}
C = "/v1/customers/{customer_id}"
S = f"{C}/subscriptions/{{subscription_id}}"


@dataclass(frozen=True)
class Write:
    """`operation` is the documented type of its record, or "" for a write that leaves none, for `reason`."""

    method: str
    path: str
    script: Script
    operation: str
    reason: str = ""
    partner: str = OURS
    settings: dict[str, Any] = field(default_factory=dict)


WRITES: dict[tuple[str, str], Write] = {}


def writes(
    method: str, path: str, operation: str = "", *, reason: str = "", partner: str = OURS, **settings: Any
) -> Callable[[Script], Script]:
    """Registers a script. Raises ValueError for a second one, and for one with neither operation nor reason."""

    def keep(script: Script) -> Script:
        if (method, path) in WRITES or bool(operation) == bool(reason):
            raise ValueError(f"{method} {path}")
        WRITES[method, path] = Write(method, path, script, operation, reason, partner, settings)
        return script

    return keep


def elsewhere(shop: Any, host: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    """A call of another host than Partner Center, as a user."""
    given = {"Authorization": f"Bearer {shop.bearer(f'https://{host}', shop.partner, True)}", **headers}
    more = {} if body is None else {"json": body}
    answer: httpx.Response = shop.send(method=method, url=path, headers=given, **more)
    return answer
