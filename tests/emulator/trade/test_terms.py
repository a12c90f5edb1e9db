"""Month ends and cycles; every expected date is printed in the docs (common-billing-scenarios-onetime-recurring)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cspctl.emulator.terms import add_months, cycle_end, cycle_start, cycles_in_term, stamp, term_end


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2021-01-31", "2021-02-27"),
        ("2021-01-30", "2021-02-27"),
        ("2021-02-27", "2021-03-26"),
        ("2021-02-28", "2021-03-27"),
        ("2021-05-30", "2021-06-29"),
        ("2021-05-31", "2021-06-29"),
        ("2021-06-29", "2021-07-28"),
        ("2021-06-30", "2021-07-29"),
        ("2021-07-30", "2021-08-29"),
        ("2021-07-31", "2021-08-30"),
    ],
)
def test_monthly_terms_clip(start, end):
    assert term_end(date.fromisoformat(start), "P1M") == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("anchor", "days"),
    [
        ("2021-01-31", [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        ("2021-01-30", [30, 27, 30, 29, 30, 29, 30, 30, 29, 30, 29, 30]),
        ("2021-01-15", [15] * 12),
    ],
)
def test_monthly_cycles_of_a_year_count_from_the_month_end(anchor, days):
    first = date.fromisoformat(anchor)
    assert [cycle_start(first, index).day for index in range(12)] == days
    assert [cycle_start(first, index).month for index in range(12)] == list(range(1, 13))


@pytest.mark.parametrize(("anchor", "last"), [("2021-01-31", "2022-01-30"), ("2021-01-30", "2022-01-29")])
def test_the_last_cycle_ends_with_the_term(anchor, last):
    start, end = date.fromisoformat(anchor), term_end(date.fromisoformat(anchor), "P1Y")
    assert end == date.fromisoformat(last)
    assert cycle_end(start, "P1Y", "monthly", end, date(2022, 1, 15)) == end
    assert cycle_end(start, "P1Y", "monthly", end, date(2023, 1, 15)) == end


@pytest.mark.parametrize(
    ("term", "billing", "today", "end"),
    [
        ("P1Y", "monthly", "2021-02-28", "2021-03-30"),
        ("P1Y", "monthly", "2021-02-27", "2021-02-27"),
        ("P1Y", "annual", "2021-02-28", "2022-01-30"),
        ("P3Y", "annual", "2022-02-01", "2023-01-30"),
        ("P3Y", "triennial", "2022-02-01", "2024-01-30"),
    ],
)
def test_the_running_cycle(term, billing, today, end):
    start = date(2021, 1, 31)
    found = cycle_end(start, term, billing, term_end(start, term), date.fromisoformat(today))
    assert found == date.fromisoformat(end)


def test_documented_annual_term_of_the_subscription_sample():
    assert term_end(date(2021, 1, 14), "P1Y") == date(2022, 1, 13)


def test_leap_day_and_year_change():
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2025, 12, 31), 2) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("term", "billing", "count"),
    [("P1M", "monthly", 1), ("P1Y", "monthly", 12), ("P1Y", "annual", 1), ("P3Y", "monthly", 36), ("P3Y", "annual", 3)],
)
def test_cycles_in_a_term(term, billing, count):
    assert cycles_in_term(term, billing) == count


def test_stamps_leave_trailing_zeros_out():
    assert stamp(datetime(2026, 1, 2, 3, 4, 5, 120000, UTC)) == "2026-01-02T03:04:05.12Z"
    assert stamp(datetime(2026, 1, 2, 3, 4, 5, 0, UTC)) == "2026-01-02T03:04:05Z"
