"""Partner Center's audit records about subscriptions.

The new and old values are JSON documents inside a string, PascalCase (Partner Center docs,
get-a-record-of-partner-center-activity-by-user, Oct 2023).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cspctl.kinds.subscription import attributes as shape
from cspctl.model.audit import ServiceAuditRecord
from cspctl.partnercenter.client import ReaderClient


class SubscriptionAuditReader:
    async def records(
        self, reader: ReaderClient, *, customer_id: str, since: datetime, until: datetime
    ) -> Sequence[ServiceAuditRecord]:
        bodies = await reader.audit_records(customer_id=customer_id, since=since, until=until)
        return [record for body in bodies if (record := service_record(body)) is not None]


def service_record(body: Mapping[str, Any]) -> ServiceAuditRecord | None:
    """None for a record that cannot be dated."""
    at = shape.parse_instant(body.get("operationDate"))
    if at is None:
        return None
    new, old = _document(body.get("resourceNewValue")), _document(body.get("resourceOldValue"))
    return ServiceAuditRecord(
        at=at,
        operation=str(body.get("operationType") or ""),
        resource_type=str(body.get("resourceType") or ""),
        principal=body.get("userPrincipalName"),
        application=body.get("applicationId"),
        customer_id=str(body.get("customerId") or "").lower() or None,
        status=str(body.get("operationStatus") or "").lower(),
        resource_id=_resource_id(body, new or old),
        new_value=shape.live_attributes(new) if new and "offerId" in new else None,
        old_value=shape.live_attributes(old) if old and "offerId" in old else None,
    )


def _document(text: Any) -> dict[str, Any] | None:
    if not isinstance(text, str):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return _camel(value) if isinstance(value, dict) else None


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {k[:1].lower() + k[1:]: _camel(v) for k, v in value.items()}
    return [_camel(v) for v in value] if isinstance(value, list) else value


def _resource_id(body: Mapping[str, Any], value: Mapping[str, Any] | None) -> str | None:
    for pair in body.get("customizedData") or ():
        if str(pair.get("key")).lower() in ("subscriptionid", "subscriptionid-0") and pair.get("value"):
            return str(pair["value"]).lower()
    if value and str(body.get("resourceType") or "").lower() == "subscription":
        return str(value.get("id") or "").lower() or None
    return None
