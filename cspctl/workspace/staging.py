"""New and edited manifests, checked as a whole project before a single byte of them is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cspctl.engine.import_scene import Composition
from cspctl.errors import InputError
from cspctl.manifests.editor import EditError, edited
from cspctl.manifests.writer import appended
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.model.document import Document, Edition
from cspctl.model.import_report import ImportFinding
from cspctl.workspace.project import LoadedProject, load_project
from cspctl.workspace.run import Run

# Documents that do not hold are left out, and then those that refer to them; more rounds than layers are not needed.
ROUNDS = 5


@dataclass(slots=True)
class Staged:
    """`files` are to be written where `before` still stands; `project` is the project as it will be."""

    project: LoadedProject
    files: dict[str, str]
    before: dict[str, bytes]
    created: set[Address]
    updated: set[Address]
    memories: dict[Address, Mapping[str, Any]]
    findings: list[ImportFinding] = field(default_factory=list)

    @property
    def touched(self) -> set[Address]:
        return self.created | self.updated


@dataclass(slots=True)
class _Stage:
    run: Run
    documents: dict[str, list[Document]]
    editions: list[Edition]
    findings: list[ImportFinding]
    failed: set[Address] = field(default_factory=set)

    def texts(self) -> tuple[dict[str, str], dict[str, bytes]]:
        """What every touched file is to hold, and what it holds now."""
        before: dict[str, bytes] = {}
        texts: dict[str, str] = {}
        for name in {e.origin.file for e in self.editions} | set(self.documents):
            path = self.run.place.root / name
            if path.exists():
                before[name] = path.read_bytes()
            texts[name] = before.get(name, b"").decode("utf-8")
        for edition in sorted(self.editions, key=lambda e: e.address):
            file = edition.origin.file
            try:
                texts[file] = edited(texts[file], edition.origin.document, edition.edits)
            except EditError as problem:
                self.drop(edition.address, f"{edition.address} could not be edited: {problem}; edit it by hand")
        for name, documents in self.documents.items():
            texts[name] = appended(texts[name], documents)
        changed = {n: t for n, t in sorted(texts.items()) if t.encode("utf-8") != before.get(n)}
        return changed, {n: before[n] for n in changed if n in before}

    def drop(self, address: Address, message: str) -> None:
        self.failed.add(address)
        self.editions = [e for e in self.editions if e.address != address]
        for name, documents in list(self.documents.items()):
            self.documents[name] = [d for d in documents if d.address != address]
            if not self.documents[name]:
                del self.documents[name]
        self.findings.append(ImportFinding("W-IMPORT-INVALID", "warning", message, address=str(address)))

    def mine(self, address: Address | None) -> bool:
        named = {d.address for documents in self.documents.values() for d in documents}
        return address in named or any(e.address == address for e in self.editions)


def stage(run: Run, made: Composition) -> Staged:
    """Raises InputError where the project would not be valid any more for a reason that leaving out cannot mend."""
    documents = {name: list(each) for name, each in made.documents.items()}
    work = _Stage(run, documents, list(made.editions), list(made.findings))
    for _ in range(ROUNDS):
        texts, before = work.texts()
        project = run.project
        if texts:
            overlay = {name: text.encode("utf-8") for name, text in texts.items()}
            project = load_project(run.place, now=run.clock.now(), cache=run.settings.cache, overlay=overlay)
        wrong = [d for d in project.diagnostics if d.severity is Severity.ERROR]
        if not wrong:
            return _staged(work, made, project, texts, before)
        if not any(work.mine(d.address) for d in wrong):
            break
        for diagnostic in wrong:
            if work.mine(diagnostic.address):
                assert diagnostic.address is not None, "what is mine has an address"
                work.drop(diagnostic.address, f"{diagnostic.code}: {diagnostic.message}; left out")
    raise InputError(
        f"with what was found the project would not be valid: {wrong[0].code} {wrong[0].message}",
        code="E-IMPORT-INVALID",
        hint="nothing was written",
    )


def _staged(
    work: _Stage, made: Composition, project: LoadedProject, texts: dict[str, str], before: dict[str, bytes]
) -> Staged:
    created = {d.address for documents in work.documents.values() for d in documents}
    memories = {a: m for a, m in made.memories.items() if a not in work.failed}
    findings = [*work.findings, *_unpriced(project, created)]
    updated = {e.address for e in work.editions}
    return Staged(project, texts, before, created, updated, memories, findings)


def _unpriced(project: LoadedProject, created: set[Address]) -> list[ImportFinding]:
    """One finding for each missing price, with every subscription that it concerns."""
    found: dict[tuple[str, str], list[Diagnostic]] = {}
    for diagnostic in project.diagnostics:
        if diagnostic.code.startswith("W-PRICE") and diagnostic.address in created:
            found.setdefault((diagnostic.code, diagnostic.message), []).append(diagnostic)
    findings = []
    for (code, message), all_of in sorted(found.items()):
        resources = [project.resources.at(d.address) for d in all_of if d.address]
        ids = tuple(sorted(str(r.spec["subscriptionId"]) for r in resources if r and r.spec.get("subscriptionId")))
        many = f" ({len(all_of)} subscriptions; they keep the price they were bought at)" if ids else ""
        findings.append(ImportFinding(code, "warning", message + many, all_of[0].hint, live_ids=ids))
    return findings
