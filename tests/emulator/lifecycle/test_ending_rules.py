"""How subscriptions end: expiry chains, suspension, extended service, cancellation, cycles and waiting billing plans.

Sources: pages subscription-lifecycle, create-a-new-subscription (2023); extended service term: vendor's announcement
of March 2026, by distributors.
"""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"
PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"


def code(answer):
    return answer.status_code, answer.json()["code"]


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def states(market, one, *instants):
    found = []
    for instant in instants:
        at(market, instant)
        found.append(market.subscription(one)["status"])
    return found


def lines(market, one, period="current"):
    path = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    return [line for line in market.get(f"{path}&period={period}")["items"] if line["subscriptionId"] == one["id"]]


def test_rule_38_without_auto_renew_expired_30_days_disabled_90_days_then_deleted(market):
    one = market.buy(termDuration="P1M")
    market.patch(one, autoRenewEnabled=False)
    found = states(
        market, one, "2026-04-09T23:59:59Z", "2026-04-10T00:00:00Z", "2026-05-09T23:59:59Z", "2026-05-10T00:00:00Z",
        "2026-08-07T23:59:59Z", "2026-08-08T00:00:00Z",
    )  # fmt: skip  # one row of instants
    assert found == ["active", "expired", "expired", "disabled", "disabled", "deleted"]


def test_what_has_expired_takes_no_write_and_is_not_billed(market):
    one = market.buy(termDuration="P1M")
    market.patch(one, autoRenewEnabled=False)
    at(market, "2026-04-20T00:00:00Z")
    now = market.subscription(one)
    assert now["actions"] == [] and "cancellationAllowedUntilDate" not in now
    assert code(market.patch(one, status="active")) == (400, 900279)
    assert lines(market, one) == []


@pytest.mark.parametrize("first", ["disabled", "expired"])
def test_rule_38_suspended_at_the_end_is_disabled_30_and_90_days_or_expired_first_by_switch(market, first):
    market.switch(suspended_end_status=first)
    one = market.buy(termDuration="P1M")
    market.patch(one, status="suspended")
    found = states(
        market, one, "2026-04-09T12:00:00Z", "2026-04-10T00:00:00Z", "2026-05-10T00:00:00Z", "2026-08-07T00:00:00Z",
        "2026-08-08T00:00:00Z",
    )  # fmt: skip  # one row of instants
    assert found == ["suspended", first, "disabled", "disabled", "deleted"]


def test_rule_37_a_suspended_subscription_is_still_charged_cycle_by_cycle(market):
    one = market.buy()
    market.patch(one, status="suspended")
    at(market, "2026-04-10T00:00:00Z")
    assert [line["chargeType"] for line in lines(market, one)] == ["cycleCharge"]


def test_rule_38_a_legacy_subscription_suspended_for_90_days_is_deleted(market):
    offer = {"id": "031c9e47-4802-4248-838e-778fb1d2cc05", "name": "Old Suite"}
    old = {"partner": PROVIDER, "customer": CUSTOMER, "offerId": offer["id"], "quantity": 5, "billing": "monthly",
           "startedAt": "2026-01-15T00:00:00Z", "id": "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2c01"}  # fmt: skip  # one entry
    answer = market.control("POST", "seed", {"offers": [offer], "legacySubscriptions": [old]})
    assert answer.status_code == 200, answer.text
    one = market.get(f"/subscriptions/{old['id']}")
    assert market.patch(one, status="suspended").status_code == 200
    assert states(market, one, "2026-06-08T09:14:59Z", "2026-06-08T09:15:00Z") == ["suspended", "deleted"]


def test_a_legacy_subscription_still_suspended_at_its_end_is_deleted_and_an_active_one_renews(market):
    offer = {"id": "031c9e47-4802-4248-838e-778fb1d2cc05", "name": "Old Suite"}
    pair = [
        {"partner": PROVIDER, "customer": CUSTOMER, "offerId": offer["id"], "quantity": 5, "billing": "monthly",
         "startedAt": "2025-04-01T00:00:00Z", "id": f"aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2c0{number}"}
        for number in (1, 2)
    ]  # fmt: skip  # two entries
    assert market.control("POST", "seed", {"offers": [offer], "legacySubscriptions": pair}).status_code == 200
    gone, kept = (market.get(f"/subscriptions/{one['id']}") for one in pair)
    market.patch(gone, status="suspended")
    assert states(market, gone, "2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z") == ["suspended", "deleted"]
    assert states(market, kept, "2026-04-01T01:00:00Z") == ["active"]
    assert market.subscription(kept)["commitmentEndDate"] == "2027-04-01T00:00:00Z"  # legacy ends are not inclusive


def test_a_legacy_trial_that_nobody_converts_expires(market):
    offer = {"id": "c0bd2e08-11ac-4836-bdc7-3712e744922f", "name": "Old Trial", "isTrial": True}
    old = {"partner": PROVIDER, "customer": CUSTOMER, "offerId": offer["id"], "quantity": 25, "billing": "monthly",
           "startedAt": "2026-03-01T00:00:00Z", "id": "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2c01"}  # fmt: skip  # one entry
    assert market.control("POST", "seed", {"offers": [offer], "legacySubscriptions": [old]}).status_code == 200
    one = market.get(f"/subscriptions/{old['id']}")
    assert (one["isTrial"], one["autoRenewEnabled"]) == (True, False)
    assert states(market, one, "2026-03-31T23:59:59Z", "2026-04-01T00:00:00Z") == ["active", "expired"]
    assert market.subscription(one)["isTrial"] is True


def test_a_trial_without_auto_renew_expires_and_extended_service_is_not_for_it(market):
    at(market, "2026-04-20T08:00:00Z")
    one = market.buy(sku=f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    assert market.patch(one, autoRenewEnabled=False).status_code == 200
    assert states(market, one, "2026-05-20T00:00:00Z") == ["expired"]


def test_webhooks_tell_of_what_time_did(market):
    from cspctl.emulator.webhooks.events import EVENT, REGISTRATION

    wanted = {"events": ["subscription-updated", "invoice-ready"], "url": "http://127.0.0.1:9/none"}
    market.store.put(REGISTRATION, "", PROVIDER, {"id": PROVIDER, "partner": PROVIDER, **wanted})
    market.buy(termDuration="P1M")
    before = {one["id"] for one in market.store.list(EVENT, "")}
    market.control("POST", "clock", {"now": "2026-04-10T02:00:00Z"})
    told = [one["payload"]["EventName"] for one in market.store.list(EVENT, "") if one["id"] not in before]
    assert "invoice-ready" in told and "subscription-updated" in told


def test_windows_close_by_themselves(market):
    one = market.buy()
    at(market, "2026-03-17T09:15:00Z")
    assert market.subscription(one)["refundableQuantity"]["totalQuantity"] == 10
    at(market, "2026-03-17T09:15:01Z")
    now = market.subscription(one)
    assert "refundableQuantity" not in now and "cancellationAllowedUntilDate" not in now


# extended service term


def extended(market):
    """A month that ends after 4 May 2026 with auto-renew off."""
    at(market, "2026-04-20T08:00:00Z")
    one = market.buy(termDuration="P1M")
    assert market.patch(one, autoRenewEnabled=False).status_code == 200
    return one


def test_extended_service_rolls_on_from_month_to_month_at_3_percent_more(market):
    one = extended(market)
    at(market, "2026-05-20T00:00:00Z")
    now = market.subscription(one)
    assert (now["id"], now["status"], now["autoRenewEnabled"]) == (one["id"], "active", False)
    assert (now["termDuration"], now["commitmentEndDate"]) == ("P1M", "2026-06-19T00:00:00Z")
    assert [(line["chargeType"], line["unitPrice"]) for line in lines(market, one)] == [("renew", "37.5744")]
    at(market, "2026-06-20T00:00:00Z")
    assert market.subscription(one)["commitmentEndDate"] == "2026-07-19T00:00:00Z"


def test_extended_service_uses_the_row_of_its_own_sheet_where_there_is_one(market):
    row = {"productId": SUITE, "skuId": "0001", "term": "P1M", "billing": "monthly", "market": "DE", "currency": "EUR",
           "unitPrice": "39.00", "view": "licensebasedest"}  # fmt: skip  # one row
    assert market.control("POST", "seed", {"prices": [row]}).status_code == 200
    one = extended(market)
    at(market, "2026-05-20T00:00:00Z")
    assert lines(market, one)[0]["unitPrice"] == "39"


def test_extended_service_without_a_monthly_price_costs_23_percent_more(market):
    market.switch(extended_service_since="2026-03-01")
    triennial = market.buy(termDuration="P3Y")
    market.store.delete("price", "", f"{SUITE}:0001:P1M:monthly:DE:EUR:commercial".lower())
    market.patch(triennial, autoRenewEnabled=False)
    at(market, "2029-03-10T00:00:00Z")
    assert lines(market, triennial)[0]["unitPrice"] == "34.166667"  # 1000.00 / 36 x 1.23


def test_extended_service_can_be_cancelled_at_any_time_with_the_rest_of_the_month_back(market):
    one = extended(market)
    at(market, "2026-05-30T10:00:00Z")
    now = market.subscription(one)
    assert now["cancellationAllowedUntilDate"] == "2026-06-19T23:59:59Z" and "cancel" in now["actions"]
    assert market.patch(one, status="deleted").status_code == 200
    back = lines(market, one)[-1]
    assert (back["chargeType"], back["chargeStartDate"]) == ("cancelImmediate", "2026-05-30T00:00:00Z")
    assert back["subtotal"] == "-254.5"  # 37.5744 / 31 x 21 = 25.4536, truncated, x 10


def test_extended_service_takes_no_change_of_seats_but_a_standard_term(market):
    one = extended(market)
    at(market, "2026-05-20T00:00:00Z")
    assert code(market.patch(one, quantity=11)) == (400, 900280)
    assert market.patch(one, termDuration="P1Y", billingCycle="annual").status_code == 200
    now = market.subscription(one)
    assert (now["termDuration"], now["commitmentEndDate"]) == ("P1Y", "2027-05-19T00:00:00Z")


def test_extended_service_ends_with_the_month_in_which_auto_renew_is_switched_on(market):
    one = extended(market)
    at(market, "2026-05-20T00:00:00Z")
    assert market.patch(one, autoRenewEnabled=True).status_code == 200
    at(market, "2026-06-20T01:00:00Z")
    assert (lines(market, one)[-1]["chargeType"], lines(market, one)[-1]["unitPrice"]) == ("renew", "36.48")


@pytest.mark.parametrize(
    "changes",
    [
        {"extended_service_term": False},
        {"extended_service_since": "2026-05-20"},  # the term ends on the 19th
        {"extended_service_bought_since": "2026-04-21"},  # bought on the 20th
    ],
)
def test_extended_service_is_a_switch_and_starts_on_its_days(market, changes):
    market.switch(**changes)
    one = extended(market)
    at(market, "2026-05-20T00:00:00Z")
    assert market.subscription(one)["status"] == "expired"


# charge cycles and billing plans


def test_rule_39_a_waiting_billing_plan_takes_effect_with_the_next_charge(open_market):
    market = open_market(now="2025-01-10T09:00:00Z")
    one = market.buy(termDuration="P3Y", quantity=2)
    assert market.patch(one, billingCycle="annual").status_code == 200
    assert market.subscription(one)["nextChargeInstructions"]["product"]["billingCycle"] == "annual"
    at(market, "2025-02-10T00:00:00Z")
    now = market.subscription(one)
    assert now["billingCycle"] == "annual" and "nextChargeInstructions" not in now
    assert (now["billingCycleEndDate"], now["commitmentEndDate"]) == ("2026-01-09T00:00:00Z", "2028-01-09T00:00:00Z")
    changed = lines(market, one)[-1]
    assert (changed["chargeType"], changed["chargeStartDate"]) == ("changeBillingPlan", "2025-02-10T00:00:00Z")
    assert changed["subtotal"] == "611.1"  # 1000 / 3 x 11/12 = 305.555, truncated, x 2
    at(market, "2026-01-10T00:00:00Z")
    assert [(line["chargeType"], line["subtotal"]) for line in lines(market, one)] == [("cycleCharge", "666.66")]


def test_charge_cycles_of_a_year_from_31_january_start_as_the_page_prints_them(open_market):
    market = open_market(now="2021-01-31T09:00:00Z")
    one = market.buy()
    at(market, "2022-01-30T00:00:00Z")
    kept = [entry["body"] for entry in market.store.dump()["documents"]["charge"]]
    starts = [line["from"][5:] for line in kept if line["subscription"] == one["id"]]
    assert starts == ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31",
                      "11-30", "12-31"]  # fmt: skip  # the documented row
    assert kept[-1]["to"] == "2022-01-30"


# agreements


def test_an_agreement_from_before_april_2023_stops_counting_in_october_2025(open_market):
    market = open_market(now="2025-10-06T12:00:00Z")
    one = market.buy()
    key = f"{CUSTOMER}:MicrosoftCustomerAgreement"
    agreement = market.store.get("agreement", PROVIDER, key)
    market.store.put("agreement", PROVIDER, key, {**agreement, "dateAgreed": "2023-03-31T00:00:00"})
    assert market.patch(one, quantity=11).status_code == 200
    at(market, "2025-10-07T00:00:00Z")
    assert code(market.patch(one, quantity=12)) == (403, 13605)
    assert code(market.checkout(market.cart(market.line()).json()["id"])) == (403, 13605)
    market.store.put("agreement", PROVIDER, key, {**agreement, "dateAgreed": "2023-04-01T00:00:00"})
    assert market.patch(one, quantity=12).status_code == 200
