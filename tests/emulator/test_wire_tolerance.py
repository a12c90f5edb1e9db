"""What clients may send by HTTP and what they may leave out, as bytes on a socket; and what is too much."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import zipfile
from io import BytesIO

import pytest

from cspctl.emulator.serving import incoming, server

JSON = {"Content-Type": "application/json"}


def exchange(served, data, *, half_close=False):
    """(status line, headers in lower case, body) of what comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", served.ports[0]), timeout=10) as opened:
        for piece in [data] if isinstance(data, bytes) else data:
            opened.sendall(piece)
        if half_close:
            opened.shutdown(socket.SHUT_WR)
        parts = []
        with contextlib.suppress(ConnectionResetError):  # what was not read when the server closed
            while piece := opened.recv(65_536):
                parts.append(piece)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    line, *rows = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    return line, headers, body


def request(served, start, *rows, body=b"", token=""):
    lines = [start, "Host: localhost", "Connection: close", *rows]
    lines += [f"Authorization: Bearer {token}"] if token else []
    return exchange(served, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


@pytest.fixture(scope="module")
def token(served):
    return served.token()


@pytest.fixture
def client(served, token):
    with served.client(headers={"Authorization": f"Bearer {token}"}) as opened:
        yield opened


# what has to work


def test_http_1_0_is_answered_and_closed(served, token):
    line, headers, body = exchange(
        served, f"GET /v1/customers HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    assert line == "HTTP/1.1 200 OK"
    assert len(body) == int(headers["content-length"])
    assert json.loads(body)["totalCount"] == 1


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:443", "Graph.Microsoft.com:443"])
def test_host_names_have_any_case_and_port(served, host):
    line, _, _ = exchange(served, f"GET /v1/customers HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert line == "HTTP/1.1 401 Unauthorized"


def test_a_whole_address_in_the_request_line_counts_before_the_host_header(served, token):
    ours = "GET https://api.partnercenter.microsoft.com/v1/customers?size=1 HTTP/1.1"
    line, _, body = request(served, ours, token=token)
    assert line == "HTTP/1.1 200 OK"
    assert len(json.loads(body)["items"]) == 1
    line, _, _ = request(served, "GET http://evil.example/v1/customers HTTP/1.1", token=token)
    assert line.startswith("HTTP/1.1 421 ")


@pytest.mark.parametrize("start", ["OPTIONS * HTTP/1.1", "GET nonsense HTTP/1.1"])
def test_a_target_that_is_no_path_is_not_found(served, start):
    line, headers, _ = request(served, start)
    assert line == "HTTP/1.1 404 Not Found"
    assert headers["ms-serverid"] == "emulator"


@pytest.mark.parametrize(
    "path", ["/v1/customers/", "/v1//customers", "/V1/CUSTOMERS", "/v1/customers?", "/v1/%63ustomers"]
)
def test_addresses_are_read_generously(client, path):
    assert client.get(path).json()["totalCount"] == 1


def test_bodies_come_in_chunks_of_any_size(served, token):
    data = json.dumps({"PARTNERONRECORDATTESTATIONACCEPTED": True, "LineItems": [cart_line(served)]}).encode()
    pieces = [f"{1:x}\r\n".encode() + data[at : at + 1] + b"\r\n" for at in range(len(data))] + [b"0\r\n\r\n"]
    start = f"POST /v1/customers/{served.customer}/carts HTTP/1.1"
    rows = ("Transfer-Encoding: chunked", "Content-Type: application/json")
    line, _, body = request(served, start, *rows, body=b"".join(pieces), token=token)
    assert line == "HTTP/1.1 201 Created"
    assert json.loads(body)["lineItems"][0]["quantity"] == 3


def test_expect_100_continue_is_answered_before_the_body(served, token):
    body = b"{}"
    lines = [f"POST /v1/customers/{served.customer}/carts HTTP/1.1", "Host: localhost", "Expect: 100-continue"]
    lines += [f"Content-Length: {len(body)}", f"Authorization: Bearer {token}", "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", served.ports[0]), timeout=10) as opened:
        opened.sendall("\r\n".join(lines).encode())
        assert opened.recv(1024).startswith(b"HTTP/1.1 100 ")  # nothing of the body was sent so far
        opened.sendall(body)
        assert opened.recv(1024).startswith(b"HTTP/1.1 400 ")  # without the attestation


def test_one_connection_carries_many_requests(served, token):
    line = http.client.HTTPConnection("127.0.0.1", served.ports[0], timeout=10)
    line.connect()
    opened = line.sock
    for _ in range(5):
        line.request("GET", "/v1/customers", headers={"Authorization": f"Bearer {token}"})
        answer = line.getresponse()
        assert (answer.status, json.loads(answer.read())["totalCount"]) == (200, 1)
        assert line.sock is opened
    line.close()


def test_requests_that_do_not_wait_are_answered_in_order(served, token):
    ask = "GET /v1/{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n{}\r\n"
    sent = ask.format("customers", "") + ask.format("nowhere", "") + ask.format("customers", "Connection: close\r\n")
    with socket.create_connection(("127.0.0.1", served.ports[0]), timeout=10) as opened:
        opened.sendall(sent.encode())
        parts = []
        while piece := opened.recv(65_536):
            parts.append(piece)
    answers = b"".join(parts).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"404", b"200"]


def test_a_client_that_sends_no_more_still_gets_its_answer(served, token):
    start = f"GET /v1/customers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    assert exchange(served, start, half_close=True)[0] == "HTTP/1.1 200 OK"


def test_head_is_answered_without_a_body(client):
    taken = client.head("/v1/domains/c1.onmicrosoft.com")
    assert (taken.status_code, taken.content) == (200, b"")
    other = client.head("/v1/customers")
    assert (other.status_code, other.headers["Allow"], other.content) == (405, "GET, POST", b"")


def test_an_answer_without_content_names_no_length(served, client):
    served.control("POST", "faults", {"path": "/v1/customers", "status": 204})
    answer = client.get("/v1/customers")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Length" not in answer.headers


def test_no_header_but_the_token_is_needed_to_buy_and_change(client, served):
    """No MS-*, no If-Match, no Accept: and the whole resource goes back in a PATCH, unknown properties and all."""
    for name in ("Accept", "Accept-Encoding", "User-Agent"):
        client.headers.pop(name, None)
    base = f"/v1/customers/{served.customer}"
    cart = client.post(
        f"{base}/carts", json={"partnerOnRecordAttestationAccepted": True, "lineItems": [cart_line(served)]}
    )
    order = client.post(f"{base}/carts/{cart.json()['id']}/checkout").json()["orders"][0]
    one = client.get(f"{base}/subscriptions/{order['lineItems'][0]['subscriptionId']}").json()
    whole = {key[:1].upper() + key[1:]: value for key, value in one.items()} | {"Quantity": 5, "SomethingNew": [1]}
    answer = client.patch(f"{base}/subscriptions/{one['id']}", content=b"\xef\xbb\xbf" + json.dumps(whole).encode())
    assert (answer.status_code, answer.json()["quantity"]) == (200, 5)


def test_a_price_sheet_is_taken_with_the_headers_a_library_sends_by_itself(served):
    """requests and httpx ask for gzip or deflate; the compressed sheet is a ZIP, and is not named as an encoding."""
    token = served.token("https://api.partner.microsoft.com")
    url = "/v1.0/sales/pricesheets(Market='DE',PricesheetView='updatedlicensebased')/$value"
    told = {"Authorization": f"Bearer {token}", "Host": "api.partner.microsoft.com"}
    with served.client() as client:
        packed = client.get(url, headers=told | {"Accept-Encoding": "gzip, deflate"})
        plain = client.get(url, headers=told | {"Accept-Encoding": "identity"})
    assert (packed.status_code, plain.status_code) == (200, 200)
    assert "Content-Encoding" not in packed.headers
    with zipfile.ZipFile(BytesIO(packed.content)) as archive:
        (name,) = archive.namelist()
        assert archive.read(name) == plain.content
    assert served.product["productId"].encode() in plain.content


# what is too much, or no HTTP at all


@pytest.mark.parametrize(
    "data",
    [
        b"GET /v1/customers HTTP/1.1\r\n\r\n",  # no Host
        b"GET /v1/customers HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Length: -3\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",  # TLS on the plain port
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 20,
    ],
)
def test_what_is_no_request_is_refused_and_closed(served, data, caplog):
    assert exchange(served, data)[0].startswith(("HTTP/1.1 400 ", "HTTP/1.1 421 "))
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("sized", [True, False])
def test_a_body_that_is_too_large_is_not_read_to_its_end(served, sized, monkeypatch):

    piece = b"a" * 65_536
    rows = ["POST /v1/customers HTTP/1.1", "Host: localhost"]
    rows.append(f"Content-Length: {1 << 40}" if sized else "Transfer-Encoding: chunked")
    data = piece if sized else f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    monkeypatch.setattr(incoming, "_DISCARD_SECONDS", 0.1)
    line, headers, _ = exchange(served, ["\r\n".join([*rows, "", ""]).encode(), *[data] * 65])
    assert line.startswith("HTTP/1.1 413 ")
    assert headers["connection"] == "close"


@pytest.mark.parametrize(
    "body", ['{"a":' * 900 + "1" + "}" * 900, "[" * 100_000, '{"quantity":1e999}', '{"a":"\ud800"}']
)
def test_a_body_that_cannot_be_understood_is_the_clients_mistake(client, served, body):
    raw = body.encode("utf-8", "surrogatepass")
    answer = client.post(f"/v1/customers/{served.customer}/carts", content=raw, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


def test_a_compressed_body_is_refused_and_not_taken_for_another(client, served):
    packed = gzip.compress(b'{"partnerOnRecordAttestationAccepted": true}')
    answer = client.post(
        f"/v1/customers/{served.customer}/carts", content=packed, headers=JSON | {"Content-Encoding": "gzip"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


def test_a_body_that_does_not_come_is_not_waited_for(served, monkeypatch):
    monkeypatch.setattr(incoming, "_BODY_SECONDS", 0.05)
    line, headers, _ = exchange(
        served, b"POST /v1/customers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"
    )
    assert line.startswith("HTTP/1.1 408 ")
    assert headers["connection"] == "close"


@pytest.mark.parametrize(
    "begun", [b"", b"GET /v1/customers HTT", b"GET /v1/customers HTTP/1.1\r\nHost: localhost\r\n\r\nGET "]
)
def test_a_head_that_does_not_come_is_not_waited_for(serve_world, monkeypatch, begun):
    monkeypatch.setattr(server, "_IDLE_SECONDS", 0.2)
    served = serve_world()
    with socket.create_connection(("127.0.0.1", served.ports[0]), timeout=10) as opened:
        opened.sendall(begun)
        while opened.recv(65_536):
            pass  # it ends


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/certificates/../../../../etc/passwd",
        "/webhooks/certificates/..%2f..%2f..%2fetc%2fpasswd",
        "/webhooks/certificates/%2e%2e/%2e%2e/emulator.lock",
        "/v1/%00",
        "/../emulator.lock",
    ],
)
def test_no_path_leads_to_a_file(served, token, path):
    line, _, body = request(served, f"GET {path} HTTP/1.1", token=token)
    assert line.startswith("HTTP/1.1 404 ")
    assert served.handle.control_token.encode() not in body


@pytest.mark.parametrize(
    "path", ["//_emulator/stats", "/_EMULATOR/stats", "/v1/../_emulator/stats", "/%5femulator/stats"]
)
def test_no_spelling_leads_a_vendor_name_to_the_control_api(served, path):
    rows = [f"GET {path} HTTP/1.1", "Host: graph.microsoft.com", f"X-Emulator-Token: {served.handle.control_token}"]
    line, _, _ = exchange(served, "\r\n".join([*rows, "Connection: close", "", ""]).encode())
    assert line.startswith(("HTTP/1.1 404 ", "HTTP/1.1 421 "))


def cart_line(served):

    with served.signed_in() as client:
        path = f"/v1/products/{served.product['productId']}/skus/{served.product['skuId']}/availabilities?country=DE"
        item = client.get(path).json()["items"][0]["catalogItemId"]
    return {"Id": 0, "CatalogItemId": item, "Quantity": 3, "TermDuration": "P1Y", "BillingCycle": "monthly"}
