"""A purchase needs today's price; what already runs keeps its locked one, so that a missing row only warns."""

from __future__ import annotations

from typing import Any

SUB = "Subscription"
ID = "0f0e0d0c-0b0a-4908-8706-050403020100"


def test_an_adopted_subscription_without_a_price_row_is_warned_of(project: Any) -> None:
    project.alter(SUB, "e3", billing="annual")
    assert project.problems(SUB, "e3") == [("E-PRICE-ROW", "spec.item")]
    project.alter(SUB, "e3", billing="annual", subscriptionId=ID)
    (found,) = project.check(SUB, "e3")
    assert (found.code, found.severity) == ("W-PRICE-ROW", "warning")


def test_another_generation_is_a_purchase_again(project: Any) -> None:
    project.alter(SUB, "e3", billing="annual", subscriptionId=ID, generation=2)
    assert project.problems(SUB, "e3") == [("E-PRICE-ROW", "spec.item")]


def test_without_an_erp_price_it_is_warned_of_too(project: Any) -> None:
    project.alter("Plan", "m365", pricing={"method": "erp-discount", "percent": 0})
    project.alter(SUB, "e3", item="audio", term="P1M", subscriptionId=ID)
    assert project.problems(SUB, "e3") == [("W-PRICE-ERP", "spec.item")]


def test_an_unknown_offer_stays_an_error(project: Any) -> None:
    project.alter(SUB, "e3", term="P3Y", subscriptionId=ID)
    assert project.problems(SUB, "e3") == [("E-OFFER", "spec.term")]
