"""What the rules of Subscription refuse, with code and place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from cspctl.model.diagnostic import Severity
from cspctl.model.resource import Lifecycle

SUB = "Subscription"


def test_a_sound_subscription_has_no_findings(project: Any) -> None:
    assert project.check(SUB, "e3") == []


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"quantity": 0}, "E-QUANTITY", "spec.quantity"),
        ({"item": None}, "E-AMBIGUOUS-ITEM", "spec.item"),
        ({"term": None, "billing": None}, "E-AMBIGUOUS-TERM", "spec.term"),
        ({"billing": None}, "E-AMBIGUOUS-BILLING", "spec.billing"),
        ({"item": "e33"}, "E-ITEM", "spec.item"),
        ({"term": "P3Y"}, "E-OFFER", "spec.term"),
        ({"term": "P1M", "billing": "annual"}, "E-OFFER", "spec.billing"),
        ({"billing": "annual"}, "E-PRICE-ROW", "spec.item"),
        ({"endOfTerm": None}, "E-END-OF-TERM", "spec"),
        ({"endOfTerm": {"action": "renew", "next": {"quantity": 2}}}, "E-NEXT-ON", "spec.endOfTerm"),
        (
            {"endOfTerm": {"action": "extend", "on": "2027-03-31", "next": {"quantity": 2}}},
            "E-NEXT-ACTION",
            "spec.endOfTerm.next",
        ),
        (
            {"state": "suspended", "endOfTerm": {"action": "renew", "on": "2027-03-31", "next": {"quantity": 2}}},
            "E-NEXT-STATE",
            "spec.endOfTerm.next",
        ),
        (
            {"endOfTerm": {"action": "renew", "on": "2027-03-31", "next": {"term": "P3Y"}}},
            "E-OFFER",
            "spec.endOfTerm.next.term",
        ),
        (
            {"endOfTerm": {"action": "renew", "on": "2027-03-31", "next": {"billing": "annual"}}},
            "E-PRICE-ROW",
            "spec.endOfTerm.next",
        ),
        ({"endDate": {"alignTo": "nothing-like-it"}}, "E-ALIGN-TO", "spec.endDate.alignTo"),
        ({"endDate": {"alignTo": "e3"}}, "E-ALIGN-TO", "spec.endDate.alignTo"),
        ({"term": "P1M", "endDate": {"alignTo": "2026-12-30"}}, "E-ALIGN-DATE", "spec.endDate.alignTo"),
    ],
)
def test_refused(project: Any, changes: dict[str, Any], code: str, path: str) -> None:
    project.alter(SUB, "e3", **changes)
    assert project.problems(SUB, "e3") == [(code, path)]


@pytest.mark.parametrize(
    "changes",
    [
        {"term": "P1M", "billing": None},
        {"item": "audio", "term": None, "billing": None},
        {"endOfTerm": {"action": "renew", "on": "2027-03-31", "next": {"quantity": 20, "term": "P1M"}}},
        {"endOfTerm": {"action": "renew", "on": "2027-03-31", "next": {"item": "audio", "term": "P1M"}}},
        {"endDate": {"alignTo": "calendar-month"}},
        {"endDate": {"alignTo": "2027-03-31"}},
        {"term": "P1M", "endDate": {"alignTo": "2026-11-30"}},
        {"state": "cancelled"},
    ],
)
def test_accepted(project: Any, changes: dict[str, Any]) -> None:
    project.alter(SUB, "e3", **changes)
    assert project.check(SUB, "e3") == []


def test_an_offer_that_is_not_sold_lists_what_is(project: Any) -> None:
    project.alter(SUB, "e3", term="P3Y")
    (found,) = project.check(SUB, "e3")
    assert found.message == "m365/e3 is not offered as P3Y monthly"
    assert found.hint == "offered: P1Y monthly, P1Y annual, P1M monthly"


def test_a_missing_price_names_the_exact_key_and_the_book(project: Any) -> None:
    project.alter("TenantMapping", "fabrikam", currency="CHF")
    (found,) = project.check(SUB, "e3")
    assert found.code == "E-PRICE-ROW"
    assert found.message == (
        "price book nce has no row for CFQ7TTC0LFLX:0001 P1Y monthly, "
        "market DE, currency CHF, segment commercial on 2026-11-21"
    )
    assert found.hint == "the DE sheet of nce holds: EUR"


def test_the_row_must_hold_today(project: Any) -> None:
    project.rows = [replace(row, end=datetime(2026, 11, 20, tzinfo=UTC)) for row in project.rows]
    assert project.problems(SUB, "e3") == [("E-PRICE-ROW", "spec.item")]


def test_a_sheet_that_could_not_be_read_is_not_reported_again_here(project: Any) -> None:
    project.rows = []
    assert project.check(SUB, "e3") == []
    project.alter("TenantMapping", "fabrikam", market="FR")
    assert project.problems(SUB, "e3") == [("E-PRICE-ROW", "spec.item")]


def test_a_discount_on_a_price_that_the_sheet_lacks_is_refused(project: Any) -> None:
    project.alter("Plan", "m365", pricing={"method": "erp-discount", "percent": 5})
    project.alter(SUB, "e3", item="audio", term="P1M")
    assert project.problems(SUB, "e3") == [("E-PRICE-ERP", "spec.item")]


def test_an_override_of_the_tenants_reseller_decides(project: Any) -> None:
    price = {"amount": "40", "currency": "CHF", "per": "month"}
    override = {"reseller": "nordsoft", "item": "e3", "pricing": {"method": "fixed", "price": price}}
    project.alter("Plan", "m365", overrides=[override])
    (found,) = project.check(SUB, "e3")
    assert (found.code, found.severity) == ("W-PRICE-CURRENCY", Severity.WARNING)
    project.alter("TenantMapping", "fabrikam", indirectReseller=None)
    assert project.check(SUB, "e3") == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"state": "cancelled"}, "spec.state"),
        ({"endOfTerm": {"action": "cancel"}}, "spec.endOfTerm.action"),
    ],
)
def test_what_is_protected_does_not_end(project: Any, changes: dict[str, Any], path: str) -> None:
    project.alter(SUB, "e3", lifecycle=Lifecycle(protect=True), **changes)
    assert project.problems(SUB, "e3") == [("E-PROTECTED", path)]


@pytest.mark.parametrize("key", ["requires", "upgradeFrom", "endDate"])
def test_other_subscriptions_must_be_of_the_same_tenant(project: Any, key: str) -> None:
    project.add("TenantMapping", "contoso", {"tenantId": "1" * 8, "reseller": "acme", "market": "DE"})
    e3 = project.view().resources.get(SUB, "e3").spec
    project.add(SUB, "other", {**e3, "tenant": "contoso"})
    project.add(SUB, "same", e3)
    shapes = {"requires": "{}", "upgradeFrom": {"subscription": "{}"}, "endDate": {"alignTo": "{}"}}
    paths = {"requires": "", "upgradeFrom": ".subscription", "endDate": ".alignTo"}

    def naming(name: str) -> Any:
        shape = shapes[key]
        return name if isinstance(shape, str) else dict.fromkeys(shape, name)

    project.alter(SUB, "e3", **{key: naming("other")})
    assert project.problems(SUB, "e3") == [("E-OTHER-TENANT", f"spec.{key}{paths[key]}")]
    project.alter(SUB, "e3", **{key: naming("same")})
    assert project.check(SUB, "e3") == []


def test_a_long_term_is_not_aligned_to_a_monthly_one(project: Any) -> None:
    e3 = project.view().resources.get(SUB, "e3").spec
    project.add(SUB, "monthly", {**e3, "term": "P1M"})
    project.alter(SUB, "e3", endDate={"alignTo": "monthly"})
    assert project.problems(SUB, "e3") == [("E-ALIGN-TERM", "spec.endDate.alignTo")]


TRIAL = {"item": "trial", "term": "P1M", "billing": "none", "quantity": 25, "trial": {}}


def test_a_trial_as_documented_passes(project: Any) -> None:
    project.alter(SUB, "e3", **(TRIAL | {"trial": {"convertTo": {"item": "e3", "term": "P1Y", "billing": "monthly"}}}))
    assert project.check(SUB, "e3") == []


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"quantity": 10}, "E-TRIAL", "spec.quantity"),
        ({"state": "suspended"}, "E-TRIAL", "spec.state"),
        ({"endDate": {"alignTo": "calendar-month"}}, "E-TRIAL", "spec.endDate"),
        ({"item": "e3", "billing": "monthly"}, "E-TRIAL", "spec.billing"),
        ({"trial": None}, "E-TRIAL", "spec.billing"),
        ({"trial": {"convertTo": {"item": "e3"}}}, "E-AMBIGUOUS-TERM", "spec.trial.convertTo"),
        ({"trial": {"convertTo": {"item": "trial"}}}, "E-TRIAL", "spec.trial.convertTo"),
    ],
)
def test_a_trial_has_rules_of_its_own(project: Any, changes: dict[str, Any], code: str, path: str) -> None:
    project.alter(SUB, "e3", **(TRIAL | changes))
    assert project.problems(SUB, "e3") == [(code, path)]


def test_prices_are_asked_for_once_per_distinct_question(project: Any) -> None:
    class Counting:
        asked = 0

        def find(self, book: str, **key: Any) -> Any:
            self.asked += 1
            return inner.find(book, **key)

        def currencies(self, book: str, market: str) -> frozenset[str]:
            return frozenset(inner.currencies(book, market))

        def has_book(self, book: str) -> bool:
            return bool(inner.has_book(book))

    e3 = project.view().resources.get(SUB, "e3").spec
    for number in range(50):
        project.add(SUB, f"many-{number}", e3)
    view = project.view()
    inner = view.prices
    counting = Counting()
    view = replace(view, prices=counting)
    from cspctl.kinds.subscription import rules

    found = [d for r in view.resources.of_kind(SUB).values() for d in rules.check(r, view)]
    assert found == []
    assert counting.asked == 1


def test_other_prices_are_a_new_question(project: Any) -> None:
    from cspctl.commerce.price_book import PriceBooks
    from cspctl.kinds.subscription import rules

    view = project.view()
    subject = view.resources.get(SUB, "e3")
    assert list(rules.check(subject, view)) == []
    other = [replace(row, product="CFQ7TTC0XXXX", unit_price=Decimal(1)) for row in project.rows]
    changed = replace(view, prices=PriceBooks({"nce": other}))
    assert [d.code for d in rules.check(subject, changed)] == ["E-PRICE-ROW"]
