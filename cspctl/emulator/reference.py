"""The generated parts of docs/emulator.md: `python -m cspctl.emulator.reference docs/emulator.md` rewrites them.

Only what stands between `<!-- generated: NAME -->` and `<!-- /generated -->` is replaced; everything else is kept.
"""

from __future__ import annotations

import ast
import inspect
import io
import os
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from cspctl.emulator import settings
from cspctl.emulator.app import documented_routes
from cspctl.emulator.faults.scenarios import SCENARIOS
from cspctl.emulator.operations import documented
from cspctl.emulator.partner.actions import ACTIONS
from cspctl.emulator.serving.routing import Router
from cspctl.emulator.switches import CHOICES, SWITCHES

_BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- /generated -->)", re.DOTALL)
Rows = list[tuple[str, str, str]]


def refresh(text: str) -> str:
    """The document with its generated parts as they are now. Raises KeyError for a part nobody generates."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)


def sides() -> tuple[Rows, Rows]:
    """(available, answered 501) of the documented operations: method, path, name."""
    router: Router[bool] = Router()
    for spec in documented_routes():
        router.add(spec.method, spec.path, True)
    available: Rows = []
    missing: Rows = []
    for row in documented():
        # A path parameter may be spelled out in the documentation: mostrecent, all, office.
        (available if router.find(row[0], row[1]) else missing).append(row)
    return available, missing


def _available() -> str:
    rows = sides()[0]
    return f"{len(rows)} operations.\n\n" + _operations(rows)


def _missing() -> str:
    rows = sides()[1]
    if not rows:
        return "None."
    return f"{len(rows)} operations.\n\n" + _operations(rows)


def _operations(rows: Rows) -> str:
    return _table(("Method", "Path", "Operation"), ((method, f"`{path}`", name) for method, path, name in rows))


def _scenarios() -> str:
    rows = ((f"`{name}`", scenario.text) for name, scenario in SCENARIOS.items())
    return _table(("Name", "What happens"), rows)


def _actions() -> str:
    rows = ((f"`{name}`", " ".join((step.__doc__ or "").split())) for name, step in sorted(ACTIONS.items()))
    return _table(("Action", "Body beside it, and what it does"), rows)


def _settings() -> str:
    source = inspect.getsource(settings.Settings)
    notes, headings = _comments(source)
    parts: list[str] = []
    rows: list[tuple[str, str, str, str]] = []
    for node in _fields(source):
        for heading in [text for line, text in headings if line < node.lineno]:
            parts += [_settings_table(rows)] if rows else []
            parts.append(f"### {heading[0].upper()}{heading[1:]}\n")
            rows = []
        headings = [(line, text) for line, text in headings if line > node.lineno]
        assert isinstance(node.target, ast.Name)
        name = node.target.id
        note = " ".join(notes[line] for line in range(node.lineno, (node.end_lineno or 0) + 1) if line in notes)
        choices = ", ".join(f"`{choice}`" for choice in CHOICES.get(name, ()))
        meaning = "; ".join(part for part in (note, f"one of {choices}" if choices else "") if part)
        rows.append((f"`{name}`", _value(getattr(settings.DEFAULTS, name)), _mark(name), meaning))
    return "\n".join([*parts, _settings_table(rows)])


def _settings_table(rows: Iterable[tuple[str, ...]]) -> str:
    return _table(("Name", "Default", "Switch", "Meaning"), rows)


def _mark(name: str) -> str:
    return "yes" if name in SWITCHES else ""


def _fields(source: str) -> list[ast.AnnAssign]:
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.ClassDef)
    return [node for node in definition.body if isinstance(node, ast.AnnAssign)]


def _comments(source: str) -> tuple[dict[int, str], list[tuple[int, str]]]:
    """(comments behind code by line, comments that stand alone with their line)."""
    behind: dict[int, str] = {}
    alone: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        text = token.string.lstrip("# ")
        if token.line.lstrip().startswith("#"):
            alone.append((token.start[0], text))
        else:
            behind[token.start[0]] = text
    return behind, alone


def _value(value: object) -> str:
    if isinstance(value, Mapping | frozenset):
        return ", ".join(f"`{key}`" for key in sorted(value))
    return f"`{value}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "actions": _actions,
    "available": _available,
    "missing": _missing,
    "scenarios": _scenarios,
    "settings": _settings,
}


def main(path: Path) -> None:
    """Rewrite the generated parts of the document in place, atomically."""
    text = refresh(path.read_text(encoding="utf-8"))
    draft = path.with_name(path.name + ".new")
    with draft.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/emulator.md"))
