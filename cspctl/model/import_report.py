"""What an import did and found."""

from __future__ import annotations

from dataclasses import dataclass

from cspctl.model.change import Finding
from cspctl.model.live import Gap


@dataclass(frozen=True, slots=True)
class ImportFinding:
    """Codes: W-… wants a decision, I-… only informs. `tenant` and `address` are names of manifests.

    `live_ids` are the subscriptions meant.
    """

    code: str
    severity: str
    message: str
    hint: str | None = None
    tenant: str = ""
    address: str = ""
    live_ids: tuple[str, ...] = ()

    @classmethod
    def about(cls, finding: Finding, *, tenant: str = "", address: str = "", live_id: str = "") -> ImportFinding:
        ids = (live_id,) if live_id else ()
        return cls(finding.code, finding.severity, finding.message, finding.hint, tenant, address, ids)


@dataclass(frozen=True, slots=True)
class Inventory:
    """Objects that are counted, never managed: other products, and subscriptions that ended."""

    product_type: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`created` and `updated` are addresses, `files` those written, `remaining` what a plan still shows.

    `customers` and `subscriptions` count what was found: customers of the account, living managed subscriptions.
    """

    reseller: str
    out: str
    customers: int
    subscriptions: int
    created: tuple[str, ...]
    updated: tuple[str, ...]
    files: tuple[str, ...]
    inventory: tuple[Inventory, ...]
    findings: tuple[ImportFinding, ...]
    gaps: tuple[Gap, ...]
    remaining: tuple[tuple[str, str, str], ...] = ()
    run_id: str = ""

    @property
    def exit_code(self) -> int:
        """3 something could not be read, 2 findings that want a decision, else 0."""
        if self.gaps:
            return 3
        return 2 if self.remaining or any(f.severity != "info" for f in self.findings) else 0
