"""Starting an emulator, in this process or as a server, and finding the one that already runs."""

from __future__ import annotations

import asyncio
import atexit
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cspctl.emulator.serving.instance import Instance
from cspctl.emulator.serving.lockfile import Claim, Note, read_note
from cspctl.emulator.serving.server import Listening
from cspctl.emulator.settings import Settings
from cspctl.errors import RefusedError, UnreachableError

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
    return _embed(Instance(data, claim, chosen))


def serve(
    data: Path,
    *,
    listening: Listening | None = None,
    clock: str | None = None,
    latency_ms: int = 0,
    rate_limit: int | None = None,
    control: bool = True,
    faults: Sequence[dict[str, Any]] = (),
    settings: Settings | None = None,
    ready: Callable[[Handle], None] | None = None,
) -> None:
    """Run until SIGINT or SIGTERM. `ready` is called once the ports are open.

    `clock` is None (as the data file has it), "real" (runs on from where it stands) or an ISO instant (frozen
    there). `rate_limit` 0 is none. Raises InputError for a port in use, an unreadable data file, a wrong fault or
    clock, RefusedError when another server holds the data file.
    """
    data = data.resolve()
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
    instance = Instance(data, claim, chosen, listening or Listening(), clock=clock, control=control, faults=faults)
    try:
        asyncio.run(_until_signal(instance, ready))
    finally:
        instance.end()


def _embed(instance: Instance) -> Handle:
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


async def _until_signal(instance: Instance, ready: Callable[[Handle], None] | None) -> None:
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
