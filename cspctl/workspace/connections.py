"""Readers and writers, one per partner account with API access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cspctl.errors import InputError
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.model.ports import Clock
from cspctl.model.resource import Resource, ResourceIndex
from cspctl.workspace.emulator_session import EmulatorSession
from cspctl.workspace.project import Place

ENDPOINTS = {
    "global": "https://api.partnercenter.microsoft.com",
    "us-government": "https://api.partnercenter.microsoft.com",
    "china": "https://partner.partnercenterapi.microsoftonline.cn",
}
EMULATOR_CONCURRENCY = 20


class Client(Protocol):
    async def aclose(self) -> None: ...


@dataclass(slots=True)
class Connections:
    """`clients` are by account GUID: readers, or writers when opened for an apply."""

    clients: dict[str, Any]

    async def close(self) -> None:
        for client in self.clients.values():
            await client.aclose()


def accounts(resources: ResourceIndex) -> list[Resource]:
    """The Resellers that sign in themselves, by name."""
    return [r for r in resources.of_kind("Reseller").values() if reseller_attributes.has_access(r)]


def environment_of(resources: ResourceIndex, *, emulator: bool) -> str:
    """`live` or `emulator`; one ledger never mixes the two. Raises InputError where a project would."""
    found = {reseller_attributes.environment(r) == "emulator" for r in accounts(resources)}
    if emulator or found == {True}:
        return "emulator"
    if True in found:
        raise InputError(
            "some resellers are in the emulator and some are live; one run never mixes them",
            code="E-MIXED-ENVIRONMENT",
            hint="use --emulator, or give every Reseller the same kind of environment",
        )
    return "live"


def connect_all(
    place: Place,
    resources: ResourceIndex,
    *,
    clock: Clock,
    session: EmulatorSession | None,
    writing: bool,
    environ: Mapping[str, str],
) -> Connections:
    """Nothing is sent yet; secrets are resolved for live accounts only."""
    clients = {}
    for reseller in accounts(resources):
        account = reseller_attributes.account_id(reseller)
        if session is not None:
            clients[account] = _emulated(session, reseller, account, clock, writing, place)
        else:
            clients[account] = _live(place, reseller, account, clock, writing, environ)
    return Connections(clients)


def _emulated(
    session: EmulatorSession, reseller: Resource, account: str, clock: Clock, writing: bool, place: Place
) -> Any:
    from cspctl.access.emulator_sign_in import USER, emulator_source
    from cspctl.partnercenter.client import connect

    cloud = reseller_attributes.cloud(reseller)
    # The person that consents works for this partner, so audit records name somebody plausible.
    domain = reseller.effective.get("domain")
    user = f"cspctl@{domain}" if domain else USER
    source = emulator_source(account, session.base_url, session.token, clock=clock, cloud=cloud, user=user)
    return connect(
        session.base_url,
        source,
        reader_only=not writing,
        clock=clock,
        tenant=account,
        concurrency=max(EMULATOR_CONCURRENCY, place.file.concurrency),
    )


def _live(
    place: Place, reseller: Resource, account: str, clock: Clock, writing: bool, environ: Mapping[str, str]
) -> Any:
    from cspctl.access.cache import TokenCache
    from cspctl.access.encryption_key import encryption_key
    from cspctl.access.sign_in import sign_in_of
    from cspctl.access.tokens import token_source
    from cspctl.partnercenter.client import connect

    key = encryption_key(environ, root=place.root, trust=place.trust)
    cache = TokenCache(place.root / ".cspctl" / "tokens" / f"{account}.bin" if key else None, key)
    settings = sign_in_of(reseller.effective, root=place.root, trust=place.trust, environ=environ, key=key)
    return connect(
        ENDPOINTS[reseller_attributes.cloud(reseller)],
        token_source(settings, clock=clock, cache=cache),
        reader_only=not writing,
        clock=clock,
        tenant=account,
        concurrency=place.file.concurrency,
    )
