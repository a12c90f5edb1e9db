"""What the emulator must know so that a project's manifests can be planned: partners, tenants, catalogue, prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cspctl.commerce.price_row import PriceRow
from cspctl.kinds.plan import attributes as plan_attributes
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.kinds.tenant_mapping import attributes as tenant_attributes
from cspctl.model.resource import Resource, ResourceIndex
from cspctl.workspace.project import LoadedProject

DEFAULT_MAXIMUM = 10_000_000


def seed_document(project: LoadedProject) -> dict[str, Any]:
    """Sorted and complete; seeding it twice changes nothing."""
    resources = project.resources
    resellers = resources.of_kind("Reseller")
    rows = sorted((r for r in project.view.prices.rows() if r.start <= project.view.now), key=_row_order)
    return {
        "partners": [_partner(r) for r in resellers.values() if reseller_attributes.has_access(r)],
        "resellers": [_indirect(r, resources) for r in resellers.values() if not reseller_attributes.has_access(r)],
        "customers": [_customer(t, resources) for t in resources.of_kind("TenantMapping").values()],
        "catalogue": list(_catalogue(resources, rows)),
        "prices": [_price(row) for row in rows],
    }


def _row_order(row: PriceRow) -> tuple[str, ...]:
    return (row.product, row.sku, row.term, row.billing, row.market, row.currency, row.segment, row.start.isoformat())


def _partner(reseller: Resource) -> dict[str, Any]:
    spec = reseller.effective
    keys = ("domain", "displayName", "market", "currency", "mpnId", "tier", "cloud")
    return {"accountId": reseller_attributes.account_id(reseller)} | {k: spec[k] for k in keys if spec.get(k)}


def _indirect(reseller: Resource, resources: ResourceIndex) -> dict[str, Any]:
    spec = reseller.effective
    provider = resources.get("Reseller", str(spec["provider"]))
    document = {
        "partner": reseller_attributes.account_id(provider) if provider else "",
        "mpnId": spec["mpnId"],
        "displayName": spec["displayName"],
        "market": provider.effective["market"] if provider else "",
    }
    account = reseller_attributes.account_id(reseller)
    return document | ({"accountId": account} if account else {})


def _customer(tenant: Resource, resources: ResourceIndex) -> dict[str, Any]:
    spec = tenant.effective
    reseller = resources.get("Reseller", str(spec["reseller"]))
    indirect = resources.get("Reseller", str(spec["indirectReseller"])) if spec.get("indirectReseller") else None
    return {
        "partner": reseller_attributes.account_id(reseller) if reseller else "",
        "id": tenant_attributes.customer_id(tenant),
        "domain": spec.get("domain") or f"{tenant.name}.onmicrosoft.com",
        "companyName": tenant.name.replace("-", " ").title(),
        "market": spec["market"],
        "reseller": indirect.effective["mpnId"] if indirect else None,
        "agreement": True,
    }


def _catalogue(resources: ResourceIndex, rows: Iterable[PriceRow]) -> Iterator[dict[str, Any]]:
    """Every offer of every plan, and every priced row."""
    products: dict[str, dict[str, dict[str, Any]]] = {}
    titles: dict[str, str] = {}
    for row in rows:
        titles.setdefault(row.product, row.title)
        sku = _sku(products, row.product, row.sku, row.title)
        _offer(sku, row.term, row.billing, row.segment)
    for plan in resources.of_kind("Plan").values():
        segment = str(plan.effective.get("segment") or "commercial")
        for item in plan_attributes.items(plan):
            title = str(item.get("displayName") or item["name"])
            titles.setdefault(item["product"], title)
            sku = _sku(products, item["product"], item["sku"], title)
            for term, billing in plan_attributes.offers(item):
                _offer(sku, term, billing, segment)
    for product in sorted(products):
        skus = [products[product][sku] for sku in sorted(products[product])]
        yield {"productId": product, "title": titles[product] or product, "skus": skus}


def _sku(products: dict[str, dict[str, dict[str, Any]]], product: str, sku: str, title: str) -> dict[str, Any]:
    return products.setdefault(product, {}).setdefault(
        sku,
        {
            "id": sku,
            "title": title or product,
            "minimumQuantity": 1,
            "maximumQuantity": DEFAULT_MAXIMUM,
            "isTrial": False,
            "isAddon": False,
            "prerequisiteSkus": [],
            "segments": [],
            "terms": [],
        },
    )


def _offer(sku: dict[str, Any], term: str, billing: str, segment: str) -> None:
    offered = {"duration": term, "billingCycle": billing}
    if offered not in sku["terms"]:
        sku["terms"].append(offered)
    name = "nonprofit" if segment == "charity" else segment
    if name not in sku["segments"]:
        sku["segments"].append(name)


def _price(row: PriceRow) -> dict[str, Any]:
    return {
        "productId": row.product,
        "skuId": row.sku,
        "term": row.term,
        "billing": row.billing,
        "market": row.market,
        "currency": row.currency,
        "segment": "nonprofit" if row.segment == "charity" else row.segment,
        "unitPrice": format(row.unit_price, "f"),
        "erpPrice": format(row.erp_price, "f") if row.erp_price is not None else None,
    }
