"""A scripted Partner Center on loopback, a virtual clock and a token source: small real implementations."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cspctl.model.ports import WriteContext
from cspctl.partnercenter.retry import Budget
from cspctl.secret import Secret

SAMPLES = Path(os.environ.get("CSPCTL_SAMPLES") or Path(__file__).parents[3] / "shared" / "partner-center" / "samples")


@dataclass
class Seen:
    """A request as the server got it; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body, parse_float=Decimal)


@dataclass
class Say:
    """An answer. `drop` closes the connection instead; `cut` sends half of the body and closes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: bool = False

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class ScriptedPartner:
    """Answers from `script` (a list, used up in order) or from `answer` (a function) when it is empty."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.script: list[Say] = []
        self.answer: Callable[[Seen], Say] = lambda _: Say(404, {"code": 1000, "description": "Not found"})
        self.most_in_flight = 0
        self._in_flight = 0
        self._lock = threading.Lock()
        partner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body are two packets; without this the second waits for an acknowledgement.
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Seen(self.command, self.path, headers, self.rfile.read(length))
                self.answer_with(partner._next(request))

            def answer_with(self, say: Say) -> None:
                self.close_connection = say.drop or say.cut
                if say.drop:
                    return
                content = say.encoded()
                self.send_response_only(say.status)
                for name, value in say.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content[: len(content) // 2] if say.cut else content)

            do_GET = do_POST = do_PATCH = do_HEAD = handle_any  # noqa: N815 - names that http.server calls

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _next(self, request: Seen) -> Say:
        with self._lock:
            self.seen.append(request)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
            scripted = self.script.pop(0) if self.script else None
        try:
            return scripted or self.answer(request)
        finally:
            with self._lock:
                self._in_flight -= 1

    def ids(self) -> list[str]:
        return [request.headers["ms-requestid"] for request in self.seen]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class VirtualClock:
    """Sleeping advances it; every sleep is written down."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Tokens:
    """Tokens are numbered; `force` issues the next."""

    def __init__(self) -> None:
        self.number = 1
        self.forced = 0

    async def token(self, *, force: bool = False) -> Secret:
        if force:
            self.forced += 1
            self.number += 1
        return Secret(f"token-{self.number}")


class Ids:
    """Journals the request ids it hands out, as the executor does."""

    def __init__(self) -> None:
        self.journal = ["id-1"]

    def fresh(self) -> str:
        self.journal.append(f"id-{len(self.journal) + 1}")
        return self.journal[-1]

    def context(self) -> WriteContext:
        return WriteContext(request_id=self.journal[0], correlation_id="flow", fresh=self.fresh)


@pytest.fixture
def partner() -> Iterator[ScriptedPartner]:
    server = ScriptedPartner()
    yield server
    server.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def ids() -> Ids:
    return Ids()


@pytest.fixture
def say() -> type[Say]:
    return Say


@pytest.fixture
def budget() -> Budget:
    """No jitter, so that waits can be compared."""
    return Budget(tries=4, jitter=lambda: 1.0)


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="session")
def samples() -> list[dict[str, Any]]:
    """Every documented exchange, with `file`; amounts as Decimal."""
    if not SAMPLES.is_dir():
        pytest.skip(f"the documented samples are not at {SAMPLES}; set CSPCTL_SAMPLES")
    exchanges = []
    for path in sorted(SAMPLES.glob("*.json")):
        if path.name == "index.json":
            continue
        document = json.loads(path.read_text("utf-8"), parse_float=Decimal)
        exchanges += [{**exchange, "file": path.stem} for exchange in document["exchanges"]]
    return exchanges
