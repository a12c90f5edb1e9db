"""Files that are each in order and do not agree: found on every run, whatever is cached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cspctl.manifests.loader import LoadResult

Load = Callable[..., LoadResult]

SUBSCRIPTION = """apiVersion: cspctl/v1
kind: Subscription
metadata: {name: NAME}
spec: {tenant: fabrikam, plan: m365-emea, item: audio, quantity: 5REST}
"""
CHANNEL = """apiVersion: cspctl/v1
kind: NotificationChannel
metadata: {name: alarm}
spec: {type: webhook, url: https://10.0.0.1/hook}
"""


def subscription(name: str, rest: str = "") -> str:
    return SUBSCRIPTION.replace("NAME", name).replace("REST", rest)


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        (subscription("a", ", requires: b"), subscription("b"), []),
        (subscription("a", ", requires: b"), subscription("c"), ["E-REFERENCE"]),
        (subscription("a", ", requires: b"), subscription("b", ", requires: a"), ["E-CYCLE"]),
        (subscription("a", ", requires: a"), subscription("b"), ["E-CYCLE"]),
        (subscription("a"), subscription("a"), ["E-DUPLICATE"]),
        (subscription("a"), subscription("b").replace("b}", "b, previousNames: [a]}"), ["E-PREVIOUS-NAME"]),
        (subscription("a"), subscription("b").replace("b}", "b, previousNames: [c]}"), []),
        (subscription("a", ", upgradeFrom: {subscription: nobody}"), subscription("b"), ["E-REFERENCE"]),
        (subscription("a"), CHANNEL, ["E-TRUST-WEBHOOK"]),
    ],
    ids=["fine", "nowhere", "ring", "itself", "twice", "name still used", "renamed", "deep", "trust"],
)
def test_the_same_is_found_with_and_without_a_cache(
    base_project: Path, load_project: Load, one: str, other: str, codes: list[str]
) -> None:
    (base_project / "m" / "one.yaml").write_text(one)
    (base_project / "m" / "other.yaml").write_text(other)
    runs = [load_project(base_project, cache=cache) for cache in (False, True, True)]
    assert [sorted({d.code for d in run.diagnostics}) for run in runs] == [codes, codes, codes]
    assert list(runs[0].resources) == list(runs[2].resources)
    assert len(runs[0].resources) == len(runs[2].resources) == len(list(runs[2].resources))


def test_a_kind_is_built_when_it_is_asked_for(base_project: Path, load_project: Load) -> None:
    load_project(base_project, cache=True)
    warm = load_project(base_project, cache=True).resources
    whole = load_project(base_project, cache=False).resources
    assert len(warm) == 7
    # Defaults of the other kinds are merged although none of these was asked for.
    assert list(warm.of_kind("Subscription").values()) == list(whole.of_kind("Subscription").values())
    assert warm.get("Plan", "m365-emea") == whole.get("Plan", "m365-emea")
    assert warm.get("Plan", "nobody") is None
    assert warm.get("AlertRule", "nobody") is None
    assert all(resource.address in warm and warm.at(resource.address) == resource for resource in whole)
