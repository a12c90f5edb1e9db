"""Lists of indirect resellers: good rows pass, bad rows are told by number."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from cspctl.sheets.cells import CellError
from cspctl.sheets.partner_list import read_partners

LIST = """\
Our partners 2026;;
Partner Name;MPN ID;Account ID
Nordsoft GmbH;4391300;
;4391301;
Short;123;
Science;4,39E+06;
Twice;4391300;
Formula;=A1;
=cmd|x;4391302;
Account;4391303;7C1D5A1E-8F0E-4F0D-9C55-2F6F4F7F1A10
No account;4391304;abc
"""


def test_every_row_is_used_or_told():
    partners, problems = read_partners(LIST.encode())
    assert [(p.row, p.name, p.mpn_id) for p in partners] == [
        (3, "Nordsoft GmbH", "4391300"),
        (10, "Account", "4391303"),
    ]
    assert partners[1].account_id == "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
    assert [(p.row, p.code) for p in problems] == [
        (4, "E-PARTNER-NAME"),
        (5, "E-PARTNER-MPN"),
        (6, "E-PARTNER-MPN"),
        (7, "E-PARTNER-TWICE"),
        (8, "E-PARTNER-MPN"),
        (9, "E-PARTNER-NAME"),
        (11, "E-PARTNER-ACCOUNT"),
    ]


def test_a_workbook_with_numbers():
    book = Workbook()
    book.active.append(["mpnId", "displayName"])
    book.active.append([4391300, "Nordsoft"])
    book.active.append([4391300.5, "Half"])
    stream = io.BytesIO()
    book.save(stream)
    partners, problems = read_partners(stream.getvalue())
    assert [(p.row, p.name, p.mpn_id) for p in partners] == [(2, "Nordsoft", "4391300")]
    assert [(p.row, p.code) for p in problems] == [(3, "E-PARTNER-MPN")]


def test_an_old_workbook_is_told_to_be_saved_anew():
    with pytest.raises(CellError) as refused:
        read_partners(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    assert ".xlsx" in (refused.value.hint or "")


def test_a_file_without_the_two_columns_is_refused():
    with pytest.raises(CellError) as refused:
        read_partners(b"name,phone\nNordsoft,1\n")
    assert refused.value.code == "E-PARTNER-HEADER"
