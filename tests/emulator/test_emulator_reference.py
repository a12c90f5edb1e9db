"""docs/emulator.md is what its generator says, and the list of operations is complete."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cspctl.emulator import reference
from cspctl.emulator.app import documented_routes
from cspctl.emulator.operations import documented
from cspctl.emulator.serving.routing import Router
from cspctl.emulator.settings import DEFAULTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "emulator.md"


def test_the_document_is_current():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert reference.refresh(text) == text, "run `make docs`"


def test_every_part_stands_in_the_document_once():
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in reference.PARTS:
        assert text.count(f"<!-- generated: {name} -->\n") == 1, name


def test_what_others_write_is_kept(tmp_path):
    page = tmp_path / "emulator.md"
    others = "# Title\n<!-- conformance -->\n| a | b |\n<!-- /conformance -->\n"
    page.write_text(others + "<!-- generated: missing -->\nold\n<!-- /generated -->\nend\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "cspctl.emulator.reference", str(page)], check=True)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(others)
    assert text.endswith("<!-- /generated -->\nend\n")
    assert "\nold\n" not in text


def test_a_part_that_nobody_generates_is_an_error():
    with pytest.raises(KeyError):
        reference.refresh("<!-- generated: nothing -->\n<!-- /generated -->")


def test_every_built_operation_is_a_documented_one():
    listed: Router[str] = Router()
    for method, path, name in documented():
        listed.add(method, path, name)
    unlisted = [f"{spec.method} {spec.path}" for spec in documented_routes() if not listed.find(spec.method, spec.path)]
    assert unlisted == []


def test_no_operation_is_listed_twice():
    rows = [(method, path.lower()) for method, path, _ in documented()]
    assert sorted(set(rows)) == sorted(rows)


def test_both_sides_are_all_documented_operations():
    available, missing = reference.sides()
    assert sorted([*available, *missing]) == sorted(documented())
    assert ("GET", "/v1/customers/*", "Get a customer by ID") in available
    assert missing == []


def test_every_setting_is_in_the_table():
    table = reference.PARTS["settings"]()
    assert [name for name in vars(DEFAULTS) if f"| `{name}` |" not in table] == []
    row = "| `replay_conflict_status` | `409` |  | (impl.) same id, other body |"
    assert row in table
