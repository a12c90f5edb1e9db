"""One running emulator: its store, its listeners, its lock and its note, taken and let go of in order."""

from __future__ import annotations

import os
import secrets
import sqlite3
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cspctl.emulator.app import create_app
from cspctl.emulator.clock import BackwardsError, VirtualClock, parse_instant
from cspctl.emulator.faults.reading import FaultError
from cspctl.emulator.serving.lockfile import Claim, Note, remove_note, write_note
from cspctl.emulator.serving.server import Group, Listening
from cspctl.emulator.serving.tls import server_context
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.errors import InputError

_LOOPBACK_ONLY = Listening()


class Instance:
    """Everything one running emulator holds, and the order in which it lets go of it."""

    def __init__(
        self,
        data: Path,
        claim: Claim,
        settings: Settings,
        listening: Listening = _LOOPBACK_ONLY,
        *,
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
            names = listening.own_names()
            context, authority = server_context(data, names)
            app = _application(self._store, settings, token, faults, names)
            self.group = _group(app, context, listening)
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


def _open_store(data: Path) -> Store:
    try:
        return Store(data)
    except (sqlite3.Error, OSError) as error:
        raise InputError(
            f"{data} cannot be used as the emulator's data file: {error}.",
            code="E-EMULATOR-DATA",
            hint="Name another file with --data, or delete this one.",
        ) from error


def _application(
    store: Store, settings: Settings, token: str, faults: Sequence[dict[str, Any]], names: frozenset[str]
) -> Any:
    try:
        return create_app(store, settings, control_token=token, faults=faults, names=names)
    except FaultError as error:
        raise InputError(f"Fault number {error.index + 1} is not usable: {error}.", code="E-EMULATOR-FAULTS") from error


def _group(app: Any, context: ssl.SSLContext, listening: Listening) -> Group:
    try:
        return Group(app, context, listening)
    except (OSError, OverflowError) as error:
        ports = ", ".join(str(port) for port in (listening.port, listening.tls_port, listening.proxy_port) if port)
        raise InputError(
            f"The emulator cannot listen on {listening.host}, port {ports or 'any'}: {error}.",
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
    except BackwardsError as error:
        raise InputError(
            str(error),
            code="E-EMULATOR-CLOCK",
            hint="Name a later instant, another data file with --data, or `emulator reset` first.",
        ) from error
    except ValueError as error:
        raise InputError(
            f'The clock must be "real" or an ISO 8601 instant, not {text!r}.',
            code="E-EMULATOR-CLOCK",
            hint="Example: 2026-11-02T09:00:00Z",
        ) from error
