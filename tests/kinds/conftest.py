"""A small project in memory: resources as the loader hands them to rules, and prices from a real price book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from cspctl.commerce.price_book import PriceBooks
from cspctl.commerce.price_row import PriceRow
from cspctl.kinds.contract import ProjectView
from cspctl.kinds.registry import kind
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.positions import Origin
from cspctl.model.resource import Lifecycle, Resource, ResourceIndex

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
TENANT = "0d2a6f5e-1f43-4f0b-b7a3-6a1b0b7c9d01"
E3, AUDIO, TRIAL = "CFQ7TTC0LFLX", "CFQ7TTC0LHXM", "CFQ7TTC0LFTR"

SPECS: dict[str, dict[str, dict[str, Any]]] = {
    "Reseller": {
        "acme": {
            "displayName": "Acme",
            "tier": "indirect-provider",
            "domain": "acme.onmicrosoft.com",
            "accountId": ACCOUNT,
            "market": "DE",
            "currency": "EUR",
        },
        "nordsoft": {
            "displayName": "Nordsoft",
            "tier": "indirect-reseller",
            "provider": "acme",
            "mpnId": "4391227",
        },
    },
    "TenantMapping": {
        "fabrikam": {"tenantId": TENANT, "reseller": "acme", "indirectReseller": "nordsoft", "market": "DE"},
    },
    "PriceSheet": {"nce-de": {"priceBook": "nce", "file": "de.csv", "market": "DE", "period": "2026-11"}},
    "Plan": {
        "m365": {
            "displayName": "Microsoft 365",
            "priceBook": "nce",
            "pricing": {"method": "markup", "percent": 25},
            "items": [
                {
                    "name": "e3",
                    "product": E3,
                    "sku": "0001",
                    "offers": [
                        {"term": "P1Y", "billing": "monthly"},
                        {"term": "P1Y", "billing": "annual"},
                        {"term": "P1M", "billing": "monthly"},
                    ],
                },
                {
                    "name": "audio",
                    "product": AUDIO,
                    "sku": "0002",
                    "offers": [{"term": "P1M", "billing": "monthly"}],
                },
                {"name": "trial", "product": TRIAL, "sku": "0001", "offers": [{"term": "P1M", "billing": "none"}]},
            ],
        }
    },
    "Subscription": {
        "e3": {
            "tenant": "fabrikam",
            "plan": "m365",
            "item": "e3",
            "term": "P1Y",
            "billing": "monthly",
            "quantity": 30,
            "endOfTerm": {"action": "renew"},
        }
    },
    "NotificationChannel": {
        "mail": {"type": "smtp", "host": "mail.acme.example", "from": "csp@acme.example"},
    },
    "AlertRule": {
        "consent": {
            "displayName": "Consent expiry",
            "event": "consent-expiry",
            "when": {"before": "5d"},
            "owner": "ops@acme.example",
            "channels": ["mail"],
        }
    },
}


def _rows() -> list[PriceRow]:
    row = PriceRow(
        product=E3,
        sku="0001",
        term="P1Y",
        billing="monthly",
        market="DE",
        currency="EUR",
        segment="commercial",
        unit_price=Decimal("345.60"),
        erp_price=Decimal("432"),
        start=datetime(2026, 1, 1, tzinfo=UTC),
        end=datetime(9999, 12, 31, tzinfo=UTC),
    )
    audio = replace(row, product=AUDIO, sku="0002", term="P1M", erp_price=None)
    trial = replace(row, product=TRIAL, term="P1M", billing="none", unit_price=Decimal(0))
    return [row, replace(row, term="P1M"), audio, trial]


class Project:
    """Change it with `add` and `alter`, then ask `check`."""

    def __init__(self) -> None:
        self._resources: dict[Address, Resource] = {}
        self.rows = _rows()
        self.now = NOW
        for name, specs in SPECS.items():
            for each, spec in specs.items():
                self.add(name, each, spec)

    def add(
        self,
        kind_name: str,
        name: str,
        spec: Mapping[str, Any],
        *,
        file: str = "all.yaml",
        lifecycle: Lifecycle | None = None,
    ) -> None:
        address = Address(kind_name, name)
        self._resources[address] = Resource(
            address, spec, spec, Origin(file, len(self._resources)), lifecycle=lifecycle or Lifecycle()
        )

    def alter(self, kind_name: str, name: str, *, lifecycle: Lifecycle | None = None, **changes: Any) -> None:
        """Set keys of a spec; None takes one away."""
        spec = {**self._resources[Address(kind_name, name)].spec, **changes}
        self.add(kind_name, name, {k: v for k, v in spec.items() if v is not None}, lifecycle=lifecycle)

    def view(self) -> ProjectView:
        return ProjectView(ResourceIndex(self._resources), PriceBooks({"nce": self.rows}), self.now)

    def check(self, kind_name: str, name: str) -> list[Diagnostic]:
        subject = kind(kind_name)
        assert subject is not None
        return list(subject.check(self._resources[Address(kind_name, name)], self.view()))

    def problems(self, kind_name: str, name: str) -> list[tuple[str, str]]:
        """(code, path with dots) of every finding."""
        return [(d.code, ".".join(map(str, d.path))) for d in self.check(kind_name, name)]


@pytest.fixture
def project() -> Project:
    return Project()
