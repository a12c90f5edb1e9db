"""Resellers of record: who may stand on a purchase line (rule 24).

Source: Partner Center docs, pages cart-resources, create-a-cart and error-codes (Oct 2023).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import partner_of

RESELLER, ADDITIONAL = "transaction_reseller", "additional_transaction_reseller"
MOST_ADDITIONAL = 5


@dataclass(frozen=True)
class Participants:
    """PartnerIDs as text; `reseller` is "" when nobody stands on the line."""

    reseller: str = ""
    additional: list[str] = field(default_factory=list)


def require_attestation(ctx: Context, body: dict[str, Any]) -> None:
    """Raises 400/900206 when partnerOnRecordAttestationAccepted is missing or false."""
    if ctx.settings.require_attestation and body.get("partnerOnRecordAttestationAccepted") is not True:
        raise ApiError(400, 900206, "Partner Attestation is missing.")


def check_participants(ctx: Context, given: object) -> Participants:
    """The participants of a cart line.

    Raises 404/2072 (the provider itself), 404/800015 (unknown), 400/800016 (not linked), 400/800002 (bad form).
    """
    if given is None:
        return Participants()
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise ApiError(400, 800002, "Invalid request input: participants must be a list of key and value.")
    resellers: list[str] = []
    additional: list[str] = []
    for entry in given:
        key = str(entry.get("key", "")).lower()
        if key not in (RESELLER, ADDITIONAL):
            raise ApiError(400, 800002, f"Invalid request input: participant key {key or 'missing'}.")
        (resellers if key == RESELLER else additional).append(check_reseller(ctx, entry.get("value")))
    if len(resellers) > 1 or len(additional) > MOST_ADDITIONAL:
        text = f"Invalid request input: one {RESELLER} and at most {MOST_ADDITIONAL} {ADDITIONAL} are allowed."
        raise ApiError(400, 800002, text)
    return Participants("".join(resellers), additional)


def check_reseller(ctx: Context, value: object) -> str:
    """The PartnerID of an indirect reseller of the calling partner. Raises as `check_participants`."""
    mpn = str(value or "").strip()
    if mpn and mpn == str(partner_of(ctx).get("mpnId") or ""):
        raise ApiError(404, 2072, "PartnerID of Indirect Provider isn't valid as Partner On Record.")
    if mpn and ctx.store.get("reseller", ctx.partner, mpn) is not None:
        return mpn
    if mpn and ctx.store.find("reseller", mpn) is not None:
        raise ApiError(400, 800016, f"PartnerID isn't a valid Indirect Reseller: {mpn}.")
    raise ApiError(404, 800015, f"PartnerID isn't found: {mpn or 'missing'}.")
