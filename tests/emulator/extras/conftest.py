"""A small shop behind the real application: two providers, a sandbox, customers, modern and legacy goods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from emulated import Emulated

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
PLAYGROUND = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b14"
SUITE, AZURE, TOOLS = "CFQ7TTAB12CD", "DZH318Z0BPS6", "DG7GMGF0DWT0"
OLD_BASE, OLD_ADDON = "195416c1-3447-423a-b37b-ee59a99a19c4", "2828be95-46ba-4f91-b2fd-0bef192ecf60"
OLD_TRIAL, OLD_BIGGER = "c0bd2e08-11ac-4836-bdc7-3712e744922f", "796b6b5f-613c-4e24-a17c-eba730d49c02"
OLD_LONE = "4d3f8b90-29b3-4e7b-b37c-4a435ddef1d9"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
TRIAL_SUB, OLD_AZURE_SUB = "488745b5-2086-4912-802c-6abb9f7c3638", "a356ac8c-e310-44f4-bf85-c7f29044af99"
LONE_SUB = "75b71186-73c3-45b4-a403-281c0d7eb032"
NOW = "2026-03-10T09:15:00Z"
PROMOTION = "39NFABCD12EF:0001:39NFGHJK34LM"


def _terms(*pairs: str) -> list[dict[str, str]]:
    return [{"duration": pair.split()[0], "billingCycle": pair.split()[1]} for pair in pairs]


_EVERY = _terms("P1M monthly", "P1Y annual", "P1Y monthly", "P3Y annual", "P3Y monthly")
SEED: dict[str, Any] = {
    "partners": [
        {"accountId": OURS, "domain": "acme.onmicrosoft.com", "displayName": "Acme", "market": "DE",
         "currency": "EUR", "mpnId": "4847383", "tier": "indirect-provider"},
        {"accountId": THEIRS, "domain": "other.onmicrosoft.com", "displayName": "Other", "market": "DE",
         "currency": "EUR", "mpnId": "5847383", "tier": "direct"},
        {"accountId": SANDBOX, "domain": "sandbox.onmicrosoft.com", "displayName": "Sandbox", "market": "DE",
         "currency": "EUR", "mpnId": "6847383", "tier": "direct", "sandbox": True},
    ],
    "resellers": [{"partner": OURS, "mpnId": "1234567", "accountId": "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01",
                   "displayName": "Trey Research", "market": "DE"}],
    "customers": [
        {"partner": OURS, "id": CUSTOMER, "domain": "birkenau.onmicrosoft.com", "companyName": "Birkenau Demo"},
        {"partner": SANDBOX, "id": PLAYGROUND, "domain": "play.onmicrosoft.com", "companyName": "Playground"},
    ],
    "catalogue": [
        {"productId": SUITE, "title": "Demo Suite", "skus": [
            {"id": "0001", "title": "Demo Suite Basic", "maximumQuantity": 300, "terms": _EVERY,
             "upgradeTargetOffers": [f"{SUITE}:0002", f"{SUITE}:0003"]},
            {"id": "0002", "title": "Demo Suite Premium", "terms": _EVERY},
            {"id": "0003", "title": "Demo Suite Conflicting", "terms": _EVERY, "transferConflicts": True},
            {"id": "0004", "title": "Demo Suite Trial", "isTrial": True, "convertsTo": f"{SUITE}:0002"},
        ]},
        {"productId": AZURE, "title": "Azure plan", "productType": "Azure", "skus": [
            {"id": "0001", "title": "Azure plan", "terms": [{"billingCycle": "one_time"}],
             "purchasePrerequisites": ["InventoryCheck"], "inventoryVariables": ["ArmRegionName"],
             "restrictions": [{"type": "Location", "values": "japanwest"}]}]},
        {"productId": TOOLS, "title": "Demo Tools", "productType": "Software", "skus": [
            {"id": "0001", "title": "Demo Tools CAL", "terms": [{"billingCycle": "one_time"}]},
            {"id": "0002", "title": "Demo Tools 3 year", "terms": [{"duration": "P3Y", "billingCycle": "one_time"}]}]},
    ],
    "prices": [
        {"productId": SUITE, "skuId": sku, "term": term, "billing": billing, "market": "DE", "currency": "EUR",
         "segment": "commercial", "unitPrice": price, "erpPrice": "456.00"}
        for sku, factor in (("0001", 1), ("0002", 2))
        for term, billing, price in (("P1Y", "monthly", f"{364 * factor}.80"), ("P1Y", "annual", f"{350 * factor}.00"))
    ],
    "promotions": [{
        "id": PROMOTION, "name": "Demo 15", "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-06-30T23:59:59Z",
        "properties": {"isAutoApplicable": True},
        "requiredProducts": [{"productId": SUITE, "skuId": "0001",
                              "term": {"duration": "P1Y", "billingCycle": "Monthly"},
                              "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.15"}]}],
        "promotionConstraints": {
            "seatConstraints": [{"minSeats": 1, "maxSeats": 30, "type": "SubscriptionQuantity"}],
            "assetOwnershipLimits": [{"minAssets": 0, "maxAssets": 3, "type": "LifetimeRedemptionCount"}],
            "eligibilityConstraints": [{"isApplicable": False, "type": "FirstPurchase"}],
            "productOwnershipConstraints": []}},
        {"id": "39NFOLD012EF:0001:39NFGHJK34LM", "name": "Over", "startDate": "2020-01-01T00:00:00Z",
         "endDate": "2020-06-30T23:59:59Z", "requiredProducts": []}],
    "offers": [
        {"id": OLD_BASE, "name": "Office 365 Business Premium", "category": "Small Business",
         "upgradeTargetOffers": [OLD_BIGGER], "equivalent": f"{SUITE}:0001"},
        {"id": OLD_ADDON, "name": "Exchange Online Archiving", "isAddOn": True, "prerequisiteOffers": [OLD_BASE],
         "equivalent": f"{SUITE}:0002"},
        {"id": OLD_TRIAL, "name": "Business Premium Trial", "isTrial": True, "conversionTargetOffers": [OLD_BASE]},
        {"id": OLD_BIGGER, "name": "Office 365 Enterprise E3"},
        {"id": OLD_LONE, "name": "Common Area Phone", "billingCycles": ["monthly"]},
        {"id": "MS-AZR-0145P", "name": "Microsoft Azure", "billing": "usage"},
    ],
    "margins": [{"partner": OURS, "type": "Percentage", "productId": "DZH318Z0HJ49", "publisherName": "Publisher",
                 "productTitle": "Offer", "skuTitle": "Offer 1", "skuId": "0001", "productType": "SaaS",
                 "marginPercentage": 10.0, "startDate": "2022-02-24T18:38:02Z", "endDate": "2028-04-30T23:59:59Z",
                 "statusDate": "2022-02-24T18:38:02Z"}],
    "legacySubscriptions": [
        {"partner": OURS, "customer": CUSTOMER, "id": BASE_SUB, "offerId": OLD_BASE, "quantity": 5,
         "startedAt": "2025-10-01T08:00:00Z"},
        {"partner": OURS, "customer": CUSTOMER, "id": ADDON_SUB, "offerId": OLD_ADDON, "quantity": 2,
         "startedAt": "2025-10-01T08:00:00Z", "parent": BASE_SUB},
        {"partner": OURS, "customer": CUSTOMER, "id": TRIAL_SUB, "offerId": OLD_TRIAL, "quantity": 25},
        {"partner": OURS, "customer": CUSTOMER, "id": LONE_SUB, "offerId": OLD_LONE, "quantity": 3,
         "startedAt": "2025-10-01T08:00:00Z"},
    ],
}  # fmt: skip  # a table of a world reads better packed


class Shop(Emulated):
    """The running emulator with a frozen clock, signed in as one partner at a time."""

    def __init__(self, partner: str, changes: dict[str, Any], now: str) -> None:
        super().__init__(SEED, changes, now)
        self.partner = partner
        self.customer = CUSTOMER if partner == OURS else PLAYGROUND
        self.base = f"/v1/customers/{self.customer}"

    def send(self, **request: Any) -> httpx.Response:
        return self.together(request)[0]

    def bearer(self, resource: str, partner: str, user: bool, roles: list[str] | None = None) -> str:
        return self.signed_in(partner, resource, user=user, **({"roles": roles} if roles else {}))

    def call(
        self, method: str, path: str, body: Any = None, *, partner: str = "", user: bool = True, **more: Any
    ) -> httpx.Response:
        """A path that starts with /v1, /webhooks or /partner is taken as it is; any other is below the customer."""
        url = path if path.startswith(("/v1", "/webhooks", "/partner/")) else self.base + path
        token = self.bearer("https://api.partnercenter.microsoft.com", partner or self.partner, user)
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self.send(method=method, url=url, headers=headers, **more)

    def post(self, path: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        answer = self.call("POST", path, body, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def prices(self, path: str, roles: list[str] | None = None, **headers: str) -> httpx.Response:
        token = self.bearer("https://api.partner.microsoft.com", self.partner, True, roles)
        given = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity", "Host": "api.partner.microsoft.com"}
        given |= {key.replace("_", "-"): value for key, value in headers.items()}
        return self.send(method="GET", url=f"/v1.0/sales/{path}", headers=given)

    def item(self, sku: str = f"{SUITE}:0001") -> str:
        product, code = sku.split(":")
        path = f"/v1/products/{product}/skus/{code}/availabilities?country=DE"
        return str(self.get(path)["items"][0]["catalogItemId"])

    def order(self, sku: str = f"{SUITE}:0001", status: int = 201, **more: Any) -> Any:
        billing = more.pop("billingCycle", "monthly")
        line = {"lineItemNumber": 0, "offerId": self.item(sku), "quantity": 10, "termDuration": "P1Y", **more}
        body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": billing, "lineItems": [line]}
        return self.post("/orders", body, status=status)

    def buy(self, sku: str = f"{SUITE}:0001", **more: Any) -> dict[str, Any]:
        order = self.order(sku, **more)
        return dict(self.get(f"/subscriptions/{order['lineItems'][0]['subscriptionId']}"))

    def plan(self) -> dict[str, Any]:
        return self.buy(f"{AZURE}:0001", quantity=1, termDuration=None, billingCycle="one_time")

    def patch(self, id: str, **changes: Any) -> httpx.Response:
        body = {**self.get(f"/subscriptions/{id}"), **changes}
        return self.call("PATCH", f"/subscriptions/{id}", body)

    def audited(self, operation: str) -> list[dict[str, Any]]:
        records = self.store.list("audit", self.partner)
        return [one for one in records if one["operationType"] == operation]


@pytest.fixture
def open_shop() -> Callable[..., Shop]:
    def build(partner: str = OURS, now: str = NOW, **changes: Any) -> Shop:
        return Shop(partner, changes, now)

    return build


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()


@pytest.fixture
def misfits() -> Callable[..., list[str]]:
    """Paths of documented properties that an answer lacks or has with another type; `but` names exceptions."""

    def compare(documented: Any, actual: Any, *but: str, where: str = "") -> list[str]:
        if where in but or documented is None:
            return []
        if isinstance(documented, dict) and isinstance(actual, dict):
            found = []
            for name, value in documented.items():
                path = f"{where}.{name}".lstrip(".")
                if name in actual:
                    found += compare(value, actual[name], *but, where=path)
                elif path not in but and value is not None:
                    found.append(f"{path} is missing")
            return found
        if isinstance(documented, list) and isinstance(actual, list):
            if documented and not actual:
                return [f"{where} is empty"]
            return compare(documented[0], actual[0], *but, where=where) if documented else []
        numbers = isinstance(documented, int | float) and isinstance(actual, int | float)
        same = numbers and isinstance(documented, bool) == isinstance(actual, bool)
        return [] if same or type(documented) is type(actual) else [f"{where}: {documented!r} against {actual!r}"]

    return compare


def code(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()["code"]
