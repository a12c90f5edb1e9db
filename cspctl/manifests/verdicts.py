"""The kinds' rules over a whole project, asked again only where something that they look at is different.

Rules look at manifests, at prices and at the day (cspctl.kinds.contract). A verdict is kept for exactly these
manifests and for one day, together with every question about prices and its answer. It counts only when each
question, asked again of today's sheets, has the same answer; else all rules run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from cspctl.commerce.price_row import PriceRow
from cspctl.kinds.contract import Kind, ProjectView
from cspctl.manifests.loader import LoadResult
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.ports import PriceSource

# With more findings than this there is nothing to be gained.
_MOST_FINDINGS = 1000
_TODAY = "today"

Question = tuple[str, ...]


def check_rules(loaded: LoadResult, kinds: Sequence[Kind], view: ProjectView) -> list[Diagnostic]:
    """What every kind's rules find; resources with findings are asked each time."""
    place = f"rules {view.now.date().isoformat()}"
    suspects = _suspects(loaded, place, view)
    if suspects is not None:
        return [d for kind, name in suspects for d in _ask(kinds, Address(kind, name), view)]
    asked = AskedPrices(view.prices, view.now.date())
    watched = ProjectView(view.resources, asked, view.now)
    found: list[Diagnostic] = []
    addresses: list[Address] = []
    for kind in kinds:
        for resource in loaded.of_kind(kind):
            before = len(found)
            found += kind.check(resource, watched)
            if len(found) != before:
                addresses.append(resource.address)
    if loaded.memory is not None and asked.is_complete and len(addresses) <= _MOST_FINDINGS:
        verdict = {"asked": list(asked.answers()), "suspects": addresses}
        loaded.memory.remember(place, orjson.dumps(verdict, default=list).decode())
    return found


class AskedPrices:
    """A price source that remembers what it was asked. `is_complete` unless someone looked at all rows."""

    def __init__(self, prices: PriceSource, today: date) -> None:
        self._prices = prices
        self._today = today
        self._asked: dict[Question, Any] = {}
        self.is_complete = True

    def find(
        self,
        book: str,
        *,
        market: str,
        currency: str,
        segment: str,
        product: str,
        sku: str,
        term: str,
        billing: str,
        on: date,
    ) -> PriceRow | None:
        day = _TODAY if on == self._today else on.isoformat()
        question = ("find", book, market, currency, segment, product, sku, term, billing, day)
        answer = self._asked[question] = _answer(self._prices, question, self._today)
        row: PriceRow | None = answer
        return row

    def currencies(self, book: str, market: str) -> frozenset[str]:
        question = ("currencies", book, market)
        answer: frozenset[str] = _answer(self._prices, question, self._today)
        self._asked[question] = answer
        return answer

    def has_book(self, book: str) -> bool:
        question = ("has_book", book)
        answer = self._asked[question] = bool(_answer(self._prices, question, self._today))
        return answer

    def rows(self) -> Iterable[PriceRow]:
        self.is_complete = False
        return self._prices.rows()

    def answers(self) -> Iterator[list[str]]:
        """The words of each question, and the digest of its answer."""
        for question, answer in self._asked.items():
            yield [*question, _digest(answer)]


def _suspects(loaded: LoadResult, place: str, view: ProjectView) -> list[list[str]] | None:
    """Resources with findings according to a verdict that still counts; None where there is none."""
    kept = loaded.memory.recall(place) if loaded.memory is not None else None
    if kept is None:
        return None
    verdict: Mapping[str, Any] = orjson.loads(kept)
    for *question, answer in verdict["asked"]:
        if _digest(_answer(view.prices, tuple(question), view.now.date())) != answer:
            return None
    suspects: list[list[str]] = verdict["suspects"]
    return suspects


def _ask(kinds: Iterable[Kind], address: Address, view: ProjectView) -> Iterable[Diagnostic]:
    resource = view.resources.at(address)
    kind = next((kind for kind in kinds if kind.name == address.kind), None)
    return kind.check(resource, view) if kind is not None and resource is not None else ()


def _answer(prices: PriceSource, question: Question, today: date) -> Any:
    match question:
        case "find", book, market, currency, segment, product, sku, term, billing, day:
            return prices.find(
                book,
                market=market,
                currency=currency,
                segment=segment,
                product=product,
                sku=sku,
                term=term,
                billing=billing,
                on=today if day == _TODAY else date.fromisoformat(day),
            )
        case "currencies", book, market:
            return prices.currencies(book, market)
        case "has_book", book:
            return prices.has_book(book)
    raise ValueError(f"no question about prices: {question}")


def _digest(answer: Any) -> str:
    text = repr(sorted(answer) if isinstance(answer, frozenset) else answer)
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
