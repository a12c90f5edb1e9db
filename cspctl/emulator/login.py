"""The sign-in service: metadata, authorization and device codes, the token endpoint in its v1 and v2 forms."""

from __future__ import annotations

import hashlib
import hmac
import html
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request

from cspctl.emulator.context import Answer
from cspctl.emulator.front import PlainRoute
from cspctl.emulator.identity_tokens import IdentityTokens
from cspctl.emulator.protocol import World
from cspctl.emulator.settings import GRAPH_APP, VENDOR_HOSTS
from cspctl.emulator.signin import (
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
)
from cspctl.emulator.tokens import Grant, RefreshError, b64, object_id

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
            PlainRoute("GET", "/{tenant}/v2.0/.well-known/openid-configuration", self._metadata),
            PlainRoute("GET", "/{tenant}/.well-known/openid-configuration", self._metadata),
            PlainRoute("GET", "/{tenant}/discovery/v2.0/keys", self._keys),
            PlainRoute("GET", "/{tenant}/discovery/instance", self._instance),
            PlainRoute("GET", "/{tenant}/oauth2/v2.0/authorize", self._guarded(self._authorize)),
            PlainRoute("POST", "/{tenant}/oauth2/v2.0/token", self._guarded(self._token)),
            PlainRoute("POST", "/{tenant}/oauth2/v2.0/devicecode", self._guarded(self._device)),
        ]
        v1 = [
            PlainRoute("GET", "/{tenant}/oauth2/authorize", self._guarded(self._authorize)),
            PlainRoute("POST", "/{tenant}/oauth2/token", self._guarded(self._token)),
            PlainRoute("POST", "/{tenant}/oauth2/devicecode", self._guarded(self._device)),
        ]
        return v2 + v1

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

    async def _metadata(self, request: Request) -> Answer:
        name, base = request.path_params["tenant"], self._base(request)
        try:
            tenant = name if name in SHARED_TENANTS else tenant_of(self._world.store, name)
        except SignInError as error:
            return error.answer(self._world.clock)
        root = f"{base}/{name}"
        return Answer(
            200,
            {
                "issuer": self._issuer(request, tenant),
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{root}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "form_post"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "tid"],
            },
        )

    async def _keys(self, request: Request) -> Answer:
        return Answer(200, {"keys": self._identity.keys()})

    async def _instance(self, request: Request) -> Answer:
        hosts = sorted(host for host in VENDOR_HOSTS if host.startswith("login."))
        metadata = [{"preferred_network": h, "preferred_cache": h, "aliases": [h]} for h in hosts]
        endpoint = f"{self._base(request)}/common/v2.0/.well-known/openid-configuration"
        return Answer(200, {"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": metadata})

    def _authorize(self, request: Request) -> Answer:
        """Signs in at once, with MFA, as `login_hint` or else as admin@<domain>."""
        query = dict(request.query_params)
        tenant = home_of(self._world.store, request.path_params["tenant"], query)
        redirect = query.get("redirect_uri", "")
        if not is_safe_redirect(redirect):
            raise SignInError(50011, "The redirect URI must be a loopback address.")
        if "code" not in query.get("response_type", "").split():
            raise SignInError(700054, "response_type must be 'code'.", error="unsupported_response_type")
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
        if query.get("response_mode") == "form_post":
            return _form_post(redirect, fields)
        separator = "&" if "?" in redirect else "?"
        return Answer(302, None, {"Location": redirect + separator + urlencode(fields)})

    def _device(self, request: Request) -> Answer:
        form = form_of(request)
        tenant = home_of(self._world.store, request.path_params["tenant"], form)
        device, user_code = secrets.token_urlsafe(32), secrets.token_hex(4).upper()
        self._devices[device] = _Code(
            grant=self._user(tenant, _field(form, "client_id"), None),
            audience=audience_of(form) or GRAPH_APP,
            expires=self._expiry(),
        )
        uri = f"{self._base(request)}/common/oauth2/deviceauth"
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
        form, v1 = form_of(request), not request.url.path.lower().endswith("/v2.0/token")
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
            body["id_token"] = self._identity.issue(grant, self._issuer(request, grant.tenant), nonce)
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

    def _base(self, request: Request) -> str:
        """The address to come back to. Sign-in libraries accept https only, so plain http names the TLS port."""
        host = request.headers.get("host", "")
        over_tls = request.url.scheme == "https" or host in VENDOR_HOSTS
        return f"https://{host}" if over_tls else self._world.tls_base

    def _issuer(self, request: Request, tenant: str) -> str:
        return f"{self._base(request)}/{tenant}/v2.0"

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


def _form_post(redirect: str, fields: dict[str, str]) -> Answer:
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    page = (
        '<!doctype html><html><body onload="document.forms[0].submit()">'
        f'<form method="post" action="{html.escape(redirect)}">{inputs}'
        "<noscript><button>Continue</button></noscript></form></body></html>"
    )
    return Answer(200, None, {"Content-Type": "text/html; charset=utf-8"}, raw=page.encode())
