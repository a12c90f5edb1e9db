"""Starting, finding and stopping an emulator over real sockets: embed, attach, serve, TLS, tunnel, cut lines."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from cspctl.emulator.launch import attach_or_embed, serve
from cspctl.emulator.serving.lockfile import Claim, Note, write_note
from cspctl.emulator.serving.server import Listening, listener
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.errors import InputError, RefusedError

PARTNER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"


@pytest.fixture
def data(tmp_path):
    return tmp_path / "state" / "emulator.db"


@pytest.fixture
def emulator(data):
    data.parent.mkdir()
    store = Store(data)
    store.put("partner", "", PARTNER, {"accountId": PARTNER, "domain": "a.example", "tier": "direct"})
    store.close()
    handle = attach_or_embed(data, settings=Settings(rate_limit_per_minute=0))
    yield handle
    handle.close()


def control(handle, method, name, body=None):
    headers = {"X-Emulator-Token": handle.control_token}
    with httpx.Client(trust_env=False) as client:
        return client.request(method, f"{handle.base_url}/_emulator/{name}", headers=headers, json=body)


def bearer(client, base):
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s"}
    scope = {"scope": "https://api.partnercenter.microsoft.com/.default"}
    token = client.post(f"{base}/{PARTNER}/oauth2/v2.0/token", data={**form, **scope}).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_embedded_answers_and_leaves_no_lock_behind(data, emulator):
    assert emulator.embedded
    note = json.loads((data.parent / "emulator.lock").read_text())
    assert note["pid"] == os.getpid()
    assert note["data"] == str(data)
    assert emulator.base_url == f"http://127.0.0.1:{note['port']}"
    assert emulator.control_token not in repr(emulator)
    assert control(emulator, "GET", "clock").json()["mode"] == "real"
    emulator.close()
    assert not (data.parent / "emulator.lock").exists()
    with pytest.raises(httpx.ConnectError):
        control(emulator, "GET", "clock")


@pytest.mark.skipif(sys.platform == "win32", reason="file modes of POSIX")
def test_secrets_on_disk_are_the_owners_alone(data, emulator):
    for name in ("emulator.db", "emulator.lock", "emulator-ca.pem", "emulator-ca-key.pem"):
        assert stat.S_IMODE((data.parent / name).stat().st_mode) == 0o600, name


def test_second_caller_attaches_and_state_is_shared(data, emulator):
    second = attach_or_embed(data)
    assert not second.embedded
    assert (second.base_url, second.control_token) == (emulator.base_url, emulator.control_token)
    second.close()
    assert control(emulator, "GET", "clock").status_code == 200


def test_state_and_authority_outlive_the_server(data, emulator):
    frozen = {"mode": "frozen", "now": "2026-11-02T09:00:00Z"}
    assert control(emulator, "POST", "clock", frozen).status_code == 200
    authority = emulator.ca_file.read_bytes()
    emulator.close()
    again = attach_or_embed(data)
    try:
        assert again.embedded
        assert control(again, "GET", "clock").json() == {"now": "2026-11-02T09:00:00Z", "mode": "frozen"}
        assert again.ca_file.read_bytes() == authority
    finally:
        again.close()


def test_note_of_a_dead_server_is_not_believed(data):
    data.parent.mkdir()
    write_note(data, Note(1, 9, 9, 9, "stale", str(data), ""))
    handle = attach_or_embed(data)
    try:
        assert handle.embedded
        assert handle.control_token != "stale"
    finally:
        handle.close()


def test_tls_serves_loopback_and_vendor_names_from_the_own_authority(emulator):
    context = ssl.create_default_context(cafile=str(emulator.ca_file))
    with httpx.Client(verify=context, trust_env=False) as client:
        headers = bearer(client, emulator.tls_url)
        assert client.get(f"{emulator.tls_url}/v1/auditrecords", headers=headers).status_code == 200
        found = client.get(f"{emulator.tls_url}/{PARTNER}/v2.0/.well-known/openid-configuration").json()
        assert found["token_endpoint"].startswith(emulator.tls_url)
        plain = client.get(f"{emulator.base_url}/{PARTNER}/v2.0/.well-known/openid-configuration").json()
        assert plain["token_endpoint"].startswith(emulator.tls_url)


def test_tunnel_leads_built_in_addresses_here_and_nothing_else(emulator):
    context = ssl.create_default_context(cafile=str(emulator.ca_file))
    with httpx.Client(verify=context, proxy=emulator.proxy_url, trust_env=False) as client:
        headers = bearer(client, "https://login.microsoftonline.com")
        url = "https://api.partnercenter.microsoft.com/v1/auditrecords"
        assert client.get(url, headers=headers).status_code == 200
        with pytest.raises(httpx.ProxyError):
            client.get("https://example.com/")


def test_drop_after_effect_cuts_the_line_without_an_answer(emulator):
    with httpx.Client(trust_env=False) as client:
        headers = bearer(client, emulator.base_url)
        control(emulator, "POST", "faults", {"path": "/v1/auditrecords", "drop": "after"})
        with pytest.raises(httpx.TransportError):
            client.get(f"{emulator.base_url}/v1/auditrecords", headers=headers)
        assert client.get(f"{emulator.base_url}/v1/auditrecords", headers=headers).status_code == 200


def test_latency_is_taken_from_the_caller(data):
    handle = attach_or_embed(data, latency_ms=5)
    try:
        with httpx.Client(trust_env=False) as client:
            answer = client.get(f"{handle.base_url}/v1/auditrecords")
        assert answer.elapsed.total_seconds() >= 0.005
    finally:
        handle.close()


def test_sockets_do_not_wait_to_fill_a_packet():
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer takes 40 ms more.
    bound = listener(0)
    assert bound.proto == socket.IPPROTO_TCP
    bound.close()


SERVE = """
import sys
from pathlib import Path
from cspctl.emulator.launch import serve
serve(Path(sys.argv[1]), clock="2026-11-02T09:00:00Z", control=sys.argv[2] == "control",
      ready=lambda handle: print(handle.base_url, handle.control_token, flush=True))
"""


@pytest.fixture
def served(data, request):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(data), getattr(request, "param", "control")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_serve_is_attached_to_and_ends_cleanly_on_sigterm(data, served):
    url = served.stdout.readline().split()[0]
    handle = attach_or_embed(data)
    assert (handle.embedded, handle.base_url) == (False, url)
    assert control(handle, "GET", "clock").json() == {"now": "2026-11-02T09:00:00Z", "mode": "frozen"}
    with pytest.raises(RefusedError, match="serves"):
        serve(data)
    served.send_signal(signal.SIGTERM)
    assert served.wait(timeout=20) == 0
    assert served.stderr.read() == ""
    assert not (data.parent / "emulator.lock").exists()


def test_killed_server_leaves_a_usable_data_file(data, served):
    served.stdout.readline()
    served.kill()
    served.wait(timeout=20)
    handle = attach_or_embed(data)
    try:
        assert handle.embedded
        assert control(handle, "GET", "clock").json()["now"] == "2026-11-02T09:00:00Z"
    finally:
        handle.close()


@pytest.mark.parametrize("served", ["no-control"], indirect=True)
def test_control_can_be_switched_off(data, served):
    served.stdout.readline()
    handle = attach_or_embed(data)
    assert handle.control_token == ""
    assert control(handle, "GET", "stats").status_code == 404


def test_serve_names_what_is_wrong(data):
    with pytest.raises(InputError) as bad_clock:
        serve(data, clock="yesterday")
    assert bad_clock.value.code == "E-EMULATOR-CLOCK"
    with pytest.raises(InputError, match=r"Fault number 2.*nope") as bad_faults:
        serve(data, faults=[{"status": 500}, {"nope": 1}])
    assert bad_faults.value.code == "E-EMULATOR-FAULTS"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for place in ("port", "tls_port", "proxy_port"):
            with pytest.raises(InputError) as bad_port:
                serve(data, listening=Listening(**{place: taken.getsockname()[1]}))
            assert bad_port.value.code == "E-EMULATOR-PORT"
    claim = Claim(data)
    assert claim.acquire()  # nothing above kept the lock
    claim.release()


def test_file_that_is_no_database_is_refused_and_kept(tmp_path):
    data = Path(tmp_path / "emulator.db")
    data.write_text("not a database, but somebody's text, long enough to be read as a header of SQLite")
    before = data.read_bytes()
    with pytest.raises(InputError) as refused:
        attach_or_embed(data)
    assert refused.value.code == "E-EMULATOR-DATA"
    assert data.read_bytes() == before
