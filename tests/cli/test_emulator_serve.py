"""`cspctl emulator serve` as its users run it: a process with options, told where it listens, ended by a signal."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
PARTNER = {"accountId": ACCOUNT, "domain": "a.example", "displayName": "A", "tier": "direct", "mpnId": "4391200"}
SEED = {"partners": [{**PARTNER, "market": "DE", "currency": "EUR"}]}


class Running:
    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        command = [sys.executable, "-m", "cspctl", "emulator", "serve", "--data", str(data), "--format", "json"]
        self.process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=data.parent
        )
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.told = json.loads(line)

    def cli(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "cspctl", "emulator", *arguments, "--data", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def signed_in(self) -> httpx.Client:
        token = json.loads(self.data.with_suffix(".lock").read_text())["token"]
        control = {"X-Emulator-Token": token}
        url = f"{self.told['http']}/_emulator/seed"
        assert httpx.post(url, headers=control, json=SEED, trust_env=False).status_code == 200
        form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s"}
        form["resource"] = "https://api.partnercenter.microsoft.com"
        url = f"{self.told['http']}/{ACCOUNT}/oauth2/token"
        token = httpx.post(url, data=form, trust_env=False).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.told["http"], trust_env=False, headers=headers)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """(exit code, what it wrote to stderr)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, err


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(*options):
        started.append(Running(tmp_path / "emulator.db", *options))
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_it_ends_quietly_and_what_it_held_comes_back(serve, number):
    first = serve("--clock", "2026-03-10T09:15:00Z")
    first.cli("seed", "--document", json.dumps(SEED))
    assert first.end(number) == (0, "")
    assert not first.data.with_suffix(".lock").exists()
    second = serve()
    assert second.cli("clock") == "2026-03-10T09:15:00Z (frozen)\n"
    assert json.loads(second.cli("seed", "--document", json.dumps(SEED)))["partners"] == 1


def test_ports_are_the_ones_asked_for(serve):
    ports = []
    for _ in range(3):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    plain, tls, proxy = ports
    told = serve("--port", str(plain), "--tls-port", str(tls), "--proxy-port", str(proxy)).told
    assert told == {
        "http": f"http://127.0.0.1:{plain}",
        "https": f"https://localhost:{tls}",
        "proxy": f"http://127.0.0.1:{proxy}",
        "ca": told["ca"],
    }


def test_a_rate_limit_is_kept_and_0_is_none(serve):
    limited = serve("--rate-limit", "2", "--clock", "2026-03-10T09:15:00Z")
    with limited.signed_in() as client:
        answers = [client.get("/v1/customers") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "30"
    limited.end()
    free = serve("--rate-limit", "0")
    with free.signed_in() as client:
        assert {client.get("/v1/customers").status_code for _ in range(510)} == {200}  # the usual limit is 500


def test_a_faults_file_is_in_force_from_the_first_call(serve, tmp_path):
    file = tmp_path / "night.yaml"
    file.write_text("- path: /v1/customers\n  nth: 2\n  status: 418\n- scenario: server-errors\n  path: /v1/nowhere\n")
    running = serve("--faults", str(file))
    with running.signed_in() as client:
        assert [client.get("/v1/customers").status_code for _ in range(3)] == [200, 418, 200]
    told = json.loads(running.cli("faults"))["faults"]
    assert [(one["path"], one["seen"], one["struck"]) for one in told] == [
        ("/v1/customers", 3, 1),
        ("/v1/nowhere", 0, 0),
        ("/v1/nowhere", 0, 0),
    ]
    assert json.loads(running.cli("faults", "--clear")) == {"faults": []}


def test_ca_is_the_authority_of_the_running_server(serve):
    running = serve()
    assert running.cli("ca") == running.told["ca"] + "\n"
    context = ssl.create_default_context(cafile=running.told["ca"])
    with httpx.Client(verify=context, trust_env=False) as client:
        assert client.get(f"{running.told['https']}/v1/customers").status_code == 401


def test_without_control_there_is_no_token_and_no_api(serve):
    running = serve("--no-control")
    note = json.loads(running.data.with_suffix(".lock").read_text())
    assert note["token"] == ""
    with httpx.Client(base_url=running.told["http"], trust_env=False) as client:
        assert client.get("/_emulator/clock", headers={"X-Emulator-Token": ""}).status_code == 404
    with pytest.raises(subprocess.CalledProcessError) as refused:
        running.cli("reset")
    assert refused.value.returncode == 10


def test_a_second_server_on_the_same_file_is_refused(serve, tmp_path):
    serve()
    command = [sys.executable, "-m", "cspctl", "emulator", "serve", "--data", str(tmp_path / "emulator.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert done.stderr.startswith("error[E-EMULATOR-BUSY]: Another emulator serves ")
