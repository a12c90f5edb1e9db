"""Pages nobody has seen: operations without a sample, samples with other ids, and pages that are wrong."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from conformance import exceptions
from conformance.addresses import operation
from conformance.outcome import Outcome, judge
from conformance.samples import read
from tests.conformance.unsampled import ROWS, entry, page

_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<=[/\"])[0-9a-f]{12}(?=[/\"?])|(?<=:[0-9A-Z]{4}:)[0-9A-Z]{12}",
    re.I,
)
_KEPT = ("MS-AZR-0145P", "/oauth2/")


def exchanges(folder, document):
    (folder / "never-seen.json").write_text(json.dumps(document), encoding="utf-8")
    return read(folder).exchanges


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_an_operation_without_a_sample_page_is_answered(service, tmp_path, row):
    (one,) = exchanges(tmp_path, page(entry(row)))
    outcome = judge(service, one)
    assert outcome.problems == []
    assert outcome.status == row[5]


def test_the_rows_are_about_operations_that_no_sample_shows(folder, tmp_path):
    shown = {operation(one).lower() for one in read(folder).exchanges}
    ours = {operation(exchanges(tmp_path, page(entry(row)))[0]).lower() for row in ROWS}
    assert len(ours - shown) >= 50


def renamed(text):
    """Every id of a page becomes another of its form, the same one the same everywhere."""

    def other(found):
        digest = hashlib.sha256(found[0].lower().encode()).hexdigest()
        plain = re.sub(r"[^0-9a-zA-Z]", "", found[0])
        fresh = digest[: len(plain)].upper() if plain.upper() == plain else digest[: len(plain)]
        return f"{fresh[:8]}-{fresh[8:12]}-{fresh[12:16]}-{fresh[16:20]}-{fresh[20:]}" if "-" in found[0] else fresh

    return _ID.sub(other, text)


def test_every_sample_page_is_answered_the_same_under_another_name_with_other_ids(service, folder, tmp_path):
    accepted = exceptions.load()
    printed = read(folder).exchanges
    changed, open_now = 0, []
    for file in sorted(folder.glob("*.json")):
        text = file.read_text(encoding="utf-8")
        if file.name == "index.json" or any(one in text for one in _KEPT):
            continue
        fresh = renamed(text)
        changed += fresh != text
        originals = [one for one in printed if one.page == file.stem]
        for old, one in zip(originals, exchanges(tmp_path, json.loads(fresh)), strict=True):
            if exceptions.is_whole(accepted, Outcome(old)):
                continue
            outcome = judge(service, one)
            left = exceptions.remaining(accepted, Outcome(old, outcome.problems))
            if left and left != exceptions.remaining(accepted, judge(service, old)):
                open_now.append((old.name, outcome.subject, left))
    assert changed > 100
    assert open_now == []


def test_an_operation_the_emulator_does_not_have_is_open(service, tmp_path):
    row = ("x", "GET", "/v1/customers/{customer-id}/gadgets", "/v1/customers/1/gadgets", None, 200, {"items": []})
    (one,) = exchanges(tmp_path, page(entry(row)))
    (problem,) = judge(service, one).problems
    assert problem.startswith("status 404 instead of 200")


def test_a_request_line_that_tells_no_operation_is_open(service, tmp_path):
    bare = {**entry(ROWS[0]), "method": None, "path_template": None, "path_sample": None, "section": "Something"}
    (one,) = exchanges(tmp_path, page({**bare, "response_body": {"a": 1}}))
    assert judge(service, one).problems == ["the page names no operation"]


@pytest.mark.parametrize(
    ("section", "body", "expected"),
    [
        ("Samples > Get a SKU by ID", {"id": "0001"}, "GET /v1/products/*/skus/*"),
        ("REST response", {"id": "x", "links": {"self": {"uri": "/customers/1a2b/carts/3c4d"}}}, None),
        ("Get all of a customer’s orders", {"items": []}, "GET /v1/customers/*/orders"),
        ("REST response", {"id": "x", "referenceCustomerId": "y", "lineItems": []}, "GET /v1/customers/*/orders/*"),
        ("Delete a user account", None, None),
    ],
)
def test_an_example_without_a_request_line_is_known_by_heading_link_or_properties(tmp_path, section, body, expected):
    bare = {**entry(ROWS[0]), "method": None, "path_template": None, "path_sample": None, "section": section}
    (one,) = exchanges(tmp_path, page({**bare, "response_body": body}))
    found = operation(one) if one.method else None
    assert found == (expected or ("GET /v1/customers/*/carts/*" if body else None))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"response_status": 201}, "status 200 instead of 201"),
        ({"response_status": 404, "response_body": None}, "status 200 instead of 404"),
        ({"response_body": {"id": "x", "invented": 1}}, "invented: missing"),
        ({"response_body": {"ID": "x"}}, "ID: missing"),
        ({"response_body": {"id": 7}}, "id: number, answered text"),
        ({"response_body": {"companyProfile": {"domain": {}}}}, "companyProfile.domain: object, answered text"),
        ({"response_body": {"id": "2020-01-01"}}, "id: moment, answered text"),
        ({"response_headers": {"Location": "/x"}}, "header Location: missing"),
        ({"response_body_variants": [{"nowhere": 1}]}, "example 2: nowhere in the answer"),
    ],
)
def test_what_a_page_documents_otherwise_is_open(service, tmp_path, changes, problem):
    row = (
        "x",
        "GET",
        "/v1/customers/{c}",
        "/v1/customers/1",
        None,
        200,
        {"id": "x", "companyProfile": {"domain": "d"}},
    )
    (right,) = exchanges(tmp_path, page(entry(row)))
    assert judge(service, right).problems == []
    (one,) = exchanges(tmp_path, page({**entry(row), **changes}))
    assert [found[: len(problem)] for found in judge(service, one).problems] == [problem]


def test_an_error_must_be_the_documented_one(service, tmp_path):
    row = ("x", "GET", "/v1/customers/{c}/orders/{o}", "/v1/customers/1/orders/2", None, 404,
           {"code": 20000, "description": "d", "data": [], "source": "PartnerFD"})  # fmt: skip  # one row
    (one,) = exchanges(tmp_path, page(entry(row)))
    assert judge(service, one).problems == []
    (other,) = exchanges(tmp_path, page({**entry(row), "response_body": {"code": 20003, "description": "d"}}))
    assert judge(service, other).problems == ["code: 20000 instead of 20003"]
