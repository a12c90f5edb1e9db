"""Rule 10: continuation paging with header-bearing next links; and the ETag checks of rule 9."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from cspctl.emulator.errors import ApiError
from cspctl.emulator.serving.routing import Router
from cspctl.emulator.settings import Settings
from cspctl.emulator.wire.etags import check_if_match, next_etag
from cspctl.emulator.wire.paging import page, page_of

ITEMS = [{"id": str(number)} for number in range(5)]


def request_of(query="", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": pairs})


def ids(body):
    return [item["id"] for item in body["items"]]


def next_token(body):
    (header,) = body["links"]["next"]["headers"]
    assert header["key"] == "MS-ContinuationToken"
    return header["value"]


def test_rule_10_pages_follow_the_next_link_to_the_end():
    query = {"size": "2"}
    first = page(ITEMS, 2, None, query, path="/customers")
    assert (ids(first), first["totalCount"]) == (["0", "1"], 2)
    assert first["attributes"] == {"objectType": "Collection"}
    assert first["links"]["next"]["uri"] == "/customers?size=2&seekOperation=Next"
    assert first["links"]["next"]["method"] == "GET"
    second = page(ITEMS, 2, next_token(first), {**query, "seekOperation": "Next"}, path="/customers")
    assert ids(second) == ["2", "3"]
    last = page(ITEMS, 2, next_token(second), query, path="/customers")
    assert (ids(last), last["totalCount"]) == (["4"], 1)
    assert "next" not in last["links"]


def test_rule_10_no_next_link_when_the_page_holds_all():
    assert "next" not in page(ITEMS, 5, None, {})["links"]
    assert page([], 5, None, {})["items"] == []


def test_rule_10_a_token_is_bound_to_its_query():
    token = next_token(page(ITEMS, 2, None, {"size": "2"}, path="/customers"))
    for query, path in (({"size": "3"}, "/customers"), ({"size": "2"}, "/orders")):
        with pytest.raises(ApiError) as refused:
            page(ITEMS, 2, token, query, path=path)
        assert refused.value.status == 400


@pytest.mark.parametrize("token", ["x", "e30", "W10", "é", "!!!!"])
def test_rule_10_a_wrong_token_is_400(token):
    with pytest.raises(ApiError) as refused:
        page(ITEMS, 2, token, {})
    assert refused.value.status == 400


def test_rule_10_rows_that_come_and_go_between_pages_are_neither_lost_nor_repeated():
    token = next_token(page(ITEMS, 2, None, {}))
    assert ids(page(ITEMS[1:], 2, token, {})) == ["2", "3"]
    assert ids(page([{"id": "new"}, *ITEMS], 2, token, {})) == ["2", "3"]


def test_rule_10_request_form():
    first = page_of(request_of("size=2"), ITEMS, default=500, largest=500, path="/x")
    token = next_token(first)
    repeated = request_of("size=2&seekOperation=next", ms_continuationtoken=token)
    assert ids(page_of(repeated, ITEMS, default=500, largest=500, path="/x")) == ["2", "3"]
    from_start = request_of("size=2&seekOperation=First", ms_continuationtoken=token)
    assert ids(page_of(from_start, ITEMS, default=500, largest=500, path="/x")) == ["0", "1"]
    assert ids(page_of(request_of("size=0"), ITEMS, default=500, largest=500, path="/x")) == list("01234")
    for query in ("seekOperation=Next", "seekOperation=Last", "size=501", "size=-1", "size=x"):
        with pytest.raises(ApiError) as refused:
            page_of(request_of(query), ITEMS, default=500, largest=500, path="/x")
        assert refused.value.status == 400


# rule 9


def test_rule_09_stale_if_match_is_400_2055_or_412():
    stale = request_of(if_match='"old"')
    with pytest.raises(ApiError) as refused:
        check_if_match(stale, "new", Settings())
    assert (refused.value.status, refused.value.code) == (400, 2055)
    with pytest.raises(ApiError) as refused:
        check_if_match(stale, "new", Settings(etag_mismatch_status=412))
    assert refused.value.status == 412
    with pytest.raises(ApiError):
        check_if_match(stale, None, Settings())


@pytest.mark.parametrize("value", ['"new"', "new", 'W/"new"', '"old", "new"', "*"])
def test_rule_09_fitting_if_match_passes(value):
    check_if_match(request_of(if_match=value), "new", Settings())


def test_rule_09_missing_if_match_is_refused_only_where_required():
    check_if_match(request_of(), "new", Settings())
    with pytest.raises(ApiError) as refused:
        check_if_match(request_of(), "new", Settings(), required=True)
    assert refused.value.status == 400


def test_rule_09_etags_change_with_each_write():
    body = {"quantity": 1, "attributes": {"etag": "first"}}
    second = next_etag(body)
    assert second not in ("", "first")
    assert next_etag({**body, "attributes": {"etag": second}}) != second
    assert next_etag({**body, "quantity": 2}) != second


def test_router_prefers_fixed_segments_and_backs_out_of_dead_ends():
    router = Router()
    router.add("GET", "/v1/customers/{customer_id}", "one")
    router.add("GET", "/v1/customers/relationshiprequests", "fixed")
    router.add("GET", "/v1/customers/{customer_id}/orders", "orders")
    assert router.find("GET", "/v1/customers/relationshiprequests") == ("fixed", {})
    assert router.find("GET", "/V1/Customers/ABC/") == ("one", {"customer_id": "ABC"})
    found = router.find("GET", "/v1/customers/relationshiprequests/orders")
    assert found == ("orders", {"customer_id": "relationshiprequests"})
    assert router.find("POST", "/v1/customers/x") is None
    assert router.methods("/v1/customers/x") == ["GET"]
