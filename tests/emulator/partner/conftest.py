"""A partner's office behind the real application: a provider, a sandbox provider, a direct partner, their customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from emulated import PARTNER_CENTER, Emulated

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
DIRECT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
GATED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
SANDBOX_CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b13"
DIRECT_CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b14"
RESELLER = "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01"
SUITE = "CFQ7TTAB12CD"
NOW = "2026-03-10T09:15:00Z"
GRAPH = "https://graph.microsoft.com"
RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"

SEED: dict[str, Any] = {
    "partners": [
        {"accountId": PROVIDER, "domain": "acme.onmicrosoft.com", "displayName": "Acme", "market": "DE",
         "currency": "EUR", "mpnId": "4847383", "tier": "indirect-provider"},
        {"accountId": SANDBOX, "domain": "tip.onmicrosoft.com", "displayName": "Tip", "market": "US",
         "currency": "USD", "mpnId": "5847383", "tier": "indirect-provider", "sandbox": True},
        {"accountId": DIRECT, "domain": "direct.onmicrosoft.com", "displayName": "Direct", "market": "US",
         "currency": "USD", "mpnId": "6847383", "tier": "direct"},
    ],
    "resellers": [
        {"partner": PROVIDER, "mpnId": "1234567", "accountId": RESELLER, "displayName": "Ours", "market": "AT"},
        {"partner": PROVIDER, "mpnId": "1234568", "displayName": "Left", "market": "DE", "state": "Inactive"},
        {"partner": PROVIDER, "mpnId": "1234569", "accountId": "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b03",
         "displayName": "Unsigned", "market": "DE", "agreementSigned": False},
        {"partner": PROVIDER, "mpnId": "1234570", "displayName": "Elsewhere", "market": "IN"},
        {"partner": PROVIDER, "mpnId": "1234571", "displayName": "No account", "market": "DE", "enrolled": False},
    ],
    "customers": [
        {"partner": PROVIDER, "id": CUSTOMER, "domain": "birkenau.onmicrosoft.com", "companyName": "Birkenau Demo",
         "market": "DE", "reseller": "1234567"},
        {"partner": PROVIDER, "id": GATED, "domain": "gated.onmicrosoft.com", "companyName": "Gated", "market": "DE",
         "gdap": False, "agreement": False},
        {"partner": SANDBOX, "id": SANDBOX_CUSTOMER, "domain": "tipped.onmicrosoft.com", "companyName": "Tipped",
         "market": "US"},
        {"partner": DIRECT, "id": DIRECT_CUSTOMER, "domain": "straight.onmicrosoft.com", "companyName": "Straight",
         "market": "US"},
    ],
    "catalogue": [
        {"productId": SUITE, "title": "Demo Suite", "skus": [
            {"id": "0001", "title": "Demo Suite Basic"},
            {"id": "0002", "title": "Minecraft Education Faculty"},
            {"id": "0003", "title": "Demo Suite Academic", "segments": ["education"]}]},
    ],
    "subscriptions": [
        {"partner": PROVIDER, "customer": CUSTOMER, "productId": SUITE, "skuId": "0001", "term": "P1Y",
         "billing": "monthly", "quantity": 2},
        {"partner": PROVIDER, "customer": CUSTOMER, "productId": SUITE, "skuId": "0002", "term": "P1Y",
         "billing": "monthly", "quantity": 1},
    ],
}  # fmt: skip  # a table of a world reads better packed
OWN_CUSTOMER = {PROVIDER: CUSTOMER, SANDBOX: SANDBOX_CUSTOMER, DIRECT: DIRECT_CUSTOMER}


class Office(Emulated):
    """The running emulator with a frozen clock, signed in as one partner."""

    def __init__(self, partner: str, changes: dict[str, Any]) -> None:
        super().__init__(SEED, changes, NOW)
        self.partner = partner
        self.customer = f"/v1/customers/{OWN_CUSTOMER[partner]}"

    def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        return self.together({"method": method, "url": url, **more})[0]

    def act(self, action: str, **document: Any) -> dict[str, Any]:
        answer = self.control("POST", "actions", {"action": action, "partner": self.partner, **document})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def bearer(self, resource: str = PARTNER_CENTER, *, app_only: bool = False, mfa: bool = True) -> str:
        return self.signed_in(self.partner, resource, user=not app_only, mfa=mfa)

    def call(
        self, method: str, path: str, body: Any = None, *, app_only: bool = False, mfa: bool = True, **headers: str
    ) -> httpx.Response:
        """A path that starts with /v1, /partner or /webhooks is whole; any other is below the partner's customer."""
        url = path if path.startswith(("/v1", "/partner", "/webhooks")) else self.customer + path
        resource = GRAPH if path.startswith("/v1.0/tenant") else PARTNER_CENTER
        given = {
            "Authorization": f"Bearer {self.bearer(resource, app_only=app_only, mfa=mfa)}",
            "MS-RequestId": str(uuid4()),
            "MS-CorrelationId": str(uuid4()),
        }
        given |= {key.replace("_", "-"): value for key, value in headers.items()}
        given = {key: value for key, value in given.items() if value}
        return self._send(method, url, headers=given, json=body)

    def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, int]:
        """(status, code) of an answer that is an error."""
        answer = self.call(method, path, body, **more)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["code"]

    def audited(self) -> list[str]:
        """Operation types of all audit records, oldest first."""
        return [one["operationType"] for one in self.get("/v1/auditrecords")["items"]]


@pytest.fixture
def open_office() -> Callable[..., Office]:
    def build(partner: str = PROVIDER, **changes: Any) -> Office:
        return Office(partner, changes)

    return build


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office()


@pytest.fixture
def sandbox(open_office: Callable[..., Office]) -> Office:
    return open_office(SANDBOX)


@pytest.fixture
def missing() -> Callable[..., list[str]]:
    """What a documented body has and an answer lacks: paths, with the types where only they differ."""

    def compare(documented: Any, answered: Any, path: str = "") -> list[str]:
        if documented is None:
            return []
        if isinstance(documented, dict):
            if not isinstance(answered, dict):
                return [f"{path} is no object"]
            found = []
            for key, value in documented.items():
                if key not in answered:
                    found += [] if value is None else [f"{path}.{key}"]
                else:
                    found += compare(value, answered[key], f"{path}.{key}")
            return found
        if isinstance(documented, list):
            if not isinstance(answered, list):
                return [f"{path} is no list"]
            return compare(documented[0], answered[0], f"{path}[]") if documented and answered else []
        numbers = (int, float)
        if type(documented) in numbers and type(answered) in numbers:
            return []
        return [] if type(documented) is type(answered) else [f"{path} is {type(answered).__name__}"]

    return compare
