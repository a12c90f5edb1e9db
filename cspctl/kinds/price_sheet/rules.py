"""What must hold for a PriceSheet beyond its structure; the file itself is checked by cspctl.sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.memo import ProjectMemo
from cspctl.kinds.price_sheet import attributes
from cspctl.kinds.reports import error
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource

SUFFIXES = (".csv", ".xlsx", ".zip")


def _key(sheet: Resource) -> tuple[str, str, str, str]:
    spec = sheet.effective
    return (str(spec["priceBook"]), str(spec["market"]), str(spec["period"]), attributes.view(sheet))


def _first_by_key(project: ProjectView) -> dict[tuple[str, str, str, str], Resource]:
    first: dict[tuple[str, str, str, str], Resource] = {}
    for sheet in project.resources.of_kind(attributes.KIND).values():
        first.setdefault(_key(sheet), sheet)
    return first


_SHEETS = ProjectMemo(_first_by_key)


def check(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    file = PurePosixPath(str(resource.effective["file"]))
    if file.suffix.lower() not in SUFFIXES:
        yield error(
            resource,
            "E-SHEET-FORMAT",
            f"{file} is none of {', '.join(SUFFIXES)}",
            "spec",
            "file",
            hint="save an .xls file as .xlsx first" if file.suffix.lower() == ".xls" else None,
        )
    first = _SHEETS.of(project)[_key(resource)]
    if first.address != resource.address:
        book, market, period, view = _key(resource)
        yield error(
            resource,
            "E-SHEET-TWICE",
            f"{first.address} in {first.origin.file} already pins {view} {market} {period} of {book}",
            "spec",
            "period",
        )
