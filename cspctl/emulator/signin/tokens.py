"""Access tokens (JWT-shaped, HS256 with the store's own key) and refresh tokens (opaque, kept as hashes)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from cspctl.emulator.clock import VirtualClock, format_instant, parse_instant
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store

_KEY = "_token_key"
EXCHANGED = "partner_token"  # claim of a token made by `generatetoken`
_REFUSED = "_refused_refresh"
_REFUSALS = {
    50173: "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
    65001: "The user or administrator has not consented to use the application.",
}
DEFAULT_ROLES = ("AdminAgent", "ReferralAdmin")


@dataclass(frozen=True, slots=True)
class Grant:
    """Who a token speaks for. `principal` is None for app-only."""

    tenant: str
    application: str
    principal: str | None = None
    mfa: bool = False
    roles: tuple[str, ...] = DEFAULT_ROLES


class TokenError(Exception):
    """A bearer token that is not ours, was changed, or has expired."""


class RefreshError(Exception):
    """A refresh token that is unknown, was issued to another client, or idled too long."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


_HEADER = b64(b'{"alg":"HS256","typ":"JWT"}')


class Tokens:
    """Issues and checks tokens against the virtual clock. The key lives in the store and is never dumped."""

    def __init__(self, store: Store, clock: VirtualClock, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        kept = store.meta(_KEY)
        if kept is None:
            self.revoke_access()
        else:
            self._key = bytes.fromhex(kept)

    def revoke_access(self) -> None:
        """Every access token issued so far is refused from now on; a new key signs those to come."""
        kept = secrets.token_hex(32)
        self._store.set_meta(_KEY, kept)
        self._key = bytes.fromhex(kept)

    def refuse_refresh(self, number: int) -> None:
        """Every refresh token issued so far is refused with `number`: 50173 revoked, 65001 consent withdrawn."""
        since = self._store.meta(_REFUSED, {"generation": 0})["generation"] + 1
        self._store.set_meta(_REFUSED, {"generation": since, "number": number})

    def access(self, grant: Grant, audience: str) -> str:
        """A token of the configured life for one audience."""
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{grant.tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + self._settings.access_token_seconds,
            "appid": grant.application,
            "tid": grant.tenant,
            "oid": object_id(grant),
            "sub": object_id(grant),
            "ver": "1.0",
            "jti": secrets.token_hex(8),
        }
        if grant.principal is not None:
            claims |= {
                "upn": grant.principal,
                "unique_name": grant.principal,
                "scp": "user_impersonation",
                "amr": ["pwd", "mfa"] if grant.mfa else ["pwd"],
                "partner_roles": list(grant.roles),
            }
        else:
            claims["idtyp"] = "app"
        return self._sign(claims)

    def exchange(self, token: str) -> tuple[str, int]:
        """(Partner Center token for the same caller, seconds it is good for): it ends when the given one does.

        Raises TokenError. Source: Partner Center docs, page partner-center-authentication (Oct 2023).
        """
        claims = self.read(token)
        left = int(claims["exp"] - self._clock.now().timestamp())
        return self._sign({**claims, EXCHANGED: True, "jti": secrets.token_hex(8)}), left

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a valid access token. Raises TokenError."""
        try:
            signed, _, signature = token.rpartition(".")
            expected = hmac.digest(self._key, signed.encode("ascii"), "sha256")
            if not signed or not hmac.compare_digest(expected, unb64(signature)):
                raise TokenError("the signature does not fit")
            claims: dict[str, Any] = orjson.loads(unb64(signed.partition(".")[2]))
        except ValueError:
            raise TokenError("this is not a token of the emulator") from None
        if claims.get("exp", 0) <= self._clock.now().timestamp():
            raise TokenError("the token has expired")
        return claims

    def life_left(self, token: str) -> timedelta:
        """How long a valid access token is good for. Raises TokenError."""
        return timedelta(seconds=self.read(token)["exp"] - self._clock.now().timestamp())

    def refresh(self, grant: Grant, audience: str) -> str:
        """A new refresh token. Only its hash is stored."""
        token = "0.E" + secrets.token_urlsafe(48)
        now = format_instant(self._clock.now())
        body = {
            "tenant": grant.tenant,
            "application": grant.application,
            "principal": grant.principal,
            "mfa": grant.mfa,
            "roles": list(grant.roles),
            "audience": audience,
            "generation": self._store.meta(_REFUSED, {"generation": 0})["generation"],
            "issuedAt": now,
            "lastUsedAt": now,
        }
        self._store.put("refresh", grant.tenant, _hash(token), body)
        return token

    def redeem(self, token: str, application: str, tenant: str | None) -> tuple[Grant, str]:
        """(grant, audience of the first consent). The old token stays valid and counts as used now.

        Raises RefreshError with the sign-in service's number: 700082 after 90 idle days, those of `refuse_refresh`.
        Source: Partner Center docs, page partner-center-authentication (Oct 2023).
        """
        found = self._store.find("refresh", _hash(token))
        if found is None:
            raise RefreshError(9002313, "Invalid request. Request is malformed or invalid.")
        partner, body = found
        if tenant is not None and tenant != partner:
            raise RefreshError(700005, "Provided grant is intended to use against other tenant.")
        if body["application"] != application:
            raise RefreshError(700007, "The refresh token was not issued to this application.")
        refused = self._store.meta(_REFUSED)
        if refused and body.get("generation", 0) < refused["generation"]:
            raise RefreshError(refused["number"], _REFUSALS[refused["number"]])
        now = self._clock.now()
        if now - parse_instant(body["lastUsedAt"]) > timedelta(days=self._settings.refresh_idle_days):
            raise RefreshError(
                700082,
                "The refresh token has expired due to inactivity. The token was issued on "
                f"{body['issuedAt']} and was inactive for {self._settings.refresh_idle_days}.00:00:00.",
            )
        self._store.put("refresh", partner, _hash(token), {**body, "lastUsedAt": format_instant(now)})
        grant = Grant(partner, application, body["principal"], body["mfa"], tuple(body["roles"]))
        return grant, body["audience"]

    def _sign(self, claims: dict[str, Any]) -> str:
        signed = f"{_HEADER}.{b64(orjson.dumps(claims))}"
        return f"{signed}.{b64(hmac.digest(self._key, signed.encode(), 'sha256'))}"


def object_id(grant: Grant) -> str:
    """A GUID that is the same for the same user (or application) of a tenant."""
    digest = hashlib.sha256(f"{grant.tenant}/{grant.principal or grant.application}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
