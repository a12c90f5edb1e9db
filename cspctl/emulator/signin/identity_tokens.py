"""Id tokens: signed with RS256 and a key that the sign-in host publishes, so that any library can verify them.

General OpenID Connect behaviour of the sign-in service; the Partner Center pages only show that the token is there.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.signin.tokens import Grant, b64, object_id
from cspctl.emulator.store import Store

_META = "_identity_key"  # the underscore keeps the key out of dumps and alive through a reset


class IdentityTokens:
    """One per store; the key is made when it is first needed."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self._store, self._clock = store, clock

    def issue(self, grant: Grant, issuer: str, nonce: str | None, *, code: str = "") -> str:
        """A token for the application. Libraries judge it by the wall clock, so it is valid on both clocks.

        One that travels beside an authorization code vouches for that `code` (OpenID Connect Core, 3.3.2.11).
        """
        instants = [self._clock.now().timestamp(), datetime.now(UTC).timestamp()]
        claims: dict[str, Any] = {
            "aud": grant.application,
            "iss": issuer,
            "iat": int(min(instants)),
            "nbf": int(min(instants)),
            "exp": int(max(instants)) + 3600,
            "sub": object_id(grant),
            "oid": object_id(grant),
            "tid": grant.tenant,
            "preferred_username": grant.principal,
            "name": grant.principal,
            "ver": "2.0",
        }
        if nonce:
            claims["nonce"] = nonce
        if code:
            claims["c_hash"] = b64(hashlib.sha256(code.encode()).digest()[:16])
        header = {"alg": "RS256", "typ": "JWT", "kid": self._public()["kid"]}
        signed = f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(claims))}"
        return f"{signed}.{b64(_sign(self._pem(), signed.encode()))}"

    def keys(self) -> list[dict[str, str]]:
        """The key set of the metadata's `jwks_uri`."""
        return [self._public()]

    def _public(self) -> dict[str, str]:
        return _published(self._pem())

    def _pem(self) -> str:
        kept = self._store.meta(_META)
        if kept is None:
            kept = _new_key()
            self._store.set_meta(_META, kept)
        return str(kept)


@cache
def _new_key() -> str:
    """PEM of an RSA key; a process makes one, since that takes longer than everything else about a new store."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    form = serialization.PrivateFormat.PKCS8
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@cache
def _loaded(pem: str) -> Any:
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(pem.encode(), None)


def _sign(pem: str, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    signature: bytes = _loaded(pem).sign(data, padding.PKCS1v15(), hashes.SHA256())
    return signature


@cache
def _published(pem: str) -> dict[str, str]:
    numbers = _loaded(pem).public_key().public_numbers()
    modulus, exponent = (number.to_bytes(-(-number.bit_length() // 8), "big") for number in (numbers.n, numbers.e))
    kid = b64(hashlib.sha256(modulus).digest())[:27]
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": b64(modulus), "e": b64(exponent)}
