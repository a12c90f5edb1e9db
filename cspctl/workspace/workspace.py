"""What commands and the Python API call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cspctl.engine import planfile
from cspctl.errors import InputError
from cspctl.kinds.registry import KINDS
from cspctl.kinds.tenant_mapping.attributes import customer_id
from cspctl.ledger.database import open_ledger
from cspctl.manifests.explain import Explanation, explain
from cspctl.model.address import Address
from cspctl.model.audit import AuditEvent
from cspctl.model.import_report import ImportReport
from cspctl.model.plan import Plan
from cspctl.model.result import RunReport
from cspctl.views.table import Table
from cspctl.workspace import auditing, discovering, state_editing
from cspctl.workspace import history as past
from cspctl.workspace.applying import ApplyRequest, apply, settle_only
from cspctl.workspace.discovering import DiscoveryReport
from cspctl.workspace.drifting import DriftResult, drift
from cspctl.workspace.fleet import FleetStatus, Renewal, refunds, renewals, status
from cspctl.workspace.formatting import FormatResult, Landed, format_files, landed_terms
from cspctl.workspace.history import RunStory
from cspctl.workspace.importing import ImportRequest, import_reseller, paths_of
from cspctl.workspace.looking import LIVE, declared, get, known
from cspctl.workspace.narrowings import narrowing
from cspctl.workspace.partners import PartnerReport, import_partners
from cspctl.workspace.planning import PlanRequest, planned
from cspctl.workspace.run import ManifestError, Run
from cspctl.workspace.seed_document import seed_document
from cspctl.workspace.session import Session
from cspctl.workspace.settings import WorkspaceSettings
from cspctl.workspace.state import refuse_unshared
from cspctl.workspace.validating import ValidationResult, validated


class Workspace(Session):
    """One project. Commands are methods; nothing is held open between them."""

    @classmethod
    def open(cls, settings: WorkspaceSettings) -> Workspace:
        return cls(settings)

    def validate(self, paths: Sequence[Path] = ()) -> ValidationResult:
        """Everything checkable without network; PATHS narrow what is shown."""
        return validated(self.load(paths), paths)

    def plan(
        self,
        paths: Sequence[Path] = (),
        *,
        target: Sequence[str] = (),
        exclude: Sequence[str] = (),
        selector: Sequence[str] = (),
        allow: Sequence[str] = (),
        refresh: str = "auto",
        as_of: datetime | None = None,
    ) -> Plan:
        """Read-only: the client has no writes and the ledger is opened for reading.

        `refresh`: `full` reads every mapped tenant, `none` nothing at all, `auto` what may have changed.
        """
        if refresh not in ("auto", "full", "none"):
            raise InputError(f"refresh is auto, full or none, not {refresh!r}", code="E-REFRESH")

        async def work(run: Run) -> Plan:
            settlement = await run.settlement(reading=refresh != "none")
            narrowed = narrowing(run.place, paths, target, exclude, selector)
            request = PlanRequest(narrowed, frozenset(allow), as_of, refresh)
            return await planned(run, request, settlement)

        return self.run(paths, work, offline=refresh == "none")

    def write_plan(self, plan: Plan, path: Path) -> None:
        planfile.write_plan(plan, path)

    def apply(
        self,
        paths: Sequence[Path] = (),
        *,
        saved: Path | None = None,
        target: Sequence[str] = (),
        exclude: Sequence[str] = (),
        selector: Sequence[str] = (),
        allow: Sequence[str] = (),
        settle: float = 60.0,
        approvals: Sequence[str] = (),
        shared: bool = False,
        review: Callable[[Plan], None] = lambda _plan: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> tuple[Plan, RunReport]:
        """`review` sees the plan before anything is written and raises to refuse it.

        `shared` refuses a ledger that only this machine has.
        """

        async def work(run: Run) -> tuple[Plan, RunReport]:
            if shared:
                refuse_unshared(run.ledger_url)
            request = ApplyRequest(
                saved=saved,
                narrowing=narrowing(run.place, paths, target, exclude, selector),
                allow=frozenset(allow),
                settle_seconds=settle,
                approvals=tuple(approvals),
                review=review,
                stop=stop,
            )
            return await apply(run, request)

        return self.run(paths, work, writing_ledger=True, writing_remote=True)

    def drift(self, paths: Sequence[Path] = (), *, record: bool = False) -> DriftResult:
        """Live against last applied; with `record` the rows are kept in the ledger."""

        async def work(run: Run) -> DriftResult:
            return await drift(run, narrowing(run.place, paths), record=record)

        return self.run(paths, work, writing_ledger=record)

    def discover_start(
        self, reseller: str | None = None, *, stop: Callable[[], bool] = lambda: False
    ) -> DiscoveryReport:
        """Reads every customer of the accounts into the ledger, and ends in a state. Raises RefusedError."""
        return self._discover(reseller, resume=False, stop=stop)

    def discover_resume(
        self, reseller: str | None = None, *, stop: Callable[[], bool] = lambda: False
    ) -> DiscoveryReport:
        """Goes on where a discovery ended. Raises RefusedError where there is nothing to resume."""
        return self._discover(reseller, resume=True, stop=stop)

    def discover_status(self, reseller: str | None = None, *, customers: bool = False) -> DiscoveryReport:
        """From the ledger alone; with `customers` those known so far."""
        resources = self.load().resources
        with auditing.reading(self.settings, self.place()) as ledger:
            return discovering.status(ledger, resources, reseller, customers=customers)

    def discover_stop(self, reseller: str | None = None) -> DiscoveryReport:
        """Asks the processes that run one, and waits for them a while."""
        resources = self.load().resources
        environment, url = auditing.located(self.settings, self.place())
        if discovering.is_running(self.discover_status(reseller)):
            with open_ledger(url, self.place().name, environment, read_only=False) as ledger:
                discovering.stop(ledger, resources, reseller)
        return self.discover_status(reseller)

    def _discover(self, reseller: str | None, *, resume: bool, stop: Callable[[], bool]) -> DiscoveryReport:
        async def work(run: Run) -> DiscoveryReport:
            return await discovering.run_discovery(run, reseller, resume=resume, asked=stop)

        return self.run((), work, writing_ledger=True)

    def format(self, paths: Sequence[Path] = (), *, check: bool = False, landed: bool = False) -> FormatResult:
        """Canonical layout of every manifest, or of those below PATHS; `landed` folds landed terms in, by the ledger.

        Raises ManifestError for `landed` where the project does not validate.
        """
        terms = Landed()
        if landed:

            async def work(run: Run) -> Landed:
                return landed_terms(run)

            terms = self.run(paths, work, offline=True)
        return format_files(self.place(paths), paths, terms, check=check)

    def import_partners(
        self,
        source: Path,
        *,
        provider: str | None = None,
        out: Path | None = None,
        all_or_nothing: bool = False,
    ) -> PartnerReport:
        """Indirect resellers of a CSV or XLSX list as manifests. Raises InputError, ManifestError."""
        project = self.load(paths_of(out) if out is not None else ())
        return import_partners(project, source, provider=provider, out=out, all_or_nothing=all_or_nothing)

    def import_reseller(
        self, reseller: str, out: Path, *, price_book: str | None = None, refresh: str = "auto"
    ) -> ImportReport:
        """Write manifests of what an account holds, and bind them; files that say the same already are not touched.

        Raises InputError for a request that cannot be met, LeaseHeldError while an apply runs.
        """
        request = ImportRequest(reseller, out, price_book, refresh)

        async def work(run: Run) -> ImportReport:
            return await import_reseller(run, request)

        return self.run(paths_of(out), work, writing_ledger=True)

    def get(self, resource: str, name: str | None = None, *, customer: str | None = None) -> Table:
        """Customers, subscriptions and orders live; bindings from the ledger; the rest from the manifests."""
        known(resource)
        if resource not in LIVE:
            table = declared(self.load(), resource, name)
            assert table is not None, "known resources are live or declared"
            return table

        async def work(run: Run) -> Table:
            return await get(run, resource, name, customer)

        return self.run((), work)

    def status(self) -> FleetStatus:
        """The fleet at a glance."""
        return self.run((), status)

    def renewals(self, *, within: timedelta = timedelta(days=90)) -> list[Renewal]:
        """Terms that end within that time, soonest first."""

        async def work(run: Run) -> list[Renewal]:
            return await renewals(run, within=within)

        return self.run((), work)

    def refunds(self) -> Table:
        """What can be given back now, and until when."""
        return self.run((), refunds)

    def history(self, *, limit: int = 50) -> Table:
        """Past runs, newest first."""
        with auditing.reading(self.settings, self.place()) as ledger:
            return past.history(ledger, limit)

    def show(self, run_id: str) -> RunStory:
        """One run, by id or by the beginning of one."""
        with auditing.reading(self.settings, self.place()) as ledger:
            return past.show(ledger, run_id)

    def operations(self) -> Table:
        """Writes whose outcome is not known."""
        with auditing.reading(self.settings, self.place()) as ledger:
            return past.operations(ledger)

    def resume_operations(self) -> Table:
        """Find out by reading what became of unknown writes, note it, and list what is still unknown."""

        async def work(run: Run) -> Table:
            await settle_only(run)
            return past.operations(run.ledger)

        return self.run((), work, writing_ledger=True)

    def bound(self) -> list[Address]:
        """Every bound address, sorted; from the ledger alone."""
        with auditing.reading(self.settings, self.place()) as ledger:
            return sorted(a for a, b in ledger.bindings().items() if b.state == "bound")

    def state_backup(self, path: Path) -> Path:
        return state_editing.backup(self.settings, self.place(), path)

    def state_restore(self, path: Path) -> Path | None:
        """Gives the copy made of what was there before."""
        return state_editing.restore(self.settings, self.place(), path)

    def state_move(self, old: str, new: str) -> None:
        state_editing.move(self.settings, self.place(), old, new)

    def state_remove(self, address: str) -> None:
        state_editing.remove(self.settings, self.place(), address)

    def explain(self, target: str) -> Explanation:
        """Where the effective value of `Kind/name.path` comes from, and how it may change."""
        loaded = self.load()
        return explain(target, loaded.resources, KINDS, project=loaded.place.file, root=loaded.place.root)

    def seed_document(self, paths: Sequence[Path]) -> dict[str, Any]:
        """What an emulator must know for these manifests to be planned. Raises ManifestError."""
        loaded = self.load(paths)
        if not loaded.complete:
            raise ManifestError(loaded)
        return seed_document(loaded)

    def audit_list(
        self,
        *,
        subscription: str | None = None,
        tenant: str | None = None,
        run: str | None = None,
        limit: int | None = None,
    ) -> list[AuditEvent]:
        """Oldest first; `limit` keeps the newest."""
        scopes = self._tenant_scopes(tenant) if tenant is not None else None
        with auditing.reading(self.settings, self.place()) as ledger:
            return auditing.events(ledger, subscription=subscription, tenant=scopes, run=run, limit=limit)

    def audit_verify(self, *, anchor: Path | None = None) -> int:
        """The number of rows in the unbroken chain; raises VerificationError."""
        with auditing.reading(self.settings, self.place()) as ledger:
            return auditing.verify(ledger, anchor)

    def audit_anchor(self) -> str:
        """One line to keep where nobody who can edit the ledger can change it."""
        with auditing.reading(self.settings, self.place()) as ledger:
            return auditing.anchor(ledger)

    def _tenant_scopes(self, tenant: str) -> list[str]:
        mapping = self.load().resources.get("TenantMapping", tenant)
        return [customer_id(mapping)] if mapping is not None else [tenant.lower()]
