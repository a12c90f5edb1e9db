"""The arithmetic of charges against everything that is published.

Source: page common-billing-scenarios-onetime-recurring (2020 and 2022). Quantities and days of the published lines are
those that give the printed amounts from the printed unit price.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cspctl.emulator.billing.proration import (
    WHOLE,
    Price,
    Share,
    converted_usage,
    cycle_at,
    effective_unit_price,
    plain,
    share_from,
    subtotal,
)
from cspctl.emulator.billing.taxes import market_rates, percent_of, tax
from cspctl.emulator.settings import Settings
from cspctl.emulator.terms import term_end


def day(text):
    return date.fromisoformat(text)


# 10.08 EUR in a cycle that starts in June, 28 days left: 10 → 12 → 8 seats
_ADDED = [("10.08", 28, 30, 10, "94.08"), ("10.08", 28, 30, 12, "112.89"), ("10.08", 28, 30, 12, "112.89"),
          ("10.08", 28, 30, 8, "75.26")]  # fmt: skip  # one example
# 12.00 in a cycle that starts in March 2022: 10 → 15 → 25 → 23 → 20, and 20 → 10 → 15
_MARCH = [("12", 29, 31, 10, "112.25"), ("12", 29, 31, 15, "168.38"), ("12", 26, 31, 15, "150.96"),
          ("12", 26, 31, 25, "251.61"), ("12", 24, 31, 25, "232.25"), ("12", 24, 31, 23, "213.67"),
          ("12", 22, 31, 23, "195.87"), ("12", 22, 31, 20, "170.32"), ("12", 22, 31, 10, "85.16"),
          ("12", 22, 31, 15, "127.74")]  # fmt: skip  # one example


@pytest.mark.parametrize("kind", ["addQuantity", "removeQuantity"])
@pytest.mark.parametrize(("unit", "days", "of", "seats", "amount"), [*_ADDED, *_MARCH])
def test_seat_changes_truncate_the_line_as_the_14_published_lines_do(kind, unit, days, of, seats, amount):
    assert subtotal(kind, Price(Decimal(unit), 1), Share(days, of), seats) == Decimal(amount)


@pytest.mark.parametrize(
    ("kind", "unit", "days", "of", "seats", "amount"),
    [
        ("cancelImmediate", "10.08", 29, 31, 10, "94.20"),
        ("convert", "10.08", 23, 30, 300, "2316"),
        ("convert", "6.43", 23, 30, 300, "1476"),
        ("convert", "10.08", 23, 30, 100, "772"),
        ("convert", "6.43", 23, 30, 100, "492"),
    ],
)
def test_cancel_and_convert_truncate_the_unit_as_the_5_published_lines_do(kind, unit, days, of, seats, amount):
    assert subtotal(kind, Price(Decimal(unit), 1), Share(days, of), seats) == Decimal(amount)


def test_every_published_line_fits_the_rule_of_its_charge_type_and_only_two_fit_the_other_as_well():
    """The rule goes by the charge type: of the 14 lines of seats the other one explains 232.25 and 213.67 only."""
    both = []
    for unit, days, of, seats, amount in [*_ADDED, *_MARCH]:
        if subtotal("cancelImmediate", Price(Decimal(unit), 1), Share(days, of), seats) == Decimal(amount):
            both.append(amount)
    assert both == ["232.25", "213.67"]


@pytest.mark.parametrize("kind", ["new", "renew", "cycleCharge", "cancelImmediate", "convert", "extendTerm",
                                  "moveQuantity"])  # fmt: skip  # one list
def test_the_two_rules_differ_by_up_to_a_cent_per_seat(kind):
    """10.08 / 30 x 28 is 9.408: 10 seats are 94.08 by the line and 94.00 by the unit."""
    price, share = Price(Decimal("10.08"), 1), Share(28, 30)
    assert subtotal(kind, price, share, 10) == Decimal("94.00")
    assert subtotal("addQuantity", price, share, 10) == Decimal("94.08")
    price, share = Price(Decimal("10.99967"), 1), WHOLE  # nine tenths of a cent and more are lost per seat
    assert subtotal("addQuantity", price, share, 300) - subtotal(kind, price, share, 300) == Decimal("2.90")


def test_the_file_truncates_usage_before_and_after_its_conversion():
    """ROUNDDOWN(ROUNDDOWN(EUP x qty, 2) x FX, 2); licences are priced in billing currency, where FX is 1."""
    assert converted_usage(Decimal("0.045") * Decimal("3.1618"), Decimal("0.925926")) == Decimal("0.12")  # 0.14, 0.1296
    assert converted_usage(Decimal("2.478"), Decimal(1)) == Decimal("2.47")


def test_a_changed_billing_plan_is_reckoned_in_months():
    assert subtotal("changeBillingPlan", Price(Decimal(250), 1), Share(11, 12), 10) == Decimal("2291.60")


@pytest.mark.parametrize(("days", "seats", "amount"), [(30, 1, "4"), (30, 2, "8"), (29, 1, "3.86"), (29, 2, "7.73")])
def test_the_scenarios_of_2020_but_for_their_rounding(days, seats, amount):
    """Printed are 3.87 and 7.74, rounded half up; every line since is truncated."""
    assert subtotal("addQuantity", Price(Decimal(4), 1), Share(days, 30), seats) == Decimal(amount)


def test_an_amount_that_is_exact_is_not_cut_to_the_cent_below():
    assert subtotal("addQuantity", Price(Decimal(100), 12), WHOLE, 300) == Decimal("2500.00")
    assert subtotal("renew", Price(Decimal(100), 12), WHOLE, 300) == Decimal("2499.00")


def test_a_discount_reduces_the_effective_price_as_in_the_sample():
    price = Price(Decimal(192), 12, Decimal("0.1"))
    assert plain(effective_unit_price(price, WHOLE)) == "14.4"
    assert plain(subtotal("new", price, WHOLE, 50)) == "720"


@pytest.mark.parametrize(
    ("bought", "end"),
    [("2021-01-31", "2021-02-27"), ("2021-01-30", "2021-02-27"), ("2021-02-27", "2021-03-26"),
     ("2021-02-28", "2021-03-27"), ("2021-05-30", "2021-06-29"), ("2021-05-31", "2021-06-29"),
     ("2021-06-29", "2021-07-28"), ("2021-06-30", "2021-07-29"), ("2021-07-30", "2021-08-29"),
     ("2021-07-31", "2021-08-30")],
)  # fmt: skip  # the documented table
def test_the_one_cycle_of_a_monthly_term_is_the_term(bought, end):
    start = day(bought)
    cycle = cycle_at(start, "P1M", "monthly", term_end(start, "P1M"), start)
    assert (cycle.start, cycle.end, cycle.full_end) == (start, day(end), day(end))
    assert share_from(cycle, start, "monthly") == WHOLE


@pytest.mark.parametrize(
    ("anchor", "starts"),
    [
        ("2021-01-31", "01-31 02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31"),
        ("2021-01-30", "01-30 02-27 03-30 04-29 05-30 06-29 07-30 08-30 09-29 10-30 11-29 12-30"),
    ],
)
def test_the_cycles_of_a_year_count_from_the_month_end(anchor, starts):
    start = day(anchor)
    end, found, today = term_end(start, "P1Y"), [], start
    while today <= end:
        cycle = cycle_at(start, "P1Y", "monthly", end, today)
        found.append(cycle.start.isoformat()[5:])
        today = date.fromordinal(cycle.end.toordinal() + 1)
    assert found == starts.split()


def test_the_denominator_of_a_clipped_cycle_is_the_written_rule_or_its_real_days():
    start = day("2021-01-31")
    cycle = cycle_at(start, "P1M", "monthly", term_end(start, "P1M"), start)
    assert share_from(cycle, day("2021-02-14"), "monthly") == Share(14, 31)
    assert share_from(cycle, day("2021-02-14"), "monthly", real_days=True) == Share(14, 28)


def test_more_than_a_whole_cycle_is_never_billed():
    """A cycle of 31 days that starts in February: 30 days from 1 March, of 28."""
    start = day("2021-01-31")
    cycle = cycle_at(start, "P1Y", "monthly", term_end(start, "P1Y"), day("2021-03-01"))
    assert (cycle.start, cycle.end) == (day("2021-02-28"), day("2021-03-30"))
    assert share_from(cycle, day("2021-03-01"), "monthly") == Share(28, 28)


@pytest.mark.parametrize(("bought", "of"), [("2023-01-10", 365), ("2023-03-10", 366), ("2024-03-10", 365)])
def test_an_annual_cycle_has_365_or_366_days(bought, of):
    start = day(bought)
    cycle = cycle_at(start, "P1Y", "annual", term_end(start, "P1Y"), start)
    assert share_from(cycle, date.fromordinal(start.toordinal() + 5), "annual") == Share(of - 5, of)


@pytest.mark.parametrize(
    ("duration", "billing", "end", "share"),
    [
        ("P1M", "monthly", "2022-07-31", Share(17, 31)),  # monthly payers: days of the calendar month
        ("P1Y", "annual", "2023-06-30", Share(351, 365)),  # up-front: days of the term
    ],
)
def test_a_first_term_cut_short_is_charged_pro_rata(duration, billing, end, share):
    start = day("2022-07-15")
    cycle = cycle_at(start, duration, billing, day(end), start)
    assert cycle.end == day(end)
    assert share_from(cycle, start, billing) == share


def test_purchases_for_ever_have_no_shares():
    start = day("2022-07-15")
    cycle = cycle_at(start, "", "one_time", date(9999, 12, 10), start)
    assert share_from(cycle, day("2022-08-01"), "one_time") == WHOLE


@pytest.mark.parametrize(
    ("text", "shown"), [("720.00", "720"), ("-0.50", "-0.5"), ("0.00", "0"), ("-0.00", "0"), ("10", "10")]
)
def test_amounts_are_shown_like_the_samples(text, shown):
    assert plain(Decimal(text)) == shown


def test_tax_is_rounded_half_up():
    assert tax(Decimal("0.50"), 19) == Decimal("0.10")
    assert tax(Decimal("-0.50"), 19) == Decimal("-0.10")


def test_the_rate_is_that_of_the_market_and_telephony_bears_more():
    settings = Settings(tax_percent=5, market_tax_percent="DE=19, US=8.875", telephony_tax_percent=3)
    assert percent_of(settings, "de", telephony=False) == 19
    assert percent_of(settings, "US", telephony=True) == Decimal("11.875")
    assert percent_of(settings, "FR", telephony=False) == 5
    for wrong in ("DE", "DE=x", "Germany=19", "DE=-1", "DE=101"):
        with pytest.raises(ValueError, match="no market and percentage"):
            market_rates(wrong)
