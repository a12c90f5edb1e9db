"""The CONNECT proxy on the wire: whom it joins, how connections end, and how many it carries at once."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import threading

import pytest

from cspctl.emulator.serving import tunnel

GET = b"GET /v1/customers HTTP/1.1\r\nHost: api.partnercenter.microsoft.com\r\nConnection: close\r\n\r\n"
VENDOR = "api.partnercenter.microsoft.com"


def connect(served, line):
    """(status, reason, body, socket) of a proxy request line."""
    opened = socket.create_connection(("127.0.0.1", served.ports[2]), timeout=10)
    opened.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
    answer = http.client.HTTPResponse(opened, method="CONNECT")
    answer.begin()
    return answer.status, answer.reason, answer, opened


def everything(opened):
    parts = []
    while data := opened.recv(65_536):
        parts.append(data)
    return b"".join(parts)


def ended(step):
    """Whether the other side has closed the connection; a reset is an end as well."""
    try:
        return step() == b""
    except OSError:
        return True


def secured(served, opened):
    context = ssl.create_default_context(cafile=str(served.handle.ca_file))
    return context.wrap_socket(opened, server_hostname=VENDOR)


@pytest.mark.parametrize(
    "target",
    [
        "api.partnercenter.microsoft.com:443",
        "API.PartnerCenter.Microsoft.com:443",
        "api.partner.microsoft.com:443",
        "graph.microsoft.com:443",
        "login.microsoftonline.com:443",
        "login.microsoftonline.us:443",
        "login.microsoftonline.com",  # without a port, as one sign-in library writes it
    ],
)
def test_every_emulated_host_is_joined(served, target):
    status, _, _, opened = connect(served, f"CONNECT {target} HTTP/1.1")
    opened.close()
    assert status == 200


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT example.com:443 HTTP/1.1",
        "CONNECT api.partnercenter.microsoft.com.example.com:443 HTTP/1.1",
        "CONNECT api.partnercenter.microsoft.com:22 HTTP/1.1",
        "CONNECT api.partnercenter.microsoft.com:443:22 HTTP/1.1",
        "CONNECT api.partnercenter.microsoft.com:80 HTTP/1.1",
        "CONNECT 169.254.169.254:443 HTTP/1.1",
        "CONNECT [::1]:443 HTTP/1.1",
        "CONNECT  HTTP/1.1",
        "GET http://api.partnercenter.microsoft.com/v1/customers HTTP/1.1",
        "GET https://example.com/ HTTP/1.1",
        "nonsense",
    ],
)
def test_everything_else_is_refused_with_its_reason(served, line):
    status, reason, _, opened = connect(served, line)
    said = everything(opened)
    opened.close()
    assert (status, reason) == (403, "Only the emulated hosts are reached here, on port 443.")
    assert said in (b"", reason.encode())  # the body may have come with the head


def test_a_request_that_follows_its_half_close_is_answered(served):
    """A client may say that it sends no more; what it asked is answered all the same."""
    _, _, _, opened = connect(served, f"CONNECT {VENDOR}:443 HTTP/1.1")
    opened.sendall(GET)  # bare, as one sign-in library writes into its tunnel
    opened.shutdown(socket.SHUT_WR)
    assert everything(opened).startswith(b"HTTP/1.1 401 ")
    opened.close()


def test_a_connection_that_the_client_drops_is_dropped(served):
    for _ in range(20):
        _, _, _, opened = connect(served, f"CONNECT {VENDOR}:443 HTTP/1.1")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        opened.sendall(GET[:30])
        opened.close()  # a reset, in the middle of a request
    assert served.control("GET", "clock").status_code == 200


def test_a_head_that_does_not_come_is_not_waited_for(served, monkeypatch):
    monkeypatch.setattr(tunnel, "_HEAD_SECONDS", 0.05)
    with socket.create_connection(("127.0.0.1", served.ports[2]), timeout=10) as opened:
        opened.sendall(b"CONNECT api.partnercenter.microsoft.com:443 HTTP/1.1\r\n")
        assert everything(opened) == b""
    _, _, _, idle = connect(served, f"CONNECT {VENDOR}:443 HTTP/1.1")
    assert everything(idle) == b""
    idle.close()


def test_a_head_without_end_is_not_kept(served):
    with socket.create_connection(("127.0.0.1", served.ports[2]), timeout=10) as opened:
        assert ended(lambda: [opened.sendall(b"x" * 10_000) for _ in range(500)] and everything(opened))
    assert served.control("GET", "clock").status_code == 200


def test_many_tunnels_stand_at_once(served):
    async def one(context, opened, go):
        reader, writer = await asyncio.open_connection("127.0.0.1", served.ports[2])
        writer.write(f"CONNECT {VENDOR}:443 HTTP/1.1\r\n\r\n".encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await writer.start_tls(context, server_hostname=VENDOR)
        opened.append(writer)
        if len(opened) == 60:
            go.set()
        await go.wait()  # all are open before the first is used
        writer.write(GET)
        answer = await reader.read()
        writer.close()
        return answer.partition(b" ")[2][:3]

    async def all_of_them():
        context, opened, go = ssl.create_default_context(cafile=str(served.handle.ca_file)), [], asyncio.Event()
        return await asyncio.gather(*(one(context, opened, go) for _ in range(60)))

    assert asyncio.run(all_of_them()) == [b"401"] * 60


def test_a_tls_session_is_resumed_through_a_new_tunnel(served):
    context = ssl.create_default_context(cafile=str(served.handle.ca_file))
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # there the session is known right after the handshake
    reused, session = [], None
    for _ in range(2):
        _, _, _, opened = connect(served, f"CONNECT {VENDOR}:443 HTTP/1.1")
        with context.wrap_socket(opened, server_hostname=VENDOR, session=session) as line:
            line.sendall(GET)
            assert everything(line).startswith(b"HTTP/1.1 401 ")
            reused.append(line.session_reused)
            session = line.session
    assert reused == [False, True]


def test_closing_the_server_ends_open_tunnels(serve_world):
    served = serve_world()
    _, _, _, opened = connect(served, f"CONNECT {VENDOR}:443 HTTP/1.1")
    line = secured(served, opened)
    closing = threading.Thread(target=served.handle.close)
    closing.start()
    closing.join(timeout=20)
    assert not closing.is_alive()
    line.settimeout(10)
    with line:
        assert ended(lambda: line.recv(1))
