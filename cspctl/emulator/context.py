"""What a handler gets besides the request, and the two values every route module speaks in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from cspctl.emulator.audit.log import AuditLog
from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.serving.calls import Telemetry
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.wire.bodies import body_of, json_of

__all__ = ["Answer", "Context", "Handler", "RouteSpec", "body_of", "context", "json_of"]


@dataclass(slots=True)
class Context:
    """One per request."""

    store: Store
    settings: Settings
    clock: VirtualClock
    partner: str  # account GUID of the calling partner (the token's tenant), lower case
    principal: str | None  # UPN for user tokens, None for app-only
    application: str  # client id
    app_only: bool
    mfa: bool
    request_id: str
    correlation_id: str
    audit: AuditLog
    telemetry: Telemetry = field(default_factory=Telemetry)  # what the MFA reports count


@dataclass(slots=True)
class Answer:
    """A body of None sends no content; `raw` sends bytes as they are under `headers["content-type"]`."""

    status: int
    body: dict[str, Any] | list[Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


Handler = Callable[[Request, Context], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One operation. `auth` is "B" (app-only or app+user) or "U" (app+user only).

    `throttle` names the bucket; `creates` counts a 2xx answer as a created resource; `audience` names the
    resource the token must be for; `roles` replaces the settings' list of sufficient partner roles; `entra_only`
    refuses tokens that `generatetoken` made of others; `kept=False` keeps the answer out of the store (rule 5).
    A write runs alone and in one transaction, so its handler must not wait for wall time; one that does sets
    `atomic=False` and brings its own `store.transaction()`, without awaiting inside it.
    """

    method: str
    path: str
    handler: Handler
    auth: str = "B"
    name: str = ""
    throttle: str | None = None
    creates: bool = False
    audience: str = "partnercenter"
    roles: frozenset[str] | None = None
    atomic: bool = True
    entra_only: bool = False
    kept: bool = True


def context(request: Request) -> Context:
    """The context of a request that passed the protocol layer."""
    found: Context = request.state.ctx
    return found
