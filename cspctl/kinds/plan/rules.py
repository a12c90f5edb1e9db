"""What must hold for a Plan beyond its structure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.memo import ProjectMemo
from cspctl.kinds.plan import attributes
from cspctl.kinds.price_sheet import attributes as sheet_attributes
from cspctl.kinds.reports import did_you_mean, error, listed, warning
from cspctl.model.diagnostic import Diagnostic, DocPath
from cspctl.model.resource import Resource

# Longest term a billing plan fits into. Source: Partner Center docs, create-a-new-subscription (2023).
BILLING_OF_TERM: dict[str, frozenset[str]] = {
    "P1M": frozenset({"monthly", "none"}),
    "P1Y": frozenset({"monthly", "annual"}),
    "P3Y": frozenset({"monthly", "annual", "triennial"}),
}
# Bounds of `percent`: lowest, and the bound that must not be reached. A margin of 100 % has no finite price.
PERCENT_BELOW: dict[str, Decimal] = {
    "markup": Decimal(1000),
    "margin": Decimal(100),
    "erp-discount": Decimal(100),
}

_BOOKS = ProjectMemo(sheet_attributes.declared_books)


def check(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    spec = resource.effective
    books = _BOOKS.of(project)
    if spec["priceBook"] not in books:
        yield _no_book(resource, str(spec["priceBook"]), books)
    yield from _pricing(resource, spec["pricing"], ("spec", "pricing"))
    yield from _items(resource)
    yield from _overrides(resource)


def _no_book(resource: Resource, book: str, books: Mapping[str, frozenset[str]]) -> Diagnostic:
    """Only a warning in a project that pins no sheet at all: there nothing can be bought, but what runs be managed."""
    message, where = f"no PriceSheet belongs to price book {book}", ("spec", "priceBook")
    if not books:
        return warning(resource, "W-PRICE-BOOK", f"{message}; nothing can be bought", *where, hint="pin a price sheet")
    hint = did_you_mean(book, books) or f"price books: {listed(books)}"
    return error(resource, "E-PRICE-BOOK", message, *where, hint=hint)


def _items(resource: Resource) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for index, item in enumerate(attributes.items(resource)):
        path: DocPath = ("spec", "items", index)
        if item["name"] in seen:
            yield error(resource, "E-ITEM-TWICE", f"two items are named {item['name']}", *path, "name")
        seen.add(item["name"])
        pairs: set[tuple[str, str]] = set()
        for nth, (term, billing) in enumerate(attributes.offers(item)):
            where = (*path, "offers", nth)
            if billing not in BILLING_OF_TERM.get(term, frozenset({billing})):
                fits = listed(BILLING_OF_TERM[term])
                yield error(
                    resource,
                    "E-OFFER-BILLING",
                    f"{term} cannot be billed {billing}; {term} takes: {fits}",
                    *where,
                )
            if (term, billing) in pairs:
                yield error(resource, "E-OFFER-TWICE", f"{term} {billing} is offered twice", *where)
            pairs.add((term, billing))
        if item.get("pricing") is not None:
            yield from _pricing(resource, item["pricing"], (*path, "pricing"))


def _overrides(resource: Resource) -> Iterator[Diagnostic]:
    seen: set[tuple[str, str | None]] = set()
    for index, override in enumerate(resource.effective.get("overrides") or ()):
        path: DocPath = ("spec", "overrides", index)
        name = override.get("item")
        if name is not None and attributes.offer_item(resource, name) is None:
            names = attributes.item_names(resource)
            yield error(
                resource,
                "E-OVERRIDE-ITEM",
                f"the plan has no item {name}",
                *path,
                "item",
                hint=did_you_mean(name, names) or f"items: {listed(names)}",
            )
        if (override["reseller"], name) in seen:
            what = f"item {name}" if name else "all items"
            yield error(resource, "E-OVERRIDE-TWICE", f"{override['reseller']} has two overrides for {what}", *path)
        seen.add((override["reseller"], name))
        yield from _pricing(resource, override["pricing"], (*path, "pricing"))


def _pricing(resource: Resource, pricing: Mapping[str, Any], path: DocPath) -> Iterator[Diagnostic]:
    method, percent, price = pricing["method"], pricing.get("percent"), pricing.get("price")
    if method == "fixed":
        if price is None:
            yield error(resource, "E-PRICING", "method fixed needs price: {amount, currency, per}", *path)
        elif Decimal(str(price["amount"])) < 0:
            yield error(resource, "E-PRICING", "a price is not negative", *path, "price", "amount")
        if percent is not None:
            yield error(resource, "E-PRICING", "method fixed takes no percent", *path, "percent")
    else:
        if price is not None:
            yield error(resource, "E-PRICING", f"method {method} takes no price", *path, "price")
        yield from _percent(resource, method, percent, path)
    step = (pricing.get("rounding") or {}).get("to")
    if step is not None and Decimal(str(step)) <= 0:
        yield error(resource, "E-ROUNDING", 'rounding needs a step above 0, such as "0.01"', *path, "rounding", "to")


def _percent(resource: Resource, method: str, percent: Any, path: DocPath) -> Iterator[Diagnostic]:
    if percent is None:
        yield error(resource, "E-PRICING", f"method {method} needs percent (25 means 25 %)", *path)
        return
    try:
        value = Decimal(str(percent))
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value < PERCENT_BELOW[method]:
        limit = PERCENT_BELOW[method]
        yield error(
            resource,
            "E-PERCENT",
            f"percent {percent} does not fit method {method}: 0 or more and below {limit}",
            *path,
            "percent",
            hint="25 means 25 %",
        )
