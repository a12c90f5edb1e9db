"""Sign-in to an emulator: its control API stands for the interactive consent, the rest is the normal path."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cspctl.access.bridge import emulator_unreachable, loopback_origin
from cspctl.access.sign_in import SignIn
from cspctl.access.store import MemoryStore
from cspctl.access.tokens import TokenSource, token_source
from cspctl.errors import AccessError
from cspctl.model.ports import Clock
from cspctl.secret import Secret

if TYPE_CHECKING:
    import httpx

APPLICATION = "00000000-0000-4000-8000-00000000c5bc"
USER = "cspctl@emulator.invalid"
TIMEOUT_SECONDS = 30.0


def emulator_source(
    tenant: str,
    base_url: str,
    control_token: Secret,
    *,
    clock: Clock,
    user: str = USER,
    application: str = APPLICATION,
    cloud: str = "global",
) -> TokenSource:
    """An app+user source that keeps everything in memory. Nothing is sent before a token is wanted."""
    settings = SignIn(
        tenant=tenant,
        client_id=application,
        cloud=cloud,
        store=MemoryStore(),
        bootstrap=partial(emulator_consent, tenant, base_url, control_token, user=user, application=application),
        emulator_base=loopback_origin(base_url),
    )
    return token_source(settings, clock=clock)


def emulator_consent(
    tenant: str,
    base_url: str,
    control_token: Secret,
    *,
    user: str = USER,
    application: str = APPLICATION,
) -> Secret:
    """A refresh token from `POST /_emulator/consent`. Raises UnreachableError or AccessError."""
    import httpx

    origin = loopback_origin(base_url)
    failed = False
    try:
        with httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS) as client:
            response = client.post(
                f"{origin}/_emulator/consent",
                headers={"X-Emulator-Token": control_token.reveal()},
                json={"tenant": tenant, "application": application, "user": user},
            )
    except httpx.HTTPError:
        failed = True
    if failed:
        raise emulator_unreachable(origin)
    token = _refresh_token(response)
    if token is None:
        raise AccessError(
            f"The emulator gave no consent for {tenant} (HTTP {response.status_code}).",
            code="E-EMULATOR-CONSENT",
            hint="Seed this partner with `cspctl emulator seed --from PATHS`, with the control API on.",
        )
    return Secret(token)


def _refresh_token(response: httpx.Response) -> str | None:
    try:
        token = response.json()["refresh_token"] if response.is_success else None
    except (ValueError, KeyError, TypeError):
        return None
    return token if isinstance(token, str) and token else None
