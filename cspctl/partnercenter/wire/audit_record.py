"""The service's audit records: who did what.

Source: Partner Center docs, pages auditing-resources and get-a-record-of-partner-center-activity-by-user
(Oct 2023).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from cspctl.partnercenter.wire.body import Body, Text
from cspctl.partnercenter.wire.instant import instant
from cspctl.partnercenter.wire.link import Resource


class CustomizedData(Body):
    key: Text | None = None
    value: Text | None = None


class AuditRecord(Resource):
    """`resourceOldValue` and `resourceNewValue` are JSON documents in text, in Pascal case."""

    id: Text | None = None
    partner_id: Text | None = None
    customer_id: Text | None = None
    customer_name: Text | None = None
    user_principal_name: Text | None = None
    application_id: Text | None = None
    resource_type: Text | None = None
    resource_old_value: Text | None = None
    resource_new_value: Text | None = None
    operation_type: Text | None = None
    operation_date: Text | None = None
    operation_status: Text | None = None
    customized_data: list[CustomizedData] | None = None
    session_id: Text | None = None
    original_correlation_id: Text | None = None

    @property
    def at(self) -> datetime | None:
        return instant(self.operation_date)

    @property
    def old_value(self) -> Mapping[str, Any] | None:
        return document(self.resource_old_value)

    @property
    def new_value(self) -> Mapping[str, Any] | None:
        return document(self.resource_new_value)

    @property
    def customized(self) -> Mapping[str, str | None]:
        return {row.key: row.value for row in self.customized_data or () if row.key}


def document(text: str | None) -> Mapping[str, Any] | None:
    """The object inside the text; None when absent or broken."""
    if not text:
        return None
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
