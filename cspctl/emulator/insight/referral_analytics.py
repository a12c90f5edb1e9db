"""Referrals as the analytics show them: one row each, with the day of every state it went through.

Source: Partner Center docs, page get-all-referrals-analytics (2018). Its states are older than those of the referrals:
acknowledged is received, and nothing is ever archived, missed or skipped here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.emulator.clock import parse_instant
from cspctl.emulator.context import Context
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.referrals.documents import KIND, current

Document = dict[str, Any]
_NEVER = ("archivedDate", "missedDate", "skippedDate")


def referral_rows(ctx: Context) -> list[Document]:
    now, market = ctx.clock.now(), partner_of(ctx).get("market")
    return [_row(current(one, now), market) for one in ctx.store.list(KIND, ctx.partner)]


def _row(referral: Document, market: str | None) -> Document:
    profile = referral["customerProfile"]
    reached: dict[str, str] = {}
    for state in referral["_history"]:
        reached.setdefault(state["substatus"], state["at"])
    accepted = _plain(reached.get("Accepted"))
    return {
        "id": str(referral["_number"]),
        "status": referral["substatus"],
        "customerMarket": (profile.get("address") or {}).get("country"),
        "customerName": profile["name"],
        "customerOrgSize": profile.get("size"),
        "acceptedDate": accepted,
        "acknowledgedDate": _plain(reached.get("Received")) or accepted,
        "declinedDate": _plain(reached.get("Declined")),
        "expiredDate": _plain(reached.get("Expired")),
        "lostDate": _plain(reached.get("Lost")),
        "wonDate": _plain(reached.get("Won")),
        "createdDate": _plain(referral["createdDateTime"]),
        "partnerMarket": market,
        **dict.fromkeys(_NEVER),
    }


def _plain(text: str | None) -> str | None:
    """Without a zone, whole seconds, as in the sample."""
    if text is None:
        return None
    moment: datetime = parse_instant(text)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
