"""The price host: sheets, offer matrix, exchange rates; rule 50."""

from __future__ import annotations

import csv
import io
import zipfile

SUITE = "CFQ7TTAB12CD"
CURRENT = "pricesheets(Market='DE',PricesheetView='updatedlicensebased')/$value"


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_rule_50_the_sheet_has_the_documented_columns_in_order(shop, sample):
    answer = shop.prices(CURRENT)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename=sheets.csv"
    documented = sample("get-a-price-sheet").splitlines()[0].replace("“", '"')
    header = answer.text.splitlines()[0]
    assert header.startswith(documented.strip()), "newer columns come after the documented ones"
    assert header == documented.strip() + ',"Segment"'


def test_a_row_has_prices_of_the_whole_term_and_us_dates(shop):
    (row,) = [
        one
        for one in rows(shop.prices(CURRENT))
        if (one["SkuId"], one["TermDuration"], one["BillingPlan"]) == ("0001", "P1Y", "Monthly")
    ]
    assert (row["UnitPrice"], row["ERP Price"], row["Currency"], row["Market"]) == ("364.80", "456.00", "EUR", "DE")
    assert (row["EffectiveStartDate"], row["Segment"]) == ("1/1/1753 12:00:00 AM", "Commercial")


def test_rule_50_deflate_gives_a_zip_file(shop):
    answer = shop.prices(CURRENT, Accept_Encoding="gzip, deflate")
    assert "content-encoding" not in answer.headers
    assert answer.content[:2] == b"PK"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["sheets.csv"]
        assert archive.read("sheets.csv") == shop.prices(CURRENT).content


def test_rule_50_no_coming_changes_are_404_in_the_hosts_own_shape(shop):
    answer = shop.prices(CURRENT + "?timeline=future")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "itemNotFound"
    assert "code" not in answer.json()


def test_rule_50_a_month_to_come_is_404_and_history_needs_a_month(shop):
    assert shop.prices(CURRENT + "?timeline=history&month=202604").status_code == 404
    assert shop.prices(CURRENT + "?timeline=history").status_code == 400
    assert shop.prices(CURRENT + "?timeline=history&month=202602").status_code == 200


def test_dated_rows_show_in_their_month_and_as_coming_changes(shop):
    row = {"productId": SUITE, "skuId": "0002", "term": "P3Y", "billing": "annual", "market": "DE", "currency": "EUR"}
    dates = {"effectiveStartDate": "2026-05-01T00:00:00Z"}
    shop.seed({"prices": [{**row, "unitPrice": "1000.00", **dates}]})
    assert [one for one in rows(shop.prices(CURRENT)) if one["TermDuration"] == "P3Y"] == []
    (coming,) = rows(shop.prices(CURRENT + "?timeline=future"))
    assert (coming["UnitPrice"], coming["EffectiveStartDate"]) == ("1000.00", "5/1/2026 12:00:00 AM")
    shop.advance("P60D")
    assert [one["UnitPrice"] for one in rows(shop.prices(CURRENT)) if one["TermDuration"] == "P3Y"] == ["1000.00"]


def test_missing_permission_is_400_on_this_host(shop):
    answer = shop.prices(CURRENT, roles=["BillingAdmin"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")


def test_the_client_request_id_comes_back(shop):
    wanted = "5a1b6a2e-1111-4222-8333-444455556666"
    answer = shop.prices(CURRENT, client_request_id=wanted)
    assert answer.headers["client-request-id"] == wanted
    assert answer.headers["request-id"]
    shop.switch(require_client_request_id=True)
    assert shop.prices(CURRENT).status_code == 400
    assert shop.prices(CURRENT, client_request_id=wanted).status_code == 200


def test_unknown_views_and_sheets(shop):
    assert shop.prices("pricesheets(Market='DE',PricesheetView='nothing')/$value").status_code == 400
    assert shop.prices("nothing(Month='202601')/$value").status_code == 404


def test_consumption_prices_are_in_dollars(shop):
    found = rows(shop.prices("pricesheets(Market='DE',PricesheetView='azure_consumption')/$value"))
    assert {one["Currency"] for one in found} == {"USD"}
    assert "ERP Price" not in found[0]
    assert "MeterIds" in found[0]


def test_offer_matrix(shop, sample):
    answer = shop.prices("offermatrix(Month='202601')/$value")
    header = sample("get-an-offer-matrix").splitlines()[0].strip()
    assert answer.text.splitlines()[0] == header
    basic = rows(answer)[0]
    assert (basic["MinLicenses"], basic["MaxLicenses"], basic["AllowedCountries"]) == ("1", "300", "DE")
    assert basic["ProductSkuConversion"] == f"{SUITE}/0002,{SUITE}/0003"
    assert shop.prices("offermatrix(Month='202612')/$value").status_code == 404


def test_exchange_rates_are_those_of_the_month(shop, sample):
    shop.seed({"fxRates": [{"currency": "AED", "usdPerUnit": "0.27224589249009701", "month": "202601"}]})
    answer = shop.prices("fxrates(Month='202601')/$value")
    assert answer.text.splitlines()[0] == sample("get-foreign-exchange-rates").splitlines()[0]
    found = {one["CurrencyCode"]: one["USDPerUnit"] for one in rows(answer)}
    assert found["AED"] == "0.27224589249009701"
    february = {one["CurrencyCode"] for one in rows(shop.prices("fxrates(Month='202602')/$value"))}
    assert "AED" not in february


def test_rate_card(shop, sample, misfits):
    body = shop.get("/v1/ratecards/azure?currency=EUR&region=DE", user=False)
    assert misfits(sample("get-prices-for-microsoft-azure"), body, "offerTerms.excludedMeterIds") == []
    assert body["currency"] == "EUR"
    assert body["offerTerms"][0]["excludedMeterIds"] == []
    assert shop.get("/v1/ratecards/azure-shared")["offerTerms"] == []


def test_meters_of_other_publishers_are_excluded_from_the_discount(shop):
    meter = {"name": "m", "rates": {"0": 0.1}, "category": "c", "subcategory": "s", "region": "r", "unit": "1 Hour"}
    shop.seed({"meters": [{**meter, "id": "ours"}, {**meter, "id": "theirs", "tags": ["Third Party"]}]})
    (terms,) = shop.get("/v1/ratecards/azure", user=False)["offerTerms"]
    assert terms["excludedMeterIds"] == ["theirs"]
