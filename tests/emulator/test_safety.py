"""What keeps the emulator on this machine: where it listens, whom it answers, whom it calls, what it writes down."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
import trustme
from cryptography import x509

from cspctl.cli.commands.emulator_serve import announce
from cspctl.emulator.launch import attach_or_embed
from cspctl.emulator.serving.server import listener
from cspctl.emulator.webhooks.delivery import post
from cspctl.emulator.webhooks.targets import is_loopback


def test_listeners_are_bound_to_loopback():
    bound = listener(0)
    try:
        assert bound.getsockname()[0] == "127.0.0.1"
    finally:
        bound.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the kernel's table of sockets")
def test_a_running_server_listens_on_loopback_alone(served):
    assert listeners(served.ports) == {port: {"0100007F"} for port in served.ports}


def listeners(ports):
    """{port: addresses in the kernel's form} of the sockets that listen on these ports."""
    wanted, found = set(ports), {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for row in Path(table).read_text().splitlines()[1:]:
            address, state = row.split()[1], row.split()[3]
            host, port = address.split(":")
            if state == "0A" and int(port, 16) in wanted:  # LISTEN
                found.setdefault(int(port, 16), set()).add(host)
    return found


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""])
def test_a_foreign_host_header_is_refused(served, host):
    with served.client() as client:
        assert client.get("/v1/customers", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("GET", "dump"), ("GET", "stats"), ("GET", "clock"), ("POST", "clock"), ("GET", "settings"),
        ("POST", "settings"), ("GET", "faults"), ("POST", "faults"), ("DELETE", "faults"), ("GET", "scenarios"),
        ("POST", "seed"), ("POST", "reset"), ("POST", "consent"), ("GET", "actions"), ("POST", "actions"),
    ],
)  # fmt: skip  # a table of calls
@pytest.mark.parametrize("token", [None, "", "wrong", "ä"])
def test_every_control_call_wants_its_token(served, method, name, token):
    headers = {} if token is None else {"X-Emulator-Token": token.encode()}
    assert served.control(method, name, headers=headers).status_code == 403


def test_control_does_not_answer_to_a_vendor_name(served):
    headers = {"X-Emulator-Token": served.handle.control_token, "Host": "api.partnercenter.microsoft.com"}
    assert served.control("GET", "stats", headers=headers).status_code == 421


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_control_answers_to_every_loopback_name(served, name):
    headers = {"X-Emulator-Token": served.handle.control_token, "Host": f"{name}:1234"}
    assert served.control("GET", "clock", headers=headers).status_code == 200


# told to be reached by others


@pytest.fixture
def serving(tmp_path):
    """Start `emulator serve` with options; answers what it printed, its data file, and its log when it has ended."""
    started = []

    def start(*options):
        data = tmp_path / "emulator.db"
        command = [sys.executable, "-m", "cspctl", *options, "--data", str(data), "--format", "json"]
        log = (tmp_path / "log").open("w+")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        started.append((process, log))
        told = json.loads(process.stdout.readline())
        return told, data, process, tmp_path / "log"

    yield start
    for process, log in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
        log.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the kernel's table of sockets")
def test_a_wider_address_is_listened_on_with_a_warning_and_its_names_are_checked(serving):
    every = "0.0.0.0"  # noqa: S104 # what the test is about; the Host header still decides
    told, data, _, log = serving("emulator", "serve", "--host", every, "--name", "Box", "--name", "192.0.2.7")
    assert "warning: others reach this emulator on 0.0.0.0" in log.read_text()
    note = json.loads(data.with_suffix(".lock").read_text())
    ports = [note["port"], note["tlsPort"], note["proxyPort"]]
    assert listeners(ports) == {port: {"00000000"} for port in ports}
    assert told["http"] == f"http://127.0.0.1:{note['port']}"
    token = {"X-Emulator-Token": note["token"]}
    context = ssl.create_default_context(cafile=told["ca"])
    with httpx.Client(trust_env=False, base_url=told["http"]) as client:
        known = {
            name: client.get("/v1/customers", headers={"Host": name}).status_code for name in ("box:1", "192.0.2.7")
        }
        assert known == {"box:1": 401, "192.0.2.7": 401}
        assert client.get("/v1/customers", headers={"Host": "other"}).status_code == 421
        assert client.get("/_emulator/clock", headers=token | {"Host": "box"}).status_code == 200
    with socket.create_connection(("127.0.0.1", note["tlsPort"]), timeout=10) as opened:
        context.wrap_socket(opened, server_hostname="box").close()  # the certificate is for it


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="127.0.0.2 is an address of its own there")
def test_a_second_address_has_the_same_ports_as_loopback(serving):
    told, data, _, log = serving("emulator", "serve", "--host", "127.0.0.2")
    assert log.read_text() == ""  # still this machine alone
    note = json.loads(data.with_suffix(".lock").read_text())
    assert listeners([note["port"]]) == {note["port"]: {"0100007F", "0200007F"}}
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"http://127.0.0.2:{note['port']}/v1/customers").status_code == 401
        assert client.get(f"{told['http']}/v1/customers").status_code == 401


# whom it calls


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8080/hook", True),
        ("https://localhost/hook", True),
        ("http://[::1]:1/hook", True),
        ("http://127.9.9.9/hook", True),
        ("http://user:word@127.0.0.1/hook", True),
        ("https://example.com/hook", False),
        ("http://10.0.0.5/hook", False),
        ("http://0.0.0.0/hook", False),
        ("http://169.254.169.254/latest", False),
        ("http://127.0.0.1@example.com/hook", False),
        ("http://localhost.example.com/hook", False),
        ("http://127.0.0.1.nip.io/hook", False),
        ("http://[::ffff:10.0.0.5]/hook", False),
        ("http://2130706433/hook", False),
        ("http://127.1/hook", False),
        ("http://[bad/hook", False),
        ("http://127.0.0.1:99999/hook", False),
        ("file:///etc/hosts", False),
        ("", False),
    ],
)
def test_a_webhook_goes_to_this_machine_or_nowhere(served, url, own):
    assert is_loopback(url) is own
    with served.signed_in() as client:
        body = {"WebhookUrl": url, "WebhookEvents": ["subscription-updated"]}
        before = client.get("/webhooks/v1/registration")
        answer = (client.put if before.status_code == 200 else client.post)("/webhooks/v1/registration", json=body)
    assert answer.status_code == (200 if own else 400), answer.text


def test_a_target_that_was_not_refused_in_time_is_still_not_called():
    outcome = asyncio.run(post("https://example.com/hook", {}, b"{}", 5.0))
    assert (outcome.status, outcome.text) == (
        0,
        "the address must lead to this machine: the emulator connects to no other",
    )


class _Moved(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_POST(self):
        self.asked.append(f"{self.headers['Host']} {self.path}")
        self.send_response(307)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 # the name http.server calls

    def log_message(self, *_):
        pass


def test_a_webhook_follows_no_redirect_and_asks_no_name_server(monkeypatch):
    def refuse(*arguments, **_):
        raise AssertionError(f"a name was looked up: {arguments[0]}")

    receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Moved)
    thread = threading.Thread(target=receiver.serve_forever)
    thread.start()
    monkeypatch.setattr(asyncio.SelectorEventLoop, "getaddrinfo", refuse)
    try:
        target = f"localhost:{receiver.server_port}"
        outcome = asyncio.run(post(f"http://{target}/a b?c=d e", {"X": "y"}, b"{}", 5.0))
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()
    assert outcome.status == 307
    assert _Moved.asked == [f"{target} /a%20b?c=d%20e"]


def test_working_with_it_opens_no_connection_beyond_loopback(served, monkeypatch):
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
    with served.signed_in() as client:
        for path in ("/v1/customers", "/v1/products?country=DE&targetView=OnlineServices", "/v1/auditrecords"):
            assert client.get(path).status_code == 200, path
    context = ssl.create_default_context(cafile=str(served.handle.ca_file))
    with httpx.Client(verify=context, proxy=served.handle.proxy_url, trust_env=False) as client:
        assert client.get("https://graph.microsoft.com/v1.0/me").status_code in (401, 404)
    served.control("POST", "clock", {"advance": "P1Y"})
    hosts = {address[0] for address in opened if isinstance(address, tuple)}
    assert hosts
    assert all(host == "localhost" or ipaddress.ip_address(host).is_loopback for host in hosts), hosts


# what it writes down

_WORDS = (
    "a-client-secret-of-the-tests",
    "a-password-of-the-tests-1A",
    "an-unknown-bearer-of-the-tests",
    "a-wrong-token",
)


def test_no_secret_is_in_the_log_at_its_loudest(serving):
    """Every kind of secret passes through, on good ways and bad ones, a defect and garbage on the wire included."""
    told, data, process, log = serving("-vv", "--log-format", "json", "emulator", "serve")
    note = json.loads(data.with_suffix(".lock").read_text())
    with httpx.Client(trust_env=False, base_url=told["http"]) as client:
        secrets = [note["token"], *_WORDS, *_wander(client, note)]
    with socket.create_connection(("127.0.0.1", note["port"]), timeout=10) as opened:
        opened.sendall(
            f"GET /v1/customers?token={_WORDS[2]} HTTP/9\r\nAuthorization: Bearer {_WORDS[2]}\r\n\r\n".encode()
        )
        opened.recv(1000)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=20)
    written = log.read_text() + rest
    assert "Invalid HTTP request" in written  # this is the log
    assert [secret for secret in secrets if secret in written] == []
    kept = b"".join(file.read_bytes() for file in data.parent.glob("emulator.db*"))
    assert [secret for secret in secrets if secret.encode() in kept] == []


def _wander(client, note):
    """Sign in, fail to, and be refused in many ways; answers the secrets that were handed out."""
    control = {"X-Emulator-Token": note["token"]}
    account = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
    market = {"market": "DE", "currency": "EUR", "mpnId": "4391200", "displayName": "A"}
    seed = {"partners": [{"accountId": account, "domain": "a.example", "tier": "direct", **market}]}
    assert client.post("/_emulator/seed", headers=control, json=seed).status_code == 200
    consent = {"tenant": account, "application": "app"}
    refresh = client.post("/_emulator/consent", headers=control, json=consent).json()["refresh_token"]
    base = {"client_id": "app", "client_secret": _WORDS[0], "resource": "https://api.partnercenter.microsoft.com"}
    forms = [
        {"grant_type": "client_credentials"},
        {"grant_type": "refresh_token", "refresh_token": refresh},
        {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": "other"},
        {"grant_type": "password", "username": "ops@a.example", "password": _WORDS[1]},
        {"grant_type": "authorization_code", "code": _WORDS[2]},
    ]
    answers = [client.post(f"/{account}/oauth2/token", data=base | form).json() for form in forms]
    tokens = [value for answer in answers for name, value in answer.items() if name.endswith("_token")]
    assert len(tokens) >= 4  # two of access, one to refresh, one of identity
    for bearer in (*tokens, _WORDS[2]):
        for path in ("/v1/customers", "/v1/nowhere", f"/v1/customers/{account}/users", "/v1.0/tenantRelationships"):
            client.get(path, headers={"Authorization": f"Bearer {bearer}"})
            client.post(path, headers={"Authorization": f"Bearer {bearer}"}, content=b"{" + _WORDS[1].encode())
    client.get("/_emulator/dump", headers={"X-Emulator-Token": _WORDS[3]})
    client.post("/_emulator/seed", headers=control, json={"partners": [{"accountId": _WORDS[1]}, 5]})
    client.post("/_emulator/faults", headers=control, json={"path": "/v1/*", "status": 500, "times": 3})
    return [refresh, *tokens]


def test_a_defect_is_logged_with_its_place_and_without_the_request(make_bench, caplog):
    bench = make_bench()
    caplog.set_level(logging.DEBUG)
    assert bench.call("GET", "/v1/defect").status_code == 500
    assert "RuntimeError: a defect" in caplog.text
    assert bench.bearer not in caplog.text


def test_a_dump_holds_no_secret(served):
    refresh = served.control("POST", "consent", {"tenant": served.partner, "application": "app"}).json()[
        "refresh_token"
    ]
    token = served.token()
    dumped = served.control("GET", "dump").text
    assert [secret for secret in (refresh, token, served.handle.control_token) if secret in dumped] == []


@pytest.mark.skipif(sys.platform == "win32", reason="file modes of POSIX")
def test_every_file_is_the_owners_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        handle = attach_or_embed(tmp_path / "emulator.db")
    finally:
        os.umask(before)
    try:
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    finally:
        handle.close()
    assert {"emulator.db", "emulator.db-wal", "emulator.lock", "emulator-ca-key.pem", "emulator-ca.pem"} <= set(modes)
    assert set(modes.values()) == {0o600}, modes


def test_an_authority_that_does_not_fit_its_key_is_made_anew(tmp_path):
    attach_or_embed(tmp_path / "emulator.db").close()
    key = tmp_path / "emulator-ca-key.pem"
    for broken in (b"", trustme.CA().private_key_pem.bytes()):
        key.write_bytes(broken)
        handle = attach_or_embed(tmp_path / "emulator.db")
        context = ssl.create_default_context(cafile=str(handle.ca_file))
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(f"{handle.tls_url}/v1/customers").status_code == 401
        handle.close()


def test_the_servers_certificate_lives_no_longer_than_every_tls_library_allows(tmp_path):
    """Apple's refuses more than 398 days, whoever issued it."""
    handle = attach_or_embed(tmp_path / "emulator.db")
    port = int(handle.tls_url.rpartition(":")[2])
    leaf = x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", port)).encode())
    handle.close()
    now = datetime.now(UTC)
    assert leaf.not_valid_before_utc < now < leaf.not_valid_after_utc
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398)


def test_what_serve_prints_leads_a_client_here_and_holds_no_token(served, capsys):
    announce(served.handle, "json")
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "http": served.handle.base_url,
        "https": served.handle.tls_url,
        "proxy": served.handle.proxy_url,
        "ca": str(served.handle.ca_file),
    }
