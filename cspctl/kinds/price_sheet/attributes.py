"""What other kinds ask of PriceSheets."""

from __future__ import annotations

from cspctl.kinds.contract import ProjectView
from cspctl.model.resource import Resource

KIND = "PriceSheet"
DEFAULT_VIEW = "updatedlicensebased"


def view(resource: Resource) -> str:
    return str(resource.effective.get("view") or DEFAULT_VIEW)


def declared_books(project: ProjectView) -> dict[str, frozenset[str]]:
    """Price book to the markets it has a PriceSheet for, whether or not their files could be read."""
    books: dict[str, set[str]] = {}
    for sheet in project.resources.of_kind(KIND).values():
        books.setdefault(str(sheet.effective["priceBook"]), set()).add(str(sheet.effective["market"]))
    return {book: frozenset(markets) for book, markets in books.items()}
