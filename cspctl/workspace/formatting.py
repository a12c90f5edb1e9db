"""`fmt`: manifests in their canonical layout, and landed terms folded into the spec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cspctl.errors import InputError
from cspctl.kinds.registry import KINDS
from cspctl.kinds.subscription.landing import folded, has_landed
from cspctl.manifests.discovery import discover
from cspctl.manifests.editor import EditError, edited
from cspctl.manifests.formatter import formatted
from cspctl.manifests.locate import locate
from cspctl.manifests.reader import MAX_BYTES, oversized
from cspctl.manifests.writer import write_files
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.document import Edition
from cspctl.workspace.project import Place
from cspctl.workspace.run import Run, relative_paths


@dataclass(frozen=True, slots=True)
class Landed:
    """`unknown` are subscriptions whose day has passed and that the ledger does not know since."""

    editions: tuple[Edition, ...] = ()
    unknown: tuple[Address, ...] = ()


@dataclass(slots=True)
class FormatResult:
    """`changed` files, those that were looked at, and what kept some of them from being formatted."""

    changed: list[str] = field(default_factory=list)
    looked_at: int = 0
    folded: list[Address] = field(default_factory=list)
    unknown: tuple[Address, ...] = ()
    problems: list[Diagnostic] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def format_files(place: Place, paths: Sequence[Path], landed: Landed, *, check: bool) -> FormatResult:
    """Writes what differs, unless `check`. A file that is no valid YAML is left alone and reported."""
    table = {kind.name: kind for kind in KINDS}
    result = FormatResult(unknown=landed.unknown)
    texts: dict[str, str] = {}
    before: dict[str, bytes] = {}
    for file in _files(place, paths):
        result.looked_at += 1
        raw = _read(place.root / file)
        if len(raw) > MAX_BYTES:
            result.problems.append(oversized(file, len(raw)))
            continue
        text = _folded(file, raw, landed, result)
        done = formatted(text.encode("utf-8"), file, table) if text is not None else formatted(raw, file, table)
        result.problems += done.problems
        if not done.problems and done.text.encode("utf-8") != raw:
            texts[file], before[file] = done.text, raw
    result.changed = sorted(texts)
    result.problems = locate(result.problems, place.root)
    if not check:
        write_files(place.root, texts, before)
    return result


def landed_terms(run: Run) -> Landed:
    """From the ledger alone: what an apply, a discovery or an import last read."""
    editions, unknown = [], []
    bindings, now = run.ledger.bindings(), run.clock.now()
    for resource in run.project.resources.of_kind("Subscription").values():
        end = resource.spec.get("endOfTerm") or {}
        if not end.get("next") or str(end.get("on") or "9")[:10] >= now.date().isoformat():
            continue
        binding = bindings.get(resource.address)
        live = run.ledger.snapshot("Subscription", binding.live_id) if binding is not None else None
        if live is None or (live.facts.get("commitmentEnd") or "") <= str(end["on"])[:10]:
            unknown.append(resource.address)
        elif has_landed(resource, live, now):
            editions.append(Edition(resource.address, resource.origin, folded(resource)))
    return Landed(tuple(editions), tuple(unknown))


def _files(place: Place, paths: Sequence[Path]) -> list[str]:
    folder = place.root / place.file.manifests
    found, _ = discover(place.root, place.root / folder.resolve().relative_to(place.root.resolve()))
    wanted = relative_paths(place, tuple(paths))
    if not wanted:
        return found
    kept = [f for f in found if any(f == w or f.startswith(f"{w.rstrip('/')}/") for w in wanted)]
    if not kept:
        raise InputError(f"no manifest below {', '.join(wanted)}", code="E-NO-MANIFESTS")
    return kept


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", code="E-READ") from error


def _folded(file: str, raw: bytes, landed: Landed, result: FormatResult) -> str | None:
    """The text with landed terms folded in; None where there are none."""
    mine = [e for e in landed.editions if e.origin.file == file]
    if not mine:
        return None
    text = raw.decode("utf-8")
    for edition in mine:
        try:
            text = edited(text, edition.origin.document, edition.edits)
            result.folded.append(edition.address)
        except EditError as problem:
            result.warnings.append(f"{edition.address}: {problem}; fold it in by hand")
    return text
