"""A small market behind the real application: two providers, a direct partner, four customers, a catalogue, prices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from emulated import Emulated

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
OTHER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
DIRECT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
UNSIGNED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
FOREIGN = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b13"
DIRECT_CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b14"
SUITE, DESK = "CFQ7TTAB12CD", "CFQ7TTEF34GH"
NOW = "2026-03-10T09:15:00Z"


def _terms(*pairs: str) -> list[dict[str, str]]:
    return [{"duration": pair.split()[0], "billingCycle": pair.split()[1]} for pair in pairs]


_EVERY = _terms("P1M monthly", "P1Y annual", "P1Y monthly", "P3Y annual", "P3Y monthly", "P3Y triennial")
SEED: dict[str, Any] = {
    "partners": [
        {"accountId": PROVIDER, "domain": "acme.onmicrosoft.com", "displayName": "Acme", "market": "DE",
         "currency": "EUR", "mpnId": "4847383", "tier": "indirect-provider", "cloud": "global"},
        {"accountId": OTHER, "domain": "other.onmicrosoft.com", "displayName": "Other", "market": "US",
         "currency": "USD", "mpnId": "5847383", "tier": "indirect-provider", "cloud": "global"},
        {"accountId": DIRECT, "domain": "direct.onmicrosoft.com", "displayName": "Direct", "market": "US",
         "currency": "USD", "mpnId": "6847383", "tier": "direct", "cloud": "global"},
    ],
    "resellers": [
        {"partner": PROVIDER, "mpnId": "1234567", "accountId": "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01",
         "displayName": "Ours", "market": "DE"},
        {"partner": OTHER, "mpnId": "7654321", "displayName": "Theirs", "market": "US"},
        {"partner": DIRECT, "mpnId": "1111111", "displayName": "Odd one", "market": "US"},
    ],
    "customers": [
        {"partner": PROVIDER, "id": CUSTOMER, "domain": "birkenau.onmicrosoft.com", "companyName": "Birkenau Demo",
         "market": "DE", "reseller": "1234567", "agreement": True},
        {"partner": PROVIDER, "id": UNSIGNED, "domain": "unsigned.onmicrosoft.com", "companyName": "Unsigned",
         "market": "DE", "reseller": None, "agreement": False},
        {"partner": OTHER, "id": FOREIGN, "domain": "foreign.onmicrosoft.com", "companyName": "Foreign",
         "market": "US", "reseller": None, "agreement": True},
        {"partner": DIRECT, "id": DIRECT_CUSTOMER, "domain": "straight.onmicrosoft.com", "companyName": "Straight",
         "market": "US", "reseller": None, "agreement": True},
    ],
    "catalogue": [
        {"productId": SUITE, "title": "Demo Suite", "skus": [
            {"id": "0001", "title": "Demo Suite Basic", "maximumQuantity": 300, "terms": _EVERY,
             "segments": ["commercial", "education", "nonprofit"]},
            {"id": "0002", "title": "Demo Suite Trial", "isTrial": True, "convertsTo": f"{SUITE}:0001"},
            {"id": "0003", "title": "Demo Add-on", "isAddon": True, "prerequisiteSkus": [f"{DESK}:0001"]},
            {"id": "0004", "title": "Demo Cloud PC",
             "attestationProperties": {"attestationType": "Windows365", "enforceAttestation": True}},
            {"id": "0005", "title": "Demo Retired", "isPurchasable": False},
        ]},
        {"productId": DESK, "title": "Demo Desk", "skus": [
            {"id": "0001", "title": "Demo Desk E3", "minimumQuantity": 5, "maximumQuantity": 5000}]},
        {"productId": "DZH318Z0BPS6", "title": "Azure plan", "productType": "Azure", "skus": [
            {"id": "0001", "title": "Azure plan", "maximumQuantity": 1, "terms": [{"billingCycle": "one_time"}]}]},
    ],
    "prices": [
        {"productId": SUITE, "skuId": "0001", "term": term, "billing": billing, "market": "DE", "currency": "EUR",
         "segment": "commercial", "unitPrice": price, "erpPrice": None}
        for term, billing, price in (
            ("P1Y", "monthly", "364.80"), ("P1Y", "annual", "350.00"), ("P1M", "monthly", "36.48"),
            ("P3Y", "monthly", "1000.00"), ("P3Y", "annual", "1000.00"),
        )
    ],
}  # fmt: skip  # a table of a world reads better packed


class Market(Emulated):
    """The running emulator with a frozen clock, signed in as one partner at a time."""

    def __init__(self, partner: str, changes: dict[str, Any], now: str) -> None:
        super().__init__(SEED, changes, now)
        self.partner = partner
        self.base = f"/v1/customers/{CUSTOMER if partner == PROVIDER else DIRECT_CUSTOMER}"

    def send(self, *requests: dict[str, Any]) -> list[httpx.Response]:
        return self.together(*requests)

    def bearer(self) -> str:
        return self.signed_in(self.partner)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A path that starts with /v1 is taken as it is; any other is below the customer."""
        url = path if path.startswith("/v1") else self.base + path
        given = {"Authorization": f"Bearer {self.bearer()}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.send({"method": method, "url": url, "headers": given, "json": body})[0]

    def item(self, sku: str = f"{SUITE}:0001", segment: str = "commercial") -> str:
        product, code = sku.split(":")
        path = f"/v1/products/{product}/skus/{code}/availabilities?country=DE&targetSegment={segment}"
        return str(self.get(path)["items"][0]["catalogItemId"])

    def line(self, sku: str = f"{SUITE}:0001", **more: Any) -> dict[str, Any]:
        line = {"id": 0, "catalogItemId": self.item(sku), "quantity": 10, "termDuration": "P1Y"}
        return {**line, "billingCycle": "monthly", **more}

    def cart(self, *lines: dict[str, Any], **more: Any) -> httpx.Response:
        numbered = [{**line, "id": index} for index, line in enumerate(lines)]
        return self.call("POST", "/carts", {"partnerOnRecordAttestationAccepted": True, "lineItems": numbered, **more})

    def checkout(self, cart_id: str) -> httpx.Response:
        return self.call("POST", f"/carts/{cart_id}/checkout")

    def buy(self, **more: Any) -> dict[str, Any]:
        """Buy one line; answers the subscription."""
        cart = self.cart(self.line(**more))
        assert cart.status_code == 201, cart.text
        orders = self.checkout(cart.json()["id"]).json()["orders"]
        return dict(self.get(f"/subscriptions/{orders[0]['lineItems'][0]['subscriptionId']}"))

    def subscription(self, one: dict[str, Any]) -> dict[str, Any]:
        return dict(self.get(f"/subscriptions/{one['id']}"))

    def patch(self, one: dict[str, Any], **changes: Any) -> httpx.Response:
        """The full resource of a fresh GET with changes; a change of `...` leaves the property out."""
        body = {**self.subscription(one), **changes}
        body = {key: value for key, value in body.items() if value is not ...}
        return self.call("PATCH", f"/subscriptions/{one['id']}", body)


@pytest.fixture
def open_market() -> Callable[..., Market]:
    def build(partner: str = PROVIDER, now: str = NOW, **changes: Any) -> Market:
        return Market(partner, changes, now)

    return build


@pytest.fixture
def market(open_market: Callable[..., Market]) -> Market:
    return open_market()
