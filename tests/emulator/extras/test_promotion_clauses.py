"""Clause by clause: every reason against a promotion, and what a purchase gets all the same; rule 30."""

from __future__ import annotations

import pytest

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
SUITE = "CFQ7TTAB12CD"
PROMOTION, OTHER = "39NFABCD12EF:0001:39NFGHJK34LM", "39NFDEEPEREF:0001:39NFGHJK34LM"


def code(answer):
    return answer.status_code, answer.json()["code"]


def promotion(id=PROMOTION, value="0.15", policies=None, **more):
    required = {
        "productId": SUITE,
        "skuId": "0001",
        "term": {"duration": "P1Y", "billingCycle": "Monthly"},
        "pricingPolicies": policies or [{"policyType": "PercentDiscount", "value": value}],
    }
    base = {"id": id, "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-06-30T23:59:59Z"}
    return {**base, "properties": {"isAutoApplicable": True}, "requiredProducts": [required], **more}


def limits(**constraints):
    return {"promotionConstraints": constraints}


def ask(shop, quantity=10, **more):
    item = {"catalogItemId": shop.item(), "quantity": quantity, "termDuration": "P1Y", "billingCycle": "MONTHLY"}
    (answer,) = shop.post("/promotionEligibilities", {"items": [{**item, **more}]})["items"]
    return answer


def only_error(shop, **more):
    (found,) = ask(shop, **more)["eligibilities"]
    assert found["isEligible"] is False
    (error,) = found["errors"]
    assert error["description"]
    return error


def bought(shop, **more):
    """The promotion and the cycle price that an order gets."""
    line = shop.order(**more)["lineItems"][0]
    return line.get("promotionId"), line["pricing"]["price"]


def test_rule_30_redemption_limit(shop):
    shop.seed({"promotions": [promotion(**limits(assetOwnershipLimits=[{"minAssets": 0, "maxAssets": 1}]))]})
    assert bought(shop) == (PROMOTION, 25.84)
    error = only_error(shop)
    assert error["type"] == "RedemptionLimit"
    assert (error["maxPromotionRedemptionCount"], error["remainingPromotionRedemptionCount"]) == (1, 0)
    assert bought(shop) == (None, 30.4), "the normal price, in silence"
    assert bought(shop, promotionId=PROMOTION) == (None, 30.4)


def test_rule_30_a_cancelled_redemption_counts(shop):
    shop.seed({"promotions": [promotion(**limits(assetOwnershipLimits=[{"maxAssets": 1}]))]})
    order = shop.order()
    assert shop.patch(order["lineItems"][0]["subscriptionId"], status="deleted").status_code == 200
    assert only_error(shop)["type"] == "RedemptionLimit"


def test_rule_30_first_purchase(shop):
    shop.seed({"promotions": [promotion(**limits(eligibilityConstraints=[{"isApplicable": True}]))]})
    assert ask(shop)["eligibilities"] == [{"promotionId": PROMOTION, "isEligible": True}]
    assert bought(shop)[0] == PROMOTION
    assert only_error(shop)["type"] == "OfferPurchasedPreviously"
    assert bought(shop) == (None, 30.4)


def test_rule_30_a_product_that_must_be_owned(shop):
    group = [[{"bigId": f"{SUITE}/0002"}]]
    shop.seed({"promotions": [promotion(**limits(productOwnershipConstraints=group))]})
    assert only_error(shop)["type"] == "PrerequisiteProductOwnership"
    assert bought(shop) == (None, 30.4)
    shop.order(f"{SUITE}:0002")
    assert bought(shop) == (PROMOTION, 25.84)


@pytest.mark.parametrize(("quantity", "eligible"), [(4, False), (5, True), (30, True), (31, False)])
def test_rule_30_seats_from_least_to_most(shop, quantity, eligible):
    shop.seed({"promotions": [promotion(**limits(seatConstraints=[{"minSeats": 5, "maxSeats": 30}]))]})
    assert ask(shop, quantity)["eligibilities"][0]["isEligible"] is eligible
    assert bought(shop, quantity=quantity) == ((PROMOTION, 25.84) if eligible else (None, 30.4))


def test_rule_30_seats_of_earlier_lines_of_a_cart_count(shop):
    line = {"catalogItemId": shop.item(), "quantity": 20, "termDuration": "P1Y", "billingCycle": "monthly"}
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [line, line]}
    lines = shop.post("/carts", body, status=201)["lineItems"]
    assert [one.get("promotionId") for one in lines] == [PROMOTION, None], "30 seats may have it"


def test_rule_30_nothing_runs_for_the_sku(shop):
    shop.seed({"promotions": [promotion(startDate="2027-01-01T00:00:00Z", endDate="2027-06-30T00:00:00Z")]})
    found = ask(shop)["eligibilities"]
    assert [(one["isEligible"], one["errors"][0]["type"]) for one in found] == [(False, "NoPromotionsAvailable")]
    assert "promotionId" not in found[0]


def test_rule_30_ended_promotions_are_invalid_where_they_are_named(shop):
    shop.advance("P120D")
    assert only_error(shop, promotionId=PROMOTION)["type"] == "InvalidPromotion"
    line = {"lineItemNumber": 0, "offerId": shop.item(), "quantity": 1, "termDuration": "P1Y", "promotionId": PROMOTION}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
    assert code(shop.call("POST", "/orders", body)) == (400, 27007)
    assert bought(shop) == (None, 30.4)


def test_rule_30_a_promotion_of_another_sku_is_invalid_where_it_is_named(shop):
    item = shop.item(f"{SUITE}:0002")
    assert only_error(shop, catalogItemId=item, promotionId=PROMOTION)["type"] == "InvalidPromotion"
    line = {"catalogItemId": item, "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [{**line, "promotionId": PROMOTION}]}
    assert code(shop.call("POST", "/carts", body)) == (400, 27007)


def test_rule_30_a_promotion_of_another_country(shop):
    shop.seed({"promotions": [promotion(countries=["US"])]})
    assert shop.get("/v1/productpromotions?country=DE&segment=commercial")["items"] == []
    assert len(shop.get("/v1/productpromotions?country=us&segment=Commercial")["items"]) == 1
    assert code(shop.call("GET", f"/v1/productpromotions/{PROMOTION}?country=DE")) == (404, 1000)
    assert ask(shop)["eligibilities"][0]["errors"][0]["type"] == "NoPromotionsAvailable"
    assert only_error(shop, promotionId=PROMOTION)["type"] == "InvalidPromotion"
    assert bought(shop) == (None, 30.4)


def test_rule_30_only_the_commercial_segment_has_promotions(shop):
    school = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b16"
    sku = {
        "id": "0001",
        "segments": ["commercial", "education"],
        "terms": [{"duration": "P1Y", "billingCycle": "monthly"}],
    }
    customer = {"partner": OURS, "id": school, "domain": "school.onmicrosoft.com", "segments": ["education"]}
    price = {"productId": SUITE, "skuId": "0001", "term": "P1Y", "billing": "monthly", "market": "DE"}
    price |= {"currency": "EUR", "segment": "education", "unitPrice": "120.00"}
    catalogue = [{"productId": SUITE, "title": "Demo Suite", "skus": [sku]}]
    shop.seed({"catalogue": catalogue, "customers": [customer], "prices": [price]})
    shop.base = f"/v1/customers/{school}"
    item = shop.get(f"/products/{SUITE}/skus/0001/availabilities")["items"][0]["catalogItemId"]
    assert ask(shop, catalogItemId=item)["eligibilities"][0]["errors"][0]["type"] == "NoPromotionsAvailable"
    line = {"lineItemNumber": 0, "offerId": item, "quantity": 1, "termDuration": "P1Y"}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
    made = shop.post("/orders", body, status=201)["lineItems"][0]
    assert (made.get("promotionId"), made["pricing"]["price"]) == (None, 10.0)


def test_rule_30_of_several_the_deepest_applies_and_each_is_judged(shop):
    shop.seed({"promotions": [promotion(OTHER, "0.5")]})
    found = {one["promotionId"]: one["isEligible"] for one in ask(shop)["eligibilities"]}
    assert found == {PROMOTION: True, OTHER: True}
    assert bought(shop) == (OTHER, 15.2)
    assert bought(shop, promotionId=PROMOTION) == (PROMOTION, 25.84)


def test_rule_30_what_is_not_auto_applicable_must_be_named(shop):
    shop.seed({"promotions": [promotion(properties={"isAutoApplicable": False})]})
    assert shop.get(f"/v1/productpromotions/{PROMOTION}?country=DE")["properties"] == {"isAutoApplicable": False}
    assert bought(shop) == (None, 30.4)
    assert bought(shop, promotionId=PROMOTION) == (PROMOTION, 25.84)


def test_rule_30_the_last_part_of_an_id_may_be_an_older_one(shop):
    older = PROMOTION.rsplit(":", 1)[0] + ":39NFOLDER000"
    assert ask(shop, promotionId=older)["eligibilities"] == [{"promotionId": PROMOTION, "isEligible": True}]
    assert bought(shop, promotionId=older) == (PROMOTION, 25.84)
    assert shop.get(f"/v1/productpromotions/{older.replace(':', '%3A')}?country=DE")["id"] == PROMOTION


def test_row_numbers_come_back_as_numbers(shop):
    item = {"catalogItemId": shop.item(), "quantity": 1, "termDuration": "P1Y", "billingCycle": "Monthly"}
    body = {"items": [{**item, "id": "7"}, item, {**item, "id": 3}]}
    answer = shop.post("/promotionEligibilities", body)
    assert [one["id"] for one in answer["items"]] == [7, 1, 3]
    assert (answer["totalCount"], answer["attributes"]) == (3, {"objectType": "Collection"})


@pytest.mark.parametrize("left_out", ["catalogItemId", "quantity", "termDuration", "billingCycle"])
def test_what_a_question_must_name(shop, left_out):
    item = {"catalogItemId": shop.item(), "quantity": 1, "termDuration": "P1Y", "billingCycle": "Monthly"}
    del item[left_out]
    assert shop.call("POST", "/promotionEligibilities", {"items": [item]}).status_code == 400
    assert shop.call("POST", "/promotionEligibilities", {"items": []}).status_code == 400


def test_rule_30_a_discounted_subscription_does_not_outgrow_its_promotion(shop):
    shop.seed({"promotions": [promotion(**limits(seatConstraints=[{"minSeats": 1, "maxSeats": 30}]))]})
    first = shop.buy(quantity=20)
    assert code(shop.patch(first["id"], quantity=31)) == (400, 27006)
    assert shop.get(f"/subscriptions/{first['id']}")["quantity"] == 20
    assert shop.patch(first["id"], quantity=25).status_code == 200
    second = shop.buy(quantity=6)
    assert "promotionId" not in second
    assert shop.patch(second["id"], quantity=40).status_code == 200, "at the normal price there is no such limit"
    assert code(shop.patch(first["id"], quantity=30)) == (400, 27006), "all seats of the customer count"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/productpromotions?country=DE&segment=commercial"),
        ("GET", f"/v1/productpromotions/{PROMOTION}?country=DE"),
        ("GET", "/v1/margins"),
        ("GET", "/v1/margins/download?country=DE"),
        ("POST", "/promotionEligibilities"),
    ],
)
@pytest.mark.parametrize("role", ["AdminAgent", "GlobalAdmin", "SalesAgent"])
def test_the_roles_of_the_pages(shop, method, path, role):
    item = {"catalogItemId": shop.item(), "quantity": 1, "termDuration": "P1Y", "billingCycle": "Monthly"}
    bearer = shop.bearer("https://api.partnercenter.microsoft.com", OURS, True, [role])
    url = path if path.startswith("/v1") else shop.base + path
    body = {"items": [item]} if method == "POST" else None
    answer = shop.send(method=method, url=url, json=body, headers={"Authorization": f"Bearer {bearer}"})
    if role == "SalesAgent":
        assert code(answer) == (403, 900308)
    else:
        assert answer.status_code == 200


def test_margins_are_those_of_the_partner(shop):
    assert len(shop.get("/v1/margins")["results"]) == 1
    assert shop.get("/v1/margins", partner="7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20")["results"] == []
    assert code(shop.call("GET", "/v1/margins/download")) == (400, 800002)


def inventory(shop, *items, country="DE", **context):
    body = {"targetItems": list(items), "inventoryContext": context}
    return shop.call("POST", f"/v1/extensions/product/checkInventory?country={country}", body)


def test_inventory_of_a_product_or_of_one_sku(shop):
    every = inventory(shop, {"productId": SUITE}).json()
    assert [one["skuId"] for one in every] == ["0001", "0002", "0003", "0004"]
    (one,) = inventory(shop, {"productId": SUITE.lower(), "skuId": "0002"}).json()
    assert one == {"productId": SUITE, "skuId": "0002", "isRestricted": False, "restrictions": []}
    assert inventory(shop, {"productId": SUITE, "skuId": "9999"}).json() == []
    assert inventory(shop, {"productId": "CFQ7NOTHING0"}).json() == []


def test_inventory_that_ran_out_and_goods_of_another_country(shop):
    skus = [{"id": "0007", "inventory": 0}, {"id": "0008", "markets": ["US"]}]
    shop.seed({"catalogue": [{"productId": SUITE, "title": "Demo Suite", "skus": skus}]})
    (gone,) = inventory(shop, {"productId": SUITE, "skuId": "0007"}).json()
    assert gone["isRestricted"] is True
    assert gone["restrictions"][0]["reasonCode"] == "NotAvailableForSubscription"
    assert inventory(shop, {"productId": SUITE, "skuId": "0008"}).json() == []
    assert len(inventory(shop, {"productId": SUITE, "skuId": "0008"}, country="US").json()) == 1


def test_what_an_inventory_check_requires(shop):
    assert code(shop.call("POST", "/v1/extensions/product/checkInventory", {"targetItems": []})) == (400, 800002)
    assert code(inventory(shop)) == (400, 800002)
    assert code(inventory(shop, {"skuId": "0001"})) == (400, 800002)
    assert code(inventory(shop, {"productId": "DZH318Z0BPS6"})) == (400, 800002), "the SKU names ArmRegionName"
    assert inventory(shop, {"productId": "DZH318Z0BPS6"}, armRegionName="westus2").json()[0]["isRestricted"] is True
