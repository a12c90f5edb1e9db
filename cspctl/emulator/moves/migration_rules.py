"""Which legacy subscriptions may move to new commerce, and as what.

Source: Partner Center docs, pages create-migration, validate-subscription-for-migration,
schedule-a-new-commerce-migration, error-codes 900215 to 900292 (2022 and 2023).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.offers import find_offer
from cspctl.emulator.legacy.wire import is_legacy
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.subscription.windows import is_blocked
from cspctl.emulator.terms import CYCLE_NAMES, cycle_of, instant, parse_moment, term_end
from cspctl.emulator.trade.coterm import LATE_DAYS, allowed_dates, customer_subscriptions, day_of, too_late_for_months
from cspctl.emulator.trade.offers import Offer, check_quantity, generation, offer_in
from cspctl.emulator.wire.requests import invalid, text_of, whole
from cspctl.emulator.wire.shapes import is_guid

Document = dict[str, Any]
_LEAD = "Subscription {0} cannot be migrated to New Commerce because "
# our order of checks → (status, code, rest of the text, code in a validation answer; only 5 is documented)
_REASONS: dict[str, tuple[int, int, str, int]] = {
    "status": (400, 900215, "the status is not active.", 1),
    "busy": (400, 900216, "the subscription is currently being processed.", 2),
    "late": (400, 900217, "it is less than 24 hours from the term end.", 3),
    "addons": (400, 900219, "it has add-ons.", 4),
    "path": (400, 900220, "there is not a valid migration path for this offer yet.", 5),
    "young": (403, 900226, "it has been active for 1 month or less. Please try again later.", 6),
    "reseller": (400, 900247, "the partner ID on record in the current subscription is not valid.", 7),
}


@dataclass(frozen=True)
class Plan:
    """One subscription that may migrate, with what it will become."""

    source: Document
    offer: Offer
    quantity: int
    duration: str
    billing: str
    full_term: bool
    custom_end: date | None
    fails: bool = False
    addons: list[Plan] = field(default_factory=list)

    @property
    def cycle_name(self) -> str:
        return CYCLE_NAMES.get(self.billing, self.billing)

    def end(self, today: date) -> date:
        """Inclusive last day of the new subscription's first term."""
        full = term_end(today, self.duration)
        if self.custom_end is not None:
            return self.custom_end
        return full if self.full_term else min(full, date.fromisoformat(self.source["_end"]))


def require_allowed(ctx: Context) -> None:
    if partner_of(ctx).get("migrationsAllowed") is False:
        text = f"Partner tenant ID {ctx.partner} is not yet allowed to perform migrations to New Commerce on their"
        raise ApiError(403, 900223, text + " subscriptions.")


def source_of(owned: list[Document], body: Document) -> Document:
    """The legacy subscription a body names. Raises 400/800002, 404/20003."""
    wanted = text_of(body, "currentSubscriptionId")
    if not is_guid(wanted):
        raise invalid(f"currentSubscriptionId {wanted} is not a subscription ID")
    found = next((one for one in owned if one["id"] == wanted.lower()), None)
    if found is None or not is_legacy(found):
        raise ApiError(404, 20003, f"Subscription with ID {wanted} not found.")
    return found


def reasons(
    ctx: Context, source: Document, owned: list[Document], named_addons: set[str], *, renewing: bool = False
) -> list[str]:
    """What keeps a subscription from migrating, in the order of checking; [] when nothing does.

    `renewing`: the migration takes the place of a renewal, so the end of the term is no obstacle but its occasion.
    """
    now, found = ctx.clock.now(), []
    if source["status"] != "active":
        found.append("status")
    if is_blocked(source, ctx.settings):
        found.append("busy")
    if not renewing and instant(date.fromisoformat(source["_end"])) + timedelta(days=1) - now < timedelta(hours=24):
        found.append("late")
    children = {one["id"] for one in owned if one.get("parentSubscriptionId") == source["id"]}
    if {one["id"] for one in owned if one["id"] in children and one["status"] == "active"} - named_addons:
        found.append("addons")
    if target_of(ctx, source) is None:
        found.append("path")
    if now - parse_moment(source["creationDate"]) < timedelta(days=ctx.settings.migration_minimum_days):
        found.append("young")
    if source["partnerId"] and ctx.store.get("reseller", ctx.partner, source["partnerId"]) is None:
        found.append("reseller")
    return found


def target_of(ctx: Context, source: Document) -> Offer | None:
    """The equivalent of the offer in new commerce today."""
    wanted = str((find_offer(ctx.store, source["offerId"]) or {}).get("_equivalent") or "").split(":")
    if len(wanted) != 2:
        return None
    number = generation(ctx.store, ctx.settings, ctx.clock.now())
    try:
        return offer_in(ctx.store, wanted[0], wanted[1], source["_segment"], number)
    except ApiError:
        return None


def error_of(reason: str, source: Document) -> ApiError:
    status, code, text, _ = _REASONS[reason]
    return ApiError(status, code, _LEAD.format(source["id"]) + text)


def validation_error(reason: str, source: Document) -> Document:
    _, _, text, code = _REASONS[reason]
    return {"code": code, "description": _LEAD.format(source["id"]) + text}


def plan_of(ctx: Context, customer: Document, body: Document, *, renewing: bool = False) -> Plan:
    """A migration ready to be done. Raises the documented error of the first thing that is wrong.

    In place of a renewal it starts a full term.
    """
    require_allowed(ctx)
    owned = customer_subscriptions(ctx, customer["id"])
    given = body.get("addOnMigrations") or body.get("addOnMigrationSchedules") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise invalid("addOnMigrations must be a list of objects")
    names = [text_of(one, "currentSubscriptionId").lower() for one in given]
    if len(set(names)) != len(names):
        text = "Migration cannot be performed because two or more add-on migrations were specified with the same"
        raise ApiError(400, 900248, text + " current subscription ID")
    known = {one["id"] for one in owned if one["status"] == "active" and is_legacy(one)}
    if not set(names) <= known:
        text = "Subscription cannot be migrated to New-Commerce because one or more add-on subscriptions specified in"
        raise ApiError(400, 900262, text + " the AddOnMigrations collection do not exist or are not active.")
    addons = [_single(ctx, one, owned, set(names), [], renewing=renewing) for one in given]
    return _single(ctx, body, owned, set(names), addons, renewing=renewing)


def _single(
    ctx: Context, body: Document, owned: list[Document], named: set[str], addons: list[Plan], *, renewing: bool
) -> Plan:
    source = source_of(owned, body)
    found = reasons(ctx, source, owned, named, renewing=renewing)
    if found:
        raise error_of(found[0], source)
    offer = target_of(ctx, source)
    if offer is None:  # the catalogue changed in between
        raise error_of("path", source)
    quantity = whole(body.get("quantity") or source["quantity"], "of the migration")
    check_quantity(offer, quantity)
    duration = str(body.get("termDuration") or source["termDuration"]).upper()
    billing = cycle_of(str(body.get("billingCycle") or source["billingCycle"]))
    if (duration, billing) not in offer.pairs():
        text = "the combination of term duration and billing cycle is not supported for the New-Commerce product."
        raise ApiError(400, 900222, _LEAD.format(source["id"]) + text)
    end = _custom_end(ctx, owned, duration, body.get("customTermEndDate"))
    fails = bool((find_offer(ctx.store, source["offerId"]) or {}).get("_migrationFails"))
    full_term = renewing or body.get("purchaseFullTerm") is True
    return Plan(source, offer, quantity, duration, billing, full_term, end, fails, addons)


def _custom_end(ctx: Context, owned: list[Document], duration: str, wanted: object) -> date | None:
    if not wanted:
        return None
    day, start = day_of(wanted), ctx.clock.now().date()
    lead = "The custom term end date specified for the migration "
    if not start <= day <= term_end(start, duration) or too_late_for_months(duration, day):
        text = "must be within the first term duration. Also, monthly term products cannot align with a subscription"
        raise ApiError(400, 900291, lead + text + f" ending on the {LATE_DAYS}")
    allowed = {one["allowedCustomTermEndDate"][:10] for one in allowed_dates(owned, start, duration, ctx.settings)}
    if day.isoformat() not in allowed:
        text = "does not match with the end date of any active non-trial OnlineServicesNCE subscription or align with"
        raise ApiError(400, 900292, lead + text + " the end of the calendar month.")
    return day
