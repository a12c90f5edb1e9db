"""Live subscriptions as manifests: what can be said is said, what cannot is left alone and told."""

from __future__ import annotations

from typing import Any

import pytest

from cspctl.kinds.subscription.imports import IMPORTS, Names
from cspctl.model.live import LiveObject

E3, E5 = "CFQ7TTC0LFLX", "CFQ7TTC0LF8S"
NAMES = Names("contoso", "nce-commercial", {(E3, "0001"): "e3", (E5, "0001"): "e5"})
NEXT = {"product": E3, "sku": "0001", "term": "P1Y", "billing": "monthly", "quantity": 20, "endDate": None}


def live(facts: dict[str, Any] | None = None, **attributes: Any) -> LiveObject:
    have = {"product": E3, "sku": "0001", "term": "P1Y", "billing": "monthly", "quantity": 30, "state": "active"}
    known = {"status": "active", "commitmentEnd": "2027-03-31", "offerName": "E3", "isTrial": False}
    chosen = {k: v for k, v in {**have, "autoRenew": True, "friendlyName": "E3", **attributes}.items() if v is not None}
    return LiveObject("Subscription", "id-1", "tenant", chosen, {**known, **(facts or {})})


def spec(one: LiveObject) -> dict[str, Any]:
    assert IMPORTS.refusal(one) is None
    return dict(IMPORTS.to_spec(one, NAMES)[0])


def test_the_plain_case_says_no_more_than_it_must() -> None:
    assert spec(live()) == {
        "tenant": "contoso",
        "plan": "nce-commercial",
        "item": "e3",
        "term": "P1Y",
        "billing": "monthly",
        "quantity": 30,
        "endOfTerm": {"action": "renew"},
        "subscriptionId": "id-1",
    }


def test_a_name_of_its_own_is_written() -> None:
    assert spec(live(friendlyName="Büro"))["friendlyName"] == "Büro"
    assert "friendlyName" not in spec(live(friendlyName="half \ud800"))


def test_scheduled_instructions_say_what_will_differ() -> None:
    assert spec(live(next=NEXT))["endOfTerm"] == {"action": "renew", "on": "2027-03-31", "next": {"quantity": 20}}
    other = {**NEXT, "product": E5, "term": "P1M", "endDate": "2027-06-30"}
    following = {"quantity": 20, "item": "e5", "term": "P1M", "endDate": "2027-06-30"}
    assert spec(live(next=other))["endOfTerm"]["next"] == following


@pytest.mark.parametrize(
    "one",
    [
        live(next={**NEXT, "product": "MS-AZR-0145P"}),
        live(next={**NEXT, "term": "P2Y"}),
        live(next={**NEXT, "quantity": None}),
        live(next=NEXT, autoRenew=False),
        live({"commitmentEnd": None}, next=NEXT),
    ],
)
def test_a_change_that_no_manifest_can_say_is_left_to_others(one: LiveObject) -> None:
    said, lifecycle = IMPORTS.to_spec(one, NAMES)
    assert "next" not in said["endOfTerm"]
    assert lifecycle == {"ignore": ["endOfTerm.next"]}
    assert "W-IMPORT-NEXT" in {f.code for f in IMPORTS.remarks(one)}


def test_auto_renew_off_is_an_extension_to_decide_on() -> None:
    one = live(autoRenew=False)
    assert spec(one)["endOfTerm"] == {"action": "extend"}
    assert [f.code for f in IMPORTS.remarks(one)] == ["W-DECIDE-EXTENDED"]


@pytest.mark.parametrize(
    "one",
    [
        live(state="pending"),
        live(product="MS-AZR-0145P"),
        live(term="P2Y"),
        live(term=None),
        live(billing="annual", term="P1M"),
        live(billing="none"),
        live(quantity=None),
        live(quantity=0),
        live({"isTrial": True}, term="P1M", billing="none", quantity=10),
        live({"isTrial": True}, term="P1M", billing="none", quantity=25, state="suspended"),
    ],
)
def test_what_no_manifest_could_hold_is_refused(one: LiveObject) -> None:
    found = IMPORTS.refusal(one)
    assert found is not None
    assert found.code == "W-IMPORT-ODD"


def test_a_trial_says_what_it_becomes() -> None:
    trial = live({"isTrial": True}, term="P1M", billing="none", quantity=25, next={**NEXT, "quantity": 25})
    said = spec(trial)
    assert said["trial"] == {"convertTo": {"item": "e3", "term": "P1Y", "billing": "monthly", "quantity": 25}}
    assert said["endOfTerm"] == {"action": "renew"}
    assert list(IMPORTS.offers(trial)) == [(E3, "0001", "P1M", "none"), (E3, "0001", "P1Y", "monthly")]
