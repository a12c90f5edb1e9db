"""Seed sections about the partner itself: referrals, searches, earnings, payments.

{"referrals": [{"partner", "customerProfile": {"name"}, …the documented fields, "direction"?, "createdDateTime"?}],
 "searches": [{"partner", "searchDate"?, "keywordSearchText"?, …the documented fields}],
 "earnings": [{"partner", "earningForDate", "transactionAmount", "earningAmount", "engagementName"?, …}],
 "payments": [{"partner", "payoutStatusUpdateTS", "paymentAmount", "paymentId"?, "programName"?, …}]}
Every function raises ValueError for an entry that cannot be applied.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cspctl.emulator.payouts.rows import Report, put_rows
from cspctl.emulator.referrals.documents import KIND as REFERRAL
from cspctl.emulator.referrals.documents import new_referral
from cspctl.emulator.store import Store
from cspctl.emulator.wire.shapes import stable_guid

Entry = dict[str, Any]
Find = Callable[[Store, Entry, str], Entry]  # (store, entry, where) → partner document
SEARCH = "analytics_search"
_NAMING = ("name", "customerProfile", "createdDateTime")


def referrals(store: Store, entries: list[Entry], now: datetime, partner_of: Find) -> int:
    """Incoming unless they say otherwise. What exists already is left alone."""
    created = 0
    for number, entry in enumerate(entries):
        where = f"referral {number}"
        partner = partner_of(store, entry, where)
        id = str(entry.get("id") or _id(partner, entry, number)).lower()
        if store.get(REFERRAL, partner["accountId"], id) is not None:
            continue
        engagement = entry.get("engagementId") or stable_guid("engagement", id)
        given = {**entry, "id": id, "engagementId": engagement}
        try:
            new_referral(store, partner, given, now, direction="Incoming")
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        created += 1
    return created


def _id(partner: Entry, entry: Entry, number: int) -> str:
    """The same for the same entry of a document, so that seeding twice makes it once."""
    return stable_guid("referral", partner["accountId"], str(number), *(str(entry.get(key)) for key in _NAMING))


def searches(store: Store, entries: list[Entry], now: datetime, partner_of: Find) -> int:
    """Times the partner was found in the vendor's directory."""
    for number, entry in enumerate(entries):
        partner = partner_of(store, entry, f"search {number}")
        mpn = str(partner.get("mpnId") or "")
        row: Entry = {
            "companyName": partner.get("displayName"),
            "contactButtonClicked": False,
            "keywordCountry": None,
            "detailsViewed": False,
            "keywordIndustryFocus": None,
            "mpnId": int(mpn) if mpn.isdigit() else None,
            "partnerMarket": partner.get("market"),
            "keywordProduct": None,
            "referralSubmitted": False,
            "searchDate": f"{now:%Y-%m-%d}",
            "keywordSearchText": "",
        }
        unknown = sorted(set(entry) - set(row) - {"partner"})
        if unknown:
            raise ValueError(f"search {number}: unknown field {', '.join(unknown)}")
        row |= {key: value for key, value in entry.items() if key != "partner"}
        store.put(SEARCH, partner["accountId"], stable_guid("search", partner["accountId"], str(number)), row)
    return len(entries)


def payouts(store: Store, entries: list[Entry], report: Report, partner_of: Find) -> int:
    for number, entry in enumerate(entries):
        partner = partner_of(store, entry, f"{report.section} {number}")
        put_rows(store, partner, report, [entry])
    return len(entries)
