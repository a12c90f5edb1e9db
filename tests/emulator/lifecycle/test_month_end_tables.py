"""Month ends, as the page common-billing-scenarios-onetime-recurring (2021) prints them, driven by the clock.

What the page does not print has its own tests below, by the switch that decides it.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

# bought on → last day of a term of one month
MONTHS = {
    "2021-01-31": "2021-02-27",
    "2021-01-30": "2021-02-27",
    "2021-02-27": "2021-03-26",
    "2021-02-28": "2021-03-27",
    "2021-05-30": "2021-06-29",
    "2021-05-31": "2021-06-29",
    "2021-06-29": "2021-07-28",
    "2021-06-30": "2021-07-29",
    "2021-07-30": "2021-08-29",
    "2021-07-31": "2021-08-30",
}
# bought on → first days of the twelve charge cycles of a year billed monthly, and its last day
YEARS = {
    "2021-01-31": ("01-31 02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31", "2022-01-30"),
    "2021-01-30": ("01-30 02-27 03-30 04-29 05-30 06-29 07-30 08-30 09-29 10-30 11-29 12-30", "2022-01-29"),
}
LEAP = {  # the same count in a leap year: the month's end is 29 February
    "2024-01-31": ("01-31 02-29 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31", "2025-01-30"),
    "2024-01-30": ("01-30 02-28 03-30 04-29 05-30 06-29 07-30 08-30 09-29 10-30 11-29 12-30", "2025-01-29"),
}


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def after(day, days=1):
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def charges(market, one):
    kept = [entry["body"] for entry in market.store.dump()["documents"]["charge"]]
    return [(line["type"], line["from"], line["to"]) for line in kept if line["subscription"] == one["id"]]


@pytest.mark.parametrize(("bought", "end"), MONTHS.items())
def test_a_month_ends_on_the_printed_day_and_renews_on_the_next(open_market, bought, end):
    market = open_market(now=f"{bought}T09:00:00Z")
    one = market.buy(termDuration="P1M")
    assert one["commitmentEndDate"] == one["billingCycleEndDate"] == f"{end}T00:00:00Z"
    assert one["commitmentEndDateTime"] == f"{end}T23:59:59Z"
    at(market, f"{end}T23:59:59Z")
    assert charges(market, one) == [("new", bought, end)]
    at(market, f"{after(end)}T01:00:00Z")
    again = market.subscription(one)
    assert again["commitmentEndDate"] > one["commitmentEndDate"]
    assert charges(market, one)[1:] == [("renew", after(end), again["commitmentEndDate"][:10])]


@pytest.mark.parametrize(("bought", "printed"), [*YEARS.items(), *LEAP.items()])
def test_the_charge_cycles_of_a_year_start_on_the_printed_days(open_market, bought, printed):
    days, last = printed
    starts = [f"{bought[:4]}-{day}" for day in days.split()]
    market = open_market(now=f"{bought}T09:00:00Z")
    one = market.buy()
    assert one["commitmentEndDate"] == f"{last}T00:00:00Z"
    for start, following in zip(starts, [*starts[1:], after(last)], strict=True):
        at(market, f"{start}T12:00:00Z")
        end = after(following, -1)
        now = market.subscription(one)
        assert (now["billingCycleEndDate"], now["billingCycleEndDateTime"]) == (f"{end}T00:00:00Z", f"{end}T23:59:59Z")
        assert charges(market, one)[-1] == ("new" if start == bought else "cycleCharge", start, end)
    assert [start for _, start, _ in charges(market, one)] == starts


def test_each_cycle_of_such_a_year_costs_a_twelfth(open_market):
    market = open_market(now="2021-01-31T09:00:00Z")
    one = market.buy()
    at(market, "2021-12-31T12:00:00Z")
    kept = [entry["body"] for entry in market.store.dump()["documents"]["charge"]]
    assert [line["subtotal"] for line in kept if line["subscription"] == one["id"]] == ["304.00"] * 12


@pytest.mark.parametrize(
    ("bought", "term", "billing", "end", "next_end"),
    [
        ("2024-02-29", "P1M", "monthly", "2024-03-28", "2024-04-28"),
        ("2024-02-29", "P1Y", "annual", "2025-02-27", "2026-02-27"),
        ("2023-03-01", "P1Y", "annual", "2024-02-29", "2025-02-28"),  # a year that ends on a leap day
        ("2024-01-31", "P1M", "monthly", "2024-02-28", "2024-03-28"),
        ("2024-02-29", "P3Y", "annual", "2027-02-27", "2030-02-27"),
    ],
)
def test_leap_days(open_market, bought, term, billing, end, next_end):
    market = open_market(now=f"{bought}T09:00:00Z")
    one = market.buy(termDuration=term, billingCycle=billing)
    assert one["commitmentEndDate"] == f"{end}T00:00:00Z"
    at(market, f"{after(end)}T01:00:00Z")
    assert market.subscription(one)["commitmentEndDate"] == f"{next_end}T00:00:00Z"


# not printed, hence switches


@pytest.mark.parametrize(
    ("bought", "counts", "starts"),
    [
        ("2021-02-28", "clip", "02-28 03-28 04-28 05-28 06-28 07-28 08-28 09-28 10-28 11-28 12-28 01-28"),
        ("2021-02-28", "end", "02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31 01-31"),
        ("2021-04-30", "clip", "04-30 05-30 06-30 07-30 08-30 09-30 10-30 11-30 12-30 01-30 02-28 03-30"),
        ("2021-04-30", "end", "04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31 01-31 02-28 03-31"),
        ("2021-01-29", "clip", "01-29 02-28 03-29 04-29 05-29 06-29 07-29 08-29 09-29 10-29 11-29 12-29"),
        ("2021-01-29", "end", "01-29 02-26 03-29 04-28 05-29 06-28 07-29 08-29 09-28 10-29 11-28 12-29"),
    ],
)
def test_other_late_days_are_clipped_or_counted_from_the_months_end_by_switch(open_market, bought, counts, starts):
    market = open_market(now=f"{bought}T09:00:00Z")
    market.switch(late_anchor=counts)
    one = market.buy()
    at(market, after(one["commitmentEndDate"][:10]) + "T00:00:00Z")
    assert [start[5:] for kind, start, _ in charges(market, one) if kind != "renew"] == starts.split()
