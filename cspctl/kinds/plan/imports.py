"""Plans inferred from what is sold: one per segment, shared by all tenants, priced at Microsoft's list price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cspctl.commerce.terms import TERM_MONTHS
from cspctl.kinds.plan import attributes
from cspctl.model.address import Address
from cspctl.model.diagnostic import DocPath
from cspctl.model.document import Document, Edit, Edition
from cspctl.model.resource import Resource

DECIDE = "Decide your margin: until then this sells at Microsoft's list price (ERP)."
_BILLINGS = ("none", "monthly", "annual", "triennial")
_SEGMENTS = ("commercial", "education", "charity", "government")

Sku = tuple[str, str]  # product and SKU
Pair = tuple[str, str]  # term and billing


@dataclass(slots=True)
class _Draft:
    """One plan: what its manifest has already, and what must be added."""

    segment: str
    resource: Resource | None
    names: dict[Sku, str] = field(default_factory=dict)
    places: dict[Sku, int] = field(default_factory=dict)
    has: dict[Sku, list[Pair]] = field(default_factory=dict)
    wanted: dict[Sku, set[Pair]] = field(default_factory=dict)


class Shelf:
    """Ask for everything with `need`, then `settle`; names and order do not depend on who asked first.

    `named(text, fallback, taken)` makes names of titles.
    """

    def __init__(self, book: str, title: Callable[[str, str], str], named: Callable[[str, str, set[str]], str]) -> None:
        self.book = book
        self._title = title
        self._named = named
        self._plans: dict[str, _Draft] = {}
        self._new: dict[str, str] = {}

    def keep(self, plan: Resource, *, shared: bool) -> None:
        """A plan of the project. `shared`: an import wrote it, so imports may add to it."""
        draft = _Draft(str(plan.effective.get("segment") or "commercial"), plan)
        for place, item in enumerate(attributes.items(plan)):
            sku = (str(item["product"]), str(item["sku"]))
            if sku not in draft.names:
                draft.names[sku], draft.places[sku] = str(item["name"]), place
                draft.has[sku] = attributes.offers(item)
        self._plans[plan.name] = draft
        if shared and str(plan.effective["priceBook"]) == self.book:
            self._new.setdefault(draft.segment, plan.name)

    def plan_for(self, segment: str) -> str:
        """The plan that imports sell this segment under; made when first asked for."""
        if segment not in self._new:
            names = set(self._plans)
            name = self._named(f"{self.book}-{segment}", f"{self.book}-{segment}-imported", names)
            self._plans[name], self._new[segment] = _Draft(segment, None), name
        return self._new[segment]

    def may_add(self, plan: str) -> bool:
        return plan in self._new.values()

    def need(self, plan: str, sku: Sku, pair: Pair) -> None:
        draft = self._plans[plan]
        if self.may_add(plan) and pair not in draft.has.get(sku, ()):
            draft.wanted.setdefault(sku, set()).add(pair)

    def settle(self) -> None:
        """Names the items that are new."""
        for draft in self._plans.values():
            new = sorted((self._label(sku), sku) for sku in draft.wanted if sku not in draft.names)
            for _, sku in new:
                fallback = f"{self._label(sku)[:40]}-{sku[0]}-{sku[1]}"
                draft.names[sku] = self._named(self._label(sku), fallback, set(draft.names.values()))

    def items(self, plan: str) -> Mapping[Sku, str]:
        return self._plans[plan].names if plan in self._plans else {}

    def offered(self, plan: str) -> frozenset[tuple[str, str, str, str]]:
        """Product, SKU, term and billing of everything that the plan will offer."""
        draft = self._plans.get(plan)
        if draft is None:
            return frozenset()
        both = [(s, p) for s, pairs in draft.has.items() for p in pairs]
        both += [(s, p) for s, pairs in draft.wanted.items() for p in pairs]
        return frozenset((*sku, *pair) for sku, pair in both)

    def documents(self) -> list[Document]:
        """New plans, by name."""
        return [
            self._document(name, draft)
            for name, draft in sorted(self._plans.items())
            if draft.resource is None and draft.wanted
        ]

    def editions(self) -> list[Edition]:
        """Items and offers added to plans that an earlier import wrote."""
        found = []
        for name, draft in sorted(self._plans.items()):
            if draft.resource is not None and draft.wanted:
                edits = tuple(self._additions(draft))
                found.append(Edition(Address(attributes.KIND, name), draft.resource.origin, edits))
        return found

    def _label(self, sku: Sku) -> str:
        return self._title(*sku)

    def _document(self, name: str, draft: _Draft) -> Document:
        where: DocPath = ("spec", "pricing")
        spec: dict[str, Any] = {
            "displayName": f"Imported {draft.segment} ({self.book})",
            "priceBook": self.book,
            "segment": draft.segment,
            "pricing": {"method": "erp-discount", "percent": 0},
            "items": [self._item(draft, sku) for sku in sorted(draft.wanted, key=draft.names.__getitem__)],
        }
        return Document(Address(attributes.KIND, name), spec, comments={where: DECIDE})

    def _item(self, draft: _Draft, sku: Sku) -> dict[str, Any]:
        return {
            "name": draft.names[sku],
            "product": sku[0],
            "sku": sku[1],
            "displayName": self._label(sku),
            "offers": [_offer(pair) for pair in sorted(draft.wanted[sku], key=_pair_order)],
        }

    def _additions(self, draft: _Draft) -> Iterable[Edit]:
        for sku in sorted(draft.wanted, key=draft.names.__getitem__):
            if sku not in draft.has:
                yield Edit(("spec", "items"), self._item(draft, sku), append=True)
                continue
            for pair in sorted(draft.wanted[sku], key=_pair_order):
                yield Edit(("spec", "items", draft.places[sku], "offers"), _offer(pair), append=True)


def segment_from(found: Iterable[str]) -> str:
    """The segment of a SKU by the segments of its price rows; commercial where the sheets do not know it."""
    known = set(found)
    return next((segment for segment in _SEGMENTS if segment in known), "commercial")


def _offer(pair: Pair) -> dict[str, str]:
    return {"term": pair[0], "billing": pair[1]}


def _pair_order(pair: Pair) -> tuple[int, int]:
    return (TERM_MONTHS.get(pair[0], 0), _BILLINGS.index(pair[1]))
