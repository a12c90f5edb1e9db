"""Starting an emulator, in this process or as a server, and finding the one that already runs."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import secrets
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cspctl.emulator.app import create_app
from cspctl.emulator.clock import VirtualClock, parse_instant
from cspctl.emulator.lockfile import Claim, Note, read_note, remove_note, write_note
from cspctl.emulator.server import Group
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.tls import server_context
from cspctl.errors import InputError, RefusedError, UnreachableError

_START_SECONDS = 10.0


@dataclass
class Handle:
    """A reachable emulator. `close` stops it when it is embedded and does nothing when it is another process's."""

    base_url: str
    control_token: str = field(repr=False)
    embedded: bool
    ca_file: Path | None
    tls_url: str = ""
    proxy_url: str = ""
    _end: Callable[[], None] | None = field(default=None, repr=False)

    def close(self) -> None:
        end, self._end = self._end, None
        if end:
            end()


def attach_or_embed(data: Path, *, settings: Settings | None = None, latency_ms: int = 0) -> Handle:
    """The live server that holds `data`, or a new one in a daemon thread of this process.

    Raises UnreachableError when the file is held but its holder does not say where it listens.
    """
    data = data.resolve()
    claim = Claim(data)
    deadline = time.monotonic() + _START_SECONDS
    while not claim.acquire():
        note = read_note(data)
        if note:
            claim.release()
            return _handle(note, embedded=False)
        if time.monotonic() > deadline:
            claim.release()
            raise UnreachableError(
                f"{data} is in use by another process, and no lock file says where it listens.",
                code="E-EMULATOR-BUSY",
                hint="End the other emulator, or name another data file.",
            )
        time.sleep(0.02)
    chosen = settings or Settings()
    if latency_ms:
        chosen = replace(chosen, latency_ms=latency_ms)
    return _embed(_Instance(data, claim, chosen))


def serve(
    data: Path,
    *,
    port: int = 0,
    tls_port: int = 0,
    clock: str | None = None,
    latency_ms: int = 0,
    rate_limit: int | None = None,
    control: bool = True,
    faults_file: Path | None = None,
    settings: Settings | None = None,
    ready: Callable[[Handle], None] | None = None,
) -> None:
    """Run until SIGINT or SIGTERM. `ready` is called once the ports are open.

    `clock` is None (as the data file has it), "real" (runs on from where it stands) or an ISO instant
    (frozen there). Raises InputError for a port in use, an unreadable data or faults file or a bad clock,
    RefusedError when another server holds the data file.
    """
    data = data.resolve()
    faults = _read_faults(faults_file)
    chosen = replace(settings or Settings(), latency_ms=latency_ms)
    if rate_limit is not None:
        chosen = replace(chosen, rate_limit_per_minute=rate_limit)
    claim = Claim(data)
    if not claim.acquire():
        claim.release()
        raise RefusedError(
            f"Another emulator serves {data} already.",
            code="E-EMULATOR-BUSY",
            hint="End it first, or name another data file with --data.",
        )
    instance = _Instance(data, claim, chosen, ports=(port, tls_port), clock=clock, control=control, faults=faults)
    try:
        asyncio.run(_until_signal(instance, ready))
    finally:
        instance.end()


class _Instance:
    """Everything one running emulator holds, and the order in which it lets go of it."""

    def __init__(
        self,
        data: Path,
        claim: Claim,
        settings: Settings,
        *,
        ports: tuple[int, int] = (0, 0),
        clock: str | None = None,
        control: bool = True,
        faults: Sequence[dict[str, Any]] = (),
    ) -> None:
        self.data = data
        self._claim = claim
        self._store: Store | None = None
        remove_note(data)  # one left by a killed server would lead others to a dead port
        token = secrets.token_urlsafe(32) if control else ""
        try:
            self._store = _open_store(data)
            _set_clock(self._store, clock)
            context, authority = server_context(data)
            app = _application(self._store, settings, token, faults)
            self.group = _group(app, context, ports)
            app.state.world.tls_base = f"https://localhost:{self.group.tls_port}"
        except BaseException:
            self._let_go()
            raise
        group = self.group
        self.note = Note(os.getpid(), group.port, group.tls_port, group.proxy_port, token, str(data), str(authority))
        write_note(data, self.note)

    def end(self) -> None:
        remove_note(self.data)
        self.group.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._store:
            self._store.close()
        self._claim.release()


def _embed(instance: _Instance) -> Handle:
    def work() -> None:
        try:
            asyncio.run(instance.group.run())
        finally:
            instance.end()

    thread = threading.Thread(target=work, name="emulator", daemon=True)
    handle = _handle(instance.note, embedded=True)

    def end() -> None:
        atexit.unregister(handle.close)
        instance.group.stop()
        thread.join(timeout=_START_SECONDS)

    handle._end = end
    atexit.register(handle.close)
    thread.start()
    return handle


async def _until_signal(instance: _Instance, ready: Callable[[Handle], None] | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, instance.group.stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: instance.group.stop())
    if ready:
        ready(_handle(instance.note, embedded=True))
    await instance.group.run()


def _handle(note: Note, *, embedded: bool) -> Handle:
    return Handle(
        base_url=f"http://127.0.0.1:{note.port}",
        control_token=note.token,
        embedded=embedded,
        ca_file=Path(note.ca) if note.ca else None,
        tls_url=f"https://localhost:{note.tlsPort}",
        proxy_url=f"http://127.0.0.1:{note.proxyPort}",
    )


def _open_store(data: Path) -> Store:
    try:
        return Store(data)
    except (sqlite3.Error, OSError) as error:
        raise InputError(
            f"{data} cannot be used as the emulator's data file: {error}.",
            code="E-EMULATOR-DATA",
            hint="Name another file with --data, or delete this one.",
        ) from error


def _application(store: Store, settings: Settings, token: str, faults: Sequence[dict[str, Any]]) -> Any:
    try:
        return create_app(store, settings, control_token=token, faults=faults)
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"The faults file is not usable: {error}.", code="E-EMULATOR-FAULTS") from error


def _group(app: Any, context: Any, ports: tuple[int, int]) -> Group:
    try:
        return Group(app, context, *ports)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"The emulator cannot listen on 127.0.0.1 port {ports[0]} or {ports[1]}: {error}.",
            code="E-EMULATOR-PORT",
            hint="Another program uses the port; name another one, or 0 for any free one.",
        ) from error


def _set_clock(store: Store, text: str | None) -> None:
    if text is None:
        return
    clock = VirtualClock(store)
    if text == "real":
        clock.run()
        return
    try:
        clock.freeze(parse_instant(text))
    except ValueError as error:
        raise InputError(
            f'The clock must be "real" or an ISO 8601 instant, not {text!r}.',
            code="E-EMULATOR-CLOCK",
            hint="Example: 2026-11-02T09:00:00Z",
        ) from error


def _read_faults(path: Path | None) -> list[dict[str, Any]]:
    if path is None:
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"The faults file {path} cannot be read: {error}.", code="E-EMULATOR-FAULTS") from error
    if isinstance(content, dict):
        content = [content] if "scenario" in content else content.get("faults")
    documents = content
    if not isinstance(documents, list):
        raise InputError(
            f'The faults file {path} must hold a list of faults, {{"faults": [...]}} or {{"scenario": NAME}}.',
            code="E-EMULATOR-FAULTS",
        )
    return documents
