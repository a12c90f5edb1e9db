"""What keeps the emulator on this machine: where it listens, whom it answers, whom it calls, what it writes down."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import socket
import sys
from pathlib import Path

import httpx
import pytest

from cspctl.cli.commands.emulator_serve import announce
from cspctl.emulator.launch import attach_or_embed
from cspctl.emulator.server import listener
from cspctl.emulator.settings import Settings
from cspctl.emulator.webhooks.registration import is_loopback

PARTNER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
_NAMES = {"domain": "ours.onmicrosoft.com", "displayName": "Ours", "mpnId": "4391200"}
SEED = {"partners": [{"accountId": PARTNER, "tier": "direct", "market": "DE", "currency": "EUR", **_NAMES}]}
_SECRET = "a-client-secret-of-the-tests"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("safety")


@pytest.fixture(scope="module")
def emulator(folder):
    handle = attach_or_embed(folder / "emulator.db", settings=Settings(rate_limit_per_minute=0))
    assert control(handle, "POST", "seed", json=SEED).status_code == 200
    yield handle
    handle.close()


def control(handle, method, name, headers=None, **more):
    headers = {"X-Emulator-Token": handle.control_token} if headers is None else headers
    with httpx.Client(trust_env=False) as client:
        return client.request(method, f"{handle.base_url}/_emulator/{name}", headers=headers, **more)


def ports(handle):
    return [int(url.rpartition(":")[2]) for url in (handle.base_url, handle.tls_url, handle.proxy_url)]


def test_listeners_are_bound_to_loopback():
    bound = listener(0)
    try:
        assert bound.getsockname()[0] == "127.0.0.1"
    finally:
        bound.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the kernel's table of sockets")
def test_a_running_server_listens_on_loopback_alone(emulator):
    wanted, found = set(ports(emulator)), {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for row in Path(table).read_text().splitlines()[1:]:
            address, state = row.split()[1], row.split()[3]
            host, port = address.split(":")
            if state == "0A" and int(port, 16) in wanted:  # LISTEN
                found.setdefault(int(port, 16), set()).add(host)
    assert found == {port: {"0100007F"} for port in wanted}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""])
def test_a_foreign_host_header_is_refused(emulator, host):
    with httpx.Client(trust_env=False) as client:
        answer = client.get(f"{emulator.base_url}/v1/customers", headers={"Host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("GET", "dump"), ("GET", "stats"), ("GET", "clock"), ("POST", "clock"), ("GET", "settings"),
        ("POST", "settings"), ("GET", "faults"), ("POST", "faults"), ("DELETE", "faults"), ("GET", "scenarios"),
        ("POST", "seed"), ("POST", "reset"), ("POST", "consent"), ("GET", "actions"), ("POST", "actions"),
    ],
)  # fmt: skip  # a table of calls
@pytest.mark.parametrize("token", [None, "", "wrong", "ä"])
def test_every_control_call_wants_its_token(emulator, method, name, token):
    headers = {} if token is None else {"X-Emulator-Token": token.encode()}
    assert control(emulator, method, name, headers=headers).status_code == 403


def test_control_does_not_answer_to_a_vendor_name(emulator):
    headers = {"X-Emulator-Token": emulator.control_token, "Host": "api.partnercenter.microsoft.com"}
    assert control(emulator, "GET", "stats", headers=headers).status_code == 421


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8080/hook", True),
        ("https://localhost/hook", True),
        ("http://[::1]:1/hook", True),
        ("https://example.com/hook", False),
        ("http://10.0.0.5/hook", False),
        ("http://169.254.169.254/latest", False),
        ("http://127.0.0.1@example.com/hook", False),
        ("http://localhost.example.com/hook", False),
        ("file:///etc/hosts", False),
        ("", False),
    ],
)
def test_a_webhook_goes_to_this_machine_or_nowhere(url, own):
    assert is_loopback(url) is own


def test_working_with_it_opens_no_connection_beyond_loopback(emulator, monkeypatch):
    """Every connection this process opens while the embedded server works goes to loopback."""
    opened = []
    connect, sock_connect = socket.socket.connect, asyncio.SelectorEventLoop.sock_connect

    def plain(self, address):
        opened.append(address)
        return connect(self, address)

    async def waiting(self, sock, address):
        opened.append(address)
        return await sock_connect(self, sock, address)

    monkeypatch.setattr(socket.socket, "connect", plain)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", waiting)
    with httpx.Client(trust_env=False, base_url=emulator.base_url) as client:
        headers = {"Authorization": f"Bearer {_token(client)}"}
        for path in ("/v1/customers", "/v1/products?country=DE&targetView=OnlineServices", "/v1/auditrecords"):
            assert client.get(path, headers=headers).status_code == 200, path
    control(emulator, "POST", "clock", json={"advance": "P1Y"})
    hosts = {address[0] for address in opened if isinstance(address, tuple)}
    assert hosts
    assert all(host == "localhost" or ipaddress.ip_address(host).is_loopback for host in hosts), hosts


def _token(client):
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": _SECRET}
    form["resource"] = "https://api.partnercenter.microsoft.com"
    return client.post(f"/{PARTNER}/oauth2/token", data=form).json()["access_token"]


def test_no_secret_is_written_down(emulator, caplog, capfd, folder):
    caplog.set_level(logging.DEBUG)
    with httpx.Client(trust_env=False, base_url=emulator.base_url) as client:
        token = _token(client)
        body = {"tenant": PARTNER, "application": "app"}
        refresh = control(emulator, "POST", "consent", json=body).json()["refresh_token"]
        control(emulator, "POST", "faults", json={"path": "/v1/customers", "status": 500})
        for _ in range(2):
            client.get("/v1/customers", headers={"Authorization": f"Bearer {token}"})
        form = {"grant_type": "refresh_token", "client_id": "other", "refresh_token": refresh}
        assert client.post(f"/{PARTNER}/oauth2/token", data=form).status_code == 400
    dumped = control(emulator, "GET", "dump").text
    out, err = capfd.readouterr()
    ours = "".join(record.getMessage() for record in caplog.records)
    for secret in (_SECRET, token, refresh, emulator.control_token):
        assert secret not in ours + out + err + dumped
    for kept in folder.glob("emulator.db*"):
        content = kept.read_bytes()
        assert not any(secret.encode() in content for secret in (_SECRET, token, refresh, emulator.control_token))


def test_what_serve_prints_leads_a_client_here_and_holds_no_token(emulator, capsys):
    announce(emulator, "json")
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "http": emulator.base_url,
        "https": emulator.tls_url,
        "proxy": emulator.proxy_url,
        "ca": str(emulator.ca_file),
    }
