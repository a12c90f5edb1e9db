"""What a plan offers and what its price books hold, asked once per distinct question.

Hundreds of thousands of subscriptions ask the same few thousand questions; answers are remembered by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.memo import ProjectMemo
from cspctl.kinds.plan import attributes as plan_attributes
from cspctl.kinds.price_sheet import attributes as sheet_attributes
from cspctl.kinds.reports import did_you_mean, listed
from cspctl.kinds.tenant_mapping import attributes as tenant_attributes
from cspctl.model.ports import PriceSource
from cspctl.model.resource import Resource


class Problem(NamedTuple):
    """`key` is where in the spec; `warns` makes it a warning."""

    code: str
    message: str
    key: str
    hint: str | None = None
    warns: bool = False


class Tenant(NamedTuple):
    market: str
    currency: str
    seller: str


class Choice(NamedTuple):
    """Item, term and billing after single offers filled the gaps; `item` is None with a problem."""

    item: Mapping[str, Any] | None
    term: str
    billing: str
    problem: Problem | None
    answers: dict[Tenant, Problem | None]  # about its price, as they are asked for


class Catalogue:
    """Memory of one project; see `CATALOGUE`."""

    def __init__(self, project: ProjectView) -> None:
        self.subscriptions = project.resources.of_kind("Subscription")
        self._plans = project.resources.of_kind(plan_attributes.KIND)
        self._books = sheet_attributes.declared_books(project)
        self._prices: PriceSource = project.prices
        self._on: date = project.now.date()
        self._tenants = {
            name: Tenant(
                tenant_attributes.market(mapping),
                tenant_attributes.billing_currency(mapping, project),
                str(mapping.effective.get("indirectReseller") or mapping.effective.get("reseller")),
            )
            for name, mapping in project.resources.of_kind(tenant_attributes.KIND).items()
        }
        self._choices: dict[tuple[Any, ...], Choice | None] = {}

    def tenant(self, name: Any) -> Tenant | None:
        return self._tenants.get(name)

    def choose(self, plan: Any, item: Any, term: Any, billing: Any) -> Choice | None:
        """None when the plan itself is unknown (reported as a reference already)."""
        key = (plan, item, term, billing)
        try:
            return self._choices[key]
        except KeyError:
            resource = self._plans.get(plan)
            choice = self._choices[key] = _choose(resource, item, term, billing) if resource is not None else None
            return choice

    def price_problem(self, plan: str, choice: Choice, tenant: Tenant) -> Problem | None:
        """Why this cannot be priced today, if so."""
        assert choice.item is not None, "only a choice without a problem is priced"
        try:
            return choice.answers[tenant]
        except KeyError:
            problem = choice.answers[tenant] = self._price_problem(self._plans[plan], choice, tenant)
            return problem

    def _price_problem(self, plan: Resource, choice: Choice, tenant: Tenant) -> Problem | None:
        item = choice.item or {}
        book, segment = str(plan.effective["priceBook"]), str(plan.effective.get("segment") or "commercial")
        markets = self._books.get(book)
        known = self._prices.currencies(book, tenant.market)
        if (markets is None and self._books) or (not known and tenant.market in (markets or ())) or not tenant.currency:
            return None  # reported at the plan, at the sheet that could not be read, or at the tenant
        row = self._prices.find(
            book,
            market=tenant.market,
            currency=tenant.currency,
            segment=segment,
            product=item["product"],
            sku=item["sku"],
            term=choice.term,
            billing=choice.billing,
            on=self._on,
        )
        if row is None:
            what = f"{item['product']}:{item['sku']} {choice.term} {choice.billing}"
            where = f"market {tenant.market}, currency {tenant.currency}, segment {segment}"
            message = f"price book {book} has no row for {what}, {where} on {self._on}"
            return Problem("E-PRICE-ROW", message, "item", _row_hint(book, tenant, markets or frozenset(), known))
        return _pricing_problem(plan, str(item["name"]), tenant, row.currency, row.erp_price is not None)


CATALOGUE: ProjectMemo[Catalogue] = ProjectMemo(Catalogue)


def _row_hint(book: str, tenant: Tenant, markets: frozenset[str], known: frozenset[str]) -> str:
    if not markets:
        return f"no price sheet is pinned: declare a PriceSheet of {book}"
    if tenant.market not in markets:
        return f"{book} has sheets for: {listed(markets)}; pin one for {tenant.market}"
    if tenant.currency not in known:
        return f"the {tenant.market} sheet of {book} holds: {listed(known)}"
    return "check the plan item's product, sku and offers against the sheet, or pin a newer sheet"


def _pricing_problem(plan: Resource, item: str, tenant: Tenant, currency: str, has_erp: bool) -> Problem | None:
    pricing = plan_attributes.pricing_for(plan, item, tenant.seller)
    if not has_erp and (pricing["method"] == "erp-discount" or pricing.get("ceiling") == "erp"):
        return Problem("E-PRICE-ERP", f"the pricing of {plan.name}/{item} needs an ERP price; its row has none", "item")
    price = pricing.get("price") or {}
    if price and price["currency"] != currency:
        message = f"{plan.name}/{item} is sold in {price['currency']} and bought in {currency}: no margin"
        return Problem("W-PRICE-CURRENCY", message, "item", warns=True)
    return None


def _choose(plan: Resource, item_name: Any, term: Any, billing: Any) -> Choice:
    filled = plan_attributes.only_choices(plan, {"item": item_name, "term": term, "billing": billing})
    name = item_name or filled.get("item")
    names = plan_attributes.item_names(plan)
    if name is None:
        return _failed("E-AMBIGUOUS-ITEM", f"plan {plan.name} has several items: state one", "item", listed(names))
    item = plan_attributes.offer_item(plan, name)
    if item is None:
        hint = did_you_mean(name, names) or f"items: {listed(names)}"
        return _failed("E-ITEM", f"plan {plan.name} has no item {name}", "item", hint)
    pairs = plan_attributes.offers(item)
    offered = "offered: " + ", ".join(f"{t} {b}" for t, b in pairs)
    if not any(term in (None, t) and billing in (None, b) for t, b in pairs):
        said = " ".join(str(part) for part in (term, billing) if part)
        key = "term" if term and term not in {t for t, _ in pairs} else "billing"
        return _failed("E-OFFER", f"{plan.name}/{name} is not offered as {said}", key, offered)
    chosen_term, chosen_billing = term or filled.get("term"), billing or filled.get("billing")
    if chosen_term is None:
        return _failed("E-AMBIGUOUS-TERM", f"{plan.name}/{name} has several terms: state one", "term", offered)
    if chosen_billing is None:
        message = f"{plan.name}/{name} has several billing plans for {chosen_term}: state one"
        return _failed("E-AMBIGUOUS-BILLING", message, "billing", offered)
    return Choice(item, chosen_term, chosen_billing, None, {})


def _failed(code: str, message: str, key: str, hint: str) -> Choice:
    return Choice(None, "", "", Problem(code, message, key, hint), {})
