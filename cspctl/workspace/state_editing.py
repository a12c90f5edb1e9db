"""Corrections of the ledger by hand: under the apply lease, and on record."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cspctl.errors import InputError
from cspctl.ledger.database import open_ledger, restore_ledger
from cspctl.ledger.ledger import Ledger
from cspctl.model.address import Address
from cspctl.model.audit import AuditEvent
from cspctl.model.realm import Realm
from cspctl.workspace.actor import actor
from cspctl.workspace.auditing import located
from cspctl.workspace.clocks import WallClock
from cspctl.workspace.project import Place
from cspctl.workspace.settings import WorkspaceSettings


@contextmanager
def editing(settings: WorkspaceSettings, place: Place) -> Iterator[tuple[Ledger, Callable[[str, str, str], None]]]:
    """The ledger for writing, and a function that puts (event, address, detail) on record."""
    environment, url = located(settings, place)
    who = actor(settings.environ)
    run_id = str(uuid.uuid4())
    realm = str(Realm(place.name, "global", "", environment))
    with open_ledger(url, place.name, environment, read_only=False) as ledger:
        lease = ledger.lease(who)
        lease.acquire()

        def record(event: str, address: str, detail: str) -> None:
            now = WallClock().now()
            row = AuditEvent(now, who, run_id, event, "done", address=address or None, detail={"message": detail})
            ledger.append_audit(row, realm=realm)

        try:
            yield ledger, record
        finally:
            lease.release()


def move(settings: WorkspaceSettings, place: Place, old: str, new: str) -> None:
    """Give a binding another address of the same kind. Raises InputError where that is not possible."""
    source, target = _address(old), _address(new)
    with editing(settings, place) as (ledger, record):
        bindings = ledger.bindings()
        if source not in bindings:
            raise InputError(f"{source} has no binding", code="E-BINDING", hint="see `cspctl get bindings`")
        if target in bindings:
            raise InputError(f"{target} already has a binding", code="E-BINDING")
        if source.kind != target.kind:
            raise InputError(f"a {source.kind} cannot become a {target.kind}", code="E-BINDING")
        with ledger.transaction():
            ledger.put_binding(replace(bindings[source], address=target))
            ledger.delete_binding(source)
            record("state-mv", str(target), f"moved from {source}")


def remove(settings: WorkspaceSettings, place: Place, address: str) -> None:
    """Forget a binding; nothing is sent to Partner Center."""
    target = _address(address)
    with editing(settings, place) as (ledger, record):
        binding = ledger.bindings().get(target)
        if binding is None:
            raise InputError(f"{target} has no binding", code="E-BINDING", hint="see `cspctl get bindings`")
        with ledger.transaction():
            ledger.delete_binding(target)
            record("state-rm", str(target), f"forgot {binding.live_id}")


def backup(settings: WorkspaceSettings, place: Place, path: Path) -> Path:
    """A consistent copy, also while an apply runs. Raises InputError where `path` exists."""
    environment, url = located(settings, place)
    with open_ledger(url, place.name, environment, read_only=False) as ledger:
        return ledger.backup(path)


def restore(settings: WorkspaceSettings, place: Place, path: Path) -> Path | None:
    """Put a backup in place; gives the copy that was made of what stood there."""
    _, url = located(settings, place)
    with editing(settings, place):
        pass  # nobody applies now; the lease cannot be held while the file below it is replaced
    saved = restore_ledger(url, path)
    with editing(settings, place) as (_, record):
        record("state-restore", "", f"restored from {path.name}")
    return saved


def _address(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise InputError(str(error), code="E-ADDRESS", hint="write KIND/NAME") from None
