"""What terms with an end of their own cost: charged on the days of that end. Unit price: P1Y monthly 30.40, P1M 36.48.

Sources: pages align-subscription-end-dates and common-billing-scenarios-onetime-recurring.
"""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def charged(market, period="current"):
    path = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    return market.get(f"{path}&period={period}")["items"]


def brief(lines):
    return [(one["chargeType"], one["billableQuantity"], one["subtotal"]) for one in lines]


def test_a_first_term_cut_short_is_charged_for_its_days(market):
    market.buy(termDuration="P1M", customTermEndDate="2026-03-31T00:00:00Z")
    assert brief(charged(market)) == [("new", "10", "258.8")]  # 36.48 / 31 x 22 = 25.889, truncated, x 10


def test_a_year_aligned_with_the_calendar_is_charged_by_calendar_months(open_market):
    """The documented alignment: P1Y bought 15 Jul 2022 ends on 30 Jun 2023; a day more costs a day more."""
    market = open_market(now="2022-07-15T09:00:00Z")
    one = market.buy(customTermEndDate="2023-06-30T00:00:00Z")
    assert one["billingCycleEndDate"] == "2022-07-31T00:00:00Z"
    at(market, "2022-07-20T00:00:00Z")
    assert market.patch(one, quantity=11).status_code == 200
    assert brief(charged(market)) == [
        ("new", "10", "166.7"),  # 30.40 / 31 x 17 = 16.67 x 10
        ("addQuantity", "-10", "-117.67"), ("addQuantity", "11", "129.44"),  # 30.40 / 31 x 12
    ]  # fmt: skip  # one table
    for month, last in (("2022-08", 31), ("2023-02", 28), ("2023-06", 30)):
        at(market, f"{month}-01T01:00:00Z")
        (line,) = charged(market)
        assert brief([line]) == [("cycleCharge", "11", "334.4")]
        assert (line["chargeStartDate"][:10], line["chargeEndDate"][:10]) == (f"{month}-01", f"{month}-{last}")
    assert line["subscriptionStartDate"] == "2022-07-15T00:00:00Z"
    at(market, "2023-07-01T01:00:00Z")
    assert brief(charged(market)) == [("renew", "11", "334.4")]


def test_a_year_aligned_with_another_is_charged_on_the_days_of_the_other(open_market):
    market = open_market(now="2026-01-10T09:00:00Z")
    market.buy()
    at(market, "2026-04-20T09:00:00Z")
    market.buy(customTermEndDate="2027-01-09T00:00:00Z")
    assert brief(charged(market)) == [("cycleCharge", "10", "304"), ("new", "10", "202.6")]  # 30.40 / 30 x 20
    assert {line["chargeEndDate"][:10] for line in charged(market)} == {"2026-05-09"}
    at(market, "2026-05-10T01:00:00Z")
    assert brief(charged(market)) == [("cycleCharge", "10", "304")] * 2


def test_the_next_term_is_aligned_with_the_end_scheduled_for_it(market):
    one = market.buy()
    product, sku, availability = one["offerId"].split(":")
    target = {"productId": product, "skuId": sku, "availabilityId": availability, "billingCycle": "monthly",
              "termDuration": "P1Y"}  # fmt: skip  # one product
    wanted = {"product": target, "quantity": 10, "customTermEndDate": "2028-02-29T00:00:00Z"}
    assert market.patch(one, scheduledNextTermInstructions=wanted).status_code == 200
    at(market, "2027-03-10T01:00:00Z")
    assert brief(charged(market)) == [("renew", "10", "215.7")]  # 30.40 / 31 x 22
    at(market, "2027-04-01T01:00:00Z")
    assert brief(charged(market)) == [("cycleCharge", "10", "304")]


@pytest.mark.parametrize("way", ["longer term", "upgrade"])
def test_a_longer_term_ends_the_alignment(open_market, way):
    market = open_market(now="2026-07-15T09:00:00Z")
    targets = [{"id": "0001", "title": "From", "upgradeTargetOffers": [f"{SUITE}:0001"]}]
    source = {"productId": "CFQ7TTAAAA01", "title": "From", "skus": targets}
    price = {"productId": "CFQ7TTAAAA01", "skuId": "0001", "term": "P1Y", "billing": "monthly", "market": "DE"}
    seed = {"catalogue": [source], "prices": [{**price, "currency": "EUR", "unitPrice": "120"}]}
    assert market.control("POST", "seed", seed).status_code == 200
    sku = f"{SUITE}:0001" if way == "longer term" else "CFQ7TTAAAA01:0001"
    one = market.buy(sku=sku, customTermEndDate="2027-06-30T00:00:00Z")
    at(market, "2026-08-20T09:00:00Z")
    longer = {"termDuration": "P3Y", "billingCycle": "monthly"}
    if way == "longer term":
        assert market.patch(one, **longer).status_code == 200
    else:
        body = {"toCatalogItemId": market.item(), "quantity": 10, "transitionType": "transition_only", **longer}
        assert market.call("POST", f"/subscriptions/{one['id']}/transitions", body).status_code == 200
    after = market.subscription(one)
    assert (after["commitmentEndDate"], after["billingCycleEndDate"]) == (
        "2029-08-19T00:00:00Z",
        "2026-09-19T00:00:00Z",
    )
    assert "customTermEndDate" not in after
    kept, charge = {line["chargeEndDate"][:10] for line in charged(market)[-2:]}, charged(market)[-1]
    assert kept == {"2026-08-31", "2026-09-19"} and charge["subtotal"] == "277.7"  # 1000 / 36, truncated, x 10


def test_by_switch_a_coterminated_year_ends_with_a_cycle_cut_short(open_market):
    """Cycles that count from the purchase."""
    market = open_market(now="2022-07-15T09:00:00Z", coterm_cycles="start")
    market.buy(customTermEndDate="2023-06-30T00:00:00Z")
    at(market, "2023-06-15T00:00:00Z")
    last = charged(market)[-1]
    assert (last["chargeStartDate"], last["chargeEndDate"]) == ("2023-06-15T00:00:00Z", "2023-06-30T00:00:00Z")
    assert last["subtotal"] == "162.1"  # 30.40 / 30 x 16 = 16.213, truncated, x 10
    at(market, "2023-07-01T01:00:00Z")
    assert brief(charged(market)) == [("renew", "10", "304")]
