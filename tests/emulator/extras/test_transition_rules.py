"""Transitions of new-commerce subscriptions; rule 44."""

from __future__ import annotations

SUITE = "CFQ7TTAB12CD"
BASIC, PREMIUM, CONFLICTING, TRIAL = (f"{SUITE}:000{n}" for n in (1, 2, 3, 4))
THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
BASE_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9"


def code(answer):
    return answer.status_code, answer.json()["code"]


def move(shop, source, quantity, to=PREMIUM, **more):
    body = {
        "fromCatalogItemId": source["offerId"],
        "fromSubscriptionId": source["id"],
        "toCatalogItemId": shop.item(to),
        "quantity": quantity,
        "transitionType": "transition_only",
        **more,
    }
    return shop.call("POST", f"/subscriptions/{source['id']}/transitions", body)


def eligibilities(shop, source, kind="immediate"):
    return shop.get(f"/subscriptions/{source['id']}/transitionEligibilities?eligibilityType={kind}")["items"]


def eligible(shop, source, target):
    for item in eligibilities(shop, source):
        for one in item["subscriptionEligibilities"]:
            if one["subscriptionId"] == target["id"]:
                return one["isEligible"], [error["code"] for error in one["errors"]]
    raise AssertionError("the target is not listed")


def test_rule_44_eligibility_lists_targets_of_the_sku(shop, sample, misfits):
    source, _ = shop.buy(), shop.buy(PREMIUM)
    body = shop.get(f"/subscriptions/{source['id']}/transitionEligibilities")
    documented = sample("transition-a-new-commerce-subscription")
    assert misfits(documented, body, "items.eligibilities.errors") == []
    assert [one["catalogItemId"] for one in body["items"]] == [shop.item(PREMIUM), shop.item(CONFLICTING)]
    premium, conflicting = body["items"]
    assert [one["isEligible"] for one in premium["eligibilities"]] == [True, True]
    assert [one["isEligible"] for one in conflicting["eligibilities"]] == [True, False]
    assert [one["code"] for one in conflicting["eligibilities"][1]["errors"]] == [3]


def test_rule_44_codes_of_existing_targets(shop):
    source = shop.buy(PREMIUM, quantity=1)  # only to make the source's SKU different
    source = shop.buy()
    fresh = shop.buy(PREMIUM)
    assert eligible(shop, source, fresh) == (False, [2]), "inside its cancellation window"
    monthly = shop.buy(PREMIUM, termDuration="P1M")
    shop.advance("P8D")
    assert eligible(shop, source, fresh) == (True, [])
    assert eligible(shop, source, monthly) == (False, [3]), "shorter term"
    later = shop.buy()
    assert eligible(shop, later, fresh) == (False, [4]), "ends earlier"
    assert shop.patch(fresh["id"], status="suspended").status_code == 200
    assert eligible(shop, source, fresh) == (False, [1]), "not active"


def test_rule_44_no_existing_targets_for_trials_and_schedules(shop):
    shop.buy(PREMIUM)
    trial = shop.buy(TRIAL, quantity=25, termDuration="P1M", billingCycle="none")
    assert [one["subscriptionEligibilities"] for one in eligibilities(shop, trial)] == [[]]
    assert {len(one["subscriptionEligibilities"]) for one in eligibilities(shop, shop.buy(), "scheduled")} == {0}
    path = f"/subscriptions/{trial['id']}/transitionEligibilities?eligibilityType=never"
    assert code(shop.call("GET", path)) == (400, 900126)


def test_rule_44_a_full_transition_keeps_the_id(shop, sample, misfits):
    source = shop.buy()
    scheduled = {
        "product": {**_product(shop), "billingCycle": "monthly", "termDuration": "P1Y"},
        "quantity": 5,
    }
    assert shop.patch(source["id"], scheduledNextTermInstructions=scheduled).status_code == 200
    answer = move(shop, source, 10)
    assert answer.status_code == 200, answer.text
    assert misfits(sample("transition-a-new-commerce-subscription", 1), answer.json()) == []
    assert answer.json()["toSubscriptionId"] == source["id"]
    after = shop.get(f"/subscriptions/{source['id']}")
    assert (after["offerId"], after["offerName"]) == (shop.item(PREMIUM), "Demo Suite Premium")
    assert (after["quantity"], after["commitmentEndDate"]) == (10, source["commitmentEndDate"])
    assert "scheduledNextTermInstructions" not in after
    assert "cancellationAllowedUntilDate" not in after, "no window applies to an upgrade"
    assert "cancel" not in after["actions"]


def _product(shop):
    product, sku, availability = shop.item().split(":")
    return {"productId": product, "skuId": sku, "availabilityId": availability}


def test_rule_44_a_partial_transition_makes_a_second_one_with_the_same_end(shop):
    source = shop.buy()
    shop.advance("P40D")
    answer = move(shop, source, 4).json()
    assert answer["toSubscriptionId"] != source["id"]
    new = shop.get(f"/subscriptions/{answer['toSubscriptionId']}")
    left = shop.get(f"/subscriptions/{source['id']}")
    assert (new["quantity"], left["quantity"]) == (4, 6)
    assert new["commitmentEndDate"] == source["commitmentEndDate"]
    assert (left["offerId"], left["status"]) == (source["offerId"], "active")


def test_rule_44_into_an_existing_one_the_seats_are_added(shop):
    source, target = shop.buy(), shop.buy(PREMIUM, quantity=3)
    shop.advance("P8D")
    assert move(shop, source, 10, toSubscriptionId=target["id"]).status_code == 200
    after = shop.get(f"/subscriptions/{target['id']}")
    assert (after["quantity"], after["commitmentEndDate"]) == (13, target["commitmentEndDate"])
    assert shop.get(f"/subscriptions/{source['id']}")["status"] == "deleted"


def test_rule_44_events_follow_the_clock(shop, sample, misfits):
    source = shop.buy()
    answer = move(shop, source, 10, transitionType="transition_with_license_transfer").json()
    assert [(one["name"], one["status"]) for one in answer["Events"]] == [("Conversion", "Started")]
    shop.advance("PT60S")
    body = shop.get(f"/subscriptions/{source['id']}/transitions")
    assert misfits(sample("get-transitions"), body) == []
    (one,) = body["transition"]
    assert [(event["name"], event["status"]) for event in one["Events"]] == [
        ("Conversion", "Started"),
        ("Conversion", "Completed"),
        ("LicenseReassignment", "Started"),
        ("LicenseReassignment", "Completed"),
    ]
    path = f"/subscriptions/{source['id']}/transitions?operation-id="
    assert len(shop.get(path + one["operationId"])["transition"]) == 1
    assert shop.get(path + BASE_SUB)["transition"] == []
    assert shop.audited("upgrade_subscription")


def test_rule_44_a_failed_licence_transfer_is_an_event(shop):
    source = shop.buy()
    assert move(shop, source, 10, CONFLICTING).status_code == 200
    shop.advance("PT60S")
    events = shop.get(f"/subscriptions/{source['id']}/transitions")["transition"][0]["Events"]
    assert (events[-1]["name"], events[-1]["status"]) == ("LicenseReassignment", "Failed")
    assert events[-1]["errors"][0]["code"] == 3


def test_rule_44_a_target_that_ends_on_the_same_day_takes_the_seats_and_one_that_ends_a_day_earlier_does_not(shop):
    early = shop.buy(PREMIUM, quantity=1)
    shop.advance("P1D")
    source, same = shop.buy(), shop.buy(PREMIUM, quantity=1)
    shop.advance("P8D")
    assert code(move(shop, source, 1, toSubscriptionId=early["id"])) == (400, 900236)
    assert move(shop, source, 1, toSubscriptionId=same["id"]).status_code == 200


def test_rule_44_a_target_is_not_ready_inside_its_window_in_a_renewal_or_in_a_transfer(shop):
    source = shop.buy(termDuration="P1M")
    target = shop.buy(PREMIUM, termDuration="P1M")
    assert code(move(shop, source, 1, toSubscriptionId=target["id"])) == (400, 900261)
    shop.advance("P7DT1S")
    assert move(shop, source, 1, toSubscriptionId=target["id"]).status_code == 200
    lines = [{"subscriptionId": target["id"]}]
    held = shop.post("/transfers", {"targetPartnerTenantId": THEIRS, "lineItems": lines}, status=201)
    assert code(move(shop, source, 1, toSubscriptionId=target["id"])) == (400, 900261)
    assert shop.call("DELETE", f"/transfers/{held['id']}").status_code == 204
    shop.switch(renewal_seconds=86400)
    shop.advance("P24D")  # 10 April, the day on which the target's renewal waits
    later = shop.buy(termDuration="P1M")
    assert code(move(shop, later, 1, toSubscriptionId=target["id"])) == (400, 900261)


def test_rule_44_a_source_that_waits_is_not_upgraded(shop):
    source = shop.buy()
    lines = [{"subscriptionId": source["id"]}]
    assert shop.call("POST", "/transfers", {"targetPartnerTenantId": THEIRS, "lineItems": lines}).status_code == 201
    assert code(move(shop, source, 10)) == (409, 900278)
    other = shop.buy()
    shop.switch(patch_mode="accepted", patch_delay_seconds=600)
    assert shop.patch(other["id"], quantity=11).status_code == 202
    assert code(move(shop, other, 10)) == (409, 900278)
    shop.switch(maximum_updates=0)
    assert code(move(shop, shop.buy(), 10)) == (400, 900311)


def test_rule_44_a_named_promotion_reduces_the_target_where_it_fits(shop):
    deal = {
        "id": "39NFPREM12EF:0002:39NFGHJK34LM", "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-12-31T00:00:00Z",
        "requiredProducts": [{"productId": SUITE, "skuId": "0002",
                              "term": {"duration": "P1Y", "billingCycle": "Monthly"},
                              "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.25"}]}],
    }  # fmt: skip  # one promotion
    shop.seed({"promotions": [deal]})
    full, part, plain = shop.buy(), shop.buy(), shop.buy()
    assert move(shop, full, 10, promotionId=deal["id"]).status_code == 200
    beside = move(shop, part, 4, promotionId=deal["id"]).json()["toSubscriptionId"]
    assert move(shop, plain, 10).status_code == 200
    found = [shop.get(f"/subscriptions/{id}").get("promotionId") for id in (full["id"], beside, plain["id"])]
    assert found == [deal["id"], deal["id"], None]


def test_rule_44_two_subscriptions_become_one_by_two_transitions(shop):
    first, second = shop.buy(), shop.buy(quantity=5)
    assert move(shop, first, 10).json()["toSubscriptionId"] == first["id"]
    answer = move(shop, second, 5, toSubscriptionId=first["id"])
    assert answer.status_code == 200, answer.text
    assert shop.get(f"/subscriptions/{first['id']}")["quantity"] == 15
    assert shop.get(f"/subscriptions/{second['id']}")["status"] == "deleted"


def test_rule_44_a_longer_term_begins_now_and_the_same_one_keeps_its_end(shop):
    month = shop.buy(termDuration="P1M")
    shop.advance("P9D")
    assert move(shop, month, 10, termDuration="P1Y", billingCycle="monthly").status_code == 200
    after = shop.get(f"/subscriptions/{month['id']}")
    assert (after["termDuration"], after["commitmentEndDate"]) == ("P1Y", "2027-03-18T00:00:00Z")


def test_rule_44_an_upgrade_keeps_the_sources_window_by_switch_only(shop):
    shop.switch(transition_keeps_window=True)
    source = shop.buy()
    assert move(shop, source, 10).status_code == 200
    after = shop.get(f"/subscriptions/{source['id']}")
    assert after["cancellationAllowedUntilDate"] == source["cancellationAllowedUntilDate"]
    assert after["actions"] == ["edit", "cancel"]
    other = shop.buy()
    shop.advance("P2D")
    new = shop.get(f"/subscriptions/{move(shop, other, 4).json()['toSubscriptionId']}")
    assert new["cancellationAllowedUntilDate"] == other["cancellationAllowedUntilDate"]
    assert new["refundableQuantity"]["totalQuantity"] == 4


def test_a_trial_becomes_paid_with_its_25_seats(shop):
    trial = shop.buy(TRIAL, quantity=25, termDuration="P1M", billingCycle="none")
    assert code(move(shop, trial, 24)) == (400, 2002)
    assert move(shop, trial, 25).status_code == 200
    after = shop.get(f"/subscriptions/{trial['id']}")
    assert (after["isTrial"], after["termDuration"], after["billingCycle"]) == (False, "P1Y", "monthly")
    assert after["commitmentEndDate"] == "2027-03-09T00:00:00Z"


def test_what_a_transition_may_not_be(shop):
    source, other = shop.buy(), shop.buy(PREMIUM)
    assert code(move(shop, source, 11)) == (400, 2002)
    assert code(move(shop, source, 10, BASIC)) == (403, 800020)
    assert code(move(shop, other, 10, BASIC)) == (403, 800020), "downgrades never"
    assert code(move(shop, source, 10, termDuration="P1M")) == (400, 900267)
    assert code(move(shop, source, 10, termDuration="P9Y")) == (400, 900268)
    assert code(move(shop, source, 10, transitionType="any")) == (400, 900126)
    assert code(move(shop, source, 10, toSubscriptionId=source["id"])) == (400, 900259)
    assert code(move(shop, source, 10, toSubscriptionId=shop.buy()["id"])) == (400, 900260)
    assert code(move(shop, source, 10, toSubscriptionId=other["id"])) == (400, 900261)
    assert code(move(shop, source, 10, promotionId="X:Y:Z")) == (400, 27007)
    stale = {"toCatalogItemId": f"{SUITE}:0002:CFQ7TTAAAAAA"}
    assert code(move(shop, source, 10, **stale)) == (404, 400019)
    legacy = f"/subscriptions/{BASE_SUB}/transitionEligibilities"
    assert code(shop.call("GET", legacy)) == (403, 900263)
