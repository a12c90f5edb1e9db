"""Legacy offers, orders and subscriptions; rules 9 (their etags), 42 and 43."""

from __future__ import annotations

SUITE = "CFQ7TTAB12CD"
OLD_BASE, OLD_ADDON = "195416c1-3447-423a-b37b-ee59a99a19c4", "2828be95-46ba-4f91-b2fd-0bef192ecf60"
OLD_TRIAL, OLD_BIGGER = "c0bd2e08-11ac-4836-bdc7-3712e744922f", "796b6b5f-613c-4e24-a17c-eba730d49c02"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
TRIAL_SUB, LONE_SUB = "488745b5-2086-4912-802c-6abb9f7c3638", "75b71186-73c3-45b4-a403-281c0d7eb032"


def code(answer):
    return answer.status_code, answer.json()["code"]


def test_offers_of_a_market(shop, sample, misfits):
    body = shop.get("/v1/offers?country=DE")
    documented = {**sample("get-a-list-of-offers-for-a-market")}
    documented["items"] = [one for one in documented["items"] if isinstance(one, dict)]
    assert misfits(documented, body) == []
    assert {one["id"] for one in body["items"]} >= {OLD_BASE, OLD_ADDON}
    one = shop.get(f"/v1/offers/{OLD_BASE.upper()}?country=DE")
    assert misfits(sample("get-an-offer-by-id"), one) == []
    assert [one["id"] for one in shop.get(f"/v1/offers/{OLD_BASE}/addons?country=DE")["items"]] == [OLD_ADDON]
    names = {one["id"] for one in shop.get("/v1/offercategories?country=DE")["items"]}
    assert names == {"SmallBusiness_Key", "Enterprise_Key"}
    assert len(shop.get("/offers")["items"]) == len(body["items"])


def test_modern_items_are_not_in_the_legacy_catalogue(shop):
    assert code(shop.call("GET", f"/v1/offers/{SUITE}:0001?country=DE")) == (400, 2100)
    assert code(shop.call("GET", "/v1/offers/nothing?country=DE")) == (400, 800004)


def test_a_legacy_subscription_looks_like_the_samples(shop, sample, misfits):
    body = shop.get(f"/subscriptions/{ADDON_SUB}")
    assert misfits(sample("get-a-subscription-by-id", 1), body) == []
    assert body["links"]["parentSubscription"]["uri"].endswith(BASE_SUB)
    assert "productType" not in body
    assert body["commitmentEndDate"] == "2026-10-01T00:00:00Z"
    everything = shop.get("/subscriptions")
    but = ("items.entitlementId",)
    assert misfits(sample("get-all-of-a-customer-s-subscriptions"), everything, *but) == []


def test_rule_42_the_billing_cycle_of_a_subscription_is_the_orders(shop, sample, misfits):
    assert code(shop.patch(LONE_SUB, billingCycle="annual")) == (400, 2054)
    order_id = shop.get(f"/subscriptions/{BASE_SUB}")["orderId"]
    body = {**shop.get(f"/orders/{order_id}"), "billingCycle": "Annual"}
    answer = shop.call("PATCH", f"/orders/{order_id}", body)
    assert answer.status_code == 200, answer.text
    assert misfits(sample("change-the-billing-cycle"), answer.json()) == []
    assert shop.get(f"/subscriptions/{BASE_SUB}")["billingCycle"] == "annual"


def test_rule_42_all_must_be_active_and_the_offer_must_have_the_cycle(shop):
    lone = shop.get(f"/subscriptions/{LONE_SUB}")["orderId"]
    body = {**shop.get(f"/orders/{lone}"), "billingCycle": "annual"}
    assert code(shop.call("PATCH", f"/orders/{lone}", body)) == (400, 6001)
    base = shop.get(f"/subscriptions/{BASE_SUB}")["orderId"]
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    body = {**shop.get(f"/orders/{base}"), "billingCycle": "annual"}
    assert code(shop.call("PATCH", f"/orders/{base}", body)) == (400, 6000)


def add(shop, **line):
    order_id = shop.get(f"/subscriptions/{BASE_SUB}")["orderId"]
    item = {"lineItemNumber": 0, "offerId": OLD_ADDON, "parentSubscriptionId": BASE_SUB, "quantity": 2, **line}
    return shop.call("PATCH", f"/orders/{order_id}", {"referenceCustomerId": shop.customer, "lineItems": [item]})


def test_an_add_on_is_put_into_the_order_of_its_base(shop, sample, misfits):
    answer = add(shop, friendlyName="Some friendly name")
    assert answer.status_code == 200, answer.text
    assert misfits(sample("purchase-an-add-on-to-a-subscription"), answer.json()) == []
    assert len(answer.json()["lineItems"]) == 2
    addons = shop.get(f"/subscriptions/{BASE_SUB}/addons")
    but = ("items.entitlementId",)
    assert misfits(sample("get-a-list-of-add-ons-for-a-subscription"), addons, *but) == []
    assert {one["id"] for one in addons["items"]} >= {ADDON_SUB}
    assert len(addons["items"]) == 2
    assert code(add(shop, offerId=OLD_BIGGER)) == (400, 800029)


def test_rule_43_no_add_on_under_an_inactive_base(shop):
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    assert shop.get(f"/subscriptions/{ADDON_SUB}")["status"] == "suspended", "add-ons follow their base"
    assert code(add(shop)) == (409, 27009)
    assert code(shop.patch(ADDON_SUB, status="active")) == (409, 27009)
    assert shop.patch(BASE_SUB, status="active").status_code == 200
    assert shop.patch(ADDON_SUB, status="active").json()["status"] == "active"


def test_suspend_and_reactivate(shop, sample, misfits):
    answer = shop.patch(LONE_SUB, status="suspended").json()
    documented = {key[:1].lower() + key[1:]: value for key, value in sample("suspend-a-subscription").items()}
    assert misfits(documented, answer, "links", "attributes") == []
    assert code(shop.patch(LONE_SUB, quantity=9)) == (400, 2001)
    assert shop.patch(LONE_SUB, status="active").json()["status"] == "active"
    assert shop.patch(LONE_SUB, quantity=1).json()["quantity"] == 1, "legacy seats go down at any time"
    assert code(shop.patch(LONE_SUB, status="deleted")) == (400, 800096)


def test_rule_09_a_stale_etag_of_a_legacy_subscription_is_refused(shop):
    body = shop.get(f"/subscriptions/{LONE_SUB}")
    tag = {"If-Match": f'"{body["attributes"]["etag"]}"'}
    path = f"/subscriptions/{LONE_SUB}"
    assert shop.call("PATCH", path, {**body, "quantity": 4}, headers=tag).status_code == 200
    assert code(shop.call("PATCH", path, {**body, "quantity": 5}, headers=tag)) == (400, 2055)


def test_a_legacy_order_of_offers(shop):
    line = {"lineItemNumber": 0, "offerId": OLD_BIGGER.upper(), "quantity": 3}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "annual", "lineItems": [line]}
    order = shop.post("/orders", body, status=201)
    assert (order["billingCycle"], order["lineItems"][0]["offerId"]) == ("annual", OLD_BIGGER)
    status = shop.get(f"/subscriptions/{order['lineItems'][0]['subscriptionId']}/provisioningstatus")
    assert (status["status"], status["quantity"]) == ("success", 3)


def test_a_trial_becomes_paid_under_the_same_id(shop, sample, misfits):
    path = f"/subscriptions/{TRIAL_SUB}/conversions"
    offers = shop.get(path)
    assert misfits(sample("get-a-list-of-trial-conversion-offers"), offers) == []
    answer = shop.post(path, {**offers["items"][0], "billingCycle": "annual"})
    assert misfits(sample("convert-a-trial-subscription-to-paid"), answer) == []
    after = shop.get(f"/subscriptions/{TRIAL_SUB}")
    assert (after["offerId"], after["isTrial"], after["billingCycle"]) == (OLD_BASE, False, "annual")
    assert shop.audited("convert_trial_subscription")
    again = shop.post(path, offers["items"][0])
    assert again["error"]["code"] == "other"
    assert shop.get(path)["items"] == []
    assert code(shop.call("GET", path, user=False)) == (403, 900329)


def test_a_legacy_upgrade_moves_to_a_new_subscription(shop, sample, misfits):
    path = f"/subscriptions/{BASE_SUB}/upgrades"
    options = shop.get(path)
    assert misfits(sample("transition-a-subscription"), options, "items.upgradeErrors") == []
    assert options["items"][0]["isEligible"] is True
    result = shop.post(path, {**options["items"][0], "upgradeType": 1})
    assert misfits(sample("transition-a-subscription", 1), result) == []
    assert shop.get(f"/subscriptions/{result['targetSubscriptionId']}")["offerId"] == OLD_BIGGER
    (refused,) = shop.get(path)["items"]
    assert refused["upgradeErrors"][0]["code"] == 2
    assert misfits(sample("transition-a-subscription"), shop.get(path)) == []
    assert shop.audited("upgrade_subscription")


def test_support_contact(shop, sample, misfits):
    path = f"/subscriptions/{BASE_SUB}/supportcontact"
    own = shop.get(path)
    assert misfits(sample("get-a-subscription-s-support-contact"), own) == []
    assert own["name"] == "Acme"
    wanted = {"supportTenantId": "AA3C8A52-6F2E-4F0E-9D0C-6C1F1F6A2B01", "supportMpnId": "1234567"}
    answer = shop.call("PUT", path, {**wanted, "name": "Trey Research"})
    assert misfits(sample("update-a-subscription-s-support-contact"), answer.json()) == []
    assert shop.get(path)["supportMpnId"] == "1234567"
    assert code(shop.call("PUT", path, {**wanted, "supportMpnId": "9999999", "name": "No"})) == (404, 800015)
