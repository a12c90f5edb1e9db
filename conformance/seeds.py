"""The world every exchange starts in: partners, customers, one product of each kind, modern and legacy goods."""

from __future__ import annotations

from typing import Any

NOW = "2026-03-10T09:15:00Z"
OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
PLAYGROUND = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b14"
THEIR_CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b15"
OWN_CUSTOMER = {OURS: CUSTOMER, SANDBOX: PLAYGROUND, THEIRS: THEIR_CUSTOMER}
RESELLER, MPN = "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01", "1234567"

SUITE, ADDON, AZURE, SOFTWARE = "CFQ7TTAB12CD", "CFQ7TTEF34GH", "DZH318Z0BPS6", "DG7GMGF0DWT0"
RESERVATION, SAVINGS, MARKETPLACE = "DZH318Z0BQ3P", "DZH318Z09V6F", "DZH318Z0SAAS"
PROMOTION = "39NFABCD12EF:0001:39NFGHJK34LM"

OLD_BASE, OLD_ADDON = "195416c1-3447-423a-b37b-ee59a99a19c4", "2828be95-46ba-4f91-b2fd-0bef192ecf60"
OLD_ADDON_2, OLD_SINGLE = "2828be95-46ba-4f91-b2fd-0bef192ecf61", "4d3f8b90-29b3-4e7b-b37c-4a435ddef1d9"
OLD_TRIAL, OLD_BIGGER = "c0bd2e08-11ac-4836-bdc7-3712e744922f", "796b6b5f-613c-4e24-a17c-eba730d49c02"
OLD_AZURE = "MS-AZR-0145P"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
ADDON_SUB_2, TRIAL_SUB = "69829602-c219-40fd-a3d5-4150fca41a20", "488745b5-2086-4912-802c-6abb9f7c3638"
SINGLE_SUB, AZURE_SUB = "75b71186-73c3-45b4-a403-281c0d7eb032", "a356ac8c-e310-44f4-bf85-c7f29044af99"

REFERENCE = "771317a4-275d-47d9-9724-3eefa4a168ad"  # the batch a migration belongs to


def _terms(*pairs: str) -> list[dict[str, str]]:
    return [{"duration": pair.split()[0], "billingCycle": pair.split()[1]} for pair in pairs]


_SETS = [{"markets": ["US"], "currency": "USD", "customPrice": 4.5}]
_PRICES = {
    "pricingModel": "Flat rate",
    "purchase": [{"termDuration": "Monthly", "includedMeterQuantities": ["20 device"],
                  "startDate": "2022-01-31T17:49:25Z", "endDate": "2028-08-31T23:59:59Z", "marketSetPrices": _SETS}],
    "consumption": [{"meterId": "device", "meterType": "Base", "unitofMeasure": "device",
                     "startDate": "2022-01-31T17:49:25Z", "endDate": "2028-08-31T23:59:59Z",
                     "marketSetPrices": _SETS}],
}  # fmt: skip  # one document
_EVERY = _terms("P1M monthly", "P1Y annual", "P1Y monthly", "P3Y annual", "P3Y monthly", "P3Y triennial")
_OLD = "2025-10-01T08:00:00Z"


def _partner(id: str, name: str, mpn: str, **more: Any) -> dict[str, Any]:
    base = {"accountId": id, "domain": f"{name}.onmicrosoft.com", "displayName": name.title(), "mpnId": mpn}
    return {**base, "market": "US", "currency": "USD", "tier": "indirect-provider", **more}


def _customer(partner: str, id: str, name: str) -> dict[str, Any]:
    domain = f"{name}.onmicrosoft.com"
    return {"partner": partner, "id": id, "domain": domain, "companyName": f"{name.title()} Demo", "market": "US"}


def _sub_type(name: str) -> dict[str, Any]:
    return {"id": "Azure", "displayName": "Azure", "subType": {"id": name, "displayName": name}}


def _legacy(id: str, offer: str, **more: Any) -> dict[str, Any]:
    return {
        "partner": OURS,
        "customer": CUSTOMER,
        "id": id,
        "offerId": offer,
        "quantity": 5,
        "startedAt": _OLD,
        "reseller": MPN,
    } | more


SEED: dict[str, Any] = {
    "partners": [
        _partner(OURS, "acme", "4847383"),
        _partner(THEIRS, "other", "5847383"),
        _partner(SANDBOX, "sandbox", "6847383", sandbox=True),
    ],
    "resellers": [
        {"partner": OURS, "mpnId": MPN, "accountId": RESELLER, "displayName": "Trey Research", "market": "US"},
        {"partner": OURS, "mpnId": "1234568", "displayName": "Elsewhere", "market": "IN"},
        {"partner": OURS, "mpnId": "1234571", "displayName": "No account", "market": "US", "enrolled": False},
    ],
    "customers": [
        {**_customer(OURS, CUSTOMER, "contoso"), "reseller": MPN},
        _customer(SANDBOX, PLAYGROUND, "playground"),
        _customer(THEIRS, THEIR_CUSTOMER, "fabrikam"),
    ],
    "catalogue": [
        {"productId": SUITE, "title": "Demo Suite", "skus": [
            {"id": "0001", "title": "Demo Suite Basic", "maximumQuantity": 300, "terms": _EVERY,
             "attestationProperties": {"attestationType": "Windows365", "enforceAttestation": False},
             "upgradeTargetOffers": [f"{SUITE}:0002", f"{SUITE}:0003"]},
            {"id": "0002", "title": "Demo Suite Premium", "terms": _EVERY},
            {"id": "0003", "title": "Demo Suite Conflicting", "terms": _EVERY, "transferConflicts": True},
            {"id": "0004", "title": "Demo Suite Trial", "isTrial": True, "minimumQuantity": 1,
             "convertsTo": f"{SUITE}:0002"},
            {"id": "0005", "title": "Minecraft Education Faculty", "terms": _EVERY}]},
        {"productId": ADDON, "title": "Demo Add-on", "skus": [
            {"id": "0001", "title": "Demo Add-on", "isAddon": True, "prerequisiteSkus": [f"{SUITE}:0001"],
             "terms": _EVERY}]},
        {"productId": AZURE, "title": "Azure plan", "productType": "Azure", "skus": [
            {"id": "0001", "title": "Azure plan", "terms": [{"billingCycle": "one_time"}, {"billingCycle": "monthly"}],
             "purchasePrerequisites": ["InventoryCheck"], "inventoryVariables": ["ArmRegionName"],
             "restrictions": [{"type": "Location", "values": "japanwest"}]}]},
        {"productId": SOFTWARE, "title": "Demo Tools", "productType": "Software", "skus": [
            {"id": "0001", "title": "Demo Tools CAL", "includes": [f"{SOFTWARE}:0003"],
             "terms": [{"billingCycle": "one_time"}]},
            {"id": "0003", "title": "Demo Tools Client", "isPurchasable": False,
             "terms": [{"billingCycle": "one_time"}]},
            {"id": "0002", "title": "Demo Tools 3 year", "includes": [f"{SOFTWARE}:0003"],
             "terms": [{"duration": "P3Y", "billingCycle": "one_time"}, {"duration": "P3Y", "billingCycle": "annual"},
                       {"duration": "P3Y", "billingCycle": "triennial"},
                       {"duration": "P1Y", "billingCycle": "one_time"},
                       {"duration": "P1Y", "billingCycle": "annual"}]}]},
        {"productId": RESERVATION, "title": "Reserved VM", "productType": _sub_type("VirtualMachines"), "skus": [
            {"id": "0001", "title": "Reserved VM, 1 year", "terms": _terms("P1Y one_time", "P1Y monthly"),
             "dynamicAttributes": {"armSkuName": "Standard_D2s_v3", "cores": "2", "ram": "8", "region": "US West 2",
                                   "skuDisplayName": "D2s v3", "category": "General purpose", "diskType": "Ssd",
                                   "armRegionName": "westus2", "duration": "1Year"},
             "inventoryVariables": ["ArmRegionName", "AzureSubscriptionId"],
             "provisioningVariables": ["Scope", "SubscriptionId", "Duration"],
             "purchasePrerequisites": ["InventoryCheck", "MicrosoftCustomerAgreement"],
             "restrictions": [{"type": "Location", "values": "japanwest"}]},
            {"id": "0002", "title": "Reserved VM, 3 years", "terms": _terms("P3Y one_time", "P3Y monthly")}]},
        {"productId": SAVINGS, "title": "Azure savings plan", "productType": _sub_type("SavingsPlan"), "skus": [
            {"id": "0001", "title": "Compute savings plan, 1 Year", "terms": _terms("P1Y one_time", "P1Y monthly"),
             "minimumPurchaseCommitment": {"grain": "Hourly", "amount": "0.001",
                                           "currencyCode": {"code": "USD", "symbol": "$"}},
             "dynamicAttributes": {"armSkuName": "Compute_Savings_Plan", "duration": "1year", "termDuration": "P1Y"}},
            {"id": "0002", "title": "Compute savings plan, 3 Years", "terms": _terms("P3Y one_time", "P3Y monthly")}]},
        {"productId": MARKETPLACE, "title": "Market thing", "productType": "SaaS", "isMicrosoftProduct": False,
         "publisherName": "Publisher", "skus": [
             {"id": "0001", "terms": _terms("P1M monthly", "P1Y monthly", "P1Y annual", "P3Y monthly", "P3Y annual")}]},
    ],
    "prices": [
        {"productId": SUITE, "skuId": sku, "term": term, "billing": billing, "market": "US", "currency": "USD",
         "segment": "commercial", "unitPrice": price, "erpPrice": "456.00"}
        for sku in ("0001", "0002")
        for term, billing, price in (("P1Y", "monthly", "364.80"), ("P1Y", "annual", "350.00"),
                                     ("P1M", "monthly", "36.48"))
    ] + [
        {"productId": SAVINGS, "skuId": "0001", "term": "P1Y", "billing": billing, "market": "US", "currency": "USD",
         "segment": "commercial", "unitPrice": "438.00", "erpPrice": "438.00"} for billing in ("monthly", "one_time")
    ],
    "promotions": [{
        "id": PROMOTION, "name": "Demo 15", "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-06-30T23:59:59Z",
        "properties": {"isAutoApplicable": True, "isTrial": False, "endCustomerTargetingOnly": True},
        "requiredProducts": [{"productId": SUITE, "skuId": "0001",
                              "term": {"duration": "P1Y", "billingCycle": "Monthly"},
                              "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.15"}]}],
        "promotionConstraints": {
            "seatConstraints": [{"minSeats": 1, "maxSeats": 300, "type": "SubscriptionQuantity"}],
            "assetOwnershipLimits": [{"minAssets": 0, "maxAssets": 3, "type": "LifetimeRedemptionCount"}],
            "eligibilityConstraints": [{"isApplicable": False, "type": "FirstPurchase"}],
            "productOwnershipConstraints": [[{"bigId": f"{SUITE}/0001"}]]}}],
    "offers": [
        {"id": OLD_BASE, "name": "Office 365 Business Premium", "category": "Small Business",
         "upgradeTargetOffers": [OLD_BIGGER], "equivalent": f"{SUITE}:0001"},
        {"id": OLD_ADDON, "name": "Exchange Online Archiving", "isAddOn": True, "prerequisiteOffers": [OLD_BASE],
         "equivalent": f"{SUITE}:0002"},
        {"id": OLD_ADDON_2, "name": "Advanced Threat Protection", "isAddOn": True, "prerequisiteOffers": [OLD_BASE],
         "equivalent": f"{SUITE}:0002"},
        {"id": OLD_TRIAL, "name": "Business Premium Trial", "isTrial": True, "conversionTargetOffers": [OLD_BASE]},
        {"id": OLD_BIGGER, "name": "Office 365 Enterprise E3"},
        {"id": OLD_SINGLE, "name": "Common Area Phone", "billingCycles": ["monthly"], "equivalent": f"{SUITE}:0002"},
        {"id": OLD_AZURE, "name": "Microsoft Azure", "billing": "usage"},
    ],
    "margins": [{"partner": OURS, "type": "Percentage", "productId": "DZH318Z0HJ49", "publisherName": "Publisher",
                 "productTitle": "Offer", "skuTitle": "Offer 1", "skuId": "0001", "productType": "SaaS",
                 "marginPercentage": 10.0, "startDate": "2022-02-24T18:38:02Z", "endDate": "2028-04-30T23:59:59Z",
                 "statusDate": "2022-02-24T18:38:02Z"},
                {"partner": OURS, "type": "CustomPrice", "productId": "DZH318Z0BDGN", "publisherName": "Publisher",
                 "productTitle": "Offer", "skuTitle": "Offer 2", "skuId": "0001", "productType": "SaaS",
                 "startDate": "2022-02-24T18:38:02Z", "endDate": "2028-04-30T23:59:59Z",
                 "statusDate": "2022-02-24T18:38:02Z", "priceConfiguration": _PRICES}],
    "meters": [{"id": "d3a9a6c5-1c4e-4d2d-8b1c-2f6f4f7f1a10", "name": "Compute hours", "rates": {"0": 0.09},
                "tags": ["Third Party"], "category": "Virtual Machines", "subcategory": "A1", "region": "US East",
                "unit": "1 Hour"}],
    "fxRates": [{"currency": "EUR", "usdPerUnit": "1.08", "month": "201909"},
                {"currency": "EUR", "usdPerUnit": "1.08", "month": "202603"}],
    "legacySubscriptions": [
        _legacy(BASE_SUB, OLD_BASE),
        _legacy(ADDON_SUB, OLD_ADDON, parent=BASE_SUB),
        _legacy(ADDON_SUB_2, OLD_ADDON_2, parent=BASE_SUB),
        _legacy(TRIAL_SUB, OLD_TRIAL, quantity=25, startedAt=NOW),
        _legacy(SINGLE_SUB, OLD_SINGLE),
    ],
}  # fmt: skip  # a table of a world reads better packed


def sells(product: str, sku: str, term: str | None, cycle: str) -> bool:
    """Whether the seeded catalogue has this pair of term and billing cycle."""
    rows = [one for entry in SEED["catalogue"] if entry["productId"] == product for one in entry["skus"]]
    terms = next((one.get("terms", ()) for one in rows if one["id"] == sku), ())
    return any(one.get("duration") == term and one["billingCycle"] == cycle for one in terms)
