"""What a sign-in needs, from a Reseller's spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cspctl.access.encryption_key import EncryptionKey
from cspctl.access.references import resolve
from cspctl.access.store import TokenStore, open_store
from cspctl.errors import AccessError
from cspctl.model.secret_ref import parse_secret_ref
from cspctl.model.trust import Trust
from cspctl.secret import Secret


@dataclass(frozen=True, slots=True)
class SignIn:
    """`tenant` is the Reseller's accountId. Exactly one of `client_secret` and `certificate` (PEM) is set.

    `store` and `bootstrap` (gives the first refresh token of an empty store) make it app+user; without both
    it is app-only. `scope` replaces the default. `emulator_base`, a loopback address, sends everything there.
    """

    tenant: str
    client_id: str
    cloud: str = "global"
    client_secret: Secret | None = None
    certificate: Secret | None = None
    store: TokenStore | None = None
    bootstrap: Callable[[], Secret] | None = None
    scope: str | None = None
    emulator_base: str | None = None

    @property
    def app_only(self) -> bool:
        return self.store is None and self.bootstrap is None


def sign_in_of(
    spec: Mapping[str, Any],
    *,
    root: Path,
    trust: Trust,
    environ: Mapping[str, str],
    key: EncryptionKey | None = None,
) -> SignIn:
    """The live sign-in of a direct or indirect-provider Reseller's spec; resolves its secret references.

    Raises AccessError: E-SECRET-… for a reference, E-AUTH-APPLICATION-MISSING without an application.
    """
    application = spec.get("application") or {}
    consent = spec.get("consent") or {}
    cloud = str(spec.get("cloud") or "global")

    def resolver(holder: Mapping[str, Any], name: str) -> Callable[[], Secret] | None:
        ref = parse_secret_ref(str(holder.get(name) or ""))
        return partial(resolve, ref, root=root, trust=trust, environ=environ, cloud=cloud) if ref else None

    client_secret, certificate = resolver(application, "secretRef"), resolver(application, "certificateRef")
    if not application.get("id") or not (client_secret or certificate):
        raise AccessError(
            f"The reseller {spec.get('displayName', '')} has no application to sign in with.",
            code="E-AUTH-APPLICATION-MISSING",
            hint="Give application with its id and a secretRef or certificateRef, or use --emulator.",
        )
    store = parse_secret_ref(str(consent.get("tokenStore") or ""))
    return SignIn(
        tenant=str(spec["accountId"]),
        client_id=str(application["id"]),
        cloud=cloud,
        client_secret=client_secret() if client_secret else None,
        certificate=certificate() if certificate else None,
        store=open_store(store, root=root, trust=trust, environ=environ, key=key, cloud=cloud) if store else None,
        # Not resolved here: once the store holds a token, the first one may be gone from where it was.
        bootstrap=resolver(consent, "refreshTokenRef"),
    )
