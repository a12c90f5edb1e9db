"""Promotions, eligibility, inventory, margins; rule 30."""

from __future__ import annotations

import csv

SUITE, AZURE = "CFQ7TTAB12CD", "DZH318Z0BPS6"
PROMOTION = "39NFABCD12EF:0001:39NFGHJK34LM"


def code(answer):
    return answer.status_code, answer.json()["code"]


def eligibility(shop, quantity=10, **more):
    item = {"id": 0, "catalogItemId": shop.item(), "quantity": quantity, "termDuration": "P1Y"}
    body = {"items": [{**item, "billingCycle": "Monthly", **more}]}
    return shop.post("/promotionEligibilities", body)["items"][0]


def test_running_promotions_look_like_the_sample(shop, sample, misfits):
    body = shop.get("/v1/productpromotions?country=DE&segment=commercial")
    assert misfits(sample("get-promotions"), body) == []
    assert [one["id"] for one in body["items"]] == [PROMOTION]
    (one,) = body["items"]
    assert (one["startDate"], one["endDate"]) == ("2026-01-01T00:00:00+00:00", "2026-06-30T23:59:59+00:00")
    assert one["requiredProducts"][0]["term"]["billingCycle"] == "Monthly"
    assert "promotionConstraints" not in one


def test_only_the_commercial_segment_has_promotions(shop):
    assert code(shop.call("GET", "/v1/productpromotions?country=DE&segment=education")) == (400, 800002)
    assert code(shop.call("GET", "/v1/productpromotions?segment=commercial")) == (400, 800002)


def test_a_promotion_by_id_ignores_its_dates(shop, sample, misfits):
    shop.advance("P1Y")
    body = shop.get(f"/v1/productpromotions/{PROMOTION}?country=DE")
    allowed = "promotionConstraints.productOwnershipConstraints"
    assert misfits(sample("get-promotion-by-id"), body, allowed) == []
    assert shop.get("/v1/productpromotions?country=DE&segment=commercial")["items"] == []
    assert code(shop.call("GET", "/v1/productpromotions/X:Y:Z?country=DE")) == (404, 1000)


def test_rule_30_eligible_without_naming_a_promotion(shop):
    item = eligibility(shop)
    assert item["eligibilities"] == [{"promotionId": PROMOTION, "isEligible": True}]
    assert (item["billingCycle"], item["attributes"]) == ("monthly", {"objectType": "PromotionEligibilities"})


def test_rule_30_ineligibility_is_a_200_with_reasons(shop):
    (seats,) = eligibility(shop, 31)["eligibilities"]
    assert seats["isEligible"] is False
    assert seats["errors"] == [
        {
            "type": "SeatCount",
            "description": seats["errors"][0]["description"],
            "minimumRequiredSeats": 1,
            "maximumRequiredSeats": 30,
            "availableSeats": 30,
        }
    ]
    (term,) = eligibility(shop, billingCycle="annual")["eligibilities"]
    assert term["errors"][0]["type"] == "Term"
    assert term["errors"][0]["eligibleTerms"] == [{"billingCycle": "Monthly", "duration": "P1Y"}]
    over = eligibility(shop, promotionId="39NFOLD012EF:0001:39NFGHJK34LM")["eligibilities"]
    assert over[0]["errors"][0]["type"] == "InvalidPromotion"


def test_rule_30_seats_of_the_past_count_and_the_price_is_normal_silently(shop):
    first = shop.order(quantity=25)
    assert first["lineItems"][0]["promotionId"] == PROMOTION
    (error,) = eligibility(shop, 10)["eligibilities"][0]["errors"]
    assert (error["type"], error["availableSeats"]) == ("SeatCount", 5)
    second = shop.order(quantity=10)
    assert "promotionId" not in second["lineItems"][0]


def test_rule_30_wrong_term_gives_the_normal_price(shop):
    line = shop.order(billingCycle="annual", promotionId=PROMOTION)["lineItems"][0]
    assert "promotionId" not in line
    assert line["pricing"]["price"] == 350.0


def test_an_outdated_item_is_an_eligibility_error(shop):
    found = eligibility(shop, catalogItemId=f"{SUITE}:0001:CFQ7TTAAAAAA")["eligibilities"]
    assert found[0]["errors"][0]["type"] == "InvalidCatalogItemId"


def test_inventory_lists_known_skus_with_restrictions(shop, sample, misfits):
    context = {"customerId": shop.customer, "armRegionName": "Europe"}
    items = [{"ProductId": AZURE}, {"ProductId": SUITE, "SkuId": "0001"}, {"ProductId": "DZH318Z00000"}]
    body = {"TargetItems": items, "InventoryContext": context}
    answer = shop.post("/v1/extensions/product/checkinventory?country=DE", body)
    assert misfits(sample("check-inventory"), answer) == []
    assert [(one["productId"], one["isRestricted"]) for one in answer] == [(AZURE, True), (SUITE, False)]
    missing = {"targetItems": [{"productId": AZURE}], "inventoryContext": {"customerId": shop.customer}}
    assert code(shop.call("POST", "/v1/extensions/product/checkInventory?country=DE", missing)) == (400, 800002)


def test_margins_and_their_csv(shop, sample, misfits):
    body = shop.get("/v1/margins")
    assert misfits(sample("get-margins"), body) == []
    assert (body["pageSize"], body["totalSize"]) == (1, 1)
    answer = shop.call("GET", "/v1/margins/download?country=DE")
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = answer.text.splitlines()
    margin = body["results"][0]
    assert row.startswith(f'"{margin["id"]}","DE","Percentage","{margin["publisherName"]}","DZH318Z0HJ49",')
    assert len(next(csv.reader([row]))) == 14
