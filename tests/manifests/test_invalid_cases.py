"""Every file or folder of invalid/ states its own errors: `# ! COLUMN CODE` on the offending line.

Where no comment can stand on the line, `# expect: LINE:COLUMN CODE` says it anywhere; `-` where there is no place.
A single file is put beside valid/base.yaml; a folder is the project itself, with base.yaml added unless its name
ends in -alone.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cspctl.model.diagnostic import Diagnostic

HERE = Path(__file__).parent
CASES = sorted((HERE / "invalid").iterdir())
ON_LINE = re.compile(r"! (\d+) ([EW]-[A-Z0-9-]+)")
ELSEWHERE = re.compile(r"# expect: (?:(\d+):(\d+)|-) ([EW]-[A-Z0-9-]+)")
# Files that can hold no readable comment.
STATED = {"empty-file.yaml": {("m/case.yaml", 1, 1, "E-EMPTY")}, "utf16.yaml": {("m/case.yaml", 1, 1, "E-UTF8")}}

Place = tuple[str, int, int, str]


def project_of(case: Path, tmp_path: Path) -> Path:
    root = tmp_path / "project"
    if case.is_dir():
        shutil.copytree(case, root)
        if not case.name.endswith("-alone"):
            shutil.copy(HERE / "valid" / "base.yaml", root / "base.yaml")
        return root
    (root / "m").mkdir(parents=True)
    (root / "cspctl.yaml").write_text("project: case\nmanifests: m\n")
    shutil.copy(HERE / "valid" / "base.yaml", root / "m" / "base.yaml")
    shutil.copy(case, root / "m" / "case.yaml")
    return root


def expected(case: Path, root: Path) -> set[Place]:
    if case.name in STATED:
        return STATED[case.name]
    places: set[Place] = set()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        file = path.relative_to(root).as_posix()
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.split("\n"), 1):
            places |= {(file, number, int(column), code) for column, code in ON_LINE.findall(line)}
        for line, column, code in ELSEWHERE.findall(text):
            places.add((file, int(line), int(column), code) if line else ("", 0, 0, code))
    return places


def found(diagnostics: list[Diagnostic]) -> set[Place]:
    return {(d.pos.file, d.pos.line, d.pos.column, d.code) if d.pos else ("", 0, 0, d.code) for d in diagnostics}


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_errors_stand_where_the_case_says(
    case: Path, tmp_path: Path, validate: Callable[..., list[Diagnostic]]
) -> None:
    root = project_of(case, tmp_path)
    wanted = expected(case, root)
    assert wanted, "a case states at least one error"
    for cache in (False, True, True):
        diagnostics = validate(root, cache=cache)
        assert found(diagnostics) == wanted, [(str(d.pos), d.code, d.message) for d in diagnostics]
        assert len(diagnostics) == len(wanted), "nothing is told twice"


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_nothing_secret_is_printed_back(case: Path, tmp_path: Path, validate: Callable[..., list[Diagnostic]]) -> None:
    for diagnostic in validate(project_of(case, tmp_path)):
        said = f"{diagnostic.message} {diagnostic.hint} {diagnostic.excerpt}"
        assert "hunter2" not in said
        assert "4711474747" not in said


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_the_caret_stands_below_the_place(
    case: Path, tmp_path: Path, validate: Callable[..., list[Diagnostic]]
) -> None:
    for diagnostic in validate(project_of(case, tmp_path)):
        if diagnostic.pos is None or diagnostic.excerpt is None:
            assert diagnostic.code in ("E-NO-MANIFESTS", "E-UTF8", "E-EMPTY", "E-TRUST-PATH"), diagnostic
            continue
        line, caret = diagnostic.excerpt.split("\n")
        assert caret.strip() == "^"
        assert len(caret) <= len(line) + 1
        assert diagnostic.message


def test_the_project_around_the_cases_is_clean(base_project: Path, validate: Callable[..., list[Diagnostic]]) -> None:
    assert validate(base_project) == []
