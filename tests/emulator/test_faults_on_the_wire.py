"""Every kind of fault as a client meets it over a socket: what arrives, when, and what happened behind it."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import pytest

from cspctl.emulator.faults.answers import follows_a_page, from_the_start

CUSTOMERS = "/v1/customers"


@pytest.fixture
def client(served):
    with served.signed_in() as opened:
        yield opened
    served.control("DELETE", "faults")


@pytest.fixture
def fault(served):
    def add(**document):
        answer = served.control("POST", "faults", document)
        assert answer.status_code == 201, answer.text

    return add


@pytest.fixture
def buying(served, client):
    """A cart ready for checkout: its address below the customer."""
    product = f"/v1/products/{served.product['productId']}/skus/{served.product['skuId']}"
    item = client.get(f"{product}/availabilities?country=DE").json()["items"][0]["catalogItemId"]
    line = {"id": 0, "catalogItemId": item, "quantity": 3, "termDuration": "P1Y", "billingCycle": "monthly"}
    cart = {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
    made = client.post(f"/v1/customers/{served.customer}/carts", json=cart)
    assert made.status_code == 201, made.text
    return f"/v1/customers/{served.customer}/carts/{made.json()['id']}"


def orders(served, client):
    return len(client.get(f"/v1/customers/{served.customer}/orders").json()["items"])


def ids():
    return {"MS-RequestId": str(uuid4()), "MS-CorrelationId": str(uuid4())}


def test_a_status_and_a_body_take_the_place_of_the_answer(client, fault):
    fault(path=CUSTOMERS, status=503, body={"code": 7, "description": "no"}, headers={"Retry-After": "9", "X-Own": "é"})
    answer = client.get(CUSTOMERS)
    assert (answer.status_code, answer.json()) == (503, {"code": 7, "description": "no"})
    assert (answer.headers["Retry-After"], answer.headers["X-Own"]) == ("9", "é")
    assert client.get(CUSTOMERS).status_code == 200


def test_an_answer_without_a_body_of_its_own_has_the_form_of_its_host(served, client, fault):
    fault(path="*", times=0, status=503)
    told = ids()
    partner_center = client.get(CUSTOMERS, headers=told)
    assert partner_center.json() == {"code": 0, "description": "Injected fault", "data": [], "source": "PartnerFD"}
    assert partner_center.headers["MS-RequestId"] == told["MS-RequestId"]
    assert client.get("/v1/nowhere").json() == partner_center.json()
    graph = client.get("/v1.0/tenantRelationships/delegatedAdminRelationships").json()
    assert graph == {"error": {"code": graph["error"]["code"], "message": "Injected fault"}}
    signing_in = client.post(f"/{served.partner}/oauth2/token", data={"grant_type": "client_credentials"}).json()
    assert signing_in == {"error": "temporarily_unavailable", "error_description": "Injected fault"}


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, "1"), ({"Retry-After": "57"}, "57"), ({"retry-after": "58"}, "58")]
)
def test_429_says_how_long_to_wait_once(client, fault, headers, seconds):
    fault(path=CUSTOMERS, status=429, headers=headers)
    answer = client.get(CUSTOMERS)
    assert answer.headers.get_list("Retry-After") == [seconds]
    message = f"Rate limit is exceeded. Try again in {seconds} seconds."
    assert answer.json() == {"statusCode": 429, "message": message}


def test_a_page_of_html_is_sent_as_such_and_a_type_of_its_own_is_kept(client, fault):
    fault(path=CUSTOMERS, status=502, body="<html>bad gateway</html>")
    fault(path=CUSTOMERS, status=200, nth=2, body="a,b", headers={"content-type": "text/csv"})
    page, table = client.get(CUSTOMERS), client.get(CUSTOMERS)
    assert (page.status_code, page.headers["Content-Type"], page.text) == (502, "text/html", "<html>bad gateway</html>")
    assert (table.headers.get_list("Content-Type"), table.text) == (["text/csv"], "a,b")


def test_an_effect_may_come_before_a_failure_is_told(served, client, fault, buying):
    before, told = orders(served, client), ids()
    fault(method="POST", path="/v1/customers/{customer_id}/carts/{cart_id}/checkout", status=500, effect="after")
    assert client.post(f"{buying}/checkout", headers=told).status_code == 500
    assert orders(served, client) == before + 1
    assert client.post(f"{buying}/checkout", headers=told).status_code == 201
    assert orders(served, client) == before + 1


@pytest.mark.parametrize(("when", "bought"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("way", ["plain", "tls"])
def test_a_dropped_connection_brings_no_byte_and_its_effect_or_none(served, client, fault, buying, when, bought, way):
    before, told = orders(served, client), ids()
    fault(method="POST", path="*/checkout", drop=when)
    base = {"plain": served.handle.base_url, "tls": served.handle.tls_url}[way]
    with httpx.Client(verify=False, trust_env=False, headers=client.headers) as other:  # noqa: S501 # on loopback
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            other.post(f"{base}{buying}/checkout", headers=told)
        assert orders(served, client) == before + bought
        assert other.post(f"{base}{buying}/checkout", headers=told).status_code == 201
    assert orders(served, client) == before + 1


def test_a_delay_comes_before_everything_else(client, fault):
    fault(path=CUSTOMERS, delaySeconds=0.05)
    slow, quick = client.get(CUSTOMERS), client.get(CUSTOMERS)
    assert slow.elapsed >= timedelta(seconds=0.05)
    assert slow.json() == quick.json()


def test_a_delay_holds_nobody_else_up(served, client, fault):
    fault(path="/v1/nowhere", delaySeconds=5)
    with served.signed_in(timeout=0.05) as other, pytest.raises(httpx.ReadTimeout):
        other.get("/v1/nowhere")
    assert client.get(CUSTOMERS).elapsed < timedelta(seconds=5)


def test_a_slow_body_arrives_in_pieces_with_its_head_at_once(client, fault):
    fault(path=CUSTOMERS, slowBodySeconds=0.2)
    with client.stream("GET", CUSTOMERS) as answer:
        began, pieces = time.monotonic(), []
        for piece in answer.iter_raw():
            pieces.append(piece)
        took = time.monotonic() - began
    assert len(pieces) > 3
    assert took >= 0.1
    assert json.loads(b"".join(pieces))["totalCount"] == 1


def test_half_a_json_is_half_of_this_answer(client, fault):
    whole = client.get(CUSTOMERS).content
    fault(path=CUSTOMERS, truncate=True)
    half = client.get(CUSTOMERS)
    assert (half.status_code, half.content) == (200, whole[: len(whole) // 2])
    with pytest.raises(json.JSONDecodeError):
        half.json()


def test_half_of_an_answer_of_its_own(client, fault):
    fault(path=CUSTOMERS, status=200, body={"items": [1, 2, 3, 4]}, truncate=True)
    assert client.get(CUSTOMERS).text == '{"items":'  # 9 of 19 characters


@pytest.mark.parametrize(("skew", "status"), [(3_600, 401), (-86_400, 200)])
def test_a_clock_that_is_off_shows_in_date_and_in_the_age_of_a_token(served, client, fault, skew, status):
    fault(path=CUSTOMERS, skewSeconds=skew)
    wrong, right = client.get(CUSTOMERS), client.get(CUSTOMERS)
    assert (wrong.status_code, right.status_code) == (status, 200)
    dates = [parsedate_to_datetime(answer.headers["Date"]) for answer in (wrong, right)]
    assert abs((dates[0] - dates[1]).total_seconds() - skew) <= 2


def test_calls_are_counted_by_method_and_path_from_the_nth_on(served, client, fault):
    fault(method="get", path="/v1/customers/*", nth=2, times=2, status=500)
    one = f"/v1/customers/{served.customer}"
    statuses = []
    for _ in range(4):
        statuses.append(client.get(one.upper().replace("/V1/CUSTOMERS", "/v1/Customers")).status_code)
        assert client.get(CUSTOMERS).status_code == 200  # another path
        assert client.put(one, json={}).status_code == 405  # another method
    assert statuses == [200, 500, 500, 200]
    (told,) = served.control("GET", "faults").json()["faults"]
    assert (told["method"], told["nth"], told["times"], told["status"]) == ("GET", 2, 2, 500)
    assert (told["seen"], told["struck"]) == (4, 2)


def test_the_first_of_two_faults_wins_and_both_count(served, client, fault):
    fault(path=CUSTOMERS, nth=2, status=500)
    fault(path="/v1/*", times=3, status=503)
    assert [client.get(CUSTOMERS).status_code for _ in range(4)] == [503, 500, 503, 200]
    told = served.control("GET", "faults").json()["faults"]
    assert [(one["seen"], one["struck"]) for one in told] == [(4, 1), (4, 2)]


def test_probability_spares_the_same_calls_every_time(served, client, fault):
    runs = []
    for _ in range(2):
        fault(path=CUSTOMERS, times=0, status=500, probability=0.3, seed=11)
        runs.append([client.get(CUSTOMERS).status_code for _ in range(40)])
        served.control("DELETE", "faults")
    assert runs[0] == runs[1]
    assert 3 <= runs[0].count(500) <= 21
    fault(path=CUSTOMERS, times=0, status=500, probability=0)
    assert {client.get(CUSTOMERS).status_code for _ in range(5)} == {200}


def test_the_control_api_is_never_struck(served, client, fault):
    fault(path="*", times=0, drop="before")
    assert served.control("GET", "stats").status_code == 200
    assert served.control("DELETE", "faults").status_code == 204
    assert client.get(CUSTOMERS).status_code == 200


# pages of every way of paging


@pytest.mark.parametrize(
    ("query", "header", "follows"),
    [
        ("size=1", "", False),
        ("size=1&seekOperation=Next", "", True),
        ("", "a-token", True),
        ("$top=2&$skiptoken=2", "", True),
        ("%24top=2&%24skipToken=2", "", True),
        ("size=10&offset=0", "", False),
        ("size=10&offset=10", "", True),
        ("top=10&skip=00", "", False),
        ("top=10&skip=20", "", True),
    ],
)
def test_every_way_of_paging_leads_back_to_its_first_page(query, header, follows):
    headers = {"ms-continuationtoken": header} if header else {}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()] + [(b"host", b"localhost")]
    scope = {"query_string": query.encode(), "headers": raw}
    assert follows_a_page(scope, headers) is follows
    first, bare = from_the_start(scope, headers)
    assert not follows_a_page(first, bare)
    assert (b"host", b"localhost") in first["headers"]
    kept = dict(parse_qsl(first["query_string"].decode(), keep_blank_values=True))
    assert kept.items() <= dict(parse_qsl(query, keep_blank_values=True)).items()
    assert ("size" in query or "top" in query) is bool(kept)


def test_pages_that_follow_by_number_are_repeated_and_shifted_as_well(served, client, fault):
    """Graph pages by $skiptoken."""
    url = "/v1.0/tenantRelationships/delegatedAdminRelationships"
    token = served.token("https://graph.microsoft.com")
    with served.client(headers={"Authorization": f"Bearer {token}"}) as graph:
        for index in range(3):
            body = {
                "displayName": f"r{index}",
                "duration": "P30D",
                "accessDetails": {"unifiedRoles": [{"roleDefinitionId": str(uuid4())}]},
            }
            made = graph.post(url, json=body)
            assert made.status_code == 201, made.text
        first = graph.get(url, params={"$top": 2}).json()
        follow = first["@odata.nextLink"].partition("graph.microsoft.com")[2] or first["@odata.nextLink"]
        second = graph.get(follow).json()
        fault(method="GET", path=url, page="repeated")
        fault(method="GET", path=url, page="shifted", nth=2)
        assert graph.get(url, params={"$top": 2}).json() == first  # a first page is never struck
        again, shifted = graph.get(follow).json(), graph.get(follow).json()
    assert again["value"] == first["value"]
    assert shifted["value"] == second["value"][1:]
