"""The audit log of one project: needs the ledger, not a valid project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cspctl.errors import InputError, VerificationError
from cspctl.ledger.audit import anchor_text, parse_anchor
from cspctl.ledger.database import open_ledger
from cspctl.ledger.ledger import Ledger
from cspctl.model.address import Address
from cspctl.model.audit import AuditEvent
from cspctl.workspace.clocks import WallClock
from cspctl.workspace.connections import environment_of
from cspctl.workspace.project import Place, load_project
from cspctl.workspace.settings import WorkspaceSettings
from cspctl.workspace.state import EMULATOR_STATE, state_url


def located(settings: WorkspaceSettings, place: Place) -> tuple[str, str]:
    """(environment, state URL). Raises InputError where only the emulator's ledger exists and it was not asked for."""
    environment = _environment(settings, place)
    url = state_url(settings, place, environment)
    file = Path(url.removeprefix("sqlite:///"))
    other = place.root / EMULATOR_STATE.removeprefix("sqlite:///")
    if environment == "live" and url.startswith("sqlite") and not file.exists() and other.exists():
        raise InputError(
            f"{place.name} has no live ledger, only the emulator's", code="E-NO-LEDGER", hint="add --emulator"
        )
    return environment, url


@contextmanager
def reading(settings: WorkspaceSettings, place: Place) -> Iterator[Ledger]:
    """The ledger, read-only."""
    environment, url = located(settings, place)
    with open_ledger(url, place.name, environment, read_only=True) as ledger:
        yield ledger


def _environment(settings: WorkspaceSettings, place: Place) -> str:
    if settings.emulator:
        return "emulator"
    project = load_project(place, now=settings.now or WallClock().now(), cache=settings.cache)
    return environment_of(project.resources, emulator=False)


def events(
    ledger: Ledger, *, subscription: str | None, tenant: Sequence[str] | None, run: str | None, limit: int | None
) -> list[AuditEvent]:
    """Oldest first; `limit` keeps the newest. `subscription` is a name, an address or a live id."""
    bindings = ledger.bindings()
    addresses: set[str] | None = None
    if subscription is not None:
        addresses = {str(a) for a, b in bindings.items() if subscription in (a.name, str(a), b.live_id)}
        addresses.add(subscription if "/" in subscription else str(Address("Subscription", subscription)))
    if tenant is not None:
        inside = {str(a) for a, b in bindings.items() if b.scope in tenant}
        addresses = inside if addresses is None else addresses & inside
    found = [
        e
        for e in ledger.audit_events(run_id=run)
        if addresses is None or (e.address is not None and e.address in addresses)
    ]
    return found[-limit:] if limit is not None else found


def verify(ledger: Ledger, anchor: Path | None) -> int:
    """The number of rows. Raises VerificationError naming every row that was tampered with."""
    known = parse_anchor(_anchor_line(anchor)) if anchor else None
    faults = ledger.verify_audit(known)
    if faults:
        listed = "; ".join(f"row {f.seq} {f.kind}: {f.message}" for f in faults[:20])
        more = f"; and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise VerificationError(
            f"the audit log was tampered with: {listed}{more}",
            code="E-AUDIT",
            hint="compare with an exported copy; the ledger itself cannot tell what stood there",
        )
    return len(ledger.audit_events())


def _anchor_line(path: Path) -> str:
    """An export ends with its anchor; a file with the anchor alone is fine too."""
    try:
        lines = path.read_text("utf-8").strip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the anchor {path}: {error}", code="E-ANCHOR") from None
    return lines[-1] if lines else ""


def anchor(ledger: Ledger) -> str:
    return anchor_text(ledger.export_anchor(at=WallClock().now()))
