"""Who calls: the bearer token against the operation (rules 1 to 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cspctl.emulator.context import RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.settings import Settings
from cspctl.emulator.signin.tokens import EXCHANGED, TokenError, Tokens
from cspctl.emulator.store import Store

_EXCHANGED_TEXT = (
    "Partner token is not allowed in license management calls. Please call with Partner Access Token. To learn more, "
    "see https://learn.microsoft.com/partner-center/developer/enable-secure-app-model#get-access-token"
)


@dataclass(frozen=True, slots=True)
class Caller:
    partner: str
    principal: str | None
    application: str
    app_only: bool
    mfa: bool
    cloud: str = "global"  # of the partner's account


def identify(
    headers: Mapping[str, str],
    spec: RouteSpec,
    tokens: Tokens,
    store: Store,
    settings: Settings,
    seen: Callable[[Caller], None] | None = None,
) -> Caller:
    """The caller of an operation; `seen` learns of a caller before rules refuse it.

    Raises ApiError 401/800001 (no token), 401/400 (garbled or expired), 401/900420 (audience), 403/2032 (no
    CSP access), 403/900329 (app-only), 401/900421 (no MFA), 403/900308 (no sufficient role), 400/900316 (a token
    of `generatetoken` where the sign-in service's own is asked for).
    Source: Partner Center docs, page error-codes (Oct 2023); 900420 and 900421 are of 2025 and 2026.
    """
    claims = _claims(headers.get("authorization", ""), tokens)
    if claims.get("aud") not in settings.audiences[spec.audience]:
        raise ApiError(401, 900420, "The audience of the access token is invalid or no longer supported.")
    tenant = str(claims.get("tid", "")).lower()
    partner = store.get("partner", "", tenant)
    if partner is None or partner.get("tier", "direct") not in settings.csp_tiers:
        raise ApiError(403, 2032, "Access denied")
    principal = claims.get("upn")
    caller = Caller(
        partner=tenant,
        principal=principal,
        application=str(claims.get("appid", "")),
        app_only=principal is None,
        mfa="mfa" in claims.get("amr", ()),
        cloud=str(partner.get("cloud") or "global"),
    )
    if seen is not None:
        seen(caller)
    if caller.app_only:
        if spec.auth == "U":
            raise ApiError(403, 900329, "This resource does not support application-only authentication.")
        return caller
    if settings.enforce_mfa and not caller.mfa:
        raise ApiError(401, 900421, "The access token does not carry a multifactor authentication claim.")
    if not _roles(claims) & _sufficient(spec, settings):
        raise ApiError(403, 900308, "Insufficient privileges to complete the operation.")
    if spec.entra_only and claims.get(EXCHANGED):
        raise ApiError(400, 900316, _EXCHANGED_TEXT)
    return caller


def _claims(header: str, tokens: Tokens) -> dict[str, Any]:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(401, 800001, "Partner Token missing in request context")
    try:
        return tokens.read(token.strip())
    except TokenError:
        raise ApiError(401, 400, "Access denied") from None


def _roles(claims: dict[str, Any]) -> set[str]:
    return {str(role).replace(" ", "").lower() for role in claims.get("partner_roles", ())}


def _sufficient(spec: RouteSpec, settings: Settings) -> frozenset[str]:
    if spec.roles is not None:
        return frozenset(role.replace(" ", "").lower() for role in spec.roles)
    return settings.reading_roles if spec.method in ("GET", "HEAD") else settings.writing_roles
