"""Our own words for the error codes that matter here, as documented in October 2023 unless a row says
otherwise.

Source: Partner Center docs, page error-codes (Oct 2023); 900420 and 900421 are later notices (2025, 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class FaultHint(NamedTuple):
    """`code` is our stable code, None keeps the one of the exception class."""

    code: str | None
    hint: str


AS_OF = "2023-10"

PENDING = "E-OPERATION-PENDING"
STALE = "E-STALE-ETAG"

FAULTS: Mapping[str, FaultHint] = {
    # sign-in
    "800001": FaultHint("E-ACCESS-TOKEN", "Sign in again; the request carried no valid partner token."),
    "900420": FaultHint("E-ACCESS-AUDIENCE", "The token was issued for another API; request it for Partner Center."),
    "900421": FaultHint("E-ACCESS-MFA", "Repeat the consent with multi-factor authentication; the token proves none."),
    # rights
    "2032": FaultHint("E-ACCESS-PROGRAM", "Only direct partners and indirect providers of the CSP may call."),
    "900308": FaultHint("E-ACCESS-ROLE", "The consenting user lacks a partner role; Admin agent usually suffices."),
    "900309": FaultHint("E-ACCESS-CONDITIONAL", "A conditional access policy of the tenant blocks this sign-in."),
    "900329": FaultHint("E-ACCESS-APP-USER", "This call needs application and user: use the stored consent."),
    "900316": FaultHint("E-ACCESS-APP-USER", "License calls need an access token of application and user."),
    "20002": FaultHint("E-NO-RELATIONSHIP", "The customer has no reseller relationship with this account."),
    "900159": FaultHint("E-NO-RELATIONSHIP", "The customer has no reseller relationship with this account."),
    "13605": FaultHint("E-AGREEMENT-MISSING", "Record the customer's acceptance of the Customer Agreement first."),
    "900124": FaultHint("E-AGREEMENT-PARTNER", "A global admin of this account must sign the Partner Agreement."),
    "900123": FaultHint("E-AGREEMENT-PARTNER", "The indirect reseller must sign the Partner Agreement."),
    "800073": FaultHint("E-CUSTOMER-REVIEW", "Microsoft is reviewing this customer; try again in some days."),
    "800074": FaultHint("E-CUSTOMER-REVIEW", "Microsoft is reviewing this customer; try again in some days."),
    "800075": FaultHint("E-CUSTOMER-REVIEW", "Microsoft did not approve this customer; check its details."),
    "900416": FaultHint("E-CUSTOMER-LOCKED", "The customer's account is locked for purchases."),
    # not there
    "60003": FaultHint(None, "No tenant has this id."),
    "20003": FaultHint(None, "The subscription is not among those of this customer."),
    "20000": FaultHint(None, "New orders can take 15 minutes to be readable."),
    "400019": FaultHint("E-AVAILABILITY-GONE", "Availability ids are reissued; resolve it again."),
    "800008": FaultHint("E-CART-GONE", "A cart lives seven days; create a new one."),
    # busy or changed meanwhile
    "900278": FaultHint(PENDING, "An operation on this subscription is pending; it can take 24 hours."),
    "800082": FaultHint(PENDING, "The subscription is not ready for updates yet; try again later."),
    "800014": FaultHint(PENDING, "An adjustment of this order is pending; try again later."),
    "800060": FaultHint(PENDING, "The order is in progress; read the recent orders before trying again."),
    "800064": FaultHint(PENDING, "Another request is processing this cart; read the orders before trying again."),
    "2055": FaultHint(STALE, "The object changed since it was read; read it again and compare."),
    "800036": FaultHint(STALE, "The object changed since it was read; read it again and compare."),
    # rules of the business
    "800065": FaultHint("E-CART-SUBMITTED", "The cart was already ordered; read the orders."),
    "900117": FaultHint("E-WINDOW-CLOSED", "The cancellation window is over; let the term end instead."),
    "900213": FaultHint("E-WINDOW-CLOSED", "The cancellation window is over; let the term end instead."),
    "800090": FaultHint("E-WINDOW-CLOSED", "These seats can no longer be given back; schedule it for renewal."),
    "900214": FaultHint("E-WINDOW-CLOSED", "These seats can no longer be given back; schedule it for renewal."),
    "900257": FaultHint("E-WINDOW-CLOSED", "These seats can no longer be given back; schedule it for renewal."),
    "2002": FaultHint("E-QUANTITY-RANGE", "The SKU allows another range of seats."),
    "2001": FaultHint("E-SUSPENDED", "Reactivate the subscription before its seats change."),
    "800091": FaultHint("E-SUSPENDED", "Reactivate the subscription before it is changed."),
    "2011": FaultHint("E-DELETED", "A deleted subscription is final; buy a new one."),
    "900279": FaultHint("E-NO-UPDATES", "This subscription takes no more updates."),
    "900280": FaultHint("E-NO-UPDATES", "This subscription takes no updates at the moment."),
    "900277": FaultHint("E-NO-UPDATES", "This subscription is expiring and takes no more updates."),
    "900311": FaultHint("E-NO-UPDATES", "Too many updates of this subscription; ask partner support."),
    "900206": FaultHint("E-ATTESTATION", "The cart must attest the partner on record."),
    "800018": FaultHint("E-SANDBOX-LIMIT", "The sandbox allows no more of these; cancel some."),
    "400072": FaultHint("E-NOT-AVAILABLE", "This item cannot be bought here."),
}
