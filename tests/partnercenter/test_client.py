"""Both faces of the client against a scripted service on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cspctl.errors import ConflictError, NotFoundError, RemoteError, UnknownOutcomeError
from cspctl.partnercenter.client import ReaderClient, Wiring, WriterClient, connect
from cspctl.partnercenter.endpoints.carts import checkout_result

Use = Callable[[Callable[[WriterClient], Awaitable[Any]]], Any]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def use(partner: Any, clock: Any, tokens: Any, budget: Any) -> Use:
    """Runs a function with a connected writer."""

    def run(work: Callable[[WriterClient], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            client = connect(
                partner.url,
                tokens,
                reader_only=False,
                clock=clock,
                concurrency=4,
                tenant="t",
                wiring=Wiring(budget=budget),
            )
            try:
                return await work(client)
            finally:
                await client.aclose()

        return asyncio.run(main())

    return run


def test_a_reader_has_no_way_to_write(partner: Any, clock: Any, tokens: Any) -> None:
    async def main() -> ReaderClient:
        client = connect(partner.url, tokens, reader_only=True, clock=clock)
        await client.aclose()
        return client

    client = asyncio.run(main())
    assert type(client) is ReaderClient
    for name in ("create_cart", "checkout_cart", "patch_subscription"):
        assert not hasattr(client, name)
        assert hasattr(WriterClient, name)


@pytest.mark.parametrize(
    ("work", "target"),
    [
        (lambda c: c.customers(), "/v1/customers?size=500"),
        (lambda c: c.subscriptions("c"), "/v1/customers/c/subscriptions"),
        (lambda c: c.orders("c"), "/v1/customers/c/orders"),
        (lambda c: c.order_provisioning("c", "o"), "/v1/customers/c/orders/o/provisioningstatus"),
        (
            lambda c: c.availabilities("c", "P", "0001", segment="education"),
            "/v1/customers/c/products/P/skus/0001/availabilities?targetSegment=education",
        ),
        (lambda c: c.availabilities("c", "P", "0001"), "/v1/customers/c/products/P/skus/0001/availabilities"),
        (
            lambda c: c.country_availabilities("P", "0001", "DE"),
            "/v1/products/P/skus/0001/availabilities?country=DE",
        ),
        (
            lambda c: c.products("DE", "OnlineServices", "commercial"),
            "/v1/products?country=DE&targetView=OnlineServices&targetSegment=commercial",
        ),
        (lambda c: c.skus("P", "DE"), "/v1/products/P/skus?country=DE"),
    ],
)
def test_lists(use: Use, partner: Any, say: Any, work: Any, target: str) -> None:
    partner.script = [say(body={"totalCount": 1, "items": [{"id": "x", "amount": 1}]})]
    assert use(work) == [{"id": "x", "amount": 1}]
    assert partner.seen[0].target == target


@pytest.mark.parametrize(
    ("work", "target"),
    [
        (lambda c: c.customer("c"), "/v1/customers/c"),
        (lambda c: c.subscription("c", "s"), "/v1/customers/c/subscriptions/s"),
        (lambda c: c.order("c", "Ab_-9"), "/v1/customers/c/orders/Ab_-9"),
        (lambda c: c.cart("c", "k"), "/v1/customers/c/carts/k"),
    ],
)
def test_single_objects(use: Use, partner: Any, say: Any, work: Any, target: str) -> None:
    partner.script = [say(body={"id": "x"}), say(body=[1])]
    assert use(work) == {"id": "x"}
    assert partner.seen[0].target == target
    with pytest.raises(RemoteError) as caught:
        use(work)
    assert caught.value.code == "E-BODY-SHAPE"


def test_customers_are_found_by_prefix(use: Use, partner: Any, say: Any) -> None:
    partner.script = [say(body={"items": [{"id": "x"}]})]
    use(lambda client: client.customers_starting_with("Domain", "contoso.example"))
    query = partner.seen[0].query
    assert query["size"] == "0"
    assert json.loads(query["filter"]) == {
        "Field": "Domain",
        "Value": "contoso.example",
        "Operator": "starts_with",
    }


def test_harmless_posts(use: Use, partner: Any, say: Any) -> None:
    partner.script = [say(body={"items": [{"id": 0}]}), say(body=[{"productId": "P"}]), say(body={"status": "None"})]

    async def work(client: WriterClient) -> None:
        await client.promotion_eligibilities("c", {"items": []})
        await client.check_inventory("US", {"targetItems": []})
        await client.validate_address({"city": "x"})

    use(work)
    assert [(seen.method, seen.target) for seen in partner.seen] == [
        ("POST", "/v1/customers/c/promotionEligibilities"),
        ("POST", "/v1/extensions/product/checkInventory?country=US"),
        ("POST", "/v1/validations/address"),
    ]


# --- carts


def test_create_cart(use: Use, partner: Any, say: Any, ids: Any) -> None:
    body = {"id": "cart", "lineItems": [{"id": 0, "pricing": {"price": 30.4}}]}
    partner.script = [say(201, body, {"Location": "/carts/cart"})]
    answer = use(lambda client: client.create_cart("c", {"lineItems": [{"id": 0}]}, ids.context()))
    assert answer.body["lineItems"][0]["pricing"]["price"] == Decimal("30.4")
    assert (answer.status, answer.request_id, answer.correlation_id) == (201, "id-1", "flow")
    assert answer.location == "/carts/cart"
    assert partner.seen[0].json == {"lineItems": [{"id": 0}]}


def test_a_cart_without_id_is_an_unknown_outcome(use: Use, partner: Any, say: Any, ids: Any) -> None:
    partner.script = [say(201, {"lineItems": []})]
    with pytest.raises(UnknownOutcomeError):
        use(lambda client: client.create_cart("c", {}, ids.context()))


def test_checkout_sends_no_body_and_uses_a_fresh_id_after_the_cart(use: Use, partner: Any, say: Any, ids: Any) -> None:
    partner.script = [say(201, {"id": "k"}), say(201, {"orders": [{"id": "o"}]})]

    async def work(client: WriterClient) -> Any:
        context = ids.context()
        await client.create_cart("c", {}, context)
        return await client.checkout_cart("c", "k", context)

    answer = use(work)
    assert answer.body == {"orders": [{"id": "o"}], "orderErrors": []}
    assert answer.request_id == "id-2"
    assert partner.seen[1].target == "/v1/customers/c/carts/k/checkout"
    assert partner.seen[1].headers["content-length"] == "0"


def test_documented_checkout_answers_have_one_form(samples: list[dict[str, Any]]) -> None:
    wrapper, bare = (row["response_body"] for row in samples if row["file"] == "checkout-a-cart")
    assert checkout_result(wrapper) == {**wrapper, "orderErrors": []}
    assert checkout_result(bare) == {"orders": [bare], "orderErrors": []}


@pytest.mark.parametrize("answer", [None, [], {}, {"id": "x"}, {"orders": {}}])
def test_a_checkout_answer_of_neither_form(answer: Any) -> None:
    assert checkout_result(answer) is None


def test_a_partial_checkout_keeps_its_errors() -> None:
    answer: dict[str, Any] = {"Orders": None, "orderErrors": [{"orderGroupId": "1", "code": 800018}], "attributes": {}}
    assert checkout_result(answer) == {
        "orders": [],
        "orderErrors": [{"orderGroupId": "1", "code": 800018}],
        "attributes": {},
    }


# --- subscriptions

FRESH = {
    "id": "s",
    "quantity": 5,
    "autoRenewEnabled": True,
    "scheduledNextTermInstructions": {"product": {"productId": "P"}, "quantity": 3},
    "futureProperty": {"deep": [1, None]},
    "price": Decimal("30.40"),
    "attributes": {"objectType": "Subscription", "etag": "v7"},
}


def test_patch_sends_everything_back(use: Use, partner: Any, say: Any, ids: Any) -> None:
    partner.script = [say(200, {"id": "s", "quantity": 8})]
    answer = use(lambda client: client.patch_subscription("c", FRESH, {"quantity": 8}, ids.context()))
    (request,) = partner.seen
    assert (request.method, request.target) == ("PATCH", "/v1/customers/c/subscriptions/s")
    assert request.headers["if-match"] == '"v7"'
    assert request.json == {**FRESH, "quantity": 8}
    assert b'"price":30.40' in request.body
    assert (answer.body, answer.pending) == ({"id": "s", "quantity": 8}, False)


def test_patch_without_etag_sends_no_if_match(use: Use, partner: Any, say: Any, ids: Any) -> None:
    partner.script = [say(200, {"id": "s"})]
    use(lambda client: client.patch_subscription("c", {"id": "s"}, {"quantity": 8}, ids.context()))
    assert "if-match" not in partner.seen[0].headers


def test_a_stale_body_is_a_conflict(use: Use, partner: Any, say: Any, ids: Any) -> None:
    partner.script = [say(400, {"code": 2055, "description": "Etag is no longer valid"})]
    with pytest.raises(ConflictError) as caught:
        use(lambda client: client.patch_subscription("c", FRESH, {"quantity": 8}, ids.context()))
    assert caught.value.code == "E-STALE-ETAG"


def test_an_accepted_patch_is_watched_until_it_shows(use: Use, partner: Any, say: Any, ids: Any, clock: Any) -> None:
    partner.script = [
        say(202, b"", {"Location": "subscriptions/s/operations/1"}),
        say(200, {"id": "s", "quantity": 5}),
        say(404, {"code": 20003, "description": "lag"}),
        say(200, {"id": "s", "quantity": 8}),
    ]
    answer = use(lambda client: client.patch_subscription("c", FRESH, {"quantity": 8}, ids.context()))
    assert (answer.status, answer.body["quantity"], answer.pending) == (202, 8, False)
    assert answer.request_id == "id-1"
    assert answer.location == "subscriptions/s/operations/1"
    assert [seen.method for seen in partner.seen] == ["PATCH", "GET", "GET", "GET"]
    assert clock.sleeps == [1.0, 2.0, 4.0]


def test_an_accepted_patch_that_does_not_show_is_pending(use: Use, partner: Any, say: Any, ids: Any) -> None:
    partner.script = [say(202, {"id": "s", "quantity": 5})]
    partner.answer = lambda _: say(404, {"code": 20003, "description": "lag"})
    answer = use(lambda client: client.patch_subscription("c", FRESH, {"quantity": 8}, ids.context()))
    assert (answer.status, answer.pending) == (202, True)
    assert answer.body == {"id": "s", "quantity": 5}


def test_a_body_without_id_is_not_sent(use: Use, partner: Any, ids: Any) -> None:
    with pytest.raises(RemoteError):
        use(lambda client: client.patch_subscription("c", {"quantity": 1}, {"quantity": 2}, ids.context()))
    assert partner.seen == []


# --- audit records


def audit(use: Use, since: datetime, until: datetime = NOON, customer: str | None = "c-1") -> Any:
    return use(lambda client: client.audit_records(customer_id=customer, since=since, until=until))


def test_audit_records_of_a_customer(use: Use, partner: Any, say: Any) -> None:
    rows = [
        {"operationDate": "2026-11-20T11:59:59Z", "n": 0},
        {"operationDate": "2026-11-20T12:00:00Z", "n": 1},
        {"operationDate": "2026-11-21T12:00:00.0000000Z", "n": 2},
        {"operationDate": "2026-11-21T12:00:01Z", "n": 3},
        {"operationDate": "garbled", "n": 4},
    ]
    partner.script = [say(body={"items": rows})]
    found = audit(use, NOON - timedelta(days=1))
    assert [row["n"] for row in found] == [1, 2, 4]
    query = partner.seen[0].query
    assert query["startDate"] == "2026-11-20"
    assert "endDate" not in query
    assert json.loads(query["filter"]) == {"Field": "CustomerId", "Value": "c-1", "Operator": "equals"}


def test_audit_records_are_asked_for_in_windows_of_thirty_days(use: Use, partner: Any, say: Any) -> None:
    row = {"operationDate": "2026-10-10T00:00:00Z", "id": "same"}
    partner.answer = lambda _: say(body={"items": [row]})
    found = audit(use, NOON - timedelta(days=60), customer=None)
    assert found == [row], "a record of two windows counts once"
    assert [(seen.query["startDate"], seen.query.get("endDate")) for seen in partner.seen] == [
        ("2026-09-22", "2026-10-22"),
        ("2026-10-22", "2026-11-21"),
        ("2026-11-21", None),
    ]
    assert "filter" not in partner.seen[0].query


def test_audit_records_are_not_asked_for_beyond_ninety_days(use: Use, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(body={"items": []})
    audit(use, NOON - timedelta(days=400))
    oldest = datetime.fromisoformat(partner.seen[0].query["startDate"]).replace(tzinfo=UTC)
    assert NOON - timedelta(days=90) <= oldest <= NOON - timedelta(days=89)


def test_unreadable_audit_records_are_an_error(use: Use, partner: Any, say: Any) -> None:
    partner.answer = lambda _: say(404, {"code": 1000, "description": "x"})
    with pytest.raises(NotFoundError):
        audit(use, NOON - timedelta(days=1))
