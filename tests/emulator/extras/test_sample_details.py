"""Details that a single documented exchange shows: what placed an order, Azure Stack, the papers of a transfer."""

from __future__ import annotations

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
RESELLER = "1234567"
OLD_LONE, OLD_BASE = "4d3f8b90-29b3-4e7b-b37c-4a435ddef1d9", "195416c1-3447-423a-b37b-ee59a99a19c4"


def test_orders_of_software_say_what_placed_them(shop, sample):
    bought = shop.order("DG7GMGF0DWT0:0001", quantity=1, termDuration=None, billingCycle="one_time")
    documented = sample("cancel-software-purchases")["client"]
    assert bought["client"] == {**documented, "marketplaceCountry": "DE"}
    assert shop.get(f"/orders/{bought['id']}")["client"] == bought["client"]
    assert shop.order()["client"] == {}, "as in the samples of licence orders"


def test_usage_of_azure_stack_says_where_it_came_from(shop, sample, misfits):
    plan = shop.plan()
    use = {"partner": OURS, "subscription": plan["id"], "date": "2026-03-02T06:00:00Z", "quantity": 2, "cost": "1"}
    more = {"resource": "disk", "additionalInfo": {"rack": "7"}}
    shop.seed({"usage": [{**use, "region": "Azure Stack"}, {**use, **more}]})
    query = "start_time=2026-03-01T00:00:00Z&end_time=2026-03-04T00:00:00Z"
    stack, plain = shop.get(f"/subscriptions/{plan['id']}/utilizations/azure?{query}")["items"]
    documented = sample("get-a-customer-s-utilization-record-for-azure")["items"][0]
    assert misfits(documented, stack) == []
    assert stack["instanceData"]["location"] == "azurestack"
    info = stack["instanceData"]["additionalInfo"]
    assert (info["azureStack.Location"], info["azureStack.EventDateTime"]) == ("local", "03/02/2026 06:00:00")
    assert plain["instanceData"]["additionalInfo"] == {"rack": "7"}
    assert shop.control("POST", "seed", {"usage": [{**use, "additionalInfo": "x"}]}).status_code == 400


def legacy(shop, name, offer):
    entry = {"partner": OURS, "customer": shop.customer, "offerId": offer, "quantity": 3, "reseller": RESELLER}
    shop.seed({"legacySubscriptions": [{**entry, "friendlyName": name, "startedAt": "2025-10-01T08:00:00Z"}]})
    every = shop.get("/subscriptions")["items"]
    return next(one for one in every if one["friendlyName"] == name)


def test_a_transfer_keeps_the_partner_on_record(shop, sample, misfits):
    moved, stays = legacy(shop, "moved", OLD_LONE), legacy(shop, "stays", OLD_BASE)
    lines = [{"subscriptionId": one["id"]} for one in (moved, stays)]
    body = {"targetPartnerTenantId": THEIRS, "transferType": "1", "lineItems": lines}
    made = shop.post("/transfers", body, status=201)
    kept = shop.store.get("subscription", OURS, stays["id"])
    shop.store.put("subscription", OURS, stays["id"], {**kept, "status": "suspended"})
    answer = shop.call("POST", f"/transfers/{made['id']}/accept", partner=THEIRS)
    assert answer.status_code == 200, answer.text
    documented = sample("accept-a-transfer")
    assert misfits(documented, answer.json()) == []
    (line,) = answer.json()["orders"][0]["lineItems"]
    assert line["partnerIdOnRecord"] == RESELLER
    (refused,) = answer.json()["transferErrors"][0]["lineItems"]
    assert refused["entitlementId"] == refused["sourceSubscriptionId"] == stays["id"]
