"""The service's audit records as a change feed: which tenants of an account were written to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cspctl.engine.refresh import Written
from cspctl.kinds.subscription.attributes import parse_instant

CLOCK_SKEW = timedelta(minutes=5)


async def written(reader: Any, since: datetime, until: datetime) -> list[Written]:
    """One paged query per account. Raises what the reader raises.

    Source: Partner Center docs, page get-a-record-of-partner-center-activity-by-user (Oct 2023).
    """
    bodies = await reader.audit_records(customer_id=None, since=since, until=until + CLOCK_SKEW)
    return [Written(_text(body.get("customerId")), parse_instant(body.get("operationDate"))) for body in bodies]


def _text(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) and value else None
