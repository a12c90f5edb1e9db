"""Customers of a partner account as tenant mappings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cspctl.kinds.contract import Merged, ProjectView
from cspctl.kinds.scalars import DOMAIN, GUID, MARKET
from cspctl.model.change import Finding
from cspctl.model.document import UNSET, Edit
from cspctl.model.live import Attributes, LiveObject
from cspctl.model.resource import Resource

KIND = "TenantMapping"
_DOMAIN, _GUID, _MARKET = re.compile(DOMAIN), re.compile(GUID), re.compile(MARKET)
_ORDER = ("tenantId", "domain", "reseller", "indirectReseller", "market")


@dataclass(frozen=True, slots=True)
class Names:
    """`indirect` is the indirect reseller of record, empty where there is none or they differ."""

    reseller: str
    indirect: str = ""


def live_customer(
    listed: Mapping[str, Any], details: Mapping[str, Any] | None, now: datetime, *, country: str = ""
) -> LiveObject:
    """From an item of the list, with the country that its subscriptions name, else from the customer itself.

    Source: Partner Center docs, get-a-list-of-customers and get-a-customer-by-id (Oct 2023): only the latter tells
    addresses, and of those the company's only to an administrator of the tenant.
    """
    profile, customer = listed.get("companyProfile") or {}, str(listed.get("id") or "").lower()
    full = details or {}
    billed = ((full.get("billingProfile") or {}).get("defaultAddress") or {}).get("country")
    seated = ((full.get("companyProfile") or {}).get("address") or {}).get("country")
    return LiveObject(
        kind=KIND,
        live_id=customer,
        scope=customer,
        attributes={
            "tenantId": str(profile.get("tenantId") or customer).lower(),
            "domain": _domain(profile.get("domain")),
            "market": str(country or billed or seated or "").upper(),
        },
        facts={
            "companyName": str(profile.get("companyName") or ""),
            "partner": str(full.get("associatedPartnerId") or "").lower(),
            "relationship": str(listed.get("relationshipToPartner") or "reseller").lower(),
        },
        read_at=now,
    )


class TenantMappingImports:
    """Satisfies cspctl.kinds.contract.Imports."""

    def refusal(self, live: LiveObject) -> Finding | None:
        if _GUID.match(live.live_id) and _GUID.match(str(live.attributes["tenantId"])):
            return None
        message = f"customer {live.live_id or '(no id)'}: its id is no GUID; left out"
        return Finding(code="W-IMPORT-ODD", severity="warning", message=message)

    def names(self, reseller: str, indirect: str) -> Names:
        return Names(reseller, indirect)

    def name_from(self, live: LiveObject) -> Iterator[str]:
        """Texts that a name can be made from, best first."""
        domain = str(live.attributes.get("domain") or "")
        yield domain.removesuffix(".onmicrosoft.com").partition(".")[0]
        yield str(live.facts.get("companyName"))
        yield f"tenant-{live.live_id[:8]}"

    def has_market(self, live: LiveObject) -> bool:
        return bool(_MARKET.match(str(live.attributes.get("market"))))

    def to_spec(self, live: LiveObject, names: Names) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        have = live.attributes
        spec: dict[str, Any] = {"tenantId": have["tenantId"]}
        if have.get("domain"):
            spec["domain"] = have["domain"]
        spec["reseller"] = names.reseller
        if names.indirect:
            spec["indirectReseller"] = names.indirect
        spec["market"] = have["market"]
        if live.live_id != have["tenantId"]:
            spec["customerId"] = live.live_id
        return spec, {}

    def remembered(self, live: LiveObject) -> Attributes:
        return {"domain": live.attributes.get("domain")}

    def merge(
        self, resource: Resource, remembered: Attributes, live: LiveObject, names: Names, project: ProjectView
    ) -> Merged:
        edits, kept, known = [], [], dict(remembered)
        now = {"domain": live.attributes.get("domain"), "indirectReseller": names.indirect or None}
        for key, new in now.items():
            old, mine = remembered.get(key), resource.spec.get(key)
            if old == new:
                continue
            if mine not in (new, old):
                kept.append(key)
                continue
            if mine != new:
                above = _ORDER[: _ORDER.index(key)]
                edits.append(Edit(("spec", key), UNSET if new is None else new, after=above))
            known[key] = new
        return Merged(tuple(edits), tuple(kept), known)


def _domain(text: Any) -> str | None:
    return text.lower() if isinstance(text, str) and _DOMAIN.match(text) else None


IMPORTS = TenantMappingImports()
