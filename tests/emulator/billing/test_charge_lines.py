"""Which lines an event leaves, over the API. Unit prices of the market: P1Y monthly 30.40, P1M 36.48, P1Y annual 350.

Sources: pages common-billing-scenarios-onetime-recurring, recon-file-charge-types, new-commerce-cancellation-policy.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

SUITE, DESK = "CFQ7TTAB12CD", "CFQ7TTEF34GH"
PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def charged(market, period="current"):
    path = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    return market.get(f"{path}&period={period}")["items"]


def brief(lines):
    return [(one["chargeType"], one["billableQuantity"], one["subtotal"]) for one in lines]


def total(lines):
    return sum(Decimal(one["subtotal"]) for one in lines)


def test_a_purchase_is_charged_for_its_first_cycle(market):
    one = market.buy()
    line = charged(market)[0]
    assert brief([line]) == [("new", "10", "304")]
    assert (line["unitPrice"], line["effectiveUnitPrice"], line["quantity"]) == ("30.4", "30.4", "10")
    assert (line["chargeStartDate"], line["chargeEndDate"]) == ("2026-03-10T00:00:00Z", "2026-04-09T00:00:00Z")
    assert (line["subscriptionStartDate"], line["subscriptionEndDate"]) == (
        "2026-03-10T00:00:00Z",
        "2027-03-09T00:00:00Z",
    )
    assert line["subscriptionId"] == one["id"] and line["orderId"] == one["orderId"]
    assert line["termAndBillingCycle"] == "One-Year commitment for monthly billing"
    assert line["billingFrequency"] == "Monthly"


def test_a_price_that_is_not_known_is_not_billed(market):
    market.buy(sku=f"{DESK}:0001")
    assert charged(market) == []


def test_more_seats_refund_the_old_and_charge_the_new_quantity_under_one_reference(market):
    one = market.buy()
    at(market, "2026-03-12T18:00:00Z")
    assert market.patch(one, quantity=12).status_code == 200
    lines = charged(market)[1:]
    assert brief(lines) == [("addQuantity", "-10", "-284.38"), ("addQuantity", "12", "341.26")]  # 30.40 / 31 x 29
    assert lines[0]["referenceId"] == lines[1]["referenceId"] != charged(market)[0]["referenceId"]
    assert {line["chargeStartDate"] for line in lines} == {"2026-03-12T00:00:00Z"}
    assert {line["chargeEndDate"] for line in lines} == {"2026-04-09T00:00:00Z"}


def test_fewer_seats_likewise(market):
    one = market.buy()
    at(market, "2026-03-12T18:00:00Z")
    assert market.patch(one, quantity=8).status_code == 200
    assert brief(charged(market)[1:]) == [("removeQuantity", "-10", "-284.38"), ("removeQuantity", "8", "227.5")]


def test_seats_added_on_the_day_of_purchase_cost_whole_cycles(market):
    one = market.buy()
    market.patch(one, quantity=11)
    assert brief(charged(market)) == [
        ("new", "10", "304"),
        ("addQuantity", "-10", "-304"),
        ("addQuantity", "11", "334.4"),
    ]


def test_annual_up_front_is_prorated_by_the_days_of_the_year(market):
    one = market.buy(billingCycle="annual")
    at(market, "2026-03-20T00:00:00Z")
    market.patch(one, quantity=11)
    assert brief(charged(market)) == [
        ("new", "10", "3500"), ("addQuantity", "-10", "-3404.1"), ("addQuantity", "11", "3744.52"),  # 355 of 365 days
    ]  # fmt: skip  # one table


def test_rule_35_cancelled_within_24_hours_everything_comes_back(market):
    one = market.buy()
    at(market, "2026-03-11T08:00:00Z")
    market.patch(one, quantity=12)
    at(market, "2026-03-11T09:00:00Z")
    assert market.patch(one, status="deleted").status_code == 200
    lines = charged(market)
    assert {line["chargeType"] for line in lines[3:]} == {"cancelImmediate"}
    assert total(lines) == 0


def test_rule_35_cancelled_later_the_rest_of_the_cycle_comes_back(market):
    one = market.buy()
    at(market, "2026-03-12T10:00:00Z")
    market.patch(one, status="deleted")
    assert brief(charged(market)) == [("new", "10", "304"), ("cancelImmediate", "-10", "-284.3")]  # 28.43 x 10
    at(market, "2026-04-12T00:00:00Z")
    assert charged(market) == []


def test_the_24_hours_are_a_switch_as_the_policy_page_prorates_from_the_start(market):
    market.switch(full_refund_hours=0)
    one = market.buy()
    at(market, "2026-03-11T08:00:00Z")
    market.patch(one, status="deleted")
    assert brief(charged(market))[1:] == [("cancelImmediate", "-10", "-294.1")]  # 30.40 / 31 x 30 = 29.41


def test_a_longer_term_refunds_the_rest_on_the_old_price_and_charges_the_new(market):
    one = market.buy(termDuration="P1M")
    at(market, "2026-03-12T18:00:00Z")
    assert market.patch(one, termDuration="P1Y", billingCycle="annual").status_code == 200
    assert brief(charged(market)) == [
        ("new", "10", "364.8"), ("extendTerm", "-10", "-341.2"), ("extendTerm", "10", "3500"),  # 36.48 / 31 x 29
    ]  # fmt: skip  # one table


def test_every_following_cycle_and_the_renewal_are_charged(market):
    market.buy()
    for instant in ("2026-04-10T00:00:00Z", "2026-05-10T00:00:00Z"):
        at(market, instant)
        assert brief(charged(market)) == [("cycleCharge", "10", "304")]
    at(market, "2027-03-10T01:00:00Z")
    line = charged(market)[0]
    assert brief([line]) == [("renew", "10", "304")]
    assert (line["chargeStartDate"], line["subscriptionEndDate"]) == ("2027-03-10T00:00:00Z", "2028-03-09T00:00:00Z")


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


def test_trials_are_lines_of_nothing(market, sample):
    market.buy(sku=f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    line, documented = charged(market)[0], sample("get-invoiceline-items", 3)["items"][0]
    for name in ("chargeType", "unitPrice", "effectiveUnitPrice", "quantity", "subtotal", "taxTotal",
                 "totalForCustomer", "billableQuantity", "billingFrequency", "termAndBillingCycle"):  # fmt: skip
        assert line[name] == documented[name], name
    assert line["productQualifiers"] == ["Trial"]


def test_credits_are_lines_of_their_own(market):
    one = market.buy()
    credit = {"partner": PROVIDER, "subscription": one["id"], "amount": "12.50", "reason": "Goodwill"}
    assert market.control("POST", "seed", {"credits": [credit]}).status_code == 200
    line = charged(market)[1]
    assert brief([line]) == [("customerCredit", "1", "-12.5")] and line["creditReasonCode"] == "Goodwill"
    for wrong in ({"amount": "-1"}, {"amount": "1.005"}, {"amount": "x"}, {"subscription": "nobody"}):
        assert market.control("POST", "seed", {"credits": [{**credit, **wrong}]}).status_code == 400


@pytest.mark.parametrize(("percent", "tax", "whole"), [(0, "0", "304"), (19, "57.76", "361.76")])
def test_tax_is_a_setting_and_its_own_amount(market, percent, tax, whole):
    market.switch(tax_percent=percent)
    market.buy()
    line = charged(market)[0]
    assert (line["subtotal"], line["taxTotal"], line["totalForCustomer"]) == ("304", tax, whole)


TOOLS = {
    "catalogue": [{"productId": "DG7GMGF0DWT0", "title": "Demo Tools", "productType": "Software", "skus": [
        {"id": "0001", "title": "A year", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}]}],
    "prices": [{"productId": "DG7GMGF0DWT0", "skuId": "0001", "term": "P1Y", "billing": "one_time", "market": "DE",
                "currency": "EUR", "unitPrice": "700"}],
}  # fmt: skip  # a table of a world reads better packed


def test_software_paid_once_for_a_year_is_charged_and_refunded_by_the_days_of_that_year(market):
    assert market.control("POST", "seed", TOOLS).status_code == 200
    one = market.buy(sku="DG7GMGF0DWT0:0001", quantity=2, termDuration="P1Y", billingCycle="one_time")
    at(market, "2026-03-12T09:15:00Z")
    assert market.patch(one, quantity=3).status_code == 200
    at(market, "2026-03-13T09:15:00Z")
    assert market.patch(one, status="deleted").status_code == 200
    assert brief(charged(market)) == [
        ("new", "2", "1400"),
        ("addQuantity", "-2", "-1392.32"), ("addQuantity", "3", "2088.49"),  # 700 / 365 x 363
        ("cancelImmediate", "-3", "-2082.72"),  # 700 / 365 x 362 = 694.246, truncated, x 3
    ]  # fmt: skip  # one table


# upgrades: the published example, 300 seats of 10.08 bought 18 June, upgraded on the 25th to a product of 6.43

UPGRADE = {
    "catalogue": [
        {"productId": "CFQ7TTAAAA01", "title": "From", "skus": [
            {"id": "0001", "title": "From", "upgradeTargetOffers": ["CFQ7TTAAAA02:0001"]}]},
        {"productId": "CFQ7TTAAAA02", "title": "To", "skus": [{"id": "0001", "title": "To"}]},
    ],
    "prices": [
        {"productId": product, "skuId": "0001", "term": "P1M", "billing": "monthly", "market": "DE", "currency": "EUR",
         "unitPrice": amount}
        for product, amount in (("CFQ7TTAAAA01", "10.08"), ("CFQ7TTAAAA02", "6.43"))
    ],
}  # fmt: skip  # a table of a world reads better packed


@pytest.fixture
def upgraded(open_market):
    """Buy 300 seats on 18 June, go to the 25th; answers (market, subscription, a function that moves seats)."""
    market = open_market(now="2026-06-18T09:00:00Z")
    assert market.control("POST", "seed", UPGRADE).status_code == 200
    one = market.buy(sku="CFQ7TTAAAA01:0001", quantity=300, termDuration="P1M")
    assert brief(charged(market)) == [("new", "300", "3024")]
    at(market, "2026-06-25T09:00:00Z")

    def move(quantity, **more):
        body = {"toCatalogItemId": market.item("CFQ7TTAAAA02:0001"), "quantity": quantity, "termDuration": "P1M",
                "billingCycle": "monthly", "transitionType": "transition_with_license_transfer", **more}  # fmt: skip
        answer = market.call("POST", f"/subscriptions/{one['id']}/transitions", body)
        assert answer.status_code == 200, answer.text

    return market, one, move


def test_rule_44_a_full_upgrade_is_charged_as_published(upgraded):
    market, one, move = upgraded
    move(300)
    lines = charged(market)[1:]
    assert brief(lines) == [("convert", "-300", "-2316"), ("convert", "300", "1476")]
    assert {line["subscriptionId"] for line in lines} == {one["id"]}
    assert {line["chargeEndDate"] for line in lines} == {"2026-07-17T00:00:00Z"}
    assert [line["productId"] for line in lines] == ["CFQ7TTAAAA01", "CFQ7TTAAAA02"]


def test_rule_44_a_partial_upgrade_is_charged_as_published_with_two_ids_and_one_reference(upgraded):
    market, _, move = upgraded
    move(100)
    lines = charged(market)[1:]
    assert brief(lines) == [("convert", "-100", "-772"), ("convert", "100", "492")]
    assert len({line["subscriptionId"] for line in lines}) == 2
    assert lines[0]["referenceId"] == lines[1]["referenceId"]


def test_a_year_upgraded_in_part_is_charged_on_the_same_days_in_both_subscriptions(open_market):
    """The same example for a year billed monthly: 23 of 30 days for both, and one day of charge for both from then."""
    market = open_market(now="2026-06-18T09:00:00Z")
    prices = [{**row, "term": "P1Y", "unitPrice": str(Decimal(row["unitPrice"]) * 12)} for row in UPGRADE["prices"]]
    assert market.control("POST", "seed", {**UPGRADE, "prices": prices}).status_code == 200
    one = market.buy(sku="CFQ7TTAAAA01:0001", quantity=300, termDuration="P1Y")
    at(market, "2026-06-25T09:00:00Z")
    body = {"toCatalogItemId": market.item("CFQ7TTAAAA02:0001"), "quantity": 100, "transitionType": "transition_only"}
    assert market.call("POST", f"/subscriptions/{one['id']}/transitions", body).status_code == 200
    lines = charged(market)[1:]
    assert brief(lines) == [("convert", "-100", "-772"), ("convert", "100", "492")]
    assert {line["chargeEndDate"] for line in lines} == {"2026-07-17T00:00:00Z"}
    assert {line["subscriptionEndDate"] for line in lines} == {"2027-06-17T00:00:00Z"}
    at(market, "2026-07-18T00:00:00Z")
    assert sorted(brief(charged(market))) == [("cycleCharge", "100", "643"), ("cycleCharge", "200", "2016")]
    order = market.get(f"/orders/{market.get('/subscriptions')['items'][1]['orderId']}")
    pricing = order["lineItems"][0]["pricing"]
    assert (pricing["listPrice"], pricing["price"]) == (6.43, 4.93)


def test_rule_44_into_an_existing_subscription_the_seats_are_moved(upgraded):
    market, one, move = upgraded
    at(market, "2026-06-18T12:00:00Z")
    target = market.buy(sku="CFQ7TTAAAA02:0001", quantity=10, termDuration="P1M")
    at(market, "2026-06-26T12:00:00Z")
    move(100, toSubscriptionId=target["id"])
    lines = charged(market)[2:]
    assert [(line["chargeType"], line["billableQuantity"]) for line in lines] == [
        ("moveQuantity", "-100"),
        ("moveQuantity", "100"),
    ]
    assert lines[0]["referenceId"] == lines[1]["referenceId"]
    assert [line["subscriptionId"] for line in lines] == [one["id"], target["id"]]


def test_seeded_history_is_not_charged_again_but_this_month_is(market):
    def entry(name, started):
        return {"partner": PROVIDER, "customer": CUSTOMER, "productId": SUITE, "skuId": "0001", "term": "P1Y",
                "billing": "monthly", "quantity": 2, "friendlyName": name, "startedAt": started}  # fmt: skip

    seed = {"subscriptions": [entry("old", "2024-05-20T10:00:00Z"), entry("fresh", "2026-03-02T10:00:00Z")]}
    assert market.control("POST", "seed", seed).status_code == 200
    assert brief(charged(market)) == [("new", "2", "60.8")]
    at(market, "2026-03-20T00:00:00Z")
    assert brief(charged(market)) == [("new", "2", "60.8"), ("cycleCharge", "2", "60.8")]
