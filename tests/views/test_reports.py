"""Drift, apply reports and diagnostics in every format."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest

from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.model.plan import DriftRow, Plan
from cspctl.model.positions import SourcePos
from cspctl.model.result import RunReport
from cspctl.views import (
    apply_report,
    diagnostics_json,
    diagnostics_text,
    drift_json,
    drift_markdown,
    drift_text,
    junit,
    sarif,
    workflow_commands,
)

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("width", [100, 50])
def test_drift_text(drift_rows: tuple[DriftRow, ...], plan: Plan, golden: Golden, width: int) -> None:
    golden(f"drift.{width}.txt", drift_text.render(drift_rows, plan.gaps, width=width))


def test_drift_json_and_markdown(drift_rows: tuple[DriftRow, ...], plan: Plan, golden: Golden) -> None:
    golden("drift.json", drift_json.render(drift_rows, plan.gaps))
    golden("drift.md", drift_markdown.render(drift_rows, plan.gaps))


def test_no_drift_is_said_but_not_where_gaps_are(plan: Plan) -> None:
    assert drift_text.render([]) == "No drift.\n"
    assert "No drift in what could be read. 1 gap" in drift_text.render([], plan.gaps)


@pytest.mark.parametrize("width", [100, 50])
def test_apply_text(report: RunReport, plan: Plan, golden: Golden, width: int) -> None:
    golden(f"apply.{width}.txt", apply_report.text(report, apply_report.tenants(plan), width=width))


def test_apply_json_and_markdown(report: RunReport, plan: Plan, golden: Golden) -> None:
    golden("apply.json", apply_report.json(report, apply_report.tenants(plan)))
    golden("apply.md", apply_report.markdown(report, apply_report.tenants(plan)))


@pytest.mark.parametrize("width", [100, 50])
def test_diagnostics_text(diagnostics: list[Diagnostic], golden: Golden, width: int) -> None:
    golden(f"diagnostics.{width}.txt", diagnostics_text.render(diagnostics, 12, width=width))


def test_diagnostics_in_formats_of_machines(diagnostics: list[Diagnostic], golden: Golden) -> None:
    golden("diagnostics.json", diagnostics_json.render(diagnostics, 12))
    golden("diagnostics.sarif", sarif.render(diagnostics))
    golden("diagnostics.junit.xml", junit.render(diagnostics))
    golden("diagnostics.github.txt", workflow_commands.render(diagnostics))


def test_order_of_diagnostics_does_not_depend_on_who_found_them_first(diagnostics: list[Diagnostic]) -> None:
    turned = list(reversed(diagnostics))
    for view in (diagnostics_text, diagnostics_json, sarif, junit, workflow_commands):
        assert view.render(turned) == view.render(diagnostics)


def test_nothing_found() -> None:
    assert diagnostics_text.render([], 3) == "Valid: nothing to complain about in 3 resources.\n"
    assert json.loads(diagnostics_json.render([], 3))["valid"] is True
    assert workflow_commands.render([]) == ""
    assert json.loads(sarif.render([]))["runs"][0]["results"] == []
    suite = ElementTree.fromstring(junit.render([]))[0]  # noqa: S314 # our own document
    assert (suite.get("tests"), suite.get("failures"), len(suite)) == ("1", "0", 1)


def test_junit_counts_only_errors_as_failures(diagnostics: list[Diagnostic]) -> None:
    root = ElementTree.fromstring(junit.render(diagnostics))  # noqa: S314 # our own document
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    assert len(root.findall(".//failure")) == 2


def test_sarif_follows_the_standard(diagnostics: list[Diagnostic]) -> None:
    """OASIS sarif-v2.1.0: 3.27.6 ruleIndex, 3.27.10 level, 3.30 region counts from 1."""
    document = json.loads(sarif.render(diagnostics))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_the_caret_of_a_long_line_stays_visible() -> None:
    line = "x" * 200 + "BAD" + "y" * 50
    found = Diagnostic(
        Severity.ERROR,
        "E-X",
        "bad",
        pos=SourcePos("a.yaml", 7, 201),
        excerpt=f"{line}\n{' ' * 200}^^^",
    )
    _, source, caret = diagnostics_text.block(found, width=80)
    at = caret.index("^^^")
    assert source[at : at + 3] == "BAD"
    assert len(source) <= 80
