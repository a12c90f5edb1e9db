"""Further pages nobody has seen, each with a form of its own: how a page prints, not what the API calls it.

Written in the style of the pages, with ids of somebody else's world. Rows as in `unsampled`.
"""

from __future__ import annotations

from tests.conformance.unsampled import Row

_AT, _ATS = "/v1/customers/18ac2950-8ea9-4dfc-92a4-ff4d4cd57796", "/v1/customers/{customer-id}"
_SUB = "/v1/customers/{customer-tenant-id}/subscriptions/{subscription-id}"
_ID = "ebf2e74b-630e-4a09-857d-a1f6c6351336"
_REFERENCE = {"id": "NUXMSvmS20EQ4kFsZmzkSqb747fqKmNk1", "lineItemId": "0"}
_CLIENT = {"includedEntitlements": [], "referenceOrder": _REFERENCE, "productId": "DG7GMGF0DWTJ", "quantity": 1,
           "entitledArtifacts": [], "skuId": "0001", "entitlementType": "software"}  # fmt: skip  # one item
_ARTIFACT = {"link": {"uri": "/x", "method": "GET", "headers": []}, "resourceId": _ID, "artifactType": "x"}
_LINK = f"groups/2caf524395724e638ef64e109f1f79ca/lineitems/03500b1b-f2d6-4e23-ab4b-9fd67b917012/resource/{_ID}"
_RESERVED = {"virtualMachineReservations": [
    {"reservationId": _ID, "scopeType": "Shared", "quantity": 1, "expiryDateTime": "2019-02-23T00:00:00",
     "effectiveDateTime": "2018-02-23T18:15:24.6724884Z", "provisioningState": "Created"}]}  # fmt: skip  # one body
_AS_TEXT = {"partnerId": _ID, "resellerMpnId": "0", "unitPrice": "16", "quantity": "50",
            "attributes/objectType": "OneTimeInvoiceLineItem",
            "attributes": {"objectType": "OneTimeInvoiceLineItem"}}  # fmt: skip  # one item
_AS_NUMBERS = {"partnerId": _ID, "resellerMpnId": 0, "unitPrice": 820, "quantity": 1}
_UNBILLED = "provider=onetime&invoicelineitemtype=billinglineitems"
_CONTEXT = {"SubscriptionId": _ID, "Scope": "shared", "Duration": "1Year"}
_LINE = {"Id": 0, "CatalogItemId": "DG7GMGF0DWTL:0001:DG7GMGF0DSJB", "FriendlyName": "reserved", "Quantity": 2,
         "BillingCycle": "one_time", "ProvisioningContext": _CONTEXT}  # fmt: skip  # one line
_GDAP = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_OPERATION = "/v1.0/reports/partners/billing/operations"


def _list(*items: object) -> dict[str, object]:
    return {"totalCount": len(items), "items": list(items), "attributes": {"objectType": "Collection"}}


ROWS: list[Row] = [
    ("entitlements-with-what-they-include", "GET", f"{_ATS}/entitlements", f"{_AT}/entitlements", None, 200,
     _list({**_CLIENT, "skuTitle": "Reserved", "entitledArtifacts": [_ARTIFACT],
            "dynamicAttributes": {"reservationType": "virtualmachines"}},
           {**_CLIENT, "includedEntitlements": [_CLIENT, _CLIENT]})),
    ("software-with-its-end", "GET", f"{_ATS}/entitlements",
     f"{_AT}/entitlements?entitlementtype=software&showExpiry=true", None, 200,
     _list({**_CLIENT, "includedEntitlements": [_CLIENT], "expiryDate": "2022-01-28T00:00:00Z"})),
    ("second-address-below-one-template", "GET", f"{_ATS}/entitlements",
     f"{_AT}/artifacts/virtualmachinereservedinstance/{_LINK}", None, 200,
     {"type": "virtual_machine_reserved_instance", **_RESERVED}),
    ("reservation-behind-a-link", "GET", f"{_ATS}/entitlements", f"{_AT}/artifacts/reservedinstance/{_LINK}", None,
     200, {"type": "reservedinstance", **_RESERVED}),
    ("a-word-in-place-of-an-id", "GET", f"/v1/invoices/{{invoice-id}}/lineitems?{_UNBILLED}&period={{period}}",
     f"https://api.partnercenter.microsoft.com/v1//invoices/unbilled/lineitems?{_UNBILLED}&currencycode=usd"
     "&period=previous&size=2000", None, 200,
     {**_list(_AS_TEXT, _AS_NUMBERS), "links": {"next": {"uri": "/x", "method": "GET",
                                                         "headers": [{"key": "MS-ContinuationToken", "value": "A"}]}}}),
    ("unknown-by-its-query", "GET", "/v1/profiles/mpn?mpnId={mpn-id}", "/v1/profiles/mpn?mpnId=9999999", None, 404,
     {"code": 3000, "description": "could not be found", "data": [], "source": "PartnerFD"}),
    ("a-table-without-a-header", "GET", "/v1/margins/download?country={countrycode}", "/v1/margins/download?country=US",
     None, 200, f'"b82103f870af_{_ID}","US","Percentage","A publisher","DZH318Z0FTST","A title","0002","plan1","SaaS",'
     f'"{_ID}"'),
    ("transfer-of-a-base-with-add-ons", "POST", f"{_ATS}/transfers", f"{_AT}/transfers",
     {"sourcePartnerTenantId": _ID, "targetPartnerTenantId": _ID,
      "lineItems": [{"subscriptionId": _ID, "partnerIdOnRecord": "517285"}, {"subscriptionId": _ID}]}, 201,
     {"id": _ID, "status": "Active", "lineItems": [{"id": 0, "subscriptionId": _ID, "quantity": 1, "addonItems": [
         {"id": 0, "subscriptionId": _ID, "quantity": 4}]}, {"id": 1, "addonItems": []}]}),
    ("government-qualification", "POST", f"{_ATS}/qualifications", "/v1/customers/{customer-tenant-id}/qualifications",
     {"Qualification": "GovernmentCommunityCloud", "ValidationCode": "123456"}, 201,
     {"qualification": "GovernmentCommunityCloud"}),
    ("one-word-as-a-body", "GET", f"{_ATS}/qualification", "/v1/customers/<customer-tenant-id>/qualification", None,
     200, "education"),
    ("one-word-by-a-code", "PUT", f"{_ATS}/qualification?code={{validationCode}}",
     "/v1/customers/<customer-tenant-id>/qualification?code=<validation-code>", None, 200, "governmentcommunitycloud"),
    ("meters-of-a-plan", "GET", f"{_SUB}/meterusagerecords", f"{_SUB}/meterusagerecords", None, 200,
     _list({"subscriptionId": "{subscription-id}", "meterId": "DZH318Z0BNVX-005J-In (GB)", "meterName": "In",
            "category": "c", "subcategory": "s", "quantityUsed": 0.1, "unit": "1 GB", "usdTotalCost": 0})),
    ("meters-of-old-azure", "GET", f"{_SUB}/meterusagerecords", f"{_SUB}/meterusagerecords", None, 200,
     _list({"status": "active", "offerId": "MS-AZR-0145P", "resourceId": _ID, "name": "Microsoft Azure"})),
    ("budgets-under-two-names", "GET", "/v1/customers/usagerecords", "/v1/customers/usagerecords", None, 200,
     _list({"budget": {"amount": 1}, "customerSpendingBudget": {"amount": 1}, "isUpgraded": True})),
    ("reservation-below-an-id-of-software", "PUT", f"{_ATS}/carts/{{cart-id}}", f"{_AT}/carts/{_ID}/",
     {"Id": _ID, "LineItems": [_LINE]}, 201,
     {"id": _ID, "lineItems": [{"id": 0, "catalogItemId": "x", "quantity": 2, "billingCycle": "one_time",
                                "provisioningContext": {"scope": "shared", "duration": "1Year"}}]}),
    ("user-with-a-directory-anchor", "POST", f"{_ATS}/users", "/v1/customers/<customer-tenant-id>/users",
     {"usageLocation": "country/region code", "userPrincipalName": "userid@domain.onmicrosoft.com",
      "displayName": "User name", "immutableId": "Some unique ID",
      "passwordProfile": {"password": "abCD123*", "forceChangePassword": True}}, 200,
     {"id": _ID, "immutableId": "Some unique ID", "softDeletionTime": None}),
    ("tenant-of-a-test-domain", "POST", "/v1/customers", "/v1/customers",
     {"CompanyProfile": {"Domain": "xyz.tests.example"}, "BillingProfile": {
         "Culture": "EN-US", "Email": "a@b.example", "Language": "en", "CompanyName": "test company",
         "DefaultAddress": {"AddressLine1": "One Way", "City": "Redmond", "State": "WA", "PostalCode": "98052",
                            "Country": "US"}}}, 201, {"id": _ID, "companyProfile": {"domain": "xyz.tests.example"}}),
    ("resellers-with-dates", "GET", "/partner/v1/analytics/indirectresellers",
     "/partner/v1/analytics/indirectresellers", None, 200,
     {"id": "1", "firstSubscriptionCreationDate": "2016-10-18T19:16:25.107",
      "latestSubscriptionEndDate": "2018-11-07T00:00:00", "firstSubscriptionSuspendedDate": "0001-01-01T00:00:00",
      "latestSubscriptionDeprovisionedEndDate": "0001-01-01T00:00:00", "subscriptionCount": 10}),
    ("licences-sold", "GET", "/v1/analytics/licenses/deployment", "/v1/analytics/licenses/deployment", None, 200,
     _list({"proratedDeploymentPercent": 0.0, "licensesSold": 343, "serviceName": "crm"})),
    ("country-rules-as-printed", "GET", "/v1/countryvalidationrules/{country-id}", "/v1/countryvalidationrules/US",
     None, 200, {"iso2Code": "US", "states": {"value": ["AK"]}, "supportedLanguages": {"value": ["en"]},
           "countryCallingCodes": {"value": ["1"]}, "taxIdFormat": "US######", "geographicRegion": "x"}),
    ("add-on-offers", "GET", "/v1/offers/{offer-id}/addons?country={country-code}",
     "/v1/offers/195416C1-3447-423A-B37B-EE59A99A19C4/addons?country=us", None, 200,
     _list({"id": _ID, "isAddOn": True, "salesGroupId": "1"})),
    ("order-without-an-agreement", "POST", f"{_ATS}/orders", "/v1/customers/<customer-tenant-id>/orders",
     {"billingCycle": "monthly", "lineItems": [{"lineItemNumber": 0, "quantity": 1, "termDuration": "P1Y",
                                                "offerId": "CFQ7TTC0LH16:0001:CFQ7TTC0K971"}]}, 403,
     {"code": 13605, "description": "not accepted", "data": [], "source": "PartnerFD"}),
    ("approved-relationship", "GET", f"{_GDAP}/{{id}}", f"{_GDAP}/{_ID}-00000000-0000-0000-0000-000000001234", None,
     200, {"id": _ID, "status": "active", "activatedDateTime": "2022-02-10T11:24:42.3148266Z",
      "endDateTime": "2024-02-09T11:24:42.3148266Z"}),
    ("export-without-data", "GET", f"{_OPERATION}/{{id}}", f"{_OPERATION}/{_ID}", None, 200,
     {"id": _ID, "status": "failed", "error": {"message": "No data available", "code": "5000"}}),
]  # fmt: skip  # a table of pages
