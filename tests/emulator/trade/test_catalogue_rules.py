"""Rules 7, 10 and 21 to 23: customers and catalogue."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
UNSIGNED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
FOREIGN = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b13"
SUITE, DESK = "CFQ7TTAB12CD", "CFQ7TTEF34GH"


def code(answer):
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/customers/no-guid", (400, 900118)),
        (f"/v1/customers/{FOREIGN}", (403, 20002)),
        ("/v1/customers/11111111-2222-3333-4444-555555555555/subscriptions", (404, 60003)),
        (f"/v1/customers/{CUSTOMER}/subscriptions/no-guid", (400, 800002)),
        (f"/v1/customers/{CUSTOMER}/subscriptions/{FOREIGN}", (404, 20003)),
        (f"/v1/customers/{CUSTOMER}/orders/0123456789ab", (404, 20000)),
        ("/v1/products/CFQ7NOTHING0?country=DE", (404, 400013)),
        (f"/v1/products/{SUITE}/skus/9999?country=DE", (404, 400018)),
        (f"/v1/products/{SUITE}/skus/0001/availabilities/CFQ7TTZZZZZZ?country=DE", (404, 400019)),
    ],
)
def test_rule_07_ids_that_lead_nowhere_have_their_own_codes(market, path, expected):
    assert code(market.call("GET", path)) == expected


def test_rule_07_ids_are_compared_without_case(market):
    assert market.get(f"/v1/customers/{CUSTOMER.upper()}")["id"] == CUSTOMER


def test_customer_by_id_has_every_property_of_the_sample(market, sample):
    documented, body = sample("get-a-customer-by-id", 0), market.get(f"/v1/customers/{CUSTOMER}")
    assert set(documented) <= set(body)
    for part in ("companyProfile", "billingProfile"):
        assert set(documented[part]) <= set(body[part])
    assert set(documented["billingProfile"]["defaultAddress"]) - {"state"} <= set(
        body["billingProfile"]["defaultAddress"]
    )
    assert body["billingProfile"]["attributes"]["objectType"] == "CustomerBillingProfile"


def test_customer_list_item_has_exactly_the_properties_of_the_sample(market, sample):
    documented, body = sample("get-a-list-of-customers", 0), market.get("/v1/customers?size=40")
    assert [item["id"] for item in body["items"]] == [CUSTOMER, UNSIGNED]
    assert set(body) == set(documented)
    assert set(body["items"][0]) == set(documented["items"][0])
    assert set(body["items"][0]["companyProfile"]) == set(documented["items"][0]["companyProfile"])
    assert body["links"]["self"] == documented["links"]["self"]


def test_rule_10_next_link_carries_the_continuation_header(market):
    first = market.get("/v1/customers?size=1")
    following = first["links"]["next"]
    header = following["headers"][0]
    assert (first["totalCount"], header["key"]) == (1, "MS-ContinuationToken")
    second = market.get("/v1" + following["uri"], MS_ContinuationToken=header["value"])
    assert [item["id"] for item in second["items"]] == [UNSIGNED]
    assert "next" not in second["links"]
    other = market.call("GET", "/v1/customers?size=2&seekOperation=Next", MS_ContinuationToken=header["value"])
    assert other.status_code == 400


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("CompanyName", "birk", [CUSTOMER]),
        ("Domain", "UNSIGNED", [UNSIGNED]),
        ("CompanyName", "demo", []),
        ("IndirectReseller", "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01", [CUSTOMER]),
    ],
)
def test_customer_filter_compares_the_beginning_without_case(market, field, value, found):
    text = quote(json.dumps({"Field": field, "Value": value, "Operator": "starts_with"}))
    items = market.get(f"/v1/customers?size=0&filter={text}")["items"]
    assert [item["id"] for item in items] == found


def test_customer_filter_knows_no_other_operator(market):
    text = quote(json.dumps({"Field": "CompanyName", "Value": "x", "Operator": "substring"}))
    assert market.call("GET", f"/v1/customers?filter={text}").status_code == 400


def test_customers_pay_in_the_billing_currency_of_their_partner(market):
    assert market.cart(market.line()).json()["lineItems"][0]["currencyCode"] == "EUR"


def test_product_and_sku_have_every_property_of_the_samples(market, sample):
    product = market.get(f"/v1/products/{SUITE}?country=DE")
    assert set(product) == set(sample("get-a-product-by-id", 1))
    documented = sample("get-a-sku-by-id", 1)
    sku = market.get(f"/v1/products/{SUITE}/skus/0001?country=DE")
    assert set(sku) == set(documented)
    assert set(sku["dynamicAttributes"]) == set(documented["dynamicAttributes"])
    assert sku["supportedBillingCycles"] == ["annual", "monthly", "triennial"]
    assert sku["links"]["self"]["uri"] == f"/products/{SUITE}/skus/0001?country=DE"


def test_availability_has_every_property_of_the_sample(market, sample):
    documented = sample("get-an-availability-by-id", 1)
    product, sku, availability = market.item().split(":")
    body = market.get(f"/v1/products/{product}/skus/{sku}/availabilities/{availability}?country=DE")
    assert set(body) == set(documented)
    assert set(body["terms"][0]) == set(documented["terms"][0])
    assert set(body["renewalInstructions"][0]) == set(documented["renewalInstructions"][0])
    assert body["defaultCurrency"] == {"code": "EUR", "symbol": "€"}
    assert len(availability) == 12
    pairs = [(term["duration"], term["billingCycle"]) for term in body["terms"]]
    assert ("P3Y", "Triennial") in pairs
    assert ("P1Y", "Monthly") in pairs


def test_by_customer_lists_are_collections_with_country_links(market):
    body = market.get(f"/products/{SUITE}/skus/0001/availabilities")
    assert [item["segment"] for item in body["items"]] == ["commercial"]
    assert body["attributes"] == {"objectType": "Collection"}
    assert body["items"][0]["links"]["self"]["uri"].endswith("?country=DE")


def test_every_segment_but_nonprofit_is_listed_unasked(market):
    path = f"/v1/products/{SUITE}/skus/0001/availabilities?country=DE"
    assert [item["segment"] for item in market.get(path)["items"]] == ["commercial", "education"]
    assert [item["segment"] for item in market.get(f"{path}&targetSegment=Nonprofit")["items"]] == ["nonprofit"]
    assert code(market.call("GET", f"/products/{SUITE}/skus/0001/availabilities?targetSegment=education")) == (
        403,
        400030,
    )


def test_products_are_narrowed_by_target_view(market):
    licences = market.get("/products?targetView=OnlineServices")["items"]
    assert [item["id"] for item in licences] == [SUITE, DESK]
    assert {item["productType"]["id"] for item in market.get("/products?targetView=Azure")["items"]} == {"Azure"}
    assert code(market.call("GET", "/products?targetView=Secret")) == (403, 400036)


def test_a_sku_that_is_not_for_sale_says_so(market):
    assert market.get(f"/products/{SUITE}/skus/0005/availabilities")["items"][0]["isPurchasable"] is False


def test_rule_21_availability_ids_rotate_with_the_clock(market):
    market.switch(availability_rotation_hours=24)
    before = market.item()
    market.advance("PT1H")
    assert market.item() == before
    market.advance("P2D")
    product, sku, availability = before.split(":")
    path = f"/v1/products/{product}/skus/{sku}/availabilities/{availability}?country=DE"
    assert code(market.call("GET", path)) == (404, 400019)
    line = market.cart({**market.line(), "catalogItemId": before}).json()["lineItems"][0]
    assert line["error"]["errorCode"] == 10001
    assert "pricing" not in line


def test_rule_21_a_cart_checked_out_after_a_rotation_is_404_400019(market):
    market.switch(availability_rotation_hours=24)
    cart = market.cart(market.line()).json()
    market.advance("P2D")
    assert code(market.checkout(cart["id"])) == (404, 400019)
    assert market.get("/subscriptions")["items"] == []


def test_rule_22_quantity_below_the_minimum_is_400_2002(market):
    assert code(market.cart(market.line(f"{DESK}:0001", quantity=4))) == (400, 2002)
    assert code(market.cart(market.line(quantity=0))) == (400, 2002)
    assert code(market.cart(market.line(quantity="ten"))) == (400, 2002)


def test_rule_22_seats_of_a_small_business_sku_count_over_all_subscriptions(market):
    market.buy(quantity=200)
    line = market.cart(market.line(quantity=101)).json()["lineItems"][0]
    assert line["error"]["errorCode"] == 10015
    assert line["error"]["additionalInformation"] == {"availableQuantity": 100, "purchasedQuantity": 200}
    assert "error" not in market.cart(market.line(quantity=100)).json()["lineItems"][0]


@pytest.mark.parametrize(
    ("term", "billing", "expected"),
    [("P1M", "annual", 900270), ("P1Y", "triennial", 900270), ("P5Y", "monthly", 800121), ("P1Y", "none", 900269)],
)
def test_rule_23_term_and_cycle_must_be_a_pair_of_the_availability(market, term, billing, expected):
    assert code(market.cart(market.line(termDuration=term, billingCycle=billing))) == (400, expected)
