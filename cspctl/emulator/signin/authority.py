"""What the sign-in routes share: tenants, audiences, error answers.

Source: Partner Center docs, page partner-center-authentication (Oct 2023).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus
from uuid import uuid4

from starlette.requests import Request

from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.context import Answer
from cspctl.emulator.settings import GRAPH_APP, LOOPBACK_HOSTS, VENDOR_HOSTS
from cspctl.emulator.store import Store

SHARED_TENANTS = frozenset({"common", "organizations"})


class SignInError(Exception):
    """`number` is the AADSTS number, `error` the OAuth error word."""

    def __init__(self, number: int, message: str, *, error: str = "invalid_request", status: int = 400) -> None:
        super().__init__(message)
        self.number = number
        self.message = message
        self.error = error
        self.status = status

    def answer(self, clock: VirtualClock) -> Answer:
        trace, correlation = str(uuid4()), str(uuid4())
        stamp = clock.now().strftime("%Y-%m-%d %H:%M:%SZ")
        body: dict[str, Any] = {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.message} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
        }
        return Answer(self.status, body, {"Cache-Control": "no-store"})


def pending(error: str, message: str) -> SignInError:
    """The device flow's answers that are no failures."""
    return SignInError(70016, message, error=error)


def form_of(request: Request) -> dict[str, str]:
    """The urlencoded body; the last value of a repeated field counts."""
    body: bytes = request.state.body
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def with_basic(request: Request, form: dict[str, str]) -> dict[str, str]:
    """The form with the client's id and secret from an `Authorization: Basic` header, where it has none itself.

    General OAuth behaviour (RFC 6749, section 2.3.1): some libraries send them so by default.
    """
    scheme, _, packed = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form
    try:
        text = base64.b64decode(packed.strip(), validate=True).decode()
    except ValueError:
        return form
    client, _, secret = text.partition(":")
    return {"client_id": unquote_plus(client), "client_secret": unquote_plus(secret), **form}


def tenant_of(store: Store, name: str) -> str:
    """The account id of a seeded partner, by id or domain. Raises SignInError 90002."""
    key = name.lower()
    if store.get("partner", "", key):
        return key
    for partner in store.list("partner", ""):
        if str(partner.get("domain", "")).lower() == key:
            return str(partner["accountId"]).lower()
    raise SignInError(
        90002,
        f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into "
        "the correct cloud.",
    )


def home_of(store: Store, name: str, fields: Mapping[str, str]) -> str:
    """The tenant in which a person signs in; on `common` and its like it follows from a hint, or there is just one.

    The documented consent goes through `common`, where the real service asks who is there. Raises SignInError
    90002 for a tenant that is not seeded, 50059 where several could be meant.
    """
    if name.lower() not in SHARED_TENANTS:
        return tenant_of(store, name)
    partners = store.list("partner", "")
    by_domain = {str(one.get("domain", "")).lower(): str(one["accountId"]).lower() for one in partners}
    for hint in (fields.get("domain_hint", ""), fields.get("login_hint", "").rpartition("@")[2]):
        if hint.lower() in by_domain:
            return by_domain[hint.lower()]
    if len(partners) == 1:
        return str(partners[0]["accountId"]).lower()
    raise SignInError(
        50059, f"No tenant-identifying information found: {len(partners)} partners could be meant; add login_hint."
    )


def domain_of(store: Store, tenant: str) -> str:
    partner = store.get("partner", "", tenant) or {}
    return str(partner.get("domain") or f"{tenant}.onmicrosoft.com")


def audience_of(form: dict[str, str]) -> str | None:
    """The resource asked for: `resource` (v1), or that of the first scope with one (v2); else None."""
    if form.get("resource"):
        return form["resource"].rstrip("/")
    for scope in form.get("scope", "").split():
        if "/" in scope:
            return scope.rpartition("/")[0].rstrip("/")
    return None


def granted_scope(form: dict[str, str], audience: str) -> str:
    """The scopes of the answer: those asked for of the resource, as sign-in libraries cache by them."""
    asked = [scope for scope in form.get("scope", "").split() if "/" in scope]
    return " ".join(asked) or (f"{audience}/.default" if audience != GRAPH_APP else "openid profile")


def is_safe_redirect(uri: str) -> bool:
    """Codes go to this machine, or to the native-client page of the sign-in host, and nowhere else."""
    scheme, _, rest = uri.partition("://")
    if scheme not in ("http", "https") or "\\" in rest:
        return False
    authority = rest.partition("/")[0].partition("?")[0].partition("#")[0].lower()
    if "@" in authority:
        return False
    host = authority[1:].partition("]")[0] if authority.startswith("[") else authority.partition(":")[0]
    return host in LOOPBACK_HOSTS or host in VENDOR_HOSTS
