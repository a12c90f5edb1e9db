"""PATHS, --target, --exclude and --selector."""

from __future__ import annotations

from typing import Any

import pytest

from cspctl.engine.narrowing import Narrowing
from cspctl.model.address import Address
from cspctl.model.positions import Origin
from cspctl.model.resource import Resource

E3 = Address("Subscription", "alpha-e3")
FOUND = Resource(E3, {}, {}, Origin("emea/alpha/subscriptions.yaml", 0), labels={"team": "north", "tier": "gold"})


@pytest.mark.parametrize(
    ("narrowing", "shown"),
    [
        ({}, True),
        ({"targets": ("Subscription/alpha-e3",)}, True),
        ({"targets": ("Subscription/*",)}, True),
        ({"targets": ("Plan/*", "*/alpha-*")}, True),
        ({"targets": ("Subscription/beta-*",)}, False),
        ({"excludes": ("Subscription/alpha-*",)}, False),
        ({"targets": ("Subscription/*",), "excludes": ("*/alpha-e3",)}, False),
        ({"paths": ("emea",)}, True),
        ({"paths": ("emea/alpha/subscriptions.yaml",)}, True),
        ({"paths": ("emea/alpha/",)}, True),
        ({"paths": ("emea/al",)}, False),
        ({"paths": ("apac", "emea/alpha")}, True),
        ({"selector": {"team": "north"}}, True),
        ({"selector": {"team": "north", "tier": "silver"}}, False),
        ({"paths": ("emea",), "selector": {"team": "south"}}, False),
    ],
)
def test_shows(narrowing: dict[str, Any], shown: bool) -> None:
    assert Narrowing(**narrowing).shows(E3, FOUND) is shown
    assert Narrowing(**narrowing).active is bool(narrowing)


@pytest.mark.parametrize(
    ("narrowing", "shown"),
    [
        ({}, True),
        ({"targets": ("Subscription/*",)}, True),
        ({"paths": ("emea",)}, False),
        ({"selector": {"a": "b"}}, False),
    ],
)
def test_what_has_no_manifest_any_more_has_no_path_and_no_labels(narrowing: dict[str, Any], shown: bool) -> None:
    assert Narrowing(**narrowing).shows(E3, None) is shown


def test_the_plan_says_what_narrowed_it() -> None:
    assert Narrowing().describe() == {}
    assert Narrowing(targets=("Plan/*",), selector={"team": "north"}).describe() == {
        "targets": ["Plan/*"],
        "selector": {"team": "north"},
    }
