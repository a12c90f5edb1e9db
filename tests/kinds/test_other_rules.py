"""What the rules of Reseller, TenantMapping, PriceSheet, Plan, AlertRule and NotificationChannel refuse."""

from __future__ import annotations

from typing import Any

import pytest

OTHER = "11111111-2222-4333-8444-555555555555"
NORDSOFT = {"displayName": "N", "tier": "indirect-reseller", "provider": "acme", "mpnId": "4391227"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Reseller", "acme"),
        ("Reseller", "nordsoft"),
        ("TenantMapping", "fabrikam"),
        ("PriceSheet", "nce-de"),
        ("Plan", "m365"),
        ("AlertRule", "consent"),
        ("NotificationChannel", "mail"),
    ],
)
def test_a_sound_project_has_no_findings(project: Any, kind: str, name: str) -> None:
    assert project.check(kind, name) == []


def test_one_account_is_one_reseller(project: Any) -> None:
    acme = project.view().resources.get("Reseller", "acme").spec
    project.add("Reseller", "zeta", {**acme, "accountId": acme["accountId"].upper()}, file="zeta.yaml")
    assert project.check("Reseller", "acme") == []
    (found,) = project.check("Reseller", "zeta")
    assert (found.code, found.path) == ("E-DUPLICATE-ACCOUNT", ("spec", "accountId"))
    assert "Reseller/acme in all.yaml" in found.message


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"application": {"id": OTHER}}, "E-APPLICATION", "spec.application"),
        (
            {"application": {"id": OTHER, "secretRef": "env:CSPCTL_A", "certificateRef": "env:CSPCTL_B"}},
            "E-APPLICATION",
            "spec.application",
        ),
        ({"consent": {"rotateAfterDays": 90}}, "E-CONSENT-DAYS", "spec.consent"),
    ],
)
def test_access_of_a_reseller(project: Any, changes: dict[str, Any], code: str, path: str) -> None:
    project.alter("Reseller", "acme", **changes)
    assert project.problems("Reseller", "acme") == [(code, path)]


def test_an_indirect_reseller_buys_from_a_provider(project: Any) -> None:
    project.alter("Reseller", "acme", tier="direct")
    assert project.problems("Reseller", "nordsoft") == [("E-PROVIDER-TIER", "spec.provider")]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"tenantId": None}, "E-TENANT-ID", "spec"),
        ({"customer": "fabrikam"}, "E-TENANT-ID", "spec.customer"),
        ({"tenantId": None, "customer": "fabrikam"}, "E-KIND-LATER", "spec.customer"),
        ({"reseller": "nordsoft", "indirectReseller": None}, "E-RESELLER-TIER", "spec.reseller"),
        ({"indirectReseller": "acme"}, "E-RESELLER-TIER", "spec.indirectReseller"),
    ],
)
def test_a_mapping_names_one_tenant_and_fitting_resellers(
    project: Any, changes: dict[str, Any], code: str, path: str
) -> None:
    project.alter("TenantMapping", "fabrikam", **changes)
    assert project.problems("TenantMapping", "fabrikam") == [(code, path)]


def test_the_indirect_reseller_buys_from_the_mappings_provider(project: Any) -> None:
    acme = project.view().resources.get("Reseller", "acme").spec
    project.add("Reseller", "zeta", {**acme, "accountId": OTHER})
    project.alter("TenantMapping", "fabrikam", reseller="zeta")
    assert project.problems("TenantMapping", "fabrikam") == [("E-RESELLER-PROVIDER", "spec.indirectReseller")]


def test_a_tenant_under_two_resellers_names_both_files(project: Any) -> None:
    fabrikam = project.view().resources.get("TenantMapping", "fabrikam").spec
    project.add(
        "TenantMapping", "twin", {**fabrikam, "tenantId": fabrikam["tenantId"].upper()}, file="teams/south.yaml"
    )
    (found,) = project.check("TenantMapping", "twin")
    assert found.code == "E-TENANT-TWICE"
    assert "all.yaml" in found.message
    assert "teams/south.yaml" in found.message


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"priceBook": "nze"}, "E-PRICE-BOOK", "spec.priceBook"),
        ({"pricing": {"method": "markup"}}, "E-PRICING", "spec.pricing"),
        ({"pricing": {"method": "fixed"}}, "E-PRICING", "spec.pricing"),
        ({"pricing": {"method": "fixed", "percent": 5, "price": {"amount": "1"}}}, "E-PRICING", "spec.pricing.percent"),
        ({"pricing": {"method": "fixed", "price": {"amount": "-1"}}}, "E-PRICING", "spec.pricing.price.amount"),
        ({"pricing": {"method": "margin", "percent": 5, "price": {}}}, "E-PRICING", "spec.pricing.price"),
        ({"pricing": {"method": "margin", "percent": 100}}, "E-PERCENT", "spec.pricing.percent"),
        ({"pricing": {"method": "markup", "percent": -1}}, "E-PERCENT", "spec.pricing.percent"),
        ({"pricing": {"method": "erp-discount", "percent": 100}}, "E-PERCENT", "spec.pricing.percent"),
        (
            {"pricing": {"method": "markup", "percent": 5, "rounding": {"to": "0"}}},
            "E-ROUNDING",
            "spec.pricing.rounding.to",
        ),
        (
            {"overrides": [{"reseller": "nordsoft", "item": "e5", "pricing": {"method": "markup", "percent": 1}}]},
            "E-OVERRIDE-ITEM",
            "spec.overrides.0.item",
        ),
        (
            {"overrides": [{"reseller": "nordsoft", "pricing": {"method": "markup", "percent": 1}}] * 2},
            "E-OVERRIDE-TWICE",
            "spec.overrides.1",
        ),
        (
            {"overrides": [{"reseller": "nordsoft", "pricing": {"method": "margin", "percent": 120}}]},
            "E-PERCENT",
            "spec.overrides.0.pricing.percent",
        ),
    ],
)
def test_plans(project: Any, changes: dict[str, Any], code: str, path: str) -> None:
    project.alter("Plan", "m365", **changes)
    assert project.problems("Plan", "m365") == [(code, path)]


def test_a_margin_of_99_percent_is_a_price(project: Any) -> None:
    project.alter("Plan", "m365", pricing={"method": "margin", "percent": 99})
    assert project.check("Plan", "m365") == []


def item(**changes: Any) -> dict[str, Any]:
    offers = [{"term": "P1Y", "billing": "monthly"}]
    return {"name": "e3", "product": "CFQ7TTC0LFLX", "sku": "0001", "offers": offers} | changes


@pytest.mark.parametrize(
    ("items", "code", "path"),
    [
        ([item(), item()], "E-ITEM-TWICE", "spec.items.1.name"),
        ([item(offers=[{"term": "P1M", "billing": "annual"}])], "E-OFFER-BILLING", "spec.items.0.offers.0"),
        ([item(offers=[{"term": "P1Y", "billing": "triennial"}])], "E-OFFER-BILLING", "spec.items.0.offers.0"),
        ([item(offers=[{"term": "P1Y", "billing": "annual"}] * 2)], "E-OFFER-TWICE", "spec.items.0.offers.1"),
        ([item(pricing={"method": "fixed"})], "E-PRICING", "spec.items.0.pricing"),
    ],
)
def test_items_of_plans(project: Any, items: list[Any], code: str, path: str) -> None:
    project.alter("Plan", "m365", items=items)
    assert project.problems("Plan", "m365") == [(code, path)]


def test_a_misspelt_price_book_gets_a_hint(project: Any) -> None:
    project.alter("Plan", "m365", priceBook="nze")
    assert project.check("Plan", "m365")[0].hint == "did you mean 'nce'?"


def test_price_sheets(project: Any) -> None:
    project.alter("PriceSheet", "nce-de", file="de.xls")
    assert project.problems("PriceSheet", "nce-de") == [("E-SHEET-FORMAT", "spec.file")]
    again = {"priceBook": "nce", "file": "b.csv", "market": "DE", "period": "2026-11", "view": "updatedlicensebased"}
    project.add("PriceSheet", "nce-de-2", again)
    assert project.problems("PriceSheet", "nce-de-2") == [("E-SHEET-TWICE", "spec.period")]
    project.alter("PriceSheet", "nce-de-2", view="licensebasedest")
    assert project.check("PriceSheet", "nce-de-2") == []


@pytest.mark.parametrize("channels", [None, []])
def test_a_rule_without_a_channel_is_refused_by_name(project: Any, channels: Any) -> None:
    project.alter("AlertRule", "consent", channels=channels)
    (found,) = project.check("AlertRule", "consent")
    assert found.code == "E-ALERT-CHANNEL"
    assert "consent" in found.message
    assert found.hint == "channels: [...] with one of: mail"


def test_a_rule_of_no_days_is_refused(project: Any) -> None:
    project.alter("AlertRule", "consent", when={"before": "0d"})
    assert project.problems("AlertRule", "consent") == [("E-ALERT-WHEN", "spec.when.before")]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"type": "webhook"}, "E-CHANNEL-URL"),
        ({"type": "teams", "url": "https://a.example/x", "urlRef": "env:CSPCTL_X"}, "E-CHANNEL-URL"),
        ({"type": "smtp", "host": "h", "from": "a@b.example", "passwordRef": "env:CSPCTL_X"}, "E-CHANNEL-LOGIN"),
    ],
)
def test_channels(project: Any, spec: dict[str, Any], code: str) -> None:
    project.add("NotificationChannel", "mail", spec)
    assert [d.code for d in project.check("NotificationChannel", "mail")] == [code]


def test_findings_are_linear_in_the_number_of_resources(project: Any) -> None:
    """Facts about all mappings are gathered once, not once per mapping."""
    fabrikam = project.view().resources.get("TenantMapping", "fabrikam").spec
    for number in range(300):
        project.add("TenantMapping", f"t{number}", {**fabrikam, "tenantId": f"{number:08d}"})
    from cspctl.kinds.tenant_mapping import rules

    view = project.view()
    found = [d for r in view.resources.of_kind("TenantMapping").values() for d in rules.check(r, view)]
    assert found == []
    assert rules._TENANTS.of(view) is rules._TENANTS.of(view)
