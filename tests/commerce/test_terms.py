"""Documented dates.

Source: Partner Center docs, common-billing-scenarios-onetime-recurring and align-subscription-end-dates (Oct 2023).
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cspctl.commerce.terms import add_months, calendar_alignment, last_day, month_end, term_months


@pytest.mark.parametrize(
    ("bought", "ends"),
    [
        (date(2021, 1, 31), date(2021, 2, 27)),
        (date(2021, 1, 30), date(2021, 2, 27)),
        (date(2021, 2, 27), date(2021, 3, 26)),
        (date(2021, 2, 28), date(2021, 3, 27)),
        (date(2021, 5, 30), date(2021, 6, 29)),
        (date(2021, 5, 31), date(2021, 6, 29)),
        (date(2021, 6, 29), date(2021, 7, 28)),
        (date(2021, 6, 30), date(2021, 7, 29)),
        (date(2021, 7, 30), date(2021, 8, 29)),
        (date(2021, 7, 31), date(2021, 8, 30)),
    ],
)
def test_monthly_terms_clip(bought: date, ends: date) -> None:
    assert last_day("P1M", bought) == ends


@pytest.mark.parametrize(
    ("term", "bought", "ends"),
    [
        ("P1Y", date(2021, 1, 31), date(2022, 1, 30)),
        ("P1Y", date(2021, 1, 30), date(2022, 1, 29)),
        ("P1Y", date(2022, 7, 15), date(2023, 7, 14)),
        ("P3Y", date(2022, 7, 15), date(2025, 7, 14)),
    ],
)
def test_longer_terms(term: str, bought: date, ends: date) -> None:
    assert last_day(term, bought) == ends


@pytest.mark.parametrize(
    ("term", "bought", "ends"),
    [
        ("P1Y", date(2022, 7, 15), date(2023, 6, 30)),
        ("P1M", date(2022, 7, 15), date(2022, 7, 31)),
        ("P1Y", date(2022, 7, 1), date(2023, 6, 30)),
    ],
)
def test_calendar_alignment_is_the_last_month_end_within_the_term(term: str, bought: date, ends: date) -> None:
    assert calendar_alignment(term, bought) == ends


@given(term=st.sampled_from(("P1M", "P1Y", "P3Y")), bought=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_an_aligned_end_is_a_month_end_that_the_term_reaches(term: str, bought: date) -> None:
    end = calendar_alignment(term, bought)
    assert end == month_end(end)
    assert end <= last_day(term, bought)
    assert month_end(add_months(end.replace(day=1), 1)) > last_day(term, bought)


def test_an_unknown_term_is_refused() -> None:
    with pytest.raises(ValueError, match="P2Y"):
        term_months("P2Y")
