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


_SEATS = {"id": "a4c1", "quantity": 1, "status": "active", "autoRenewEnabled": True, "billingCycle": "monthly",
          "termDuration": "P1Y", "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971"}  # fmt: skip  # one body
_PATH = "/v1/customers/{customer-tenant-id}/subscriptions/{id-for-subscription}"
_REFUSED = {"code": 800090, "description": "fewer seats", "data": [], "source": "PartnerFD"}
_ASSUMED = "status assumed: the example shows only the body"


def exchanges(folder, *entries):
    (folder / "page.json").write_text(json.dumps(page(*entries)), encoding="utf-8")
    return read(folder).exchanges


@pytest.mark.parametrize(("status", "notes"), [(400, []), (400, [_ASSUMED]), (200, [_ASSUMED])])
def test_a_late_decrease_is_refused_whatever_status_was_assumed(service, tmp_path, status, notes):
    given = {**entry(("x", "PATCH", _PATH, _PATH, _SEATS, status, _REFUSED)), "notes": notes}
    (one,) = exchanges(tmp_path, given)
    assert judge(service, one).problems == []
    other = {**given, "response_body": {**_REFUSED, "code": 800091}}
    (one,) = exchanges(tmp_path, other)
    assert judge(service, one).problems, "another refusal is not the documented one"


def test_an_assumed_success_is_not_answered_by_a_refusal(service, tmp_path):
    row = ("x", "GET", "/v1/customers/{id}/gadgets", "/v1/customers/1/gadgets", None, 200, {"items": []})
    (one,) = exchanges(tmp_path, {**entry(row), "notes": [_ASSUMED]})
    (problem,) = judge(service, one).problems
    assert problem.startswith("status 404 instead of 200")


def test_a_further_answer_without_a_request_answers_the_printed_one(service, tmp_path):
    first = entry(("x", "PATCH", _PATH, _PATH, {**_SEATS, "quantity": 12}, 200, {"quantity": 12}))
    alone = ["response example without a request example"]
    accepted = {**first, "request_body": None, "response_status": 202, "response_body": None, "notes": alone,
                "response_headers": {"Location": "/customers/x/subscriptions/y"}}  # fmt: skip  # one exchange
    _, one = exchanges(tmp_path, first, accepted)
    assert one.request_body == {**_SEATS, "quantity": 12}
    assert judge(service, one).problems == []
    _, another = exchanges(tmp_path, first, {**accepted, "path_template": "/v1/customers/{id}/users/{id}"})
    assert another.request_body is None, "the request of another operation"
    _, asked = exchanges(tmp_path, first, {**accepted, "notes": []})
    assert asked.request_body is None, "a request that is printed without a body has none"


@pytest.mark.parametrize(
    ("template", "path", "status", "code"),
    [
        ("/v1/customers/{customer-id}", "/v1/customers/abc", 400, 900118),
        ("/v1/offers/{offer-id}?country={c}", "/v1/offers/CFQ7TTC0LH18?country=US", 400, 2100),
        ("/v1/auditrecords?startDate={date}", "/v1/auditrecords?startDate=2017-06-01", 400, None),
        ("/v1/invoices/{invoice-id}", "/v1/invoices/D99999", 404, None),
    ],
)
def test_a_refusal_of_what_is_printed_needs_no_preparation(service, tmp_path, template, path, status, code):
    body = code and {"code": code, "description": "d", "data": [], "source": "PartnerFD"}
    (one,) = exchanges(tmp_path, entry(("x", "GET", template, path, None, status, body)))
    assert judge(service, one).problems == []


def test_a_continuation_token_of_another_world_is_replaced_by_ours(service, tmp_path):
    items = {"totalCount": 1, "items": [{"id": "x"}]}
    for path in ("/v1/customers?size=1&seekOperation=Next", "/v1/customers?size=40"):
        given = entry(("x", "GET", "/v1/customers?size={size}", path, None, 200, items))
        given["request_headers"]["MS-ContinuationToken"] = "AAB="
        (one,) = exchanges(tmp_path, given)
        assert judge(service, one).problems == []


def test_orders_of_every_billing_cycle_are_there(service, tmp_path):
    for cycle in ("Monthly", "Annual", "Triennial", "OneTime"):
        items = {"totalCount": 1, "items": [{"id": "x", "billingCycle": cycle.lower()}]}
        path = f"/v1/customers/x/orders?billingType={cycle}"
        (one,) = exchanges(tmp_path, entry(("x", "GET", "/v1/customers/{c}/orders", path, None, 200, items)))
        assert judge(service, one).problems == [], cycle


def test_a_refusal_of_the_application_alone(service, tmp_path):
    body = {"code": 900329, "description": "d", "data": [], "source": "PartnerFD"}
    path = "/v1/customers/{customer-tenant-id}/users"
    (one,) = exchanges(tmp_path, entry(("x", "GET", path, path, None, 403, body)))
    assert judge(service, one).problems == []
