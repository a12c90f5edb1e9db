"""Forms of printing that no sample has: each is placed and answered, and each still fails where the answer differs."""

from __future__ import annotations

import json

import pytest

from conformance.addresses import operation, pattern
from conformance.comparison import differences, text_differences
from conformance.outcome import judge
from conformance.samples import read
from tests.conformance.unsampled import entry, page
from tests.conformance.unsampled_forms import ROWS


def exchange(folder, row):
    (folder / "a page never seen.json").write_text(json.dumps(page(entry(row))), encoding="utf-8")
    (one,) = read(folder).exchanges
    return one


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_form_without_a_sample_is_answered(service, tmp_path, row):
    outcome = judge(service, exchange(tmp_path, row))
    assert outcome.problems == []
    assert outcome.status == row[5]


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/v1/invoices/{id}/lineitems", "/v1/invoices/unbilled/lineitems", "/v1/invoices/unbilled/lineitems"),
        ("/v1/invoices/{id}/lineitems", "/v1/invoices/G000024135/lineitems", "/v1/invoices/{id}/lineitems"),
        ("/v1/customers/{id}", "/v1/customers/someone", "/v1/customers/{id}"),
        ("/v1/customers/{id}/servicecosts/{period}", "/v1/customers/x/servicecosts/mostrecent", None),
    ],
)
def test_a_word_counts_where_it_makes_another_operation(tmp_path, template, path, expected):
    one = exchange(tmp_path, ("x", "GET", template, path, None, 200, {}))
    assert pattern(one) == (expected or "/v1/customers/{id}/servicecosts/mostrecent")


@pytest.mark.parametrize(
    "printed",
    ["{baseURL}/v1/customers/{id}", "{{baseURL}}/v1/customers/{{id}}", "<baseUrl>/v1/customers/<id>",
     "https://api.partnercenter.microsoft.com/v1/customers/{id} HTTP/1.1",
     "http:// api.partnercenter.microsoft.com/v1/customers/{id}",
     "https://api.partnercenter.microsoft.com/v1//customers/1a2b HTTP/1.1", "/v1/customers/[customer id]"],
)  # fmt: skip  # one list
def test_every_style_of_an_address_is_one_operation(tmp_path, printed):
    one = exchange(tmp_path, ("x", "GET", "", printed, None, 200, {}))
    assert operation(one) == "GET /v1/customers/*"


def test_a_rendered_name_is_the_property_inside():
    assert differences({"a/b": "x"}, {"a": {"b": "y"}}) == []
    assert differences({"a/b": "x"}, {"a": {"c": "y"}}) == ["a/b: missing"]
    assert differences({"a/b": "x"}, {"b": "y"}) == ["a/b: missing"]
    assert differences({"a/b": "x"}, {"a": {"b": 1}}) == ["a/b: text, answered number"]


def test_a_table_without_a_header_must_be_as_wide():
    printed = '"1aa125798b04","US","10.0","0001"'
    assert text_differences(printed, '"x","DE","9","0002","more"\n') == []
    assert text_differences(printed, '"x","DE","9"\n') == ["body: 3 columns instead of 4"]
    assert text_differences('"Id","Name"', '"Id","Title"\n"1","2"\n') == ["column Name: missing"]
