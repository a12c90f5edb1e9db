"""The emulator: how fast a fleet is seeded, how many GETs a core answers, and how long a year of tenants takes.

The server runs in a process of its own, so its memory and its core are its own; the client is a bare socket.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.bare_reader import WARM
from benchmarks.report import fact, heading, timed

NAME = "emulator"
_ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
_YEAR = ["P1M"] * 12
_SERVE = """
import resource, sys, threading, time
from pathlib import Path
from cspctl.emulator.launch import serve
from cspctl.emulator.settings import Settings
def tell():  # every line asks for the seconds of CPU used so far
    for _ in sys.stdin:
        print(time.process_time(), flush=True)
threading.Thread(target=tell, daemon=True).start()
serve(Path(sys.argv[1]), clock="2026-01-05T09:00:00Z", rate_limit=0,
      ready=lambda handle: print(handle.base_url, handle.control_token, flush=True))
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024), flush=True)
"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=10, help="subscriptions of a customer")
    parser.add_argument("--gets", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--tenants", type=int, default=1_000, help="of the year on the virtual clock")


def run(chosen: argparse.Namespace) -> None:
    heading(
        NAME, f"{chosen.customers:,} customers with {chosen.each} subscriptions; a year of {chosen.tenants:,} tenants"
    )
    with _server() as server:
        _seeding(server, chosen.customers, chosen.each)
        _reading(server, chosen)
    fact("peak memory of the server", f"{server.peak / 1e6:,.0f} MB   (goal under 500 MB)")
    with _server() as server:
        server.control("seed", {"partners": [_partner()], "fleet": _fleet(chosen.tenants, chosen.each)})
        _year(server)
    fact("peak memory of that server", f"{server.peak / 1e6:,.0f} MB")


class _Server:
    """A running emulator. `peak` (bytes) is known once it has ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process = process
        base_url, token = process.stdout.readline().split()
        self.address = urlsplit(base_url)
        self._token = token
        self.peak = 0

    def cpu(self) -> float:
        """Seconds of CPU the server has used: what it needs of a core, whatever else this machine does."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def connect(self) -> HTTPConnection:
        return HTTPConnection(self.address.hostname or "", self.address.port, timeout=600)

    def control(self, name: str, body: Any) -> Any:
        headers = {"X-Emulator-Token": self._token}
        return self.ask("POST", f"/_emulator/{name}", json.dumps(body), headers)

    def ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Any:
        connection = self.connect()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {raw[:300]!r}")
        return json.loads(raw)

    def bearer(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": "benchmark", "client_secret": "s"}
        form["resource"] = "https://api.partnercenter.microsoft.com"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return str(self.ask("POST", f"/{_ACCOUNT}/oauth2/token", urlencode(form), kind)["access_token"])


@contextmanager
def _server() -> Iterator[_Server]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _SERVE, str(Path(folder) / "emulator.db")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        server = _Server(process)
        try:
            yield server
        finally:
            process.terminate()
            server.peak = int(process.communicate()[0] or 0)


def _partner() -> dict[str, Any]:
    names = {"domain": "bench.onmicrosoft.com", "displayName": "Bench", "mpnId": "4391200"}
    return {"accountId": _ACCOUNT, "tier": "direct", "market": "DE", "currency": "EUR", **names}


def _fleet(customers: int, each: int) -> dict[str, Any]:
    return {"customers": customers, "subscriptionsPerCustomer": each, "randomSeed": 1, "partner": _ACCOUNT}


def _seeding(server: _Server, customers: int, each: int) -> None:
    before = server.cpu()
    with timed() as watch:
        server.control("seed", {"partners": [_partner()], "fleet": _fleet(customers, each)})
    _seconds(f"seeding {customers * each:,} subscriptions", watch.seconds, server.cpu() - before)


def _seconds(label: str, wall: float, cpu: float) -> None:
    fact(label, f"{wall:.1f} s, {cpu:.1f} s of CPU   (goal under 60 s)")


def _reading(server: _Server, chosen: argparse.Namespace) -> None:
    headers = {"Authorization": f"Bearer {server.bearer()}"}
    listed = server.ask("GET", "/v1/customers?size=500", None, headers)["items"]
    ids = [item["id"] for item in listed]
    one = ids[0]
    subscriptions = server.ask("GET", f"/v1/customers/{one}/subscriptions", None, headers)["items"]
    single = [f"/v1/customers/{one}/subscriptions/{item['id']}" for item in subscriptions]
    for label, paths in (
        ("GET of one customer", [f"/v1/customers/{id}" for id in ids]),
        ("GET of one subscription", single),
        (f"GET of {chosen.each} subscriptions", [f"/v1/customers/{id}/subscriptions" for id in ids]),
    ):
        before = server.cpu()
        rate = _rate(server, paths, headers, chosen)
        each = (server.cpu() - before) / (chosen.gets + WARM)
        fact(label, f"{rate:,.0f} a second, {1 / each:,.0f} a second of CPU   (goal at least 1,500)")


def _rate(server: _Server, paths: list[str], headers: dict[str, str], chosen: argparse.Namespace) -> float:
    """Answers a second over a few kept connections, driven by bare sockets of another process's core."""
    command = [sys.executable, "-m", "benchmarks.bare_reader", str(server.address.port), str(chosen.connections)]
    work = json.dumps({"paths": paths, "headers": headers, "count": chosen.gets})
    done = subprocess.run(command, input=work, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _year(server: _Server) -> None:
    before = server.cpu()
    with timed() as watch:
        for step in _YEAR:
            server.control("clock", {"advance": step})
    _seconds("a year on the virtual clock", watch.seconds, server.cpu() - before)
    headers = {"Authorization": f"Bearer {server.bearer()}"}
    invoices = server.ask("GET", "/v1/invoices?size=200", None, headers)
    fact("invoices issued on the way", f"{len(invoices['items']):,}")
