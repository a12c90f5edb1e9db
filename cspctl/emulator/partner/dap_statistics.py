"""How many delegated admin relationships of the old kind (DAP) there are, on a host of their own.

Source: Partner Center docs, page get-delegated-admin-relation-statistics (2022), a call for the time until DAP is gone:
a relationship counts as inactive when it was not used for 90 days. Customers have DAP when a seed says so.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec

_ROOT = "/CustomerServiceAdminApi/Web/v1"
_METADATA = f"https://traf-pcsvcadmin-prod.trafficmanager.net{_ROOT}/$metadata#delegatedAdminStatistics/$entity"


def _day(text: str) -> date:
    return parse_instant(text).date()


def _counts(days: list[date]) -> list[dict[str, Any]]:
    """`{"date": "6/18/2021", "count": 1}` per day, oldest first."""
    found = sorted(Counter(days).items())
    return [{"date": f"{day.month}/{day.day}/{day.year}", "count": number} for day, number in found]


async def statistics(request: Request, ctx: Context) -> Answer:
    """The established ones by their first day, the inactive ones by the day they became so."""
    kept = ctx.store.list("customer", ctx.partner)
    held = [one for one in kept if one.get("allowDelegatedAccess") is True and one["relationshipToPartner"] != "none"]
    today, idle = ctx.clock.now().date(), timedelta(days=ctx.settings.dap_idle_days)
    since = [_day(one["_dapSince"]) for one in held if one.get("_dapSince")]
    ended = [_day(one["_dapUsed"]) + idle for one in held if one.get("_dapUsed")]
    return Answer(
        200,
        {
            "@odata.context": _METADATA,
            "id": ctx.partner,
            "partnerTenantId": ctx.partner,
            "totalDapCustomerCount": len(held),
            "establishedDapCount": _counts(since),
            "inactiveDapCount": _counts([day for day in ended if day <= today]),
        },
    )


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", f"{_ROOT}/delegatedAdminStatistics", statistics, auth="U",
        name="Get delegated admin relationship statistics", audience="delegation",
    )
]  # fmt: skip  # one route
