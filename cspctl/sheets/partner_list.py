"""Lists of indirect resellers as people keep them: CSV or XLSX with a name and an MPN id, columns in any order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cspctl.sheets.cells import CellError, text
from cspctl.sheets.tables import rows_of

HEADER_WITHIN = 20
_COLUMNS = {
    "name": "name displayname companyname partnername resellername company partner reseller",
    "mpn": "mpnid mpn mpnlocationid locationid partnermpnid partnerlocationid partnerid resellermpnid",
    "account": "accountid microsoftid tenantid partnertenantid partneraccountid",
    "locale": "locale language",
}
_MEANING = {word: column for column, words in _COLUMNS.items() for word in words.split()}
_MPN = re.compile(r"[0-9]{4,10}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")


@dataclass(frozen=True, slots=True)
class Partner:
    """`row` is 1-based, as a spreadsheet shows it."""

    row: int
    name: str
    mpn_id: str
    account_id: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out."""

    row: int
    code: str
    message: str
    hint: str | None = None


def read_partners(content: bytes) -> tuple[list[Partner], list[RowProblem]]:
    """Every row, good or not. Raises CellError for a file that is no such list at all."""
    partners: list[Partner] = []
    problems: list[RowProblem] = []
    columns: dict[str, int] | None = None
    first: dict[str, int] = {}
    for number, cells in rows_of(content):
        if columns is None:
            columns = _header(cells)
            if columns is None and number >= HEADER_WITHIN:
                break
            continue
        try:
            partner = _partner(number, cells, columns)
            if partner.mpn_id in first:
                message = f"MPN id {partner.mpn_id} stands in row {first[partner.mpn_id]} already"
                raise CellError("E-PARTNER-TWICE", message)
        except CellError as problem:
            problems.append(RowProblem(number, problem.code, problem.message, problem.hint))
            continue
        first[partner.mpn_id] = number
        partners.append(partner)
    if columns is None:
        hint = "the first row names the columns, such as: name,mpnId"
        raise CellError("E-PARTNER-HEADER", "no row names both a column for names and one for MPN ids", hint)
    return partners, problems


def _header(cells: Sequence[Any]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        meaning = _MEANING.get("".join(c for c in str(cell or "").lower() if c.isalnum()))
        if meaning is not None:
            found.setdefault(meaning, index)
    return found if {"name", "mpn"} <= set(found) else None


def _partner(number: int, cells: Sequence[Any], columns: dict[str, int]) -> Partner:
    def cell(column: str) -> Any:
        place = columns.get(column)
        return cells[place] if place is not None and place < len(cells) else None

    name = text(cell("name"))
    if not name:
        raise CellError("E-PARTNER-NAME", "the name is empty")
    if name.startswith("="):
        raise CellError("E-PARTNER-NAME", "the name is a formula", "paste the list as values")
    return Partner(number, name, _mpn(cell("mpn")), _account(text(cell("account"))), _locale(text(cell("locale"))))


def _mpn(cell: Any) -> str:
    shown = text(cell)
    if not shown:
        raise CellError("E-PARTNER-MPN", "the MPN id is empty")
    if shown.startswith("="):
        raise CellError("E-PARTNER-MPN", "the MPN id is a formula", "paste the list as values")
    if (isinstance(cell, float) and not cell.is_integer()) or _SCIENTIFIC.fullmatch(shown):
        message = f"MPN id {shown} was turned into a number by a spreadsheet program; its digits are lost"
        raise CellError("E-PARTNER-MPN", message, "format the column as text and enter it again")
    if not _MPN.fullmatch(shown):
        raise CellError("E-PARTNER-MPN", f"MPN id {shown!r} is not 4 to 10 digits")
    return shown


def _account(shown: str) -> str:
    if shown and not _GUID.fullmatch(shown.lower()):
        raise CellError("E-PARTNER-ACCOUNT", f"account id {shown!r} is no GUID")
    return shown.lower()


def _locale(shown: str) -> str:
    if shown and not _LOCALE.fullmatch(shown):
        raise CellError("E-PARTNER-LOCALE", f"{shown!r} is no language tag such as de or en-GB")
    return shown
