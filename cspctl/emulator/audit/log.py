"""Audit records: what every successful write leaves behind.

Source: Partner Center docs, pages auditing-resources and get-a-record-of-partner-center-activity-by-user
(Oct 2023).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cspctl.emulator.clock import VirtualClock, format_instant, mark
from cspctl.emulator.settings import DEFAULTS, Settings
from cspctl.emulator.store import Store, to_json
from cspctl.emulator.webhooks.events import queue_for_audit
from cspctl.emulator.wire.bodies import pascal

_FIRST_TICK = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class AuditLog:
    """Writes records in the name of one caller. An app-only caller leaves no userPrincipalName."""

    store: Store
    clock: VirtualClock
    partner: str
    principal: str | None
    application: str
    correlation_id: str = ""
    settings: Settings = DEFAULTS

    def record(
        self,
        *,
        operation: str,
        resource_type: str,
        customer_id: str | None = None,
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
        customized: Iterable[dict[str, Any]] = (),
        status: str = "succeeded",
    ) -> dict[str, Any]:
        """Store one record and return it.

        `operation` and `resource_type` are the documented lower snake_case values; `old` and `new` are
        camelCase bodies and become JSON text with PascalCase names, nulls included; `customized` holds
        {"key", "value"} pairs.
        """
        now = self.clock.now()
        mark(self.store, now)
        customer = (customer_id or "").lower()
        # Ticks give the documented form of the id; the row count keeps it unique on a frozen clock.
        ticks = (now - _FIRST_TICK) // _MICROSECOND * 10 + self.store.next_number("audit")
        name = operation.replace("_", "")
        record: dict[str, Any] = {
            "id": f"{self.partner}_{customer}_{name}_{ticks}",
            "partnerId": self.partner,
            "customerId": customer or None,
            "customerName": self._customer_name(customer),
            "userPrincipalName": self.principal,
            "applicationId": self.application,
            "resourceType": resource_type,
            "resourceOldValue": _text(old),
            "resourceNewValue": _text(new),
            "operationType": operation,
            "operationDate": format_instant(now),
            "operationStatus": status,
            "customizedData": [{"key": item["key"], "value": item.get("value")} for item in customized],
            "originalCorrelationId": self.correlation_id or None,
            "attributes": {"objectType": "AuditRecord"},
        }
        self.store.put("audit", self.partner, record["id"], record, parent=customer)
        queue_for_audit(self.store, self.settings, now, record)
        return record

    def _customer_name(self, customer: str) -> str | None:
        found = self.store.get("customer", self.partner, customer) if customer else None
        profile = (found or {}).get("companyProfile") or {}
        name: str | None = profile.get("companyName")
        return name


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else to_json(pascal(value)).decode()
