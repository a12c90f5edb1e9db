"""The list of customers: pages, search fields, tokens (rule 10)."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

CUSTOMER, GATED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11", "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
RESELLER = "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01"


def found(office, query):
    return [one["id"] for one in office.get(f"/v1/customers{query}")["items"]]


def filtered(field, value, operator="starts_with"):
    return "filter=" + quote(json.dumps({"Field": field, "Value": value, "Operator": operator}))


def fill(office, count):
    entries = [
        {"partner": office.partner, "domain": f"c{n}.onmicrosoft.com", "companyName": f"C {n}"} for n in range(count)
    ]
    assert office.control("POST", "seed", {"customers": entries}).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "ids"),
    [
        ("CompanyName", "birk", [CUSTOMER]),
        ("CompanyName", "GATED", [GATED]),
        ("CompanyName", "enau", []),
        ("Domain", "gated.on", [GATED]),
        ("domain", "BIRK", [CUSTOMER]),
        ("IndirectReseller", RESELLER.upper(), [CUSTOMER]),
        ("IndirectReseller", GATED, []),
        ("IndirectCloudSolutionProvider", "7C1D5A1E-8F0E-4F0D-9C55-2F6F4F7F1A10", [CUSTOMER, GATED]),
        ("IndirectCloudSolutionProvider", RESELLER, []),
    ],
)
def test_the_four_search_fields_match_by_prefix_without_case(office, field, value, ids):
    assert found(office, f"?size=0&{filtered(field, value)}") == ids


@pytest.mark.parametrize(
    "operator",
    ["equals", "not_equals", "greater_than", "greater_than_or_equals", "less_than", "less_than_or_equals", "substring",
     "and", "or", "not_starts_with", ""],
)  # fmt: skip  # every other operator of the resource
def test_no_operator_but_starts_with(office, operator):
    assert office.refused("GET", f"/v1/customers?{filtered('CompanyName', 'b', operator)}") == (400, 800002)


@pytest.mark.parametrize("text", ["{", "[]", "7", "{}", '{"Field":"CompanyName","Operator":"starts_with"}'])
def test_filters_that_cannot_be_read(office, text):
    assert office.refused("GET", f"/v1/customers?filter={quote(text)}") == (400, 800002)
    assert office.refused("GET", f"/v1/customers?{filtered('Size', 'b')}") == (400, 800002)


def test_rule_10_every_customer_once_along_the_next_links(office):
    fill(office, 7)
    url, headers, seen = "/v1/customers?size=2", {}, []
    while url:
        body = office.get(url, **headers)
        assert body["totalCount"] == len(body["items"]) <= 2
        seen += [one["id"] for one in body["items"]]
        following = body["links"].get("next")
        url = following and "/v1" + following["uri"]
        headers = {one["key"]: one["value"] for one in following["headers"]} if following else {}
    assert len(seen) == len(set(seen)) == 9
    assert seen == found(office, "")


@pytest.mark.parametrize("seek", ["Next", "next", "2", ""])
def test_rule_10_the_token_leads_on_in_every_documented_spelling(office, seek):
    fill(office, 3)
    first = office.get("/v1/customers?size=2")
    (header,) = first["links"]["next"]["headers"]
    query = f"?size=2&seekOperation={seek}" if seek else "?size=2"
    second = office.get(f"/v1/customers{query}", **{header["key"]: header["value"]})
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    again = office.get("/v1/customers?size=2&seekOperation=First", **{header["key"]: header["value"]})
    assert again["items"] == first["items"]


@pytest.mark.parametrize("seek", ["Previous", "Last", "PageIndex", "4", "Sideways"])
def test_rule_10_a_seek_without_documented_parameters_is_refused_and_not_taken_for_the_first_page(office, seek):
    assert office.refused("GET", f"/v1/customers?size=1&seekOperation={seek}") == (400, 800002)
    assert office.refused("GET", f"/users?size=1&seekOperation={seek}") == (400, 800002)


@pytest.mark.parametrize("token", ["", "x", "e30=", "WyJhIiwgImIiXQ=="])
def test_rule_10_wrong_tokens(office, token):
    assert office.refused("GET", "/v1/customers?size=1&seekOperation=Next", MS_ContinuationToken=token) == (400, 800002)


def test_rule_10_a_token_belongs_to_its_filter_its_size_and_its_partner(open_office):
    office = open_office()
    fill(office, 3)
    (header,) = office.get("/v1/customers?size=2")["links"]["next"]["headers"]
    token = {"MS_ContinuationToken": header["value"]}
    for query in ("size=1", f"size=2&{filtered('CompanyName', 'C')}"):
        assert office.refused("GET", f"/v1/customers?{query}&seekOperation=Next", **token) == (400, 800002)
    office.partner = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
    assert office.refused("GET", "/v1/customers?size=2&seekOperation=Next", **token) == (400, 800002)


@pytest.mark.parametrize("size", ["-1", "x", "2001", "1.5"])
def test_sizes_that_cannot_be(office, size):
    assert office.refused("GET", f"/v1/customers?size={size}") == (400, 800002)


@pytest.mark.parametrize("query", ["", "?size=0", "?size=40", "?size=2000"])
def test_the_size_may_be_left_out(office, query):
    assert found(office, query) == [CUSTOMER, GATED]


def test_list_items_are_short(office):
    (item, _) = office.get("/v1/customers")["items"]
    assert set(item) == {"id", "companyProfile", "relationshipToPartner", "attributes"}
    assert set(item["companyProfile"]) == {"tenantId", "domain", "companyName", "attributes"}
