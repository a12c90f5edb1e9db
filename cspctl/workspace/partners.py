"""`import partners`: a list of indirect resellers as manifests; rows that cannot be used are told, the others pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cspctl.engine.naming import assign, first_label
from cspctl.errors import InputError
from cspctl.kinds.reports import did_you_mean, listed
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.manifests.writer import appended, write_files
from cspctl.model.address import Address
from cspctl.model.diagnostic import Severity
from cspctl.model.document import Document
from cspctl.sheets.cells import CellError
from cspctl.sheets.partner_list import Partner, RowProblem, read_partners
from cspctl.sheets.tables import MAX_FILE
from cspctl.workspace.clocks import WallClock
from cspctl.workspace.importing import folder_in
from cspctl.workspace.project import LoadedProject, load_project
from cspctl.workspace.run import ManifestError


@dataclass(frozen=True, slots=True)
class PartnerReport:
    """`created` are (row, address) in the order of the list; `known` rows are declared already.

    `refused`: all or nothing was asked for, and not every row could be used.
    """

    provider: str
    file: str
    created: tuple[tuple[int, str], ...]
    known: int
    problems: tuple[RowProblem, ...]
    written: bool
    refused: bool = False

    @property
    def exit_code(self) -> int:
        """3 where some rows passed and some did not, 10 where none did or none was to."""
        if not self.problems:
            return 0
        return 3 if self.written or (self.known and not self.refused) else 10


@dataclass(slots=True)
class _Work:
    project: LoadedProject
    provider: str
    file: str
    before: bytes | None
    partners: list[Partner]
    problems: list[RowProblem]
    names: dict[str, str] = field(default_factory=dict)

    def documents(self) -> list[Document]:
        return [Document(self.address(p), _spec(p, self.provider)) for p in self.partners]

    def address(self, partner: Partner) -> Address:
        return Address(reseller_attributes.KIND, self.names[partner.mpn_id])

    def text(self) -> str:
        return appended((self.before or b"").decode("utf-8"), self.documents())


def import_partners(
    project: LoadedProject, source: Path, *, provider: str | None, out: Path | None, all_or_nothing: bool
) -> PartnerReport:
    """Appends to `OUT/PROVIDER.yaml`; resellers that are declared already, by MPN id, are left alone.

    Raises InputError for a file that is no such list, ManifestError where the project does not validate.
    """
    if not project.complete:
        raise ManifestError(project)
    place = project.place
    chosen = _provider(project, provider)
    folder = folder_in(place, out) if out is not None else f"{place.file.manifests}/resellers".removeprefix("./")
    file = f"{folder}/{chosen}.yaml".removeprefix("/")
    partners, problems = _read(source)
    known = {str(r.effective.get("mpnId")) for r in _declared(project, chosen)}
    fresh, twice = _of_other_accounts(project, [p for p in partners if p.mpn_id not in known])
    path = place.root / file
    before = path.read_bytes() if path.exists() else None
    work = _Work(project, chosen, file, before, fresh, [*problems, *twice])
    taken = set(project.resources.of_kind(reseller_attributes.KIND))
    work.names = assign({p.mpn_id: first_label([p.name, f"partner-{p.mpn_id}"]) for p in fresh}, taken)
    _check(work)
    refused = all_or_nothing and bool(work.problems)
    writes = bool(work.partners) and not refused
    if writes:
        write_files(place.root, {file: work.text()}, {file: before} if before is not None else {})
    created = tuple((p.row, str(work.address(p))) for p in work.partners) if writes else ()
    ordered = tuple(sorted(work.problems, key=lambda p: p.row))
    return PartnerReport(chosen, file, created, sum(p.mpn_id in known for p in partners), ordered, writes, refused)


def _provider(project: LoadedProject, asked: str | None) -> str:
    resellers = project.resources.of_kind(reseller_attributes.KIND)
    providers = [n for n, r in resellers.items() if reseller_attributes.tier(r) == "indirect-provider"]
    if asked is not None and asked not in providers:
        hint = did_you_mean(asked, providers) or f"declared: {listed(providers)}"
        raise InputError(f"no Reseller of tier indirect-provider is called {asked}", code="E-RESELLER", hint=hint)
    if asked is None and len(providers) != 1:
        message = f"{len(providers) or 'no'} Resellers of tier indirect-provider are declared"
        hint = "declare the provider first" if not providers else f"name one: --provider {providers[0]}"
        raise InputError(message, code="E-RESELLER", hint=hint)
    return asked or providers[0]


def _read(source: Path) -> tuple[list[Partner], list[RowProblem]]:
    try:
        if source.stat().st_size > MAX_FILE:
            raise InputError(f"{source} is larger than {MAX_FILE // 1024 // 1024} MiB", code="E-SHEET-SIZE")
        return read_partners(source.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}", code="E-READ") from error
    except CellError as problem:
        raise InputError(f"{source.name}: {problem.message}", code=problem.code, hint=problem.hint) from problem


def _declared(project: LoadedProject, provider: str) -> Sequence[Any]:
    resellers = project.resources.of_kind(reseller_attributes.KIND).values()
    return [r for r in resellers if r.effective.get("provider") == provider]


def _of_other_accounts(project: LoadedProject, partners: Sequence[Partner]) -> tuple[list[Partner], list[RowProblem]]:
    """One account is one Reseller."""
    resellers = project.resources.of_kind(reseller_attributes.KIND).items()
    owners = {reseller_attributes.account_id(r): f"Reseller/{name}" for name, r in resellers}
    kept, problems = [], []
    for partner in partners:
        owner = owners.get(partner.account_id) if partner.account_id else None
        if owner is None:
            kept.append(partner)
            owners[partner.account_id] = f"that of row {partner.row}"
        else:
            message = f"account {partner.account_id} is {owner} already"
            problems.append(RowProblem(partner.row, "E-DUPLICATE-ACCOUNT", message))
    return kept, problems


def _check(work: _Work) -> None:
    """The whole project as it would be; a row that would break it is left out, like any other bad row."""
    while work.partners:
        place = work.project.place
        overlay = {work.file: work.text().encode("utf-8")}
        project = load_project(place, now=WallClock().now(), overlay=overlay)
        wrong = {d.address: d for d in project.diagnostics if d.severity is Severity.ERROR}
        if not wrong:
            break
        bad = [p for p in work.partners if work.address(p) in wrong]
        if not bad:
            first = next(iter(wrong.values()))
            message = f"with these resellers the project would not be valid: {first.code} {first.message}"
            raise InputError(message, code="E-IMPORT-INVALID", hint="nothing was written")
        for partner in bad:
            diagnostic = wrong[work.address(partner)]
            work.problems.append(RowProblem(partner.row, diagnostic.code, diagnostic.message, diagnostic.hint))
        work.partners = [p for p in work.partners if p not in bad]


def _spec(partner: Partner, provider: str) -> dict[str, Any]:
    spec = {"displayName": partner.name, "tier": "indirect-reseller", "provider": provider, "mpnId": partner.mpn_id}
    spec |= {"accountId": partner.account_id} if partner.account_id else {}
    return spec | ({"locale": partner.locale} if partner.locale else {})
