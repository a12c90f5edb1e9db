"""A partner's business over HTTP: signs in, buys, changes, cancels, and keeps the reckoning of what it did."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import httpx
from money_clock import Prices, activate_legacy, end_legacy, live, new_terms, suspend_legacy
from money_model import Charge, Deal, Terms, cents, full_end, shift
from money_world import (
    BASIC,
    CALLING,
    OLD_OFFER,
    PERPETUAL,
    PLAN,
    START,
    TRIAL,
    Partner,
    prices_of,
)

NEVER = date(9999, 12, 10)
MIGRATION = timedelta(seconds=300)
LEGACY_PRICE = Fraction("8.37") * 12


class Trade:
    """One partner and its customers. Every change goes through the API; `deals` is what should come of it."""

    def __init__(self, client: httpx.Client, token: str, partner: Partner, customers: list[str]) -> None:
        self.client, self.control_token, self.partner, self.customers = client, token, partner, customers
        self.prices: Prices = prices_of(partner)
        self.deals: dict[str, Deal] = {}
        self.legacy: dict[str, Deal] = {}
        self.plans: dict[str, Counter[str]] = {}
        self.owner: dict[str, str] = {}
        self.seeded: set[str] = set()  # what was there before, its first bills unknown
        self.tried: set[str] = set()
        self.read, self.recorded = START, set[str]()  # up to where the audit records are known
        self.pending: Any = None  # a migration under way
        self.usage: list[Charge] = []
        self.done: Counter[str] = Counter()
        self.now = START
        self._bearer, self._refresh = "", ""
        self._items: dict[str, str] = {}

    # HTTP

    def control(self, name: str, body: Any) -> Any:
        answer = self.client.post(f"/_emulator/{name}", json=body, headers={"X-Emulator-Token": self.control_token})
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def call(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Any:
        """The answer's body; anything but success is a mistake of the test."""
        if not self._bearer:
            self._sign_in()
        given = {"Authorization": f"Bearer {self._bearer}", **(headers or {})}
        answer = self.client.request(method, f"/v1{path}", json=body, headers=given)
        assert answer.is_success, (self.now, method, path, body, answer.text)
        return answer.json() if answer.content else None

    def _sign_in(self) -> None:
        if not self._refresh:
            wanted = {"tenant": self.partner.id, "application": "app", "user": "ops@acme.example"}
            self._refresh = self.control("consent", wanted)["refresh_token"]
        form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": self._refresh,
                "resource": "https://api.partnercenter.microsoft.com"}  # fmt: skip  # one form
        answer = self.client.post(f"/{self.partner.id}/oauth2/token", data=form).json()
        self._bearer, self._refresh = answer["access_token"], answer["refresh_token"]

    def at(self, now: datetime) -> None:
        """The clock has been moved: what was due has happened, the token is old."""
        self.now, self._bearer = now, ""
        for deal in (*self.deals.values(), *self.legacy.values()):
            live(deal, self.prices, now)

    def subscription(self, id: str) -> dict[str, Any]:
        return dict(self.call("GET", f"/customers/{self.owner[id]}/subscriptions/{id}"))

    def patch(self, id: str, **changes: Any) -> Any:
        body = {**self.subscription(id), **changes}
        return self.call("PATCH", f"/customers/{self.owner[id]}/subscriptions/{id}", body)

    def item(self, sku: str) -> str:
        if sku not in self._items:
            product, code = sku.split(":")
            country = self.partner.market
            path = f"/products/{product}/skus/{code}/availabilities?country={country}&targetSegment=commercial"
            self._items[sku] = self.call("GET", path)["items"][0]["catalogItemId"]
        return self._items[sku]

    # purchases

    def buy(self, customer: str, sku: str, term: str, billing: str, seats: int, end: date | None = None) -> Deal:
        line: dict[str, Any] = {"id": 0, "catalogItemId": self.item(sku), "quantity": seats, "billingCycle": billing}
        if term:
            line["termDuration"] = term
        if end is not None:
            line["customTermEndDate"] = f"{end.isoformat()}T00:00:00Z"
        cart = self.call("POST", f"/customers/{customer}/carts", _attested([line]))
        order = self.call("POST", f"/customers/{customer}/carts/{cart['id']}/checkout")["orders"][0]
        id = order["lineItems"][0]["subscriptionId"]
        self.owner[id] = customer
        deal = Deal(id, self._first_terms(sku, term, billing, end), seats, self.now)
        if sku == PLAN:
            self.plans[id] = Counter()
        else:
            self.deals[id] = deal
            deal.buy(self.now)
        if sku == PERPETUAL:
            deal.close_window()
            self.owner[f"order of {id}"] = order["id"]
        self.done[f"buy {sku}"] += 1
        self.done["co-terminated"] += end is not None
        return deal

    def _first_terms(self, sku: str, term: str, billing: str, end: date | None) -> Terms:
        today, nothing = self.now.date(), Fraction(0)
        if sku == TRIAL:
            last = today + timedelta(days=29)
            return Terms(sku, term, billing, nothing, nothing, None, today, last, trial=True)
        if sku in (PERPETUAL, PLAN):
            price = self.prices.price(sku, "", "one_time", self.now) or nothing
            return Terms(sku, "", "one_time", price, nothing, None, today, NEVER)
        return new_terms(self.prices, sku, term, billing, self.now, end=end)

    def buy_legacy(self, customer: str, seats: int, billing: str) -> None:
        line = {"lineItemNumber": 0, "offerId": OLD_OFFER, "quantity": seats}
        body = {"billingCycle": billing, **_attested([line])}
        order = self.call("POST", f"/customers/{customer}/orders", body)
        id = order["lineItems"][0]["subscriptionId"]
        self.owner[id] = customer
        self.legacy[id] = deal = Deal(id, legacy_terms(self.now.date(), billing), seats, self.now)
        deal.buy(self.now)
        deal.close_window()
        self.done["buy legacy"] += 1

    def cancel_order(self, deal: Deal) -> None:
        id, customer = self.owner[f"order of {deal.id}"], self.owner[deal.id]
        order = self.call("GET", f"/customers/{customer}/orders/{id}")
        self.call("PATCH", f"/customers/{customer}/orders/{id}", {**order, "status": "cancelled"})
        deal.cancel(self.now)
        self.done["cancel order"] += 1

    # changes

    def seats(self, deal: Deal, seats: int) -> None:
        self.patch(deal.id, quantity=seats)
        self.done["add" if seats > deal.seats else "remove"] += 1
        deal.change_seats(self.now, seats)

    def cancel(self, deal: Deal) -> None:
        self.patch(deal.id, status="deleted")
        early = deal.full_until is not None and self.now < deal.full_until
        self.done["cancel at once" if early else "cancel in the window"] += 1
        deal.cancel(self.now)

    def suspend(self, deal: Deal) -> None:
        self.patch(deal.id, status="suspended")
        deal.suspend()
        self.done["suspend"] += 1

    def reactivate(self, deal: Deal) -> None:
        self.patch(deal.id, status="active")
        deal.reactivate()
        self.done["reactivate"] += 1

    def renewing(self, deal: Deal, wanted: bool) -> None:
        changes: dict[str, Any] = {"autoRenewEnabled": wanted}
        if not wanted:
            changes["scheduledNextTermInstructions"] = None
        self.patch(deal.id, **changes)
        deal.auto_renew, deal.planned = wanted, deal.planned if wanted else None
        self.done["auto-renew on" if wanted else "auto-renew off"] += 1

    def lengthen(self, deal: Deal, term: str, billing: str) -> None:
        self.patch(deal.id, termDuration=term, billingCycle=billing, scheduledNextTermInstructions=None)
        old, keep = deal.terms, deal.terms.promotion
        deal.lengthen(
            self.now,
            new_terms(self.prices, old.sku, term, billing, self.now, keep=keep, old=old.price),
        )
        self.done["longer term"] += 1

    def plan(self, deal: Deal, term: str, billing: str, seats: int) -> None:
        product, code, availability = self.subscription(deal.id)["offerId"].split(":")
        target = {"productId": product, "skuId": code, "availabilityId": availability, "billingCycle": billing,
                  "termDuration": term}  # fmt: skip  # one product
        self.patch(deal.id, scheduledNextTermInstructions={"product": target, "quantity": seats})
        deal.planned = {"term": term, "billing": billing, "seats": seats}
        self.done["schedule"] += 1

    def upgrade(self, deal: Deal, seats: int, into: Deal | None) -> None:
        terms, sku = deal.terms, BASIC if deal.terms.trial else CALLING
        term, billing = ("P1Y", "monthly") if terms.trial else (terms.term, terms.billing)
        body = {"toCatalogItemId": self.item(sku), "quantity": seats, "termDuration": term, "billingCycle": billing,
                "transitionType": "transition_only"}  # fmt: skip  # one body
        if into is not None:
            body["toSubscriptionId"] = into.id
        answer = self.call("POST", f"/customers/{self.owner[deal.id]}/subscriptions/{deal.id}/transitions", body)
        if into is not None:
            deal.give(self.now, seats, "moveQuantity")
            into.take(self.now, seats)
            self.done["upgrade into another"] += 1
        elif seats == deal.seats:
            anchor, end = (None, None) if terms.trial else (terms.anchor, terms.end)
            made = new_terms(self.prices, sku, term, billing, self.now, anchor=anchor, end=end, keep=None)
            deal.upgrade(self.now, made)
            self.done["trial upgraded" if terms.trial else "upgrade"] += 1
        else:
            self._beside(deal, seats, answer["toSubscriptionId"], sku, term, billing)

    def _beside(self, deal: Deal, seats: int, id: str, sku: str, term: str, billing: str) -> None:
        """A part of the seats in a subscription of their own, charged on the same days and with the same end."""
        deal.give(self.now, seats, "convert")
        old = deal.terms
        made = new_terms(self.prices, sku, term, billing, self.now, anchor=old.anchor, end=old.end, keep=None)
        new = Deal(id, made, seats, self.now, auto_renew=deal.auto_renew)
        new.buy(self.now, "convert")
        new.close_window()
        self.deals[id], self.owner[id] = new, self.owner[deal.id]
        self.done["upgrade in part"] += 1

    def credit(self, deal: Deal, amount: Decimal) -> None:
        entry = {"partner": self.partner.id, "subscription": deal.id, "amount": str(amount), "reason": "Goodwill"}
        self.control("seed", {"credits": [entry]})
        deal.credit(self.now, amount)
        self.done["credit"] += 1

    # legacy

    def legacy_seats(self, deal: Deal, seats: int) -> None:
        self.patch(deal.id, quantity=seats)
        deal.change_seats(self.now, seats)
        self.done["legacy seats"] += 1

    def legacy_status(self, deal: Deal) -> None:
        wanted = "suspended" if deal.status == "active" else "active"
        self.patch(deal.id, status=wanted)
        (suspend_legacy if wanted == "suspended" else activate_legacy)(deal, self.now)
        self.done[f"legacy {wanted}"] += 1

    def migrate(self, deal: Deal, term: str, billing: str) -> None:
        customer, body = self.owner[deal.id], {"currentSubscriptionId": deal.id, "quantity": deal.seats,
                                               "termDuration": term, "billingCycle": billing,
                                               "purchaseFullTerm": True}  # fmt: skip  # one body
        path = f"/customers/{customer}/migrations/newcommerce"
        made = self.call("POST", path, body)
        done = self.now + MIGRATION
        end_legacy(deal, done)
        self.done["migration"] += 1
        self.pending = (path, made["id"], deal, new_terms(
            self.prices, BASIC, term, billing, self.now, keep=None, end=full_end(done.date(), term)
        ), done)  # fmt: skip  # what will be there when it has completed

    def migrated(self) -> None:
        """Called once the clock has passed the migration's end."""
        path, id, old, terms, done = self.pending
        new = self.call("GET", f"{path}/{id}")["newCommerceSubscriptionId"]
        self.owner[new] = self.owner[old.id]
        self.deals[new] = deal = Deal(new, replace(terms, anchor=done.date()), old.seats, done)
        deal.buy(done)

    # Azure

    def consume(self, rng: random.Random) -> None:
        """A few days of two meters for every plan: one priced in euros, one in dollars."""
        month, entries = self.now.replace(day=1), []
        rate = round(1 / Fraction("1.0837") * 10**10) / Fraction(10**10) if self.partner.currency == "EUR" else 1
        for id in self.plans:
            for meter, dollars in (("Compute Hours", False), ("Disk", True)):
                costs = [Fraction(rng.randrange(1, 90_000), 10_000) for _ in range(3)]
                for offset, cost in enumerate(costs):
                    day = f"{month + timedelta(days=rng.randrange(3) + offset * 3):%Y-%m-%d}"
                    money = {"cost": str(Decimal(cost.numerator) / cost.denominator)}
                    entry = {"partner": self.partner.id, "subscription": id, "date": day, "quantity": "4", **money}
                    entries.append({**entry, "meter": meter, **({"usd": money["cost"]} if dollars else {})})
                amount = cents(Fraction(cents(sum(costs, Fraction(0)))) * (Fraction(rate) if dollars else 1))
                last = shift(month.date(), 1) - timedelta(days=1)
                self.plans[id][meter] += 1
                self.usage.append(Charge(id, 12, month.date(), last, Fraction(0), amount, f"{month:%Y-%m}"))
        if entries:
            self.control("seed", {"usage": entries})


def _attested(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"lineItems": lines, "partnerOnRecordAttestationAccepted": True}


def legacy_terms(anchor: date, billing: str) -> Terms:
    nothing = Fraction(0)
    return Terms(OLD_OFFER, "P1Y", billing, LEGACY_PRICE, nothing, None, anchor, full_end(anchor, "P1Y"))
