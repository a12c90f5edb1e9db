"""Bodies, filters and paths that no page describes: every operation answers them, and none with an unexpected error."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from small_market import CUSTOMER, DESK, PROVIDER, SUITE, Market

from cspctl.emulator.app import documented_routes

RAW = [
    b"", b"null", b"[]", b"5", b'"text"', b"{}", b"{", b"[null]", b"[[]]", b"[{}]", b"\xff\xfe", b'{"a":"\xff"}',
    b'{"a":1,"a":2,"A":3}', b'{"a":NaN}', b'{"a":1e999}', b"[" * 3000 + b"]" * 3000, b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"quantity":' + b"9" * 400 + b"}", b'{"a":"\\ud800"}',
]  # fmt: skip  # one list
ODD: list[Any] = [
    None,
    5,
    -1,
    1e308,
    10**30,
    True,
    "",
    "\0\U0001f600",
    [],
    {},
    [None],
    [5],
    {"a": {"b": 1}},
    "9999-12-31",
]
QUERIES = [
    "filter=" + quote('{"a":' * 900 + "1" + "}" * 900), "filter=" + quote('{"Field":null,"Value":{},"Operator":[]}'),
    "filter=null", "filter=%FF", "$filter=" + "(" * 2000, "$filter=" + "not%20" * 2000, "size=-1", "size=" + "9" * 40,
    "offset=" + "9" * 40, "seekOperation=Next", "$top=x&$skip=x", "top=-1&skip=x", "startDate=9999-12-31&endDate=1",
    "month=000000&timeline=history", "country=%F0%9F%98%80&targetView=x", "%00=%00",
]  # fmt: skip  # one list
PARTNER = "api.partner.microsoft.com"
HOSTS = {
    "partnercenter": "api.partnercenter.microsoft.com", "graph": "graph.microsoft.com", "prices": PARTNER,
    "payouts": PARTNER, "referrals": PARTNER, "delegation": "traf-pcsvcadmin-prod.trafficmanager.net",
}  # fmt: skip  # one table
RESOURCES = {**HOSTS, "delegation": "api.partnercustomeradministration.microsoft.com"}


@pytest.fixture(scope="module")
def world() -> Market:
    return Market(PROVIDER, {}, "2026-03-10T09:15:00Z")


@pytest.fixture(scope="module")
def bearers(world: Market) -> dict[str, str]:
    return {name: world.signed_in(PROVIDER, f"https://{host}") for name, host in RESOURCES.items()}


def unexpected(answers: list[Any]) -> list[str]:
    return [
        f"{one.request.method} {str(one.request.url)[:90]}: {one.text[:120]}"
        for one in answers
        if one.status_code >= 500
    ]


@pytest.mark.parametrize("spec", documented_routes(), ids=lambda spec: f"{spec.method} {spec.path}")
def test_every_operation_answers_what_it_cannot_read(world: Market, bearers: dict[str, str], spec: Any) -> None:
    path = spec.path.replace("{customer_id}", CUSTOMER)
    paths = [re.sub(r"\{[^}]+\}", filling, path) for filling in ("0001", "%00", "x" * 2000, "00000000-0000-0000")]
    headers = {"Authorization": f"Bearer {bearers[spec.audience]}", "Content-Type": "application/json"}
    headers["Host"] = HOSTS[spec.audience]
    common = {"method": spec.method, "headers": headers}
    sent = [{**common, "url": one, "content": b"{}"} for one in paths]
    sent += [{**common, "url": f"{paths[0]}?{query}"} for query in QUERIES]
    if spec.method not in ("GET", "HEAD"):
        sent += [{**common, "url": paths[0], "content": raw} for raw in RAW]
    answers = world.together(*sent)
    assert unexpected(answers) == []
    assert not {401} & {one.status_code for one in answers}  # the operation itself was reached


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in body.items() if isinstance(body, dict) else enumerate(body):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))


def bent(body: Any) -> Iterator[bytes]:
    """The body with one odd value in the place of each property in turn."""
    for path in leaves(body):
        for value in ODD:
            changed = copy.deepcopy(body)
            place = changed
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
            yield json.dumps(changed).encode()


def documents(world: Market) -> Iterator[tuple[str, str, Any]]:
    bought = world.buy()
    one, item = f"{world.base}/subscriptions/{bought['id']}", world.item()
    line = world.line(
        friendlyName="a", promotionId="a:b:c", participants=[{"key": "transaction_reseller", "value": "1234567"}],
        provisioningContext={"scope": "shared"}, renewsTo={"termDuration": "P1Y"}, attestationAccepted=True,
        addonItems=[], customTermEndDate="2026-12-31", purchaseCommitment={"amount": 5, "currency": "EUR"},
    )  # fmt: skip  # one line item
    yield "POST", f"{world.base}/carts", {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
    ordered = {"lineItemNumber": 0, "offerId": item, "partnerIdOnRecord": "1234567", **line}
    order = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [ordered]}
    yield "POST", f"{world.base}/orders", {**order, "referenceCustomerId": CUSTOMER}
    product = {"productId": SUITE, "skuId": "0001", "billingCycle": "annual", "termDuration": "P1Y"}
    wanted = {"product": product, "quantity": 3, "customTermEndDate": "2027-12-31"}
    yield "PATCH", one, {**bought, "autoRenewEnabled": True, "scheduledNextTermInstructions": wanted}
    yield "POST", f"{one}/upgrades", {"targetOffer": {"id": "x"}, "upgradeType": "upgrade_only", "quantity": 1}
    target = {"toCatalogItemId": f"{DESK}:0001:X", "toSubscriptionId": bought["id"], "quantity": 1}
    yield "POST", f"{one}/transitions", {**target, "termDuration": "P1Y", "billingCycle": "annual"}
    asked = {"id": 0, "catalogItemId": item, "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    yield "POST", f"{world.base}/promotionEligibilities", {"items": [{**asked, "promotionId": "a:b:c"}]}
    moved = {"currentSubscriptionId": bought["id"], "quantity": 1, "addOnMigrations": [{"quantity": 1}]}
    yield "POST", f"{world.base}/migrations/newcommerce", moved
    yield "POST", f"{world.base}/migrations/newcommerce/validate", moved
    answer = {"eventIds": ["x"], "eventStatus": "Resolved", "resolvedReason": "Fraud"}
    yield "POST", f"/v1/fraudEvents/subscription/{bought['id']}/status", answer
    added = [{"skuId": "x", "excludedPlans": ["a"], "licenseGroupId": "group1"}]
    made = {"usageLocation": "DE", "userPrincipalName": "u@birkenau.onmicrosoft.com", "displayName": "U"}
    password = {"passwordProfile": {"password": "Abc12345!x", "forceChangePassword": True}}
    user = world.call("POST", "/users", {**made, "firstName": "F", "lastName": "L", **password}).json()
    yield (
        "POST",
        f"{world.base}/users/{user['id']}/licenseupdates",
        {"licensesToAssign": added, "licensesToRemove": ["y"]},
    )
    yield "PATCH", f"{world.base}/users/{user['id']}", {**made, **password, "state": "active"}


def test_every_property_may_hold_anything(world: Market, bearers: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {bearers['partnercenter']}", "Content-Type": "application/json"}
    for method, url, body in documents(world):
        sent = [{"method": method, "url": url, "headers": headers, "content": raw} for raw in bent(body)]
        assert unexpected(world.together(*sent)) == []


@pytest.mark.parametrize(
    "wrong",
    [{"friendlyName": {"a": 1}}, {"provisioningContext": 5}, {"renewsTo": 5}, {"attestationAccepted": "x"},
     {"friendlyName": ["a"]}, {"billingCycle": {}}, {"participants": {"key": "a"}}],
    ids=str,
)  # fmt: skip  # one table
def test_a_property_of_another_kind_is_refused_and_named(world: Market, wrong: dict[str, Any]) -> None:
    answer = world.cart(world.line(**wrong))
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert next(iter(wrong)) in answer.json()["description"]


def test_a_number_as_a_name_is_answered_as_text(world: Market) -> None:
    assert world.cart(world.line(friendlyName=5)).json()["lineItems"][0]["friendlyName"] == "5"


def test_a_quantity_beyond_an_int_is_out_of_range(world: Market) -> None:
    answer = world.cart(world.line(quantity=2**31))
    assert (answer.status_code, answer.json()["code"]) == (400, 2002)


@pytest.mark.parametrize(
    "path", ["/v1/customers", f"/v1/customers/{CUSTOMER}/users", "/v1/auditrecords", "/v1/invoices"]
)
@pytest.mark.parametrize("value", [None, {}, ["a"]], ids=str)
def test_a_filter_of_anything_but_plain_values_is_refused(world: Market, path: str, value: object) -> None:
    given = quote(json.dumps({"Field": "CompanyName", "Value": value, "Operator": "starts_with"}))
    answer = world.call("GET", f"{path}?filter={given}")
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
