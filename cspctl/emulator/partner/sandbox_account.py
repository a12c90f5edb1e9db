"""What an integration sandbox account may have of customers (rule 53); limits of purchases are checked elsewhere.

A partner is a sandbox account when its seed entry says `"sandbox": true`; everything else is production.
Source: Partner Center docs, pages test-and-debug and error-codes (Oct 2023).
"""

from __future__ import annotations

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import partner_of


def is_sandbox(ctx: Context) -> bool:
    """Whether the calling partner is an integration sandbox account."""
    return bool(partner_of(ctx).get("sandbox"))


def check_customer_quota(ctx: Context) -> None:
    """Raises 400/800018 when a sandbox partner has all the customers it may have; removed ones do not count."""
    limit = ctx.settings.sandbox_customers
    if not is_sandbox(ctx):
        return
    held = sum(one["relationshipToPartner"] != "none" for one in ctx.store.list("customer", ctx.partner))
    if held >= limit:
        raise ApiError(400, 800018, f"The sandbox limit has been met: {limit} customers.")
