"""Reading a fleet: how close the client comes to what latency and concurrency allow.

floor = requests x latency / requests in flight. The requests must be exactly the list's pages and one per customer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from benchmarks.report import fact, heading, ratio, timed
from benchmarks.slow_service import customer_id

NAME = "reading"


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--latency-ms", type=float, default=20.0)
    parser.add_argument("--jitter-ms", type=float, default=0.0, help="spread of the latency around its mean")
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--uvloop", action="store_true", help="run the client on uvloop, where it is installed")


def run(chosen: argparse.Namespace) -> None:
    heading(NAME, f"{chosen.customers:,} customers at {chosen.latency_ms:g} ms, {chosen.in_flight} in flight")
    with _service(chosen) as base_url:
        import cspctl.partnercenter.client  # noqa: F401 # loading it is start-up, which `startup` measures

        cpu = time.process_time()
        with timed() as watch:
            found = _runner(chosen.uvloop)(_read_fleet(base_url, chosen.in_flight))
        cpu = time.process_time() - cpu
        seen = _stats(base_url)
        bare = _bare_ratio(base_url, chosen)
    _print(chosen, found, seen, watch.seconds, cpu)
    fact("wall / floor of bare sockets", f"{bare:.2f}   (what this machine and service allow at best)")


async def _read_fleet(base_url: str, in_flight: int) -> int:
    from cspctl.partnercenter.client import connect
    from cspctl.partnercenter.fan_out import fan_out
    from cspctl.secret import Secret

    class OneToken:
        async def token(self, *, force: bool = False) -> Secret:
            return Secret("benchmark")

    client = connect(base_url, OneToken(), reader_only=True, clock=WallClock(), concurrency=in_flight)
    try:
        # As cspctl.kinds.subscription.remote does it.
        pages = ([customer["id"] for customer in page] async for page in client.customer_pages())
        held = await fan_out(client.subscriptions, pages)
    finally:
        await client.aclose()
    return sum(len(items) for items in held)


def _print(chosen: argparse.Namespace, found: int, seen: dict[str, Any], seconds: float, cpu: float) -> None:
    from cspctl.partnercenter.endpoints.customers import PAGE_SIZE

    pages, single = seen["requests"].get("pages", 0), seen["requests"].get("subscriptions", 0)
    expected = math.ceil(chosen.customers / PAGE_SIZE)
    exact = pages == expected and single == chosen.customers and found == chosen.customers
    requests = pages + single
    floor = requests * chosen.latency_ms / 1000 / chosen.in_flight
    fact("requests made", f"{requests:,} = {pages} pages + {single:,} customers")
    fact("exactly pages + one per customer", f"{'yes' if exact else 'NO'} (expected {expected} pages)")
    fact("most in flight at the service", str(seen["mostInFlight"]))
    fact("floor", f"{floor:.2f} s")
    fact("wall", f"{seconds:.2f} s, {requests / seconds:,.0f} requests/s")
    fact("client CPU", f"{cpu:.2f} s, {cpu / requests * 1000:.2f} ms a request")
    ratio("wall / floor", seconds / floor, "at most 1.5")


def _bare_ratio(base_url: str, chosen: argparse.Namespace) -> float:
    """The same answers over bare sockets, nothing parsed; a fifth of the requests is enough."""
    rounds = max(1, chosen.customers // 5 // chosen.in_flight)
    with timed() as watch:
        asyncio.run(_bare(int(base_url.rpartition(":")[2]), rounds, chosen.in_flight))
    return watch.seconds / float(rounds * chosen.latency_ms / 1000)


async def _bare(port: int, rounds: int, in_flight: int) -> None:
    request = f"GET /v1/customers/{customer_id(1)}/subscriptions HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(rounds):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.split(b"Content-Length: ")[1]))
        writer.close()

    await asyncio.gather(*(one() for _ in range(in_flight)))


@contextmanager
def _service(chosen: argparse.Namespace) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.slow_service"]
    command += ["--customers", str(chosen.customers), "--latency-ms", str(chosen.latency_ms)]
    command += ["--jitter-ms", str(chosen.jitter_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def _stats(base_url: str) -> dict[str, Any]:
    # No proxy may stand between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{base_url}/stats") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _runner(uvloop: bool) -> Any:
    if not uvloop:
        return asyncio.run
    import uvloop as loop

    return loop.run
