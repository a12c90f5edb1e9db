"""The reference of kinds is generated, current, and complete."""

from __future__ import annotations

from pathlib import Path

from cspctl.kinds.registry import KINDS
from cspctl.manifests.reference import render

DOCS = Path(__file__).parents[2] / "docs" / "kinds.md"


def test_the_committed_reference_is_current() -> None:
    assert DOCS.read_text("utf-8") == render(KINDS), "run `make schemas`"


def test_every_kind_and_every_field_with_a_mutability_stands_in_it() -> None:
    text = render(KINDS)
    for kind in KINDS:
        section = text.partition(f"\n## {kind.name}\n")[2].partition("\n## ")[0]
        for path, mutability in kind.mutability.items():
            row = next((line for line in section.splitlines() if line.startswith(f"| `{path}` ")), None)
            assert row is not None, f"{kind.name}.{path}"
            assert f"| {mutability.value} |" in row
