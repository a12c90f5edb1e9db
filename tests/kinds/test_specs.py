"""What specs accept, refuse, and turn into canonical data. Specs are what the JSON schemas are made from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from cspctl.kinds.contract import Kind
from cspctl.kinds.registry import KINDS, LATER, kind

GUID = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
SECRET = "x9~very-secret"
MINIMAL: dict[str, dict[str, Any]] = {
    "Reseller": {
        "displayName": "Acme",
        "tier": "direct",
        "domain": "acme.onmicrosoft.com",
        "accountId": GUID,
        "market": "DE",
        "currency": "EUR",
    },
    "TenantMapping": {"tenantId": GUID, "reseller": "acme", "market": "DE"},
    "PriceSheet": {"priceBook": "nce", "file": "de.csv", "market": "DE", "period": "2026-11"},
    "Plan": {
        "displayName": "M365",
        "priceBook": "nce",
        "pricing": {"method": "markup", "percent": 25},
        "items": [
            {
                "name": "e3",
                "product": "CFQ7TTC0LFLX",
                "sku": "0001",
                "offers": [{"term": "P1Y", "billing": "monthly"}],
            }
        ],
    },
    "Subscription": {"tenant": "fabrikam", "plan": "m365", "quantity": 30},
    "AlertRule": {
        "displayName": "Consent",
        "event": "consent-expiry",
        "when": {"before": "5d"},
        "owner": "ops@acme.example",
    },
    "NotificationChannel": {"type": "smtp", "host": "mail.acme.example", "from": "csp@acme.example"},
}
INDIRECT = {"displayName": "N", "tier": "indirect-reseller", "provider": "acme", "mpnId": "4391227"}


def spec_of(name: str) -> type[BaseModel]:
    found = kind(name)
    assert found is not None
    return found.spec


def canonical(name: str, spec: dict[str, Any]) -> Any:
    model = spec_of(name).model_validate(spec, by_alias=True, by_name=False)
    return model.model_dump(by_alias=True, exclude_unset=True)


def failures(name: str, spec: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        spec_of(name).model_validate(spec, by_alias=True, by_name=False)
    return [(e["type"], str(e["loc"][-1]) if e["loc"] else "") for e in caught.value.errors()]


@pytest.mark.parametrize("name", sorted(MINIMAL))
def test_the_required_keys_are_enough_and_come_back_unchanged(name: str) -> None:
    assert canonical(name, MINIMAL[name]) == MINIMAL[name] | (
        {"pricing": {"method": "markup", "percent": Decimal(25)}, "items": canonical("Plan", MINIMAL["Plan"])["items"]}
        if name == "Plan"
        else {}
    )


def test_kinds_have_distinct_names_and_later_ones_are_not_among_them() -> None:
    names = [k.name for k in KINDS]
    assert sorted(names) == sorted(MINIMAL)
    assert not set(names) & set(LATER)
    assert kind("Nonsense") is None


@pytest.mark.parametrize("each", KINDS, ids=lambda k: k.name)
def test_every_field_is_described_for_the_schema(each: Kind) -> None:
    schema = each.spec.model_json_schema(by_alias=True)
    models = [schema, *schema.get("$defs", {}).values()]
    bare = [
        f"{model.get('title')}.{key}"
        for model in models
        for key, field in model.get("properties", {}).items()
        if "description" not in field
    ]
    assert bare == []


@pytest.mark.parametrize("each", KINDS, ids=lambda k: k.name)
def test_references_and_mutability_speak_of_real_keys(each: Kind) -> None:
    schema = each.spec.model_json_schema(by_alias=True)
    keys = {key for model in [schema, *schema.get("$defs", {}).values()] for key in model.get("properties", {})}
    named = {part.removesuffix("[]") for ref in each.references for part in ref.path.split(".")}
    assert named <= keys
    assert {part for path in each.mutability for part in path.split(".")} <= keys


@pytest.mark.parametrize("each", KINDS, ids=lambda k: k.name)
def test_every_top_level_key_has_a_mutability(each: Kind) -> None:
    keys = set()
    for model in [each.spec, *getattr(each.spec.model_fields.get("root"), "annotation", _Nothing).__args__]:
        keys |= {f.alias or n for n, f in model.model_fields.items() if n != "root"}
    assert keys <= {path for path in each.mutability if "." not in path}


class _Nothing:
    __args__: tuple[type[BaseModel], ...] = ()


@pytest.mark.parametrize(
    ("name", "key", "value", "code"),
    [
        ("Reseller", "accountId", "not-a-guid", "guid"),
        ("Reseller", "market", "de", "market"),
        ("Reseller", "currency", "€", "currency"),
        ("Reseller", "mpnId", "43x", "mpn_id"),
        ("Reseller", "mpnId", 4391200, "string_type"),
        ("Reseller", "domain", "acme", "domain"),
        ("Reseller", "surprise", 1, "extra_forbidden"),
        ("Reseller", "tier", "gold", "union_tag_invalid"),
        ("TenantMapping", "registeredOn", "2026-02-30", "iso_date"),
        ("TenantMapping", "registeredOn", 20260230, "iso_date"),
        ("PriceSheet", "period", "2026-13", "period"),
        ("PriceSheet", "sha256", "abc", "string_pattern_mismatch"),
        ("Subscription", "quantity", 0, "greater_than_equal"),
        ("Subscription", "quantity", "30", "int_type"),
        ("Subscription", "quantity", True, "int_type"),
        ("Subscription", "term", "P2Y", "literal_error"),
        ("Subscription", "subscriptionId", "1", "guid"),
        ("Subscription", "friendlyName", 12, "string_type"),
        ("Subscription", "subscription_id", GUID, "extra_forbidden"),
        ("AlertRule", "event", "consent-expiri", "union_tag_invalid"),
        ("AlertRule", "owner", "ops", "email"),
        ("NotificationChannel", "type", "pigeon", "union_tag_invalid"),
        ("NotificationChannel", "from", "nobody", "email"),
    ],
)
def test_refused(name: str, key: str, value: Any, code: str) -> None:
    assert code in [found for found, _ in failures(name, MINIMAL[name] | {key: value})]


@pytest.mark.parametrize("amount", [2.4, Decimal("2.40"), 2, "2,40", "", "1e3", "NaN", None, True])
def test_money_is_quoted_decimal_text_only(amount: Any) -> None:
    price = {"amount": amount, "currency": "EUR", "per": "month"}
    assert failures("Plan", MINIMAL["Plan"] | {"pricing": {"method": "fixed", "price": price}}) == [
        ("money_text", "amount")
    ]


def test_money_text_is_kept_as_written() -> None:
    price = {"amount": "2.40", "currency": "EUR", "per": "month"}
    found = canonical("Plan", MINIMAL["Plan"] | {"pricing": {"method": "fixed", "price": price}})
    assert found["pricing"]["price"]["amount"] == "2.40"


@pytest.mark.parametrize(("written", "meant"), [(25, Decimal(25)), (Decimal("12.5"), Decimal("12.5"))])
def test_percentages_are_exact(written: Any, meant: Decimal) -> None:
    found = canonical("Plan", MINIMAL["Plan"] | {"pricing": {"method": "markup", "percent": written}})
    assert found["pricing"]["percent"] == meant


@pytest.mark.parametrize("percent", [True, "much", "NaN", "Infinity"])
def test_nonsense_is_no_percentage(percent: Any) -> None:
    assert failures("Plan", MINIMAL["Plan"] | {"pricing": {"method": "markup", "percent": percent}}) == [
        ("percent", "percent")
    ]


def test_a_literal_secret_is_refused_and_not_shown() -> None:
    spec = MINIMAL["Reseller"] | {"application": {"id": GUID, "secretRef": SECRET}}
    with pytest.raises(ValidationError) as caught:
        spec_of("Reseller").model_validate(spec)
    assert [e["type"] for e in caught.value.errors()] == ["secret_literal"]
    assert SECRET not in str(caught.value)
    assert all(SECRET not in e["msg"] for e in caught.value.errors())


@pytest.mark.parametrize(
    "ref", ["env:CSPCTL_A", "file:secret.txt", "exec:pass show a", "keyring:a/b", "azure-key-vault:v/n"]
)
def test_references_to_secrets(ref: str) -> None:
    spec = MINIMAL["Reseller"] | {"application": {"id": GUID, "secretRef": ref}}
    assert canonical("Reseller", spec)["application"]["secretRef"] == ref


def test_the_token_store_can_be_written() -> None:
    spec = MINIMAL["Reseller"] | {"consent": {"tokenStore": "env:CSPCTL_TOKEN"}}
    assert failures("Reseller", spec) == [("store_ref", "tokenStore")]
    assert canonical("Reseller", MINIMAL["Reseller"] | {"consent": {"tokenStore": "keyring:a/b"}})


@pytest.mark.parametrize("key", ["application", "consent"])
def test_an_indirect_reseller_has_no_access_of_its_own(key: str) -> None:
    assert canonical("Reseller", INDIRECT) == INDIRECT
    assert failures("Reseller", INDIRECT | {key: {"id": GUID}}) == [("not_allowed_here", key)]


def test_an_indirect_reseller_needs_a_provider() -> None:
    without = {k: v for k, v in INDIRECT.items() if k != "provider"}
    assert failures("Reseller", without) == [("missing", "provider")]


def test_pasted_addresses_become_a_list_without_blanks_and_repetitions() -> None:
    pasted = " noc@acme.example, ,billing@acme.example,NOC@acme.example ,"
    found = canonical("AlertRule", MINIMAL["AlertRule"] | {"additionalEmails": pasted})
    assert list(found["additionalEmails"]) == ["noc@acme.example", "billing@acme.example"]
    listed = canonical("AlertRule", MINIMAL["AlertRule"] | {"additionalEmails": ["a@x.example", "", "b@x.example "]})
    assert list(listed["additionalEmails"]) == ["a@x.example", "b@x.example"]


def test_days_ahead_have_two_spellings() -> None:
    rest = {k: v for k, v in MINIMAL["AlertRule"].items() if k != "when"}
    assert canonical("AlertRule", rest | {"notifyBeforeDays": 5})["when"] == {"before": "5d"}
    assert failures("AlertRule", MINIMAL["AlertRule"] | {"notifyBeforeDays": 5})[0][0] == "two_spellings"
    assert failures("AlertRule", rest | {"notifyBeforeDays": "5"})[0][0] == "notify_before_days"
    assert failures("AlertRule", rest | {"when": {"before": 5}}) == [("duration", "before")]


@pytest.mark.parametrize(
    ("event", "when"),
    [
        ("seat-utilization", {"over": Decimal(90)}),
        ("spend-threshold", {"over": {"amount": "500", "currency": "EUR"}}),
    ],
)
def test_thresholds_fit_their_event(event: str, when: Any) -> None:
    assert canonical("AlertRule", MINIMAL["AlertRule"] | {"event": event, "when": when})["when"] == when
    assert failures("AlertRule", MINIMAL["AlertRule"] | {"event": event})


def test_dates_are_days() -> None:
    end = {"action": "renew", "on": "2027-03-31", "next": {"quantity": 20}}
    found = canonical("Subscription", MINIMAL["Subscription"] | {"endOfTerm": end})
    assert found["endOfTerm"]["on"] == date(2027, 3, 31)
