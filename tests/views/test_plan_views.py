"""A plan in every format and width, against files that were read by a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from markdown_it import MarkdownIt

from cspctl.model.plan import Plan
from cspctl.views import plan_json, plan_markdown, plan_text, plan_words
from cspctl.views.layout import cells
from cspctl.views.style import Style

Golden = Callable[[str, str], None]
SCHEMA = Path(__file__).parents[2] / "schemas" / plan_json.SCHEMA_FILE


@pytest.mark.parametrize("width", [100, 50])
def test_text(plan: Plan, golden: Golden, width: int) -> None:
    golden(f"plan.{width}.txt", plan_text.render(plan, width=width))


def test_text_of_an_empty_plan(empty_plan: Plan, golden: Golden) -> None:
    golden("plan-empty.txt", plan_text.render(empty_plan))


def test_an_empty_plan_with_gaps_does_not_claim_that_all_is_well(plan: Plan) -> None:
    text = plan_text.render(plan.model_copy(update={"changes": ()}))
    assert "No changes in what could be read" in text
    assert "403: no delegated admin rights" in text


def test_summary_line(plan: Plan) -> None:
    twenty = plan.model_copy(update={"changes": (*[plan.changes[0]] * 20, plan.changes[1], plan.changes[3])})
    expected = "Plan: 20 to create, 1 to update, 0 to release, 1 blocked. Nothing was changed."
    assert plan_words.summary(twenty) == expected
    assert plan_text.render(twenty, width=40).splitlines()[-1] == expected


@pytest.mark.parametrize("width", [100, 50])
def test_no_line_but_the_last_is_wider_than_asked(plan: Plan, width: int) -> None:
    lines = plan_text.render(plan, width=width).splitlines()
    assert max(cells(line) for line in lines[:-1]) <= width


def test_colour_changes_nothing_but_colour(plan: Plan) -> None:
    import re

    coloured = plan_text.render(plan, style=Style(colour=True), width=80)
    assert "\x1b[32m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plan_text.render(plan, width=80)


def test_long_lists_of_unmanaged_subscriptions_are_counted(plan: Plan) -> None:
    many = plan.model_copy(update={"unmanaged": plan.unmanaged * 12})
    assert "and 2 more (--format json lists all)" in plan_text.render(many)


def test_json(plan: Plan, golden: Golden) -> None:
    golden("plan.json", plan_json.render(plan))


def test_json_has_the_documented_fields(plan: Plan) -> None:
    """Product contract, section 4.1."""
    data = json.loads(plan_json.render(plan))
    documented = (
        "planVersion id createdAt expiresAt asOf digest desiredDigest policyDigest project scope changes "
        "drift gaps findings summary refresh"
    )
    assert set(documented.split()) <= set(data)
    change = "address action timing cause attributes before after steps money regret sideEffects findings reason"
    assert set(change.split()) <= set(data["changes"][0])
    assert set(data["changes"][0]["attributes"][0]) == {"path", "before", "after", "afterUnknown"}
    assert data["planVersion"] == "1.0"


def test_json_of_an_empty_plan_has_no_changes(empty_plan: Plan) -> None:
    assert json.loads(plan_json.render(empty_plan))["changes"] == []


def test_json_reads_back_as_the_same_plan(plan: Plan) -> None:
    assert plan_json.render(Plan.model_validate_json(plan_json.render(plan))) == plan_json.render(plan)


def test_json_sorts_maps_whatever_their_order(plan: Plan) -> None:
    one = plan.model_copy(update={"summary": {"b": 1, "a": {"d": 1, "c": 2}}})
    two = plan.model_copy(update={"summary": {"a": {"c": 2, "d": 1}, "b": 1}})
    assert plan_json.render(one) == plan_json.render(two)


def test_schema_accepts_plans_and_refuses_others(plan: Plan, empty_plan: Plan) -> None:
    schema = plan_json.plan_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for each in (plan, empty_plan):
        jsonschema.validate(json.loads(plan_json.render(each)), schema)
    data = json.loads(plan_json.render(plan))
    data["addedInVersion1.1"] = True
    data["planVersion"] = "1.1"
    jsonschema.validate(data, schema)
    data["planVersion"] = "2.0"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)


def test_schema_file_is_current() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == plan_json.schema_text(), "run `make schemas`"


def test_markdown(plan: Plan, golden: Golden) -> None:
    golden("plan.md", plan_markdown.render(plan))


def test_markdown_renders_customer_text_only_as_code(plan: Plan) -> None:
    html = MarkdownIt("commonmark").enable("table").render(plan_markdown.render(plan))
    outside = "".join(part.split("</code>")[-1] for part in html.split("<code"))
    assert "evil.example" not in outside
    assert "@org" not in outside
    assert html.count("<details>") == html.count("</details>") == 6


def test_markdown_stays_below_its_limit_and_counts_what_is_left_out(plan: Plan) -> None:
    many = plan.model_copy(update={"changes": plan.changes * 100})
    text = plan_markdown.render(many, limit=20_000)
    assert len(text) <= 20_000
    assert "changes not shown: see the log._" in text
    assert "600 more changes in detail not shown: see the log._" in text
    assert text.rstrip().endswith("</sub>")
