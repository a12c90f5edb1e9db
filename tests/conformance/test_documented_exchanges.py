"""The harness over a handful of pages, and over a page nobody has seen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conformance.comparison import differences
from conformance.exceptions import Accepted, load
from conformance.outcome import Outcome, judge
from conformance.report import END, START, tally, write
from conformance.samples import Exchange
from conformance.samples import load as load_samples
from conformance.service import Service

ROOT = Path(__file__).parents[2]
PAGES = ("get-a-customer-by-id", "create-a-cart", "get-new-commerce-migration", "reject-a-transfer", "create-an-order")


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def folder():
    found = ROOT / os.environ.get("CSPCTL_SAMPLES", "../shared/partner-center/samples")
    if not found.is_dir():
        pytest.skip("the documented samples are not here; set CSPCTL_SAMPLES")
    return found


@pytest.mark.parametrize("page", PAGES)
def test_documented_pages_are_answered(service, folder, page):
    exchanges = [one for one in load_samples(folder) if one.page == page]
    assert exchanges
    assert [judge(service, one).problems for one in exchanges] == [[]] * len(exchanges)


def test_every_exception_names_a_documented_exchange(folder):
    known = {(one.page, one.section, one.number) for one in load_samples(folder)}
    assert {(one.page, one.section, one.number) for one in load()} <= known


def unseen(tmp_path, template, body, status=200):
    entry = {"section": "Response", "method": "GET", "path_template": template, "path_sample": template}
    entry |= {"response_status": status, "response_body": body, "request_headers": {}}
    (tmp_path / "never-seen.json").write_text(json.dumps({"exchanges": [entry]}))
    (one,) = load_samples(tmp_path)
    return one


def test_an_unseen_page_is_resolved_by_what_stands_before_its_parameters(service, tmp_path):
    template = "/v1/customers/{aTenantOfSomebody}/subscriptions/{whatever}/provisioningstatus"
    one = unseen(tmp_path, template, {"skuId": "x", "status": "success", "quantity": 1})
    assert judge(service, one).problems == []
    other = unseen(tmp_path, template, {"status": 7, "invented": "x"})
    assert judge(service, other).problems == ["status: number, answered text", "invented: missing"]


def test_an_unseen_parameter_is_reported_and_not_guessed(service, tmp_path):
    one = unseen(tmp_path, "/v1/customers/{id}/gadgets/{gadget-id}", {"id": "x"})
    (problem,) = judge(service, one).problems
    assert "no value is known for the parameter behind 'gadgets'" in problem


@pytest.mark.parametrize(
    ("documented", "answered", "expected"),
    [
        ({"a": None, "b": 1}, {"b": 2.5}, []),
        ({"b": 1}, {"b": "1"}, ["b: number, answered text"]),
        ({"b": "1"}, {"b": 1}, ["b: text, answered number"]),
        ({"items": [{"a": 1}, {"c": "x"}]}, {"items": [{"c": "y", "a": 3}]}, []),
        ({"items": [{"a": 1}]}, {"items": []}, ["items: empty list"]),
        ({"items": [{"a": {"b": True}}]}, {"items": [{"a": {}}]}, ["items[].a.b: missing"]),
    ],
)
def test_comparison(documented, answered, expected):
    assert differences(documented, answered) == expected


def outcome(problems):
    one = Exchange("page", "section", 0, "GET", "/v1/x", "/v1/x", "", {}, None, 200, {})
    return Outcome(one, problems, 200)


def test_exceptions_cover_one_property_of_one_exchange():
    accepted = [Accepted("page", "section", "b", "documentation error: misspelt", 0)]
    assert tally([outcome(["b: missing"])], accepted).passed
    assert not tally([outcome(["b: missing", "c: missing"])], accepted).passed
    whole = [Accepted("page", "section", "exchange", "retired: gone", 0)]
    found = tally([outcome(["c: missing"])], whole)
    assert (found.documented.total(), found.excepted.total()) == (0, 1)


def test_the_table_replaces_only_what_stands_between_its_markers(tmp_path):
    file = tmp_path / "emulator.md"
    file.write_text(f"before\n{START}\nold\n{END}\nafter\n")
    write(file, "new")
    assert file.read_text() == f"before\n{START}\nnew\n{END}\nafter\n"
