from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cspctl.errors import RemoteError
from cspctl.partnercenter.calls import Call, call
from cspctl.partnercenter.paging import EMPTY_PAGES_LIMIT, all_items
from cspctl.partnercenter.reads import Reads
from cspctl.partnercenter.session import Session

FIRST = call("GET", "/v1/customers", family="customers", query={"size": "2", "filter": '{"Field":"Domain"}'})
ReadAll = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def read_all(partner: Any, clock: Any, tokens: Any, budget: Any) -> ReadAll:
    def run(first: Call = FIRST, seek: str | None = None) -> list[dict[str, Any]]:
        async def main() -> list[dict[str, Any]]:
            session = Session(partner.url, tokens.token, clock=clock)
            try:
                return await all_items(Reads(session, budget), first, seek=seek)
            finally:
                await session.aclose()

        return asyncio.run(main())

    return run


def page(*names: str, uri: str | None = None, token: str | None = None, **more: Any) -> dict[str, Any]:
    links: dict[str, Any] = {"self": {"uri": "/customers", "method": "GET", "headers": []}}
    if uri is not None:
        headers = [{"key": "MS-ContinuationToken", "value": token}] if token else []
        links["next"] = {"uri": uri, "method": "GET", "headers": headers}
    return {"totalCount": 1, "items": [{"id": name} for name in names], "links": links, **more}


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def test_the_next_link_is_followed_with_its_headers(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [
        say(body=page("a", "b", uri="/customers?size=2&seekOperation=Next", token="t-1")),
        say(body=page("c", uri="/customers?size=2&seekOperation=Next", token="t-2")),
        say(body=page("d")),
    ]
    assert names(read_all()) == ["a", "b", "c", "d"]
    assert [seen.headers.get("ms-continuationtoken") for seen in partner.seen] == [None, "t-1", "t-2"]
    for seen in partner.seen[1:]:
        assert seen.path == "/v1/customers"
        assert seen.query == {"size": "2", "seekOperation": "Next", "filter": '{"Field":"Domain"}'}


@pytest.mark.parametrize("uri", ["/v1/customers?size=2", "customers?size=2", "/customers"])
def test_both_forms_of_paths_are_joined(read_all: ReadAll, partner: Any, say: Any, uri: str) -> None:
    partner.script = [say(body=page("a", uri=uri, token="t")), say(body=page("b"))]
    assert names(read_all()) == ["a", "b"]
    assert partner.seen[1].path == "/v1/customers"
    assert partner.seen[1].query["size"] == "2"


def test_the_documented_broken_uri_is_mended(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [
        say(body=page("a", uri="/customers?provider=x&size=2?seekOperation=Next", token="t")),
        say(body=page("b")),
    ]
    read_all()
    assert partner.seen[1].query == {
        "provider": "x",
        "size": "2",
        "seekOperation": "Next",
        "filter": '{"Field":"Domain"}',
    }


def test_an_offset_link_needs_no_token(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body=page("a", uri="/customers?Size=2&offset=2")), say(body=page("b"))]
    read_all()
    assert partner.seen[1].query == {"Size": "2", "offset": "2", "filter": '{"Field":"Domain"}'}


def test_a_token_in_the_body_is_enough(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body=page("a", continuationToken="t")), say(body=page("b"))]
    assert names(read_all(seek="seek")) == ["a", "b"]
    assert partner.seen[1].headers["ms-continuationtoken"] == "t"
    assert partner.seen[1].query["seekOperation"] == "Next"
    assert partner.seen[1].query["seek"] == "t"


def test_an_empty_page_with_a_next_link_is_not_the_end(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body=page(uri="/customers", token="t")), say(body=page("b"))]
    assert names(read_all()) == ["b"]


def test_the_total_is_never_believed(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [
        say(body={**page("a", uri="/customers", token="t"), "totalCount": 1}),
        say(body={**page("b"), "totalCount": 99}),
    ]
    assert names(read_all()) == ["a", "b"]


@pytest.mark.parametrize("body", [[{"id": "a"}], {"Items": [{"id": "a"}], "TotalCount": 1}, {"items": [{"id": "a"}]}])
def test_documented_forms_of_a_collection(read_all: ReadAll, partner: Any, say: Any, body: Any) -> None:
    partner.script = [say(body=body)]
    assert names(read_all()) == ["a"]


def test_an_empty_collection_may_leave_its_items_out(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body={"totalCount": 0, "attributes": {"objectType": "Collection"}})]
    assert read_all() == []


@pytest.mark.parametrize("body", [{}, {"totalCount": 3}, {"items": {}}, "text", 5, {"items": [1]}, {"items": None}])
def test_what_is_no_collection_is_unreadable_and_not_empty(
    read_all: ReadAll, partner: Any, say: Any, body: Any
) -> None:
    partner.script = [say(body=body)]
    with pytest.raises(RemoteError) as caught:
        read_all()
    assert caught.value.code == "E-BODY-SHAPE"


def paging_error(read_all: ReadAll) -> str:
    with pytest.raises(RemoteError) as caught:
        read_all()
    assert caught.value.code == "E-PAGING"
    return caught.value.message


def test_a_link_in_circles_is_noticed(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body=page(name, uri="/customers", token="t")) for name in "abc"]
    paging_error(read_all)
    assert len(partner.seen) == 2


def test_a_page_that_comes_twice_is_noticed(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body=page("a", uri="/customers", token=f"t-{n}")) for n in range(3)]
    paging_error(read_all)
    assert len(partner.seen) == 2


def test_empty_pages_without_end_are_noticed(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(body=page(uri="/customers", token=f"t-{len(partner.seen)}"))
    paging_error(read_all)
    assert len(partner.seen) == EMPTY_PAGES_LIMIT + 1


def test_a_token_that_is_no_header_is_not_sent(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body=page("a", continuationToken="x\r\nAuthorization: evil"))]
    paging_error(read_all)


@pytest.mark.parametrize(
    "uri", ["https://evil.example/v1/customers", "//evil.example/v1/customers", "http://localhost/v1/customers"]
)
def test_a_next_link_elsewhere_gets_no_token(read_all: ReadAll, partner: Any, say: Any, uri: str) -> None:
    partner.script = [say(body=page("a", uri=uri, token="t"))]
    with pytest.raises(RemoteError) as caught:
        read_all()
    assert caught.value.code == "E-ORIGIN"
    assert len(partner.seen) == 1


def test_an_absolute_link_on_the_same_origin_is_followed(read_all: ReadAll, partner: Any, say: Any) -> None:
    partner.script = [say(body=page("a", uri=f"{partner.url}/v1/customers?size=2", token="t")), say(body=page("b"))]
    assert names(read_all()) == ["a", "b"]


def test_link_headers_cannot_speak_in_our_name(read_all: ReadAll, partner: Any, say: Any) -> None:
    body = page("a", uri="/customers", token="t")
    body["links"]["next"]["headers"] += [
        {"key": "authorization", "value": "Bearer evil"},
        {"key": "Host", "value": "evil.example"},
        {"key": "X-Shard", "value": "7"},
        {"key": "X-Bad", "value": "a\r\nb: c"},
    ]
    partner.script = [say(body=body), say(body=page("b"))]
    read_all()
    headers = partner.seen[1].headers
    assert headers["authorization"] == "Bearer token-1"
    assert "evil" not in headers["host"]
    assert headers["x-shard"] == "7"
    assert "x-bad" not in headers
