"""Rule 45 over every state a subscription can be in: what the resource says may be done is what a PATCH then grants.

`edit` means that at least one change beside the cancellation is accepted, `cancel` that the cancellation is, and a
`cancellationAllowedUntilDate` that it is, unless something under way makes the caller wait (409).
"""

from __future__ import annotations

import copy
from contextlib import contextmanager

import pytest

SUITE, AZURE = "CFQ7TTAB12CD", "DZH318Z0BPS6"
PROVIDER, OTHER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
OLD_OFFER, OLD = "031c9e47-4802-4248-838e-778fb1d2cc05", "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2c01"
GOODS = [
    {"productId": "DZH318Z0SAAS", "title": "Market thing", "productType": "SaaS", "skus": [
        {"id": "0001", "title": "Market thing", "terms": [{"duration": "P1M", "billingCycle": "monthly"},
                                                          {"duration": "P1Y", "billingCycle": "annual"}]}]},
    {"productId": "DG7GMGF0DWT0", "title": "Demo Tools", "productType": "Software", "skus": [
        {"id": "0001", "title": "For ever", "terms": [{"billingCycle": "one_time"}]},
        {"id": "0002", "title": "Three years", "terms": [{"duration": "P3Y", "billingCycle": "one_time"}]}]},
]  # fmt: skip  # a table of goods


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def done(answer):
    assert answer.status_code in (200, 201, 202), answer.text
    return answer


def licence(market, **more):
    return market.buy(**more)


def thing(market, item, **more):
    assert market.control("POST", "seed", {"catalogue": GOODS}).status_code == 200
    return market.buy(catalogItemId=market.item(item), **more)


def old(market):
    entry = {"partner": PROVIDER, "customer": CUSTOMER, "offerId": OLD_OFFER, "quantity": 5, "billing": "monthly",
             "startedAt": "2026-01-15T00:00:00Z", "id": OLD}  # fmt: skip  # one entry
    seed = {"offers": [{"id": OLD_OFFER, "name": "Old Suite"}], "legacySubscriptions": [entry]}
    assert market.control("POST", "seed", seed).status_code == 200
    return market.get(f"/subscriptions/{OLD}")


def fresh(market):
    return licence(market)


def past_its_window(market):
    one = licence(market)
    market.advance("P7DT1S")
    return one


def with_a_later_batch(market):
    one = past_its_window(market)
    done(market.patch(one, quantity=12))
    return one


def without_auto_renew(market):
    one = licence(market)
    done(market.patch(one, autoRenewEnabled=False))
    return one


def suspended_in_its_window(market):
    one = licence(market)
    done(market.patch(one, status="suspended"))
    return one


def suspended_past_its_window(market):
    one = suspended_in_its_window(market)
    market.advance("P8D")
    return one


def cancelled(market):
    one = licence(market)
    done(market.patch(one, status="deleted"))
    return one


def expired(market):
    one = licence(market, termDuration="P1M")
    done(market.patch(one, autoRenewEnabled=False))
    at(market, "2026-04-20T00:00:00Z")
    return one


def disabled(market):
    one = expired(market)
    at(market, "2026-05-20T00:00:00Z")
    return one


def gone(market):
    one = expired(market)
    at(market, "2026-09-20T00:00:00Z")
    return one


def renewing(market):
    one = licence(market, termDuration="P1M")
    at(market, "2026-04-10T00:30:00Z")
    return one


def renewing_with_other_writes_allowed(market):
    market.switch(renewal_wait="documented")
    return renewing(market)


def renewed(market):
    one = renewing(market)
    at(market, "2026-04-10T02:00:00Z")
    return one


def changing(market):
    one = licence(market)
    market.switch(patch_mode="accepted", patch_delay_seconds=600)
    done(market.patch(one, quantity=11))
    market.switch(patch_mode="immediate")
    return one


def used_up(market):
    one = licence(market)
    market.switch(maximum_updates=1)
    done(market.patch(one, friendlyName="once"))
    return one


def in_a_transfer(market):
    one = licence(market)
    body = {"targetPartnerTenantId": OTHER, "lineItems": [{"subscriptionId": one["id"]}]}
    done(market.call("POST", "/transfers", body))
    return one


def in_extended_service(market):
    at(market, "2026-04-20T08:00:00Z")
    one = licence(market, termDuration="P1M")
    done(market.patch(one, autoRenewEnabled=False))
    at(market, "2026-05-22T00:00:00Z")
    return one


def back_from_extended_service(market):
    one = in_extended_service(market)
    done(market.patch(one, termDuration="P1Y", billingCycle="annual"))
    market.advance("P8D")
    return one


def trial(market):
    return licence(market, catalogItemId=market.item(f"{SUITE}:0002"), quantity=25, termDuration="P1M",
                   billingCycle="none")  # fmt: skip  # one purchase


def converted_trial(market):
    one = trial(market)
    at(market, "2026-04-10T02:00:00Z")
    return one


def azure_plan(market):
    return thing(market, f"{AZURE}:0001", quantity=1, termDuration=None, billingCycle="one_time")


def azure_plan_without_subscriptions(market):
    one = azure_plan(market)
    (held,) = market.get(f"/subscriptions/{one['id']}/azureEntitlements")["items"]
    done(market.call("POST", f"/subscriptions/{one['id']}/azureEntitlements/{held['id']}/cancel", {}))
    return one


def suspended_azure_plan(market):
    one = azure_plan_without_subscriptions(market)
    done(market.patch(one, status="suspended"))
    return one


def monthly_marketplace(market):
    return thing(market, "DZH318Z0SAAS:0001", quantity=3, termDuration="P1M")


def late_monthly_marketplace(market):
    one = monthly_marketplace(market)
    market.advance("PT24H1S")
    return one


def yearly_marketplace(market):
    one = thing(market, "DZH318Z0SAAS:0001", quantity=3, termDuration="P1Y", billingCycle="annual")
    market.advance("P14D")
    return one


def software(market):
    return thing(market, "DG7GMGF0DWT0:0002", quantity=3, termDuration="P3Y", billingCycle="one_time")


def late_software(market):
    one = software(market)
    market.advance("P7DT1S")
    return one


def perpetual_software(market):
    return thing(market, "DG7GMGF0DWT0:0001", quantity=3, termDuration=None, billingCycle="one_time")


def legacy(market):
    return old(market)


def suspended_legacy(market):
    one = old(market)
    done(market.patch(one, status="suspended"))
    return one


STATES = {
    fresh: ["edit", "cancel"],
    past_its_window: ["edit"],
    with_a_later_batch: ["edit"],
    without_auto_renew: ["edit", "cancel"],
    suspended_in_its_window: ["edit", "cancel"],
    suspended_past_its_window: ["edit"],
    cancelled: [],
    expired: [],
    disabled: [],
    gone: [],
    renewing: [],
    renewing_with_other_writes_allowed: ["edit"],
    renewed: ["edit", "cancel"],
    changing: [],
    used_up: [],
    in_a_transfer: [],
    in_extended_service: ["edit", "cancel"],
    back_from_extended_service: ["edit"],
    trial: ["edit"],
    converted_trial: ["edit", "cancel"],
    azure_plan: ["edit"],
    azure_plan_without_subscriptions: ["edit", "cancel"],
    suspended_azure_plan: ["edit", "cancel"],
    monthly_marketplace: ["edit", "cancel"],
    late_monthly_marketplace: ["edit"],
    yearly_marketplace: ["edit", "cancel"],
    software: ["edit", "cancel"],
    late_software: ["edit"],
    perpetual_software: ["edit"],
    legacy: ["edit"],
    suspended_legacy: ["edit"],
}
CHANGES = ({"friendlyName": "other name"}, {"status": "active"}, {"status": "suspended"}, {"autoRenewEnabled": ...})


@contextmanager
def tried(market):
    """Whatever is done inside is undone: the stored documents are put back."""
    kept = copy.deepcopy(market.store.list("subscription", PROVIDER))
    yield
    for one in kept:
        market.store.put("subscription", PROVIDER, one["id"], one)


def granted(market, one, **change):
    """The status of a PATCH that would change something; None when there is nothing to change."""
    now = market.subscription(one)
    if all(now.get(name) == value for name, value in change.items()):
        return None
    with tried(market):
        return market.patch(one, **change).status_code


@pytest.mark.parametrize(("state", "expected"), STATES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_rule_45_actions_and_deadline_are_what_a_patch_then_grants(open_market, state, expected):
    market = open_market()
    one = state(market)
    now = market.subscription(one)
    assert now["actions"] == expected
    cancelling = granted(market, one, status="deleted") if now["status"] != "deleted" else 400
    assert ("cancel" in now["actions"]) == (cancelling == 200)
    edits = [granted(market, one, **change) for change in CHANGES]
    assert ("edit" in now["actions"]) == (200 in edits)
    if "cancellationAllowedUntilDate" in now:
        assert cancelling in (200, 409)
    else:
        assert cancelling in (400, 403, 409)


@pytest.mark.parametrize("state", [fresh, monthly_marketplace, yearly_marketplace, software, in_extended_service])
def test_rule_45_the_deadline_is_the_last_second_of_the_cancellation(open_market, state):
    market = open_market()
    one = state(market)
    until = market.subscription(one)["cancellationAllowedUntilDate"]
    at(market, until)
    assert market.subscription(one)["cancellationAllowedUntilDate"] == until
    assert granted(market, one, status="deleted") == 200
    market.advance("PT1S")
    assert market.subscription(one).get("cancellationAllowedUntilDate") != until


@pytest.mark.parametrize("state", STATES, ids=lambda value: value.__name__)
def test_rule_45_refundable_seats_are_what_a_decrease_then_grants(open_market, state):
    market = open_market()
    one = state(market)
    now = market.subscription(one)
    fewer = granted(market, one, quantity=now["quantity"] - 1)
    if "refundableQuantity" in now:
        allowed = min(now["refundableQuantity"]["totalQuantity"], now["quantity"] - 1)
        assert fewer in (200, 409)
        assert fewer == 409 or granted(market, one, quantity=now["quantity"] - allowed) == 200
    elif state not in (legacy,):  # legacy subscriptions lose seats at any time
        assert fewer in (400, 403, 409)
