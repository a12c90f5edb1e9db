"""What kinds tell one another, and that they tell it through their attributes modules only."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import cspctl.kinds
from cspctl.kinds.alert_rule import attributes as alerts
from cspctl.kinds.plan import attributes as plans
from cspctl.kinds.reseller import attributes as resellers
from cspctl.kinds.tenant_mapping import attributes as tenants

KINDS_FOLDER = Path(cspctl.kinds.__file__).parent


def test_tenants_and_their_currency(project: Any) -> None:
    project.alter("TenantMapping", "fabrikam", tenantId="0D2A6F5E-1F43-4F0B-B7A3-6A1B0B7C9D01")
    view = project.view()
    mapping = view.resources.get("TenantMapping", "fabrikam")
    assert tenants.tenant_id(mapping) == "0d2a6f5e-1f43-4f0b-b7a3-6a1b0b7c9d01"
    assert tenants.customer_id(mapping) == tenants.tenant_id(mapping)
    assert tenants.billing_currency(mapping, view) == "EUR"
    project.alter("TenantMapping", "fabrikam", currency="CHF")
    view = project.view()
    assert tenants.billing_currency(view.resources.get("TenantMapping", "fabrikam"), view) == "CHF"


def test_resellers_with_and_without_access(project: Any) -> None:
    acme, nordsoft = (project.view().resources.get("Reseller", n) for n in ("acme", "nordsoft"))
    assert (resellers.has_access(acme), resellers.has_access(nordsoft)) == (True, False)
    assert (resellers.currency(acme), resellers.currency(nordsoft)) == ("EUR", "")
    assert (resellers.cloud(acme), resellers.environment(acme)) == ("global", "production")


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"item": "audio"}, {"term": "P1M", "billing": "monthly"}),
        ({"item": "e3", "term": "P1M"}, {"billing": "monthly"}),
        ({"item": "e3", "billing": "annual"}, {"term": "P1Y"}),
        ({"item": "e3", "term": "P1Y"}, {}),
        ({"item": "e3"}, {}),
        ({}, {}),
        ({"item": "absent"}, {}),
    ],
)
def test_what_a_plan_offers_only_one_of(project: Any, chosen: dict[str, str], found: dict[str, str]) -> None:
    plan = project.view().resources.get("Plan", "m365")
    assert plans.only_choices(plan, chosen) == found


def test_pricing_in_force_for_a_reseller(project: Any) -> None:
    special = {"method": "margin", "percent": 12}
    general = {"method": "markup", "percent": 8}
    overrides = [
        {"reseller": "nordsoft", "pricing": general},
        {"reseller": "nordsoft", "item": "e3", "pricing": special},
    ]
    project.alter("Plan", "m365", overrides=overrides)
    plan = project.view().resources.get("Plan", "m365")
    assert plans.pricing_for(plan, "e3", "nordsoft") == special
    assert plans.pricing_for(plan, "audio", "nordsoft") == general
    assert plans.pricing_for(plan, "e3", None) == {"method": "markup", "percent": 25}
    assert plans.offer_item(plan, "e3")["sku"] == "0001"
    assert plans.offer_item(plan, "e5") is None


def test_recipients_are_the_owner_and_the_others_once(project: Any) -> None:
    more = ["noc@acme.example", "OPS@acme.example"]
    project.alter("AlertRule", "consent", additionalEmails=more)
    rule = project.view().resources.get("AlertRule", "consent")
    assert alerts.recipients(rule) == ("ops@acme.example", "noc@acme.example")
    assert alerts.before(rule) == timedelta(days=5)
    assert alerts.enabled(rule)


@pytest.mark.parametrize(
    ("text", "meant"), [("36h", timedelta(hours=36)), ("5d", timedelta(days=5)), ("2w", timedelta(days=14))]
)
def test_durations(text: str, meant: timedelta) -> None:
    assert alerts.duration(text) == meant


@pytest.mark.parametrize("text", ["", "5", "d", "5x", "-5d", "1.5d"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        alerts.duration(text)


def test_kinds_know_only_the_attributes_of_one_another() -> None:
    folders = {p.name for p in KINDS_FOLDER.iterdir() if (p / "kind.py").exists()}
    trespasses = []
    for path in sorted(KINDS_FOLDER.glob("*/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("cspctl.kinds."):
                continue
            parts = (node.module or "").split(".")[2:]
            if parts[0] in folders - {path.parent.name}:
                inside = parts[1:] or [alias.name for alias in node.names]
                if inside != ["attributes"]:
                    trespasses.append(f"{path.parent.name}/{path.name}: {node.module}")
    assert trespasses == []
