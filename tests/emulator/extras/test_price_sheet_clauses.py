"""Clause by clause: views, timelines, rows and access of the price host (3.6); rule 50."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
SUITE, TOOLS, SAAS, VM, SAVINGS = "CFQ7TTAB12CD", "DG7GMGF0DWT0", "DZH318Z0SAAS", "DZH318Z0BQ3V", "DZH318Z09V6F"


def path(view="updatedlicensebased", market="DE", query=""):
    return f"pricesheets(Market='{market}',PricesheetView='{view}')/$value{query}"


def rows(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def row(product=SUITE, sku="0001", term="P1Y", billing="monthly", price="100", **more):
    base = {"productId": product, "skuId": sku, "term": term, "billing": billing, "market": "DE", "currency": "EUR"}
    return {**base, "unitPrice": price, **more}


def azure(id, kind):
    sub = {"id": kind, "displayName": kind}
    terms = [{"duration": "P1Y", "billingCycle": "one_time"}]
    product_type = {"id": "Azure", "displayName": "Azure", "subType": sub}
    return {"productId": id, "title": id, "productType": product_type, "skus": [{"id": "0001", "terms": terms}]}


@pytest.fixture
def shelf(shop):
    saas = {"productId": SAAS, "title": "Market thing", "productType": "SaaS", "isMicrosoftProduct": False}
    saas |= {"publisherName": "Publisher", "skus": [{"id": "0001"}]}
    goods = [saas, azure(VM, "VirtualMachines"), azure(SAVINGS, "SavingsPlan")]
    prices = [row(SAAS, term="P1M"), row(VM, billing="one_time"), row(SAVINGS, billing="one_time")]
    prices += [row(TOOLS, "0002", "P3Y", "one_time")]
    prices += [row(price="109.44", view="licensebasedest"), row(price="99", view="licensebasedeos")]
    shop.seed({"catalogue": goods, "prices": prices})
    return shop


@pytest.mark.parametrize(
    ("view", "products"),
    [
        ("updatedlicensebased", {SUITE}),
        ("UpdatedLicenseBased", {SUITE}),
        ("marketplace", {SAAS}),
        ("software", {TOOLS}),
        ("azure_reservations", {VM, SAVINGS}),
        ("licensebasedest", {SUITE}),
        ("licensebasedeos", {SUITE}),
    ],
)
def test_each_view_has_its_own_goods(shelf, view, products):
    assert {one["ProductId"] for one in rows(shelf.prices(path(view)))} == products


def test_the_rows_of_the_service_end_views_are_in_no_other(shelf):
    assert [one["UnitPrice"] for one in rows(shelf.prices(path("licensebasedest")))] == ["109.44"]
    assert [one["UnitPrice"] for one in rows(shelf.prices(path("licensebasedeos")))] == ["99"]
    ordinary = {one["UnitPrice"] for one in rows(shelf.prices(path()))}
    assert not ordinary & {"109.44", "99"}


def test_a_row_says_what_is_sold(shelf):
    (one,) = rows(shelf.prices(path("marketplace")))
    assert (one["ProductTitle"], one["Publisher"], one["UnitOfMeasure"]) == ("Market thing", "Publisher", "")
    assert (one["SkuId"], one["TermDuration"], one["BillingPlan"]) == ("0001", "P1M", "Monthly")
    assert (one["PricingTierRangeMin"], one["PricingTierRangeMax"], one["ERP Price"]) == ("", "", "")


def test_every_value_is_quoted(shelf):
    for line in shelf.prices(path()).text.splitlines():
        cells = next(csv.reader([line]))
        assert line == ",".join(f'"{cell}"' for cell in cells)


def test_trials_and_their_plan(shop):
    shop.seed({"prices": [row(sku="0004", term="P1M", billing="none", price="0")]})
    (one,) = [one for one in rows(shop.prices(path())) if one["SkuId"] == "0004"]
    assert (one["BillingPlan"], one["Tags"], one["UnitPrice"]) == ("None", "License; Trial", "0")
    assert {one["Tags"] for one in rows(shop.prices(path())) if one["SkuId"] != "0004"} == {"License"}


def test_segments_have_the_names_of_the_sheet(shop):
    shop.seed({"prices": [row(segment=name) for name in ("nonprofit", "education", "government")]})
    found = {one["Segment"] for one in rows(shop.prices(path()))}
    assert found == {"Commercial", "Charity", "Education", "Government"}
    shop.switch(price_sheet_segment_column=False)
    assert "Segment" not in rows(shop.prices(path()))[0]


def test_a_market_has_its_own_rows_in_every_currency_it_is_sold_in(shop):
    shop.seed({"prices": [row(currency="CHF", price="101"), row(market="US", currency="USD", price="102")]})
    assert {one["Currency"] for one in rows(shop.prices(path()))} == {"EUR", "CHF"}
    assert [one["UnitPrice"] for one in rows(shop.prices(path(market="us")))] == ["102"]
    assert rows(shop.prices(path(market="FR"))) == []


def test_rule_50_a_future_of_the_marketplace_never_exists(shelf):
    later = {"effectiveStartDate": "2026-06-01T00:00:00Z"}
    shelf.seed({"prices": [row(SAAS, term="P1M", **later), row(**later)]})
    answer = shelf.prices(path("marketplace", query="?timeline=future"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "itemNotFound")
    assert len(rows(shelf.prices(path(query="?timeline=future")))) == 1


@pytest.mark.parametrize(("month", "status"), [("202202", 404), ("202203", 200), ("202602", 200), ("202604", 404)])
def test_rule_50_software_has_a_history_since_march_2022(shelf, month, status):
    answer = shelf.prices(path("software", query=f"?timeline=history&month={month}"))
    assert answer.status_code == status


@pytest.mark.parametrize("month", ["", "2026", "202613", "2026-02", "abcdef"])
def test_rule_50_a_month_that_is_none(shop, month):
    answer = shop.prices(path(query=f"?timeline=history&month={month}"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert shop.prices(path(query="?timeline=tomorrow")).status_code == 400


def test_rule_50_a_month_of_the_past_is_complete_and_the_running_one_goes_up_to_now(shop):
    first = {"effectiveStartDate": "2026-02-01T00:00:00Z", "effectiveEndDate": "2026-03-20T23:59:59Z"}
    second = {"effectiveStartDate": "2026-03-18T00:00:00Z"}
    key = {"term": "P3Y", "billing": "annual"}
    shop.seed({"prices": [row(price="1", **key, **first), row(price="2", **key, **second)]})

    def found(query=""):
        return [one["UnitPrice"] for one in rows(shop.prices(path(query=query))) if one["TermDuration"] == "P3Y"]

    assert found("?timeline=history&month=202601") == []
    assert found("?timeline=history&month=202602") == ["1"]
    assert found() == ["1"], "the tenth of March"
    assert found("?timeline=future") == ["2"]
    shop.advance("P9D")
    assert found("?TIMELINE=Current") == ["1", "2"], "ranges may overlap"
    assert shop.prices(path(query="?timeline=future")).status_code == 404
    shop.advance("P30D")
    assert found("?timeline=history&month=202603") == ["1", "2"]
    assert found() == ["2"]


@pytest.mark.parametrize(
    ("accepted", "zipped"), [("deflate", True), ("gzip, deflate, br", True), ("gzip", False), ("identity", False)]
)
def test_rule_50_what_is_accepted_decides_the_form(shop, accepted, zipped):
    answer = shop.prices(path(), Accept_Encoding=accepted)
    assert (answer.content[:2] == b"PK") is zipped
    if zipped:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert [name.endswith(".csv") for name in archive.namelist()] == [True]


def test_the_month_of_matrix_and_rates_is_required(shop):
    for sheet in ("offermatrix", "fxrates"):
        assert shop.prices(f"{sheet}(Month='2026')/$value").status_code == 400
        assert shop.prices(f"{sheet}(Month='202703')/$value").status_code == 404
        assert shop.prices(f"{sheet}(Month='202603')/$value", Accept_Encoding="deflate").content[:2] == b"PK"
    assert rows(shop.prices("fxrates(Month='202603')/$value"))[0].keys() == {"CurrencyCode", "USDPerUnit", "Month"}


def test_the_matrix_names_limits_prerequisites_and_countries(shop):
    sku = {"id": "0007", "isAddon": True, "prerequisiteSkus": [f"{SUITE}:0001"], "assetOwnershipLimit": 3}
    shop.seed({"catalogue": [{"productId": SUITE, "title": "Demo Suite", "skus": [sku]}], "prices": [row(market="FR")]})
    found = {one["SkuId"]: one for one in rows(shop.prices("offermatrix(Month='202603')/$value"))}
    assert found["0007"]["ProductSkuPreRequisites"] == f"{SUITE}/0001"
    assert (found["0007"]["AssetOwnershipLimit"], found["0007"]["AssetOwnershipLimitType"]) == ("3", "LifetimeCount")
    assert (found["0004"]["AssetOwnershipLimit"], found["0001"]["AssetOwnershipLimit"]) == ("1", "")
    assert found["0001"]["AllowedCountries"] == "DE;FR"


def test_sheets_are_for_users_with_a_token_of_this_host(shop):
    def ask(resource, user):
        headers = {"Host": "api.partner.microsoft.com", "Accept-Encoding": "identity"}
        headers["Authorization"] = f"Bearer {shop.bearer(resource, OURS, user)}"
        return shop.send(method="GET", url=f"/v1.0/sales/{path()}", headers=headers)

    own, partner_center = "https://api.partner.microsoft.com", "https://api.partnercenter.microsoft.com"
    assert ask(own, True).status_code == 200
    alone = ask(own, False)
    assert (alone.status_code, alone.json()["error"]["code"]) == (400, "invalidRequest")
    assert ask(partner_center, True).status_code == 401


@pytest.mark.parametrize(
    ("role", "status"), [("AdminAgent", 200), ("SalesAgent", 200), ("GlobalAdmin", 200), ("HelpdeskAgent", 400)]
)
def test_the_roles_that_may_read_prices(shop, role, status):
    assert shop.prices(path(), roles=[role]).status_code == status


def test_an_address_that_is_no_call(shop):
    assert shop.prices("pricesheets/$value").status_code == 400
    assert shop.prices("pricesheets(PricesheetView='software')/$value").status_code == 400
    assert shop.prices("pricesheets(Market='DE')/$value").status_code == 400
