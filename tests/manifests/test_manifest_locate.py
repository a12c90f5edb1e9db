"""Excerpts: the caret under the place, secrets masked, nothing that steers a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from cspctl.manifests.locate import locate
from cspctl.manifests.secrecy import mask
from cspctl.manifests.text import printable, shown
from cspctl.model.diagnostic import Diagnostic, DocPath, error
from cspctl.model.positions import Origin


def located(tmp_path: Path, text: str, path: DocPath, code: str = "E-X", document: int = 0) -> Diagnostic:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (found,) = locate([error(code, "wrong", path=path, origin=Origin("a.yaml", document))], tmp_path)
    return found


@pytest.mark.parametrize(
    ("path", "code", "place"),
    [
        (("spec", "quantity"), "E-X", "a.yaml:3:13"),
        (("spec", "quantity"), "E-UNKNOWN-KEY", "a.yaml:3:3"),
        (("spec", "tenant"), "E-REQUIRED", "a.yaml:2:1"),
        (("spec", "list", 1), "E-X", "a.yaml:6:7"),
        (("spec", "list", 1, "b"), "E-REQUIRED", "a.yaml:6:7"),
        (("spec", "list", 7), "E-X", "a.yaml:4:3"),
        (("spec", "empty"), "E-X", "a.yaml:7:3"),
        ((), "E-X", "a.yaml:1:1"),
        (("nothing", "here"), "E-X", "a.yaml:1:1"),
    ],
)
def test_places(tmp_path: Path, path: DocPath, code: str, place: str) -> None:
    text = "kind: X\nspec:\n  quantity: 5\n  list:\n    - {a: 1}\n    - {a: 2}\n  empty:\n"
    assert str(located(tmp_path, text, path, code).pos) == place


def test_the_excerpt_is_the_line_and_a_caret(tmp_path: Path) -> None:
    assert located(tmp_path, "a: 1\n---\nb:\n  ü: zwei\n", ("b", "ü"), document=1).excerpt == "  ü: zwei\n     ^"


def test_the_caret_moves_with_the_mask(tmp_path: Path) -> None:
    found = located(tmp_path, "a: {clientSecret: a-very-long-secret-text, b: 5}\n", ("a", "b"))
    assert found.excerpt == "a: {clientSecret: ***, b: 5}\n                          ^"


def test_long_lines_are_cut_around_the_caret(tmp_path: Path) -> None:
    found = located(tmp_path, "a: {x: " + "y" * 500 + ", b: 5, c: " + "z" * 500 + "}\n", ("a", "b"))
    assert found.excerpt is not None
    line, caret = found.excerpt.split("\n")
    assert len(line) == 160
    assert line[len(caret) - 1] == "5"


def test_terminals_are_not_steered(tmp_path: Path) -> None:
    found = located(tmp_path, 'a: "\u202eevil\u2066"\n', ("a",))
    assert found.excerpt == 'a: "\ufffdevil\ufffd"\n   ^'
    assert printable("\x1b[2J") == "\ufffd[2J"
    assert shown("x" * 100) == '"' + "x" * 59 + '…"'


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("clientSecret: hunter2", "clientSecret: ***"),
        ("{secretRef: hunter2, id: 5}", "{secretRef: ***, id: 5}"),
        ("secretRef: env:CSPCTL_X", "secretRef: env:CSPCTL_X"),
        ('"password": "hunt er2"', '"password": ***'),
        ("url: https://user:pw@hooks.example/T/abc?x=1", "url: https://***@hooks.example/***"),
        ("state: postgresql+psycopg://csp:pw@db/x", "state: postgresql+psycopg://***@db/***"),
        ("tokenStore: hunter2", "tokenStore: ***"),
        ("quantity: 5", "quantity: 5"),
    ],
)
def test_masks_without_positions(line: str, wanted: str) -> None:
    assert mask(line, 1, []) == wanted


def test_secrets_over_several_lines_are_masked(tmp_path: Path) -> None:
    text = "passwordRef: |\n  hunter2\n  hunter3\nb: 5\n"
    (tmp_path / "a.yaml").write_text(text)
    found = locate([error("E-X", "wrong", path=("passwordRef",), origin=Origin("a.yaml", 0))], tmp_path)
    assert all("hunter" not in (d.excerpt or "") for d in found)


def test_order_and_no_repetition(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\nb: 2\n")
    origin = Origin("a.yaml", 0)
    second, first = error("E-B", "x", path=("b",), origin=origin), error("E-A", "x", path=("a",), origin=origin)
    nowhere = error("E-NO-MANIFESTS", "x")
    assert [d.code for d in locate([second, first, second, nowhere], tmp_path)] == ["E-NO-MANIFESTS", "E-A", "E-B"]


def test_files_outside_the_project_are_never_shown(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret.yaml").write_text("hunter2: x\n")
    (found,) = locate([error("E-X", "wrong", origin=Origin("../secret.yaml", 0))], root)
    assert found.excerpt is None
