"""The sign-in service: metadata, authorization and device codes, the token endpoint in its v1 and v2 forms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.requests import Request

from cspctl.emulator.context import Answer
from cspctl.emulator.serving.front import PlainRoute
from cspctl.emulator.serving.protocol import World
from cspctl.emulator.settings import GRAPH_APP
from cspctl.emulator.signin.authority import (
    SHARED_TENANTS,
    SignInError,
    audience_of,
    domain_of,
    form_of,
    granted_scope,
    home_of,
    is_safe_redirect,
    pending,
    tenant_of,
    with_basic,
)
from cspctl.emulator.signin.discovery import Discovery, base_of, issuer_of
from cspctl.emulator.signin.identity_tokens import IdentityTokens
from cspctl.emulator.signin.redirects import sent_back
from cspctl.emulator.signin.tokens import Grant, RefreshError, b64, object_id

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass
class _Code:
    """An authorization code or a device code that waits to be redeemed; both live in memory only."""

    grant: Grant
    audience: str
    expires: datetime
    redirect_uri: str = ""
    challenge: str = ""
    challenge_method: str = "plain"
    nonce: str | None = None
    polls: int = 0


class Login:
    def __init__(self, world: World) -> None:
        self._world = world
        self._identity = IdentityTokens(world.store, world.clock)
        self._codes: dict[str, _Code] = {}
        self._devices: dict[str, _Code] = {}

    def routes(self) -> list[PlainRoute]:
        v2 = [
            PlainRoute("GET", "/{tenant}/oauth2/v2.0/authorize", self._guarded(self._authorize)),
            PlainRoute("POST", "/{tenant}/oauth2/v2.0/token", self._guarded(self._token)),
            PlainRoute("POST", "/{tenant}/oauth2/v2.0/devicecode", self._guarded(self._device)),
        ]
        v1 = [
            PlainRoute("GET", "/{tenant}/oauth2/authorize", self._guarded(self._authorize)),
            PlainRoute("POST", "/{tenant}/oauth2/token", self._guarded(self._token)),
            PlainRoute("POST", "/{tenant}/oauth2/devicecode", self._guarded(self._device)),
        ]
        return Discovery(self._world, self._identity).routes() + v2 + v1

    def clear(self) -> None:
        self._codes.clear()
        self._devices.clear()

    def _guarded(self, step: Any) -> Any:
        async def handler(request: Request) -> Answer:
            try:
                answer: Answer = step(request)
            except SignInError as error:
                answer = error.answer(self._world.clock)
            return answer

        return handler

    def _authorize(self, request: Request) -> Answer:
        """Signs in at once, with MFA, as `login_hint` or else as admin@<domain>."""
        query = dict(request.query_params)
        tenant = home_of(self._world.store, request.path_params["tenant"], query)
        redirect = query.get("redirect_uri", "")
        if not is_safe_redirect(redirect):
            raise SignInError(50011, "The redirect URI must be a loopback address.")
        wanted = set(query.get("response_type", "").split())
        if "code" not in wanted or not wanted <= {"code", "id_token"}:
            raise SignInError(700054, "response_type must be 'code'.", error="unsupported_response_type")
        hybrid = "id_token" in wanted
        code = "0.C" + secrets.token_urlsafe(32)
        self._codes[code] = _Code(
            grant=self._user(tenant, _field(query, "client_id"), query.get("login_hint")),
            audience=audience_of(query) or GRAPH_APP,
            expires=self._expiry(),
            redirect_uri=redirect,
            challenge=query.get("code_challenge", ""),
            challenge_method=query.get("code_challenge_method", "plain"),
            nonce=query.get("nonce"),
        )
        fields = {"code": code, "session_state": secrets.token_hex(8)}
        if "state" in query:
            fields["state"] = query["state"]
        if not hybrid:
            return sent_back(redirect, fields, query.get("response_mode") or "query")
        issuer = issuer_of(self._world, request, tenant)
        fields["id_token"] = self._identity.issue(self._codes[code].grant, issuer, query.get("nonce"), code=code)
        return sent_back(redirect, fields, query.get("response_mode") or "fragment")

    def _device(self, request: Request) -> Answer:
        form = form_of(request)
        tenant = home_of(self._world.store, request.path_params["tenant"], form)
        device, user_code = secrets.token_urlsafe(32), secrets.token_hex(4).upper()
        self._devices[device] = _Code(
            grant=self._user(tenant, _field(form, "client_id"), None),
            audience=audience_of(form) or GRAPH_APP,
            expires=self._expiry(),
        )
        uri = f"{base_of(self._world, request)}/common/oauth2/deviceauth"
        settings = self._world.settings
        return Answer(
            200,
            {
                "device_code": device,
                "user_code": user_code,
                "verification_uri": uri,
                "expires_in": settings.code_seconds,
                "interval": settings.device_interval_seconds,
                "message": f"The emulator approves the code {user_code} by itself; no browser is needed.",
            },
        )

    def _token(self, request: Request) -> Answer:
        form = with_basic(request, form_of(request))
        v1 = not request.url.path.lower().rstrip("/").endswith("/v2.0/token")
        name, grant_type = request.path_params["tenant"], form.get("grant_type", "")
        shared = name.lower() in SHARED_TENANTS
        tenant = None if shared else tenant_of(self._world.store, name)
        self._check_secret(form)
        nonce = None
        if grant_type == "client_credentials":
            if tenant is None:
                raise SignInError(50059, "No tenant-identifying information found in the request.")
            if not ("client_secret" in form or "client_assertion" in form):
                raise _no_secret()
            grant, audience = Grant(tenant, _field(form, "client_id")), audience_of(form)
        elif grant_type == "refresh_token":
            grant, audience = self._redeem_refresh(form, tenant)
        elif grant_type == "authorization_code":
            grant, audience, nonce = self._redeem_code(form, tenant)
        elif grant_type in (_DEVICE_GRANT, "device_code"):
            grant, audience = self._redeem_device(form)
        elif grant_type == "password":
            text = "Due to a configuration change, you must use multi-factor authentication to access the resource."
            raise SignInError(50076, text, error="interaction_required")
        else:
            raise SignInError(70003, f"The grant type '{grant_type}' is not supported.", error="unsupported_grant_type")
        return self._issue(request, form, grant, audience_of(form) or audience or GRAPH_APP, nonce, v1=v1)

    def _redeem_refresh(self, form: dict[str, str], tenant: str | None) -> tuple[Grant, str]:
        try:
            return self._world.tokens.redeem(_field(form, "refresh_token"), _field(form, "client_id"), tenant)
        except RefreshError as error:
            raise SignInError(error.code, str(error), error="invalid_grant") from None

    def _redeem_code(self, form: dict[str, str], tenant: str | None) -> tuple[Grant, str, str | None]:
        code = self._codes.pop(_field(form, "code"), None)
        if code is None or code.expires < self._world.clock.now():
            raise SignInError(70008, "The authorization code has expired or was used.", error="invalid_grant")
        if tenant is not None and tenant != code.grant.tenant:
            raise SignInError(700005, "The code is of another tenant.", error="invalid_grant")
        if form.get("client_id") != code.grant.application:
            raise SignInError(700007, "The code was issued to another application.", error="invalid_grant")
        if form.get("redirect_uri") != code.redirect_uri:
            raise SignInError(500112, "The reply address does not match.", error="invalid_grant")
        if code.challenge and not _verifier_fits(code, form.get("code_verifier", "")):
            raise SignInError(501481, "The code_verifier does not match.", error="invalid_grant")
        return code.grant, code.audience, code.nonce

    def _redeem_device(self, form: dict[str, str]) -> tuple[Grant, str]:
        key = form.get("device_code") or form.get("code") or ""
        code = self._devices.get(key)
        if code is None:
            raise SignInError(70000, "The device code is not known.", error="invalid_grant")
        if code.expires < self._world.clock.now():
            raise pending("expired_token", "The device code has expired.")
        code.polls += 1
        if code.polls <= self._world.settings.device_pending_polls:
            raise pending("authorization_pending", "The user has not signed in yet.")
        del self._devices[key]
        return code.grant, code.audience

    def _issue(
        self,
        request: Request,
        form: dict[str, str],
        grant: Grant,
        audience: str,
        nonce: str | None,
        *,
        v1: bool,
    ) -> Answer:
        tokens, now = self._world.tokens, int(self._world.clock.now().timestamp())
        seconds = self._world.settings.access_token_seconds
        body: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": tokens.access(grant, audience),
        }
        if grant.principal is not None:
            body["refresh_token"] = tokens.refresh(grant, audience)
            body["id_token"] = self._identity.issue(grant, issuer_of(self._world, request, grant.tenant), nonce)
            body["client_info"] = b64(orjson.dumps({"uid": object_id(grant), "utid": grant.tenant}))
        if v1:
            body |= {"expires_on": now + seconds, "not_before": now, "resource": audience}
            body = {key: str(value) if isinstance(value, int) else value for key, value in body.items()}
        if grant.principal is not None or not v1:
            body["scope"] = "user_impersonation" if v1 else granted_scope(form, audience)
        return Answer(200, body, {"Cache-Control": "no-store"})

    def _check_secret(self, form: dict[str, str]) -> None:
        refused = self._world.settings.rejected_secrets.get(form.get("client_secret", ""))
        if refused:
            error, number = refused
            text = "Invalid client secret provided." if number == 7000215 else "The client secret has expired."
            raise SignInError(number, text, error=error, status=401)

    def _user(self, tenant: str, application: str, hint: str | None) -> Grant:
        principal = hint if hint and "@" in hint else f"admin@{domain_of(self._world.store, tenant)}"
        return Grant(tenant, application, principal, mfa=True)

    def _expiry(self) -> datetime:
        return self._world.clock.now() + timedelta(seconds=self._world.settings.code_seconds)


def _field(form: dict[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise SignInError(900144, f"The request body must contain the following parameter: '{name}'.")
    return value


def _no_secret() -> SignInError:
    text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    return SignInError(7000218, text, error="invalid_client", status=401)


def _verifier_fits(code: _Code, verifier: str) -> bool:
    if code.challenge_method.upper() == "S256":
        verifier = b64(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(verifier.encode(), code.challenge.encode())
