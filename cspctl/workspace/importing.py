"""`import`: a partner account read, written as manifests, and bound, so that a plan over it is empty."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cspctl.engine.import_scene import Composition, Scene
from cspctl.engine.importer import Importer
from cspctl.engine.journal import Journal
from cspctl.engine.naming import free
from cspctl.engine.narrowing import Narrowing
from cspctl.engine.observation import TenantScope, doubted
from cspctl.engine.ownership import bound_to, ownership, remembered
from cspctl.engine.planner import Planning, plan
from cspctl.engine.settlement import Settlement
from cspctl.errors import AccessError, CspctlError, InputError
from cspctl.garbage import without_collector
from cspctl.kinds.plan.imports import Shelf, segment_from
from cspctl.kinds.price_sheet import attributes as sheet_attributes
from cspctl.kinds.reports import did_you_mean, listed
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.kinds.subscription.imports import IMPORTS as SALES
from cspctl.kinds.tenant_mapping import attributes as tenant_attributes
from cspctl.kinds.tenant_mapping.imports import IMPORTS as TENANTS
from cspctl.kinds.tenant_mapping.imports import live_customer
from cspctl.ledger.lease import Heartbeat
from cspctl.manifests.discovery import PROJECT_FILE
from cspctl.manifests.writer import write_files
from cspctl.model.address import Address
from cspctl.model.change import Change
from cspctl.model.import_report import ImportReport
from cspctl.model.live import Gap, LiveObject, LiveState
from cspctl.model.ports import RunRecord
from cspctl.model.resource import Resource
from cspctl.workspace import observing
from cspctl.workspace.actor import actor
from cspctl.workspace.applying import settled
from cspctl.workspace.binding import bind, taken_up
from cspctl.workspace.project import Place
from cspctl.workspace.remotes import remote_kinds
from cspctl.workspace.run import Run, unfinished
from cspctl.workspace.staging import Staged, stage

DEFAULT_BOOK = "nce"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """`reseller` is a Reseller's name; `out` a folder inside the manifests; `price_book` where there are several.

    `refresh` full reads every customer, auto what may have changed since it was read (as a plan does).
    """

    reseller: str
    out: Path
    price_book: str | None = None
    refresh: str = "auto"


@dataclass(frozen=True, slots=True)
class _Account:
    """What the account holds; `live` knows every customer that could be read."""

    customers: tuple[LiveObject, ...]
    live: LiveState

    @property
    def scopes(self) -> set[str]:
        return {c.scope for c in self.customers} | {g.scope for g in self.live.gaps}


async def import_reseller(run: Run, request: ImportRequest) -> ImportReport:
    """Files first, bindings after: what is written names its subscription, so that a crash loses nothing.

    Raises InputError for a request that cannot be met, LeaseHeldError while an apply runs.
    """
    reseller, folder = _reseller(run, request.reseller), folder_in(run.place, request.out)
    book = _book(run, request.price_book)
    who = actor(run.settings.environ)
    record = RunRecord(
        id=str(uuid.uuid4()), plan_id="", digest="", actor=who, started_at=run.clock.now(), command="import"
    )
    lease = run.ledger.lease(who)
    with ExitStack() as stack:
        lease.acquire()
        stack.callback(lease.release)
        stack.enter_context(Heartbeat(lease))
        journal = Journal(run.ledger, record, (), run.clock.now)
        settlement = await settled(run, journal)
        account = await _read(run, reseller, request.refresh)
        with without_collector():
            made = _composed(run, reseller, folder, book, account, settlement)
            staged = stage(run, made)
            run.project = staged.project
            planning = _planned(run, account.live, settlement)
            rows = taken_up(planning.plan.changes, run.ledger.bindings(), staged.touched)
            lease.check()
            write_files(run.place.root, staged.files, staged.before)
            at = run.clock.now()  # once: asking the emulator's clock for each binding takes minutes
            noted = bind(run, replace(journal, now=lambda: at), planning, rows, staged.memories)
    return _report(request, folder, account, made, staged, planning, rows, record.id if noted else "")


def folder_in(place: Place, out: Path) -> str:
    """Relative to the project's root, empty for that. Raises InputError where no manifest would be found there."""
    root = place.root.resolve()
    manifests, wanted = (root / place.file.manifests).resolve(), out.resolve()
    if not wanted.is_relative_to(manifests):
        message = f"{out} is outside the manifests folder {place.file.manifests} of the project"
        raise InputError(message, code="E-PATH", hint=f"name a folder below {manifests}")
    relative = wanted.relative_to(root)
    if any(part.startswith(".") for part in relative.parts):
        raise InputError(f"{out} is hidden, and hidden folders are not read", code="E-PATH")
    if wanted.exists() and not wanted.is_dir():
        raise InputError(f"{out} is a file; name a folder", code="E-PATH")
    return relative.as_posix() if relative.parts else ""


def paths_of(out: Path) -> tuple[Path, ...]:
    """Where the project of a folder that need not exist yet is looked for; nowhere special where none is above it."""
    above = [folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir()]
    return tuple(above[:1]) if any((folder / PROJECT_FILE).is_file() for folder in above) else ()


def _reseller(run: Run, name: str) -> Resource:
    resellers = run.project.resources.of_kind("Reseller")
    found = resellers.get(name)
    if found is None:
        signing = [n for n, r in resellers.items() if reseller_attributes.has_access(r)]
        hint = did_you_mean(name, resellers) or f"declared: {listed(signing)}"
        raise InputError(f"no Reseller is called {name}", code="E-RESELLER", hint=hint)
    if not reseller_attributes.has_access(found):
        provider = found.effective.get("provider")
        message = f"{name} is an indirect-reseller: it has no API access of its own"
        raise InputError(message, code="E-RESELLER-TIER", hint=f"import its provider: --reseller {provider}")
    return found


def _book(run: Run, asked: str | None) -> str:
    """The price book that inferred plans name."""
    books = sheet_attributes.declared_books(run.project.view)
    if asked is not None and books and asked not in books:
        hint = did_you_mean(asked, books) or f"price books: {listed(books)}"
        raise InputError(f"no PriceSheet belongs to price book {asked}", code="E-PRICE-BOOK", hint=hint)
    if asked is None and len(books) > 1:
        raise InputError(
            f"the project has several price books: {listed(books)}",
            code="E-PRICE-BOOK",
            hint="say which one imported plans are priced from: --price-book NAME",
        )
    return asked or next(iter(books), DEFAULT_BOOK)


async def _read(run: Run, reseller: Resource, refresh: str) -> _Account:
    """The list of customers, everybody's subscriptions, and of new customers that hold none the customer itself.

    Only these two tell the country, and a service that answers 500 requests a minute is not asked twice.
    """
    account, now = reseller_attributes.account_id(reseller), run.clock.now()
    reader: Any = run.readers[account]
    listed_ones = {str(c.get("id") or "").lower(): c for c in await reader.customers() if _is_customer(c)}
    mapped = _mapped(run)
    busy = {str(i.step.get("scope")) for i in unfinished(run.ledger)} & set(listed_ones)
    scopes = sorted(set(listed_ones) - busy)
    tenants = [TenantScope(s, mapped[s].name if s in mapped else "", account) for s in scopes]
    read = observing.read_all if refresh == "full" else observing.read_changed
    live = (await read(run, tenants)).live
    countries = _countries(live)
    unknown = [s for s in scopes if s not in mapped and s not in countries]
    run.settings.progress.start("reading new customers", len(unknown))
    try:
        details = dict(await asyncio.gather(*(_details(run, reader, customer) for customer in unknown)))
    finally:
        run.settings.progress.finish()
    gaps = {*live.gaps, *(d for d in details.values() if isinstance(d, Gap))}
    gaps |= {Gap(s, "an earlier write is not settled: `cspctl operations resume`") for s in busy}
    known = tuple(
        live_customer(body, _body(details.get(scope)), now, country=countries.get(scope, ""))
        for scope, body in sorted(listed_ones.items())
        if not isinstance(details.get(scope), Gap)
    )
    state = LiveState(live.objects, tuple(sorted(gaps, key=lambda g: (g.scope, g.reason))), live.scopes_read)
    return _Account(known, doubted(state, run.ledger.bindings().values()))


def _countries(live: LiveState) -> dict[str, str]:
    """Customer to the market that its subscriptions name; left out where they disagree."""
    found: dict[str, set[str]] = {}
    for one in live.objects.values():
        if country := one.facts.get("country"):
            found.setdefault(one.scope, set()).add(str(country))
    return {scope: next(iter(named)) for scope, named in found.items() if len(named) == 1}


async def _details(run: Run, reader: Any, customer: str) -> tuple[str, Mapping[str, Any] | Gap]:
    try:
        return customer, await reader.customer(customer)
    except AccessError:
        raise
    except CspctlError as error:
        return customer, Gap(customer, f"{error.code}: {error.message}")
    finally:
        run.settings.progress.advance()


def _body(found: Mapping[str, Any] | Gap | None) -> Mapping[str, Any] | None:
    return None if isinstance(found, Gap) else found


def _is_customer(listed_one: Mapping[str, Any]) -> bool:
    """Source: Partner Center docs, customer-resources (Oct 2023): only `reseller` is a relationship to sell in."""
    return str(listed_one.get("relationshipToPartner") or "reseller").lower() == "reseller"


def _mapped(run: Run) -> dict[str, Resource]:
    """Customer id to its TenantMapping, whoever's customer it is."""
    tenants = run.project.resources.of_kind("TenantMapping").values()
    return {tenant_attributes.customer_id(t): t for t in tenants}


def _composed(
    run: Run, reseller: Resource, folder: str, book: str, account: _Account, settlement: Settlement
) -> Composition:
    kind = remote_kinds()[0]
    planning = _planned(run, account.live, settlement)
    situation = _situation(run, account.live, settlement)
    titles, segments = _catalogue(run, account.live.objects.values())
    shelf = Shelf(book, lambda p, s: titles.get((p, s)) or f"{p} {s}", free)
    orphans: dict[Address, Mapping[str, Any]] = {}
    for each in run.project.resources.of_kind("Plan").values():
        binding = bound_to(situation, each.address)
        if binding is None and each.origin.file.startswith(f"{folder}/plans/".removeprefix("/")):
            orphans[each.address] = {"segment": each.effective.get("segment")}  # of an import that was killed
        shelf.keep(each, shared=remembered(binding) is not None or each.address in orphans)
    scene = Scene(
        situation=situation,
        kind=kind,
        ownership=ownership(situation, kind, planning.plan.changes),
        reseller=reseller.name,
        market=str(reseller.effective["market"]),
        own=frozenset({str(reseller.effective.get("mpnId") or "")}),
        sellers=_sellers(run, reseller),
        customers=account.customers,
        mapped=_mapped(run),
        folder=folder,
        segment_of=lambda p, s: segment_from(segments.get((p, s), ())),
    )
    made = Importer(scene, TENANTS, SALES, shelf).compose()
    made.memories = {**orphans, **made.memories}
    return made


def _situation(run: Run, live: LiveState, settlement: Settlement) -> Any:
    return run.situation(
        live, settlement, narrowing=Narrowing(), allow=frozenset(), now=run.clock.now(), refresh="full"
    )


def _planned(run: Run, live: LiveState, settlement: Settlement) -> Planning:
    return plan(_situation(run, live, settlement))


def _catalogue(
    run: Run, objects: Iterable[LiveObject]
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], set[str]]]:
    """Titles and segments by product and SKU. A sheet's title goes before what subscriptions say."""
    titles: dict[tuple[str, str], str] = {}
    segments: dict[tuple[str, str], set[str]] = {}
    for row in run.project.view.prices.rows():
        titles.setdefault((row.product, row.sku), row.title)
        segments.setdefault((row.product, row.sku), set()).add(row.segment)
    seen: dict[tuple[str, str], str] = {}
    for live in objects:
        key = (str(live.attributes.get("product")), str(live.attributes.get("sku")))
        name = str(live.facts.get("offerName") or "")
        if name and (key not in seen or name < seen[key]):
            seen[key] = name
    return {**seen, **{k: t for k, t in titles.items() if t}}, segments


def _sellers(run: Run, provider: Resource) -> dict[str, str]:
    """MPN id and account of the provider's indirect resellers to their names."""
    found: dict[str, str] = {}
    for name, reseller in run.project.resources.of_kind("Reseller").items():
        if reseller.effective.get("provider") == provider.name:
            keys = (str(reseller.effective["mpnId"]), reseller_attributes.account_id(reseller))
            found |= {key: name for key in keys if key}
    return found


def _report(
    request: ImportRequest,
    folder: str,
    account: _Account,
    made: Composition,
    staged: Staged,
    planning: Planning,
    rows: Collection[Change],
    run_id: str,
) -> ImportReport:
    done = {(c.address, c.action) for c in rows}
    left = [
        (c.address, c.action.value, c.reason or c.timing.rule or "")
        for c in planning.plan.changes
        if (c.address, c.action) not in done and (not c.scope or c.scope in account.scopes)
    ]
    return ImportReport(
        reseller=request.reseller,
        out=folder,
        customers=len(account.customers),
        subscriptions=made.subscriptions,
        created=tuple(sorted(map(str, staged.created))),
        updated=tuple(sorted(map(str, staged.updated))),
        files=tuple(sorted(staged.files)),
        inventory=made.inventory,
        findings=tuple(staged.findings),
        gaps=account.live.gaps,
        remaining=tuple(left),
        run_id=run_id,
    )
