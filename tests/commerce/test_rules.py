"""Dated rules: each in force on its days, named with its source, never two at once."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from cspctl.commerce.rules import all_rules, rule


@pytest.mark.parametrize(
    ("rule_id", "on", "value"),
    [
        ("triennial-cycle-switch", date(2025, 3, 31), "allowed"),
        ("triennial-cycle-switch", date(2025, 4, 1), "refused"),
        ("auto-renew-off", date(2026, 5, 3), "ends"),
        ("auto-renew-off", date(2026, 5, 4), "extends"),
        ("cancel-window-days", date(2026, 11, 21), 7),
        ("order-list-delay-minutes", date(2026, 11, 21), 15),
    ],
)
def test_a_rule_holds_on_its_days(rule_id: str, on: date, value: object) -> None:
    assert rule(rule_id, on).value == value


def test_a_day_without_a_rule_is_an_error_not_a_guess() -> None:
    with pytest.raises(LookupError, match="cancel-window-days"):
        rule("cancel-window-days", date(2020, 1, 1))
    with pytest.raises(LookupError, match="no-such-rule"):
        rule("no-such-rule", date(2026, 1, 1))


def test_every_rule_says_what_it_is_and_where_it_comes_from() -> None:
    assert all_rules()
    for entry in all_rules():
        assert entry.says.endswith(".")
        assert entry.source
        assert entry.end is None or entry.start <= entry.end


def test_no_two_entries_of_a_rule_hold_on_the_same_day_and_none_is_left_out_between() -> None:
    entries = all_rules()
    for one, other in pairwise(entries):
        if one.id == other.id:
            assert one.end is not None, f"{one.id} has an entry after an open one"
            assert other.start == one.end + timedelta(days=1)
