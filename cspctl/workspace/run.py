"""One run against one project: what is loaded, observed and remembered, put together for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cspctl.engine.guards import GuardLimits
from cspctl.engine.narrowing import Narrowing
from cspctl.engine.observation import TenantScope, doubted
from cspctl.engine.settlement import Settlement, settle
from cspctl.engine.situation import Situation
from cspctl.errors import InputError
from cspctl.kinds.registry import KINDS
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.kinds.tenant_mapping import attributes as tenant_attributes
from cspctl.ledger.database import open_ledger
from cspctl.ledger.ledger import Ledger
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Finding
from cspctl.model.live import LiveState
from cspctl.model.ports import Clock, Intent
from cspctl.model.realm import Realm
from cspctl.workspace import observing
from cspctl.workspace.clocks import EmulatorClock, WallClock, kept_clock
from cspctl.workspace.connections import Connections, accounts, connect_all, environment_of
from cspctl.workspace.emulator_session import DATA, EmulatorSession, open_session
from cspctl.workspace.project import LoadedProject, Place, load_project
from cspctl.workspace.remotes import hands, step_types
from cspctl.workspace.seed_document import seed_document
from cspctl.workspace.settings import WorkspaceSettings
from cspctl.workspace.state import refuse_sqlite_in_ci, state_url

UNREAD = "an earlier run did not learn what became of its write, and without reading nobody can"


@dataclass(slots=True)
class Run:
    """Everything open while a command works; `exits` closes it in reverse order."""

    settings: WorkspaceSettings
    place: Place
    project: LoadedProject
    environment: str
    clock: Clock
    session: EmulatorSession | None
    connections: Connections
    ledger: Ledger
    ledger_url: str
    exits: AsyncExitStack = field(repr=False)
    _tenants: list[TenantScope] = field(default_factory=list, repr=False)

    @property
    def readers(self) -> Mapping[str, object]:
        return self.connections.clients

    def realm(self, cloud: str, account: str) -> str:
        return str(Realm(self.place.name, cloud, account, self.environment))

    def tenants(self) -> list[TenantScope]:
        """Every mapped tenant whose reseller signs in, by name."""
        if not self._tenants:
            self._tenants = self._mapped()
        return self._tenants

    def _mapped(self) -> list[TenantScope]:
        found = []
        resources = self.project.resources
        for tenant in resources.of_kind("TenantMapping").values():
            reseller = resources.get("Reseller", str(tenant.effective["reseller"]))
            account = reseller_attributes.account_id(reseller) if reseller else ""
            scope = tenant_attributes.customer_id(tenant)
            if scope:
                found.append(TenantScope(scope, tenant.name, account))
        return found

    def limits(self) -> GuardLimits:
        said = self.place.file.guards
        chosen = {k: v for k in ("changes", "percent", "seats") if (v := getattr(said, k)) is not None}
        return GuardLimits(**chosen)

    def realms(self) -> dict[str, str]:
        """Account to the realm of its rows, for every Reseller that signs in."""
        resellers = accounts(self.project.resources)
        cloud, account = reseller_attributes.cloud, reseller_attributes.account_id
        return {account(r): self.realm(cloud(r), account(r)) for r in resellers}

    async def observed(self) -> LiveState:
        """Every mapped tenant, read now."""
        return (await observing.read_all(self)).live

    async def settlement(self, *, reading: bool = True) -> Settlement:
        """What became of the unfinished writes of earlier runs; only reads. Without reading nobody knows."""
        intents = unfinished(self.ledger, owed=reading)
        if not intents:
            return Settlement()
        if not reading:
            return Settlement(unsettled={Address.parse(i.address): UNREAD for i in intents})
        actuators = {name: h.actuator for name, h in hands().items()}
        return await settle(
            intents, self.ledger.bindings(), step_types(), actuators, self.readers, now=self.clock.now()
        )

    def situation(
        self,
        live: LiveState,
        settlement: Settlement,
        *,
        narrowing: Narrowing,
        allow: frozenset[str],
        now: datetime,
        refresh: str,
        notes: tuple[Finding, ...] = (),
    ) -> Situation:
        bindings: dict[Address, Binding] = dict(self.ledger.bindings())
        bindings |= {b.address: b for b in settlement.bindings}
        return Situation(
            project=self.place.name,
            view=self.project.view,
            kinds=KINDS,
            bindings=bindings,
            live=doubted(live, bindings.values()),
            now=now,
            labels={t.scope: t.label for t in self.tenants()},
            realm_of=self.realm,
            locate=self.project.locate,
            desired_digest=self.project.digest,
            limits=self.limits(),
            allow=allow,
            narrowing=narrowing,
            complete=self.project.complete,
            unsettled=settlement.unsettled,
            owed=settlement.owed_steps(step_types()),
            refresh=refresh,
            notes=(*notes, *self._notes()),
        )

    def _notes(self) -> tuple[Finding, ...]:
        if not self.place.file.guards.money:
            return ()
        message = "guards.money is not enforced: money is not computed by this version"
        return (Finding(code="W-GUARD-MONEY", severity="warning", message=message),)


def unfinished(ledger: Ledger, *, owed: bool = True) -> list[Intent]:
    """All intents of runs that never ended, and of runs that ended with something unknown or, with `owed`, planned."""
    crashed = [r.id for r in reversed(ledger.runs(limit=1000)) if r.status == "running"]
    parked = [i.run_id for i in ledger.intents(open_only=True) if owed or i.status != "planned"]
    return [i for run in dict.fromkeys([*parked, *crashed]) for i in ledger.intents(run_id=run)]


class ManifestError(InputError):
    """The project does not validate; `project` holds the diagnostics to show."""

    default_code = "E-MANIFESTS"

    def __init__(self, project: LoadedProject) -> None:
        count = sum(1 for d in project.diagnostics if d.severity == "error")
        super().__init__(f"{count} error(s) in the manifests; nothing was planned", hint="fix them and repeat")
        self.project = project
        self.diagnostics = project.diagnostics


async def open_run(
    settings: WorkspaceSettings, place: Place, *, writing_ledger: bool, writing_remote: bool, offline: bool = False
) -> Run:
    """Loads, connects and opens the ledger. Raises ManifestError where the project does not validate.

    `offline` builds no client and starts no emulator: nothing can be sent.
    """
    exits = AsyncExitStack()
    try:
        return await _opened(settings, place, exits, writing_ledger, writing_remote, offline)
    except BaseException:
        await exits.aclose()
        raise


async def _opened(
    settings: WorkspaceSettings,
    place: Place,
    exits: AsyncExitStack,
    writing_ledger: bool,
    writing_remote: bool,
    offline: bool,
) -> Run:
    now = settings.now or WallClock().now()
    project = load_project(place, now=now, cache=settings.cache)
    if not project.complete:
        raise ManifestError(project)
    environment = environment_of(project.resources, emulator=settings.emulator)
    if settings.now is not None and writing_ledger and environment != "emulator":
        raise InputError("--now is refused for anything that writes outside the emulator", code="E-NOW")
    url = state_url(settings, place, environment)
    if writing_remote:
        refuse_sqlite_in_ci(settings, place, environment, url)
    session = _session(place, project, exits) if environment == "emulator" and not offline else None
    clock = _clock(settings, place, environment, session)
    if environment == "emulator":
        project = project.at(clock.now())
        if not project.complete:
            raise ManifestError(project)
    ledger = exits.enter_context(open_ledger(url, place.name, environment, read_only=not writing_ledger))
    connections = Connections({})
    if not offline:
        connections = connect_all(
            place,
            project.resources,
            clock=clock,
            session=session,
            writing=writing_remote,
            environ=settings.environ,
        )
    exits.push_async_callback(connections.close)
    return Run(settings, place, project, environment, clock, session, connections, ledger, url, exits)


def _clock(settings: WorkspaceSettings, place: Place, environment: str, session: EmulatorSession | None) -> Clock:
    if session is not None:
        return EmulatorClock(session.control, settings.now)
    if environment == "emulator" and settings.now is None:
        return kept_clock(place.root / DATA)
    return WallClock(settings.now)


def _session(place: Place, project: LoadedProject, exits: AsyncExitStack) -> EmulatorSession:
    session = open_session(place.root)
    exits.callback(session.close)
    if session.empty():
        # A fresh emulator knows nobody: without the partners that the manifests speak of nothing could be planned.
        session.seed(seed_document(project))
    return session


def relative_paths(place: Place, paths: tuple[Path, ...]) -> tuple[str, ...]:
    """Project-relative with forward slashes; the root itself narrows nothing."""
    found = []
    for path in paths:
        resolved, root = path.resolve(), place.root.resolve()
        manifests = (root / place.file.manifests).resolve()
        if root.is_relative_to(resolved) or manifests.is_relative_to(resolved):
            return ()
        if not resolved.is_relative_to(root):
            raise InputError(f"{path} is outside the project {root.name}", code="E-PATH")
        found.append(resolved.relative_to(root).as_posix())
    return tuple(found)
