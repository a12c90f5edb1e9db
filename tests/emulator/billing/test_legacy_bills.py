"""Legacy offers are billed apart: invoices D…, the charge types of the legacy files, providers office and azure.

Sources: pages recon-file-charge-types, license-based-recon-files, usage-based-recon-files, get-invoiceline-items.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
BASE, TRIAL, AZURE = "195416c1-3447-423a-b37b-ee59a99a19c4", "c0bd2e08-11ac-4836-bdc7-3712e744922f", "MS-AZR-0145P"
ADDON, AZURE_SUB = "2828be95-46ba-4f91-b2fd-0bef192ecf60", "a356ac8c-e310-44f4-bf85-c7f29044af99"
OFFERS = [
    {"id": BASE, "name": "Office 365 Business Premium", "unitPrice": "8.30", "equivalent": "CFQ7TTAB12CD:0001"},
    {"id": ADDON, "name": "Archiving", "isAddOn": True, "prerequisiteOffers": [BASE], "unitPrice": "2.00"},
    {"id": TRIAL, "name": "Business Premium Trial", "isTrial": True, "conversionTargetOffers": [BASE]},
    {"id": AZURE, "name": "Microsoft Azure", "billing": "usage"},
]


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


@pytest.fixture
def shop(market):
    assert market.control("POST", "seed", {"offers": OFFERS}).status_code == 200
    return market


def buy(shop, offer=BASE, quantity=5, billing="monthly", **more):
    line = {"lineItemNumber": 0, "offerId": offer, "quantity": quantity, **more}
    answer = shop.call("POST", "/orders", {"billingCycle": billing, "partnerOnRecordAttestationAccepted": True,
                                             "lineItems": [line]})  # fmt: skip  # one body
    assert answer.status_code == 201, answer.text
    return shop.get(f"/subscriptions/{answer.json()['lineItems'][0]['subscriptionId']}")


def invoices(shop):
    return [one for one in shop.get("/v1/invoices")["items"] if one["id"].startswith("D")]


def lines(shop, invoice, provider="office", kind="billinglineitems"):
    path = f"/v1/invoices/{invoice['id']}/lineitems?provider={provider}&invoicelineitemtype={kind}&size=2000&offset=0"
    return shop.get(path)["items"]


def billed(shop, month=4):
    """The lines of the invoice of the month before."""
    at(shop, f"2026-{month:02d}-07T00:00:00Z")
    invoice = invoices(shop)[-1]
    found = lines(shop, invoice)
    assert sum(Decimal(str(one["totalForCustomer"])) for one in found) == Decimal(str(invoice["totalCharges"]))
    return [(one["chargeType"], one["quantity"], one["amount"]) for one in found]


def test_a_purchase_is_on_an_invoice_of_its_own_kind(shop):
    shop.buy()
    one = buy(shop)
    at(shop, "2026-04-07T00:00:00Z")
    modern, legacy = sorted(shop.get("/v1/invoices")["items"], key=lambda each: each["id"], reverse=True)
    assert (modern["id"][0], modern["invoiceType"], modern["totalCharges"]) == ("G", "OneTime", 304)
    assert (legacy["id"][0], legacy["invoiceType"], legacy["totalCharges"]) == ("D", "Recurring", 41.5)
    assert [(each["billingProvider"], each["invoiceLineItemType"]) for each in legacy["invoiceDetails"]] == [
        ("office", "billing_line_items")
    ]
    assert legacy["links"]["self"]["uri"] == f"/invoices/Recurring-{legacy['id']}"
    (line,) = lines(shop, legacy)
    assert line["chargeType"] == "New"  # a purchase fee, as the sample prints it
    assert line["syndicationPartnerSubscriptionNumber"] == one["id"].upper()
    assert (line["unitPrice"], line["billingCycleType"], line["offerId"]) == (8.3, "MONTHLY", BASE.upper())
    assert (line["chargeStartDate"], line["chargeEndDate"]) == ("2026-03-10T00:00:00", "2026-04-09T00:00:00")


def test_office_lines_have_the_properties_of_the_sample(shop, sample):
    buy(shop, TRIAL, 25)
    at(shop, "2026-04-07T00:00:00Z")
    (line,) = lines(shop, invoices(shop)[0])
    documented = sample("get-invoiceline-items", 0)["items"][0]
    assert set(documented) <= set(line)
    for name in ("chargeType", "unitPrice", "amount", "totalOtherDiscount", "tax", "tier2MpnId", "attributes"):
        assert line[name] == documented[name], name
    assert len(line["orderId"]) == len(documented["orderId"])
    assert len(line["subscriptionId"]) == len(documented["subscriptionId"])


def test_every_cycle_is_a_cycle_fee_and_the_new_year_a_renew_fee(shop):
    buy(shop)
    assert billed(shop, 4) == [("New", 5, 41.5)]
    assert billed(shop, 5) == [("Cycle fee", 5, 41.5)]
    shop.control("POST", "seed", {"offers": [{**OFFERS[0], "unitPrice": "9.00"}]})
    assert billed(shop, 6) == [("Cycle fee", 5, 41.5)], "the price is locked for the term"
    at(shop, "2027-04-07T00:00:00Z")
    assert [(one["chargeType"], one["amount"]) for one in lines(shop, invoices(shop)[-1])] == [("Renew fee", 45)]


def test_annual_billing_is_a_prorate_fee_when_purchase(shop):
    buy(shop, billing="annual")
    assert billed(shop) == [("Prorate fees when purchase", 5, 498)]
    assert len(invoices(shop)) == 1


def test_a_change_of_seats_is_a_cancel_fee_and_a_cycle_instance_prorate(shop):
    one = buy(shop)
    at(shop, "2026-03-12T10:00:00Z")
    assert shop.patch(one, quantity=8).status_code == 200
    assert billed(shop)[1:] == [("Cancel fee", 5, -38.82), ("Cycle instance prorate", 8, 62.11)]  # 29 of 31 days


def test_suspending_gives_the_rest_back_and_activating_charges_it(shop):
    one = buy(shop)
    at(shop, "2026-03-20T10:00:00Z")
    shop.patch(one, status="suspended")
    at(shop, "2026-03-25T10:00:00Z")
    shop.patch(one, status="active")
    assert billed(shop)[1:] == [
        ("Prorate fees when cancel", 5, -28.1), ("Prorate fees when activate", 5, 21.4),  # 21 and 16 of 31 days
    ]  # fmt: skip  # one table
    assert billed(shop, 5) == [("Cycle fee", 5, 41.5)]


def test_while_suspended_nothing_is_charged_unless_the_switch_says_so(shop):
    one = buy(shop)
    at(shop, "2026-03-20T10:00:00Z")
    shop.patch(one, status="suspended")
    assert len(billed(shop)) == 2
    at(shop, "2026-05-07T00:00:00Z")
    assert len(invoices(shop)) == 1
    shop.switch(legacy_suspension_refunds=False)
    other = buy(shop)
    shop.patch(other, status="suspended")
    assert billed(shop, 6) == [("New", 5, 41.5)]
    assert billed(shop, 7) == [("Cycle fee", 5, 41.5)]


def test_suspending_after_a_change_of_seats_is_a_cancel_instance_prorate(shop):
    one = buy(shop)
    shop.patch(one, quantity=6)
    at(shop, "2026-03-20T10:00:00Z")
    shop.patch(one, status="suspended")
    assert billed(shop)[-1][0] == "Cancel instance prorate"


def test_addons_are_billed_like_their_base_and_suspended_with_it(shop):
    base = buy(shop)
    buy(shop, ADDON, parentSubscriptionId=base["id"])
    at(shop, "2026-03-20T10:00:00Z")
    shop.patch(base, status="suspended")
    assert sorted(billed(shop)) == [
        ("New", 5, 10), ("New", 5, 41.5),
        ("Prorate fees when cancel", 5, -28.1), ("Prorate fees when cancel", 5, -6.75),
    ]  # fmt: skip  # one table


def test_from_monthly_to_annual_is_charged_as_a_conversion(shop):
    one = buy(shop)
    at(shop, "2026-03-20T10:00:00Z")
    order = shop.get(f"/orders/{one['orderId']}")
    line = {"lineItemNumber": 0, "offerId": BASE, "subscriptionId": one["id"], "quantity": 5}
    body = {**order, "billingCycle": "annual", "lineItems": [line]}
    assert shop.call("PATCH", f"/orders/{order['id']}", body).status_code == 200
    assert billed(shop)[1:] == [
        ("Prorate fees when convert away from current offering", 5, -28.1),  # 8.30 / 31 x 21
        ("Prorate fees when convert to a new offering", 5, 484.35),  # 99.60 / 365 x 355
    ]
    at(shop, "2026-05-07T00:00:00Z")
    assert len(invoices(shop)) == 1, "paid for the year"


def test_a_migration_gives_the_rest_back_and_the_new_commerce_charges_its_own(shop):
    one = buy(shop)
    at(shop, "2026-04-12T00:00:00Z")
    body = {"currentSubscriptionId": one["id"], "quantity": 5, "termDuration": "P1Y", "billingCycle": "Monthly",
            "purchaseFullTerm": True}  # fmt: skip  # one body
    answer = shop.call("POST", "/migrations/newcommerce", body)
    assert answer.is_success, answer.text
    assert billed(shop, 5) == [("Cycle fee", 5, 41.5), ("Prorate fees when cancel", 5, -38.7)]  # 28 of 30 days
    modern = [each for each in shop.get("/v1/invoices")["items"] if each["id"].startswith("G")]
    assert [each["totalCharges"] for each in modern] == [152]  # 30.40 x 5
    at(shop, "2026-07-07T00:00:00Z")
    assert len(invoices(shop)) == 2


def test_a_converted_trial_pays_for_its_year(shop):
    one = buy(shop, TRIAL, 25)
    at(shop, "2026-03-20T10:00:00Z")
    body = {"offerId": TRIAL, "targetOfferId": BASE, "orderId": one["orderId"], "quantity": 10,
            "billingCycle": "monthly"}  # fmt: skip  # one body
    assert shop.call("POST", f"/subscriptions/{one['id']}/conversions", body).status_code == 200
    assert billed(shop) == [("New", 25, 0), ("Prorate fees when convert to a new offering", 10, 83)]


def test_azure_is_billed_by_the_meter_with_its_days_beside(shop, sample):
    entry = {"partner": PROVIDER, "customer": CUSTOMER, "offerId": AZURE, "id": AZURE_SUB, "reseller": "1234567"}
    day = {"partner": PROVIDER, "subscription": AZURE_SUB, "quantity": "2.5", "cost": "1.239"}
    usage = [
        {**day, "date": "2026-03-11"},
        {**day, "date": "2026-03-12"},
        {**day, "date": "2026-03-12", "meter": "Disk"},
    ]
    assert shop.control("POST", "seed", {"legacySubscriptions": [entry]}).status_code == 200
    assert shop.control("POST", "seed", {"usage": usage}).status_code == 200
    at(shop, "2026-04-07T00:00:00Z")
    (invoice,) = invoices(shop)
    assert [(one["billingProvider"], one["invoiceLineItemType"]) for one in invoice["invoiceDetails"]] == [
        ("azure", "billing_line_items"), ("azure", "usage_line_items"),
    ]  # fmt: skip  # two kinds
    found = lines(shop, invoice, "azure")
    assert [(one["resourceName"], one["consumedQuantity"], one["pretaxCharges"]) for one in found] == [
        ("Compute Hours", 5, 2.47), ("Disk", 2.5, 1.23),  # truncated by the meter
    ]  # fmt: skip  # two meters
    assert {one["chargeType"] for one in found} == {"Assess usage fee for current cycle"}
    assert invoice["totalCharges"] == 3.7 == sum(one["postTaxTotal"] for one in found)
    assert set(sample("get-invoiceline-items", 1)["items"][0]) <= set(found[0])
    days = lines(shop, invoice, "azure", "usagelineitems")
    assert [one["usageDate"] for one in days] == ["2026-03-11T00:00:00", "2026-03-12T00:00:00", "2026-03-12T00:00:00"]
    assert set(sample("get-invoiceline-items", 2)["items"][0]) <= set(days[0])
    assert lines(shop, invoice) == []


def test_they_are_no_part_of_new_commerce(shop):
    buy(shop)
    path = "provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    assert shop.get(f"/v1/invoices/unbilled/lineitems?{path}&period=current")["items"] == []
    at(shop, "2026-04-07T00:00:00Z")
    assert shop.get(f"/v1/invoices/{invoices(shop)[0]['id']}/lineitems?{path}")["items"] == []


def test_they_page_by_offset(shop):
    buy(shop)
    buy(shop)
    at(shop, "2026-04-07T00:00:00Z")
    path = f"/v1/invoices/{invoices(shop)[0]['id']}/lineitems/Office/BillingLineItems"
    first = shop.get(f"{path}?size=1&offset=0")
    second = shop.get(f"/v1{first['links']['next']['uri']}")
    assert first["totalCount"] == second["totalCount"] == 1 and "next" not in second["links"]
    assert first["items"] != second["items"]
    assert shop.call("GET", f"{path}?size=2001&offset=0").status_code == 400


def test_service_costs_know_both_kinds_and_their_invoices(shop):
    shop.buy()
    buy(shop)
    at(shop, "2026-04-02T00:00:00Z")
    assert {one["invoiceNumber"] for one in shop.get("/servicecosts/mostrecent/lineitems")["items"]} == {""}
    at(shop, "2026-04-07T00:00:00Z")
    found = shop.get("/servicecosts/mostrecent/lineitems")["items"]
    assert [(one["chargeType"], one["invoiceNumber"][0]) for one in found] == [("new", "G"), ("PURCHASE FEE", "D")]
    assert shop.get("/servicecosts/mostrecent")["pretaxTotal"] == 345.5


def test_a_legacy_price_that_is_none_is_refused(market):
    for wrong in ("x", "-1"):
        assert market.control("POST", "seed", {"offers": [{"id": BASE, "unitPrice": wrong}]}).status_code == 400
