"""Clause by clause: targetView, targetSegment, reservationScope, countries, fields of SKU and availability (3.5)."""

from __future__ import annotations

import pytest

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
SCHOOL = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b16"
SUITE, DESK, AZURE = "CFQ7TTAB12CD", "CFQ7TTEF34GH", "DZH318Z0BPS6"
VM, SQL, COSMOS, SAVINGS = "DZH318Z0BQ3V", "DZH318Z0SQLX", "DZH318Z0COSM", "DZH318Z09V6F"
PERPETUAL, RENTED, SUSE, SAAS = "DG7GMGF0PERP", "DG7GMGF0RENT", "DG7GMGF0SUSE", "DZH318Z0SAAS"
OLDER, SPECIAL = "CFQ7TTOLDER1", "CFQ7TTSPECIA"


def code(answer):
    return answer.status_code, answer.json()["code"]


def seed(market, **sections):
    answer = market.control("POST", "seed", sections)
    assert answer.status_code == 200, answer.text


def product(id, kind, sub="", term="P1Y", **more):
    sub_type = {"subType": {"id": sub, "displayName": sub}} if sub else {}
    terms = [{"billingCycle": "one_time", **({"duration": term} if term else {})}]
    type_of = {"id": kind, "displayName": kind, **sub_type}
    return {"productId": id, "title": id, "productType": type_of, "skus": [{"id": "0001", "terms": terms}], **more}


@pytest.fixture
def shelf(market):
    seed(
        market,
        catalogue=[
            product(VM, "Azure", "VirtualMachines"),
            product(SQL, "Azure", "SqlDatabases", reservationScopes=["AzurePlan"]),
            product(COSMOS, "AzureReservationsCosmosDb", reservationScopes=["MicrosoftAzure"]),
            product(SAVINGS, "Azure", "SavingsPlan", reservationScopes=["AzurePlan"]),
            product(PERPETUAL, "Software", term=""),
            product(RENTED, "Software", term="P3Y"),
            product(SUSE, "Software", "SUSELinux"),
            product(SAAS, "SaaS", term="P1M"),
            product(OLDER, "OnlineServices"),
            product(SPECIAL, "OnlineServicesNCE", "SpecializedOffers"),
        ],
    )
    return market


def listed(market, view, more="", by_customer=False):
    path = f"/products?targetView={view}{more}" if by_customer else f"/v1/products?country=DE&targetView={view}{more}"
    return {one["id"] for one in market.get(path)["items"]}


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("OnlineServices", {SUITE, DESK, OLDER, SPECIAL}),
        ("Azure", {AZURE, VM, SQL, SAVINGS, COSMOS}),
        ("MicrosoftAzure", {AZURE}),
        ("AzureReservations", {VM, SQL, COSMOS}),
        ("AzureReservationsVM", {VM}),
        ("AzureReservationsSQL", {SQL}),
        ("AzureReservationsCosmosDb", {COSMOS}),
        ("Software", {PERPETUAL, RENTED, SUSE}),
        ("SoftwareSUSELinux", {SUSE}),
        ("SoftwarePerpetual", {PERPETUAL}),
        ("SoftwareSubscriptions", {RENTED}),
        ("MarketplaceSaaS", {SAAS}),
        ("onlineSERVICES", {SUITE, DESK, OLDER, SPECIAL}),
    ],
)
def test_every_documented_view(shelf, view, expected):
    both = listed(shelf, view) | listed(shelf, view, "&reservationScope=AzurePlan")
    assert both == expected


def test_by_customer_the_marketplace_is_among_the_online_services(shelf):
    assert listed(shelf, "OnlineServices", by_customer=True) == {SUITE, DESK, OLDER, SPECIAL, SAAS}


def test_specialized_offers_are_for_some_partners(shelf):
    assert code(shelf.call("GET", "/v1/products?country=DE&targetView=SpecializedOffers")) == (403, 400036)
    partner = next(one for one in shelf.store.list("partner", "") if one["accountId"] == PROVIDER)
    seed(shelf, partners=[{**partner, "specializedOffers": True}])
    assert listed(shelf, "SpecializedOffers") == {SPECIAL}


def test_reservations_are_listed_for_the_azure_plan_or_for_the_older_offer(shelf):
    scope = "&reservationScope=AzurePlan"
    assert listed(shelf, "AzureReservations") == {VM, COSMOS}
    assert listed(shelf, "AzureReservations", scope) == {VM, SQL}
    assert listed(shelf, "AzureReservations", "&reservationscope=azureplan", by_customer=True) == {VM, SQL}
    for tail in ("skus", "skus/0001/availabilities"):
        path = f"/v1/products/{SQL}/{tail}?country=DE"
        assert shelf.get(path)["items"] == []
        assert len(shelf.get(path + scope)["items"]) == 1
    assert code(shelf.call("GET", "/v1/products?country=DE&targetView=Azure&reservationScope=Moon")) == (400, 900126)


def test_what_a_list_requires(market):
    assert code(market.call("GET", "/v1/products?country=DE")) == (400, 800002)
    assert code(market.call("GET", "/v1/products?targetView=Azure")) == (400, 800002)
    for tail in ("", "/skus", "/skus/0001", "/skus/0001/availabilities", "/skus/0001/availabilities/CFQ7TTAAAAAA"):
        assert code(market.call("GET", f"/v1/products/{SUITE}{tail}")) == (400, 800002)
        assert code(market.call("GET", f"/v1/products/{SUITE}{tail}?country=Germany")) == (400, 800002)
    assert code(market.call("GET", "/products")) == (400, 800002)
    assert code(market.call("GET", f"/products/{SUITE}/skus?targetSegment=moon")) == (400, 900126)


def test_by_customer_every_level_answers_get_and_post(market):
    item = market.item().split(":")
    for tail in ("?targetView=OnlineServices", f"/{SUITE}", f"/{SUITE}/skus", f"/{SUITE}/skus/0001"):
        assert market.call("POST", f"/products{tail}").json() == market.get(f"/products{tail}")
    path = f"/products/{item[0]}/skus/{item[1]}/availabilities"
    assert market.call("POST", path).json() == market.get(path)
    assert market.get(f"{path}?IncludeLifeCycleState=true")["items"] == market.get(path)["items"]
    assert market.get(f"{path}/{item[2]}")["id"] == item[2]


def test_segments_narrow_lists_of_skus_and_products(market):
    sku = {"id": "0001", "segments": ["education"]}
    seed(market, catalogue=[{"productId": OLDER, "title": "For schools", "skus": [sku]}])
    assert OLDER in listed(market, "OnlineServices")
    assert OLDER not in listed(market, "OnlineServices", "&targetSegment=commercial")
    assert listed(market, "OnlineServices", "&targetSegment=Education") == {SUITE, OLDER}
    assert [
        one["id"] for one in market.get(f"/v1/products/{SUITE}/skus?country=DE&targetSegment=nonprofit")["items"]
    ] == ["0001"]


def test_a_customer_sees_the_segments_it_may_buy_in(market):
    school = {"partner": PROVIDER, "id": SCHOOL, "domain": "school.onmicrosoft.com", "segments": ["education"]}
    seed(market, customers=[school])
    path = f"/products/{SUITE}/skus/0001/availabilities"
    assert [one["segment"] for one in market.get(path)["items"]] == ["commercial"]
    market.base = f"/v1/customers/{SCHOOL}"
    assert [one["segment"] for one in market.get(path)["items"]] == ["education"]
    assert code(market.call("GET", f"{path}?targetSegment=commercial")) == (403, 400030)


def test_what_is_not_sold_in_a_country_is_not_listed_and_by_id_not_available(market):
    seed(market, catalogue=[{"productId": OLDER, "title": "Elsewhere", "skus": [{"id": "0001", "markets": ["US"]}]}])
    there = market.get(f"/v1/products/{OLDER}/skus/0001/availabilities?country=US")["items"]
    assert [one["country"] for one in there] == ["US"]
    assert OLDER not in listed(market, "OnlineServices")
    assert market.get(f"/v1/products/{OLDER}/skus?country=DE")["items"] == []
    assert market.get(f"/products/{OLDER}/skus/0001/availabilities")["items"] == []
    for tail in ("", "/skus/0001", f"/skus/0001/availabilities/{there[0]['id']}"):
        for path in (f"/v1/products/{OLDER}{tail}?country=DE", f"/products/{OLDER}{tail}"):
            answer = market.call("GET", path)
            assert code(answer) == (200, 400072)
            assert answer.json()["description"]


def test_terms_of_reservations_and_savings_plans_have_no_id_and_no_cycle(shelf):
    for id in (VM, SAVINGS):
        path = f"/v1/products/{id}/skus/0001/availabilities?country=DE&reservationScope=AzurePlan"
        (one,) = shelf.get(path)["items"]
        assert [set(term) for term in one["terms"]] == [{"duration", "description"}]
        assert one["isRenewable"] is False
        assert one.get("renewalInstructions", []) == []
    assert "renewalInstructions" not in shelf.get(f"/v1/products/{VM}/skus/0001/availabilities?country=DE")["items"][0]


def test_each_pair_of_term_and_cycle_is_a_term_with_its_own_id(market):
    product_id, sku, availability = market.item().split(":")
    body = market.get(f"/v1/products/{product_id}/skus/{sku}/availabilities/{availability}?country=DE")
    ids = [term["id"] for term in body["terms"]]
    assert len(set(ids)) == len(ids) == 6
    assert all(len(id) == 12 and id == id.lower() for id in ids)
    assert [one["applicableTermIds"] for one in body["renewalInstructions"]] == [[id] for id in ids]
    policies = body["terms"][0]["cancellationPolicies"]
    assert policies == [{"refundOptions": [{"sequenceId": 0, "type": "Full", "expiresAfter": "P1D"}]}]
    assert body["product"]["id"] == product_id
    assert body["sku"]["id"] == sku


def test_a_trial_renews_into_the_paid_sku(market):
    (trial,) = market.get(f"/v1/products/{SUITE}/skus/0002/availabilities?country=DE")["items"]
    (option,) = trial["renewalInstructions"][0]["renewalOptions"]
    assert option == {"renewToId": f"{SUITE}:0001", "isAutoRenewable": True}
    assert [(term["duration"], term["billingCycle"]) for term in trial["terms"]] == [("P1M", "None")]
    assert market.get(f"/v1/products/{SUITE}/skus/0002?country=DE")["isTrial"] is True


def test_fields_of_a_sku_that_only_some_have(market):
    special = [{"startDate": "2026-01-01", "endDate": "2026-12-31", "pricingPolicies": [{"type": "P", "value": "1"}]}]
    more = {
        "termsOfUseUri": "https://terms.example",
        "consumptionType": "overage",
        "specializedOfferProperties": special,
        "minimumPurchaseCommitment": {"grain": "Hourly", "currencyCode": "USD", "amount": "0.001"},
        "attestationProperties": {"attestationType": "Windows365", "enforceAttestation": True},
    }
    options = [{"units": "100 GB", "description": "Included storage"}]
    sku = {"id": "0009", "includedQuantityOptions": options, **more}
    seed(market, catalogue=[{"productId": SUITE, "title": "Demo Suite", "skus": [sku]}])
    body = market.get(f"/v1/products/{SUITE}/skus/0009?country=DE")
    assert {name: body[name] for name in more} == more
    plain = market.get(f"/v1/products/{SUITE}/skus/0001?country=DE")
    assert not set(more) & set(plain)
    (one,) = market.get(f"/v1/products/{SUITE}/skus/0009/availabilities?country=DE")["items"]
    assert one["includedQuantityOptions"] == options


def test_rule_21_ids_are_reissued_at_will_and_the_new_one_buys(market):
    before = market.item()
    market.switch(availability_rotation_hours=24)
    market.advance("P1D")
    after = market.item()
    assert before.split(":")[:2] == after.split(":")[:2]
    assert before != after
    assert market.cart(market.line(catalogItemId=before)).json()["lineItems"][0]["error"]["errorCode"] == 10001
    line = {"lineItemNumber": 0, "offerId": before, "quantity": 1, "termDuration": "P1Y"}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "annual", "lineItems": [line]}
    assert code(market.call("POST", "/orders", body)) == (404, 400019)
    assert "error" not in market.cart(market.line(catalogItemId=after)).json()["lineItems"][0]


def test_rule_21_a_cart_mends_itself_with_the_new_id(market):
    market.switch(availability_rotation_hours=24)
    cart = market.cart(market.line()).json()
    market.advance("P1D")
    assert code(market.checkout(cart["id"])) == (404, 400019)
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [market.line()]}
    assert market.call("PUT", f"/carts/{cart['id']}", body).status_code == 201
    assert len(market.checkout(cart["id"]).json()["orders"]) == 1
