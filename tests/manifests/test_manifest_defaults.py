"""The merge of defaults. Source: product contract, section 1.2."""

from __future__ import annotations

from typing import Any

import pytest

from cspctl.manifests.defaults import Defaults, merge

OFFERS = [
    {"term": "P1Y", "billing": "monthly"},
    {"term": "P1Y", "billing": "annual"},
    {"term": "P1M", "billing": "monthly"},
]


def project(**changes: Any) -> Defaults:
    """One plan with two items, one tenant, one reseller; `changes` are added to their specs."""
    specs: dict[str, dict[str, dict[str, Any]]] = {
        "Plan": {
            "p": {
                "items": [
                    {"name": "e3", "offers": OFFERS, **changes.get("item", {})},
                    {"name": "audio", "offers": [{"term": "P1M", "billing": "monthly"}]},
                ],
                **changes.get("plan", {}),
            },
            "single": {"items": [{"name": "only", "offers": [{"term": "P3Y", "billing": "triennial"}]}]},
        },
        "TenantMapping": {"t": {"reseller": "r", **changes.get("tenant", {})}},
        "Reseller": {"r": changes.get("reseller", {})},
    }
    return Defaults(specs, changes.get("project", {}))


def subscription(**spec: Any) -> dict[str, Any]:
    return {"tenant": "t", "plan": "p", **spec}


def effective(defaults: Defaults, spec: dict[str, Any]) -> dict[str, Any]:
    def holds_null(value: Any) -> bool:
        return value is None or (isinstance(value, dict) and any(map(holds_null, value.values())))

    return dict(defaults.effective(spec, holds_null=holds_null(spec)))


def sub(**values: Any) -> dict[str, Any]:
    return {"defaults": {"Subscription": values}}


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        (["project"], "project"),
        (["project", "reseller"], "reseller"),
        (["project", "reseller", "tenant"], "tenant"),
        (["project", "reseller", "tenant", "plan"], "plan"),
        (["project", "reseller", "tenant", "plan", "item"], "item"),
        (["project", "reseller", "tenant", "plan", "item", "subscription"], "subscription"),
    ],
)
def test_the_nearest_layer_wins(layers: list[str], wanted: str) -> None:
    changes: dict[str, Any] = {}
    for layer in layers:
        value = {"action": layer}
        if layer in ("plan", "item"):
            changes[layer] = {"endOfTerm": value}
        elif layer == "project":
            changes[layer] = {"Subscription": {"endOfTerm": value}}
        elif layer != "subscription":
            changes[layer] = sub(endOfTerm=value)
    own = {"endOfTerm": {"action": "subscription"}} if "subscription" in layers else {}
    found = effective(project(**changes), subscription(item="e3", **own))
    assert found["endOfTerm"] == {"action": wanted}


def test_maps_merge_by_key_and_lists_replace() -> None:
    assert merge({"a": {"x": 1}, "l": [1]}, {"a": {"x": 0, "y": 2}, "l": [2, 3], "b": 1}) == {
        "a": {"x": 1, "y": 2},
        "l": [1],
        "b": 1,
    }
    found = effective(
        project(plan={"endOfTerm": {"action": "renew"}}),
        subscription(item="e3", endOfTerm={"on": "2027-03-31", "next": {"quantity": 2}}),
    )
    assert found["endOfTerm"] == {"action": "renew", "on": "2027-03-31", "next": {"quantity": 2}}


def test_null_unsets() -> None:
    defaults = project(plan={"endOfTerm": {"action": "renew"}}, tenant=sub(friendlyName="x"))
    found = effective(defaults, subscription(item="e3", friendlyName=None, endOfTerm={"action": None}))
    assert "friendlyName" not in found
    assert found["endOfTerm"] == {}
    assert "endOfTerm" not in effective(defaults, subscription(item="e3", endOfTerm=None))


def test_null_in_a_middle_layer_unsets_what_is_below() -> None:
    defaults = project(
        tenant=sub(whenCancelNotAllowed=None), project={"Subscription": {"whenCancelNotAllowed": "fail"}}
    )
    assert "whenCancelNotAllowed" not in effective(defaults, subscription(item="e3"))


def test_the_only_offer_is_the_default() -> None:
    found = effective(project(), subscription(plan="single"))
    assert (found["item"], found["term"], found["billing"]) == ("only", "P3Y", "triennial")
    found = effective(project(), subscription(item="audio"))
    assert (found["term"], found["billing"]) == ("P1M", "monthly")


def test_several_offers_give_no_default_unless_what_is_stated_leaves_one() -> None:
    assert "term" not in effective(project(), subscription(item="e3"))
    assert "item" not in effective(project(), subscription())
    assert "billing" not in effective(project(), subscription(item="e3", term="P1Y"))
    assert effective(project(), subscription(item="e3", term="P1M"))["billing"] == "monthly"
    assert effective(project(), subscription(item="e3", billing="annual"))["term"] == "P1Y"


def test_a_default_term_chooses_among_several_but_not_against_the_only_one() -> None:
    defaults = project(tenant=sub(term="P1M"))
    assert effective(defaults, subscription(item="e3"))["term"] == "P1M"
    assert effective(defaults, subscription(item="e3"))["billing"] == "monthly"
    assert effective(defaults, subscription(plan="single"))["term"] == "P3Y"


def test_merging_changes_no_layer() -> None:
    plan_end = {"action": "renew"}
    spec = subscription(item="e3", endOfTerm={"on": "2027-03-31"})
    effective(project(plan={"endOfTerm": plan_end}), spec)
    assert plan_end == {"action": "renew"}
    assert spec == subscription(item="e3", endOfTerm={"on": "2027-03-31"})


def test_tenants_with_defaults_do_not_share_the_merge() -> None:
    specs = {
        "Plan": {"p": {"items": [{"name": "e3", "offers": OFFERS}]}},
        "TenantMapping": {
            "t1": {"reseller": "r", **sub(term="P1M")},
            "t2": {"reseller": "r", **sub(term="P1Y")},
            "t3": {"reseller": "r"},
        },
    }
    defaults = Defaults(specs, {})
    terms = [
        defaults.effective({"tenant": t, "plan": "p", "item": "e3"}, holds_null=False).get("term")
        for t in ("t1", "t2", "t3")
    ]
    assert terms == ["P1M", "P1Y", None]


def test_unknown_names_and_odd_shapes_do_no_harm() -> None:
    assert effective(project(), {"tenant": "nobody", "plan": "nothing"}) == {"tenant": "nobody", "plan": "nothing"}
    assert effective(Defaults({}, {"Subscription": ["x"]}), {"quantity": 1}) == {"quantity": 1}
