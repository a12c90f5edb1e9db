"""`explain ADDRESS.PATH`: the value, who gives it, where, and whether it may change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cspctl.errors import InputError
from cspctl.kinds.contract import Mutability
from cspctl.kinds.registry import KINDS
from cspctl.manifests.explain import Explanation, explain, split_target
from cspctl.manifests.loader import LoadResult
from cspctl.manifests.project import find_project
from cspctl.model.address import Address

Ask = Callable[[str], Explanation]


@pytest.fixture
def ask(base_project: Path, load_project: Callable[..., LoadResult]) -> Ask:
    (base_project / "cspctl.yaml").write_text(
        "project: case\nmanifests: m\ndefaults:\n  Subscription:\n    whenCancelNotAllowed: end-of-term\n"
    )
    (base_project / "m" / "audio.yaml").write_text(
        "apiVersion: cspctl/v1\nkind: Subscription\nmetadata: {name: audio}\n"
        "spec:\n  tenant: fabrikam\n  plan: m365-emea\n  item: audio\n  quantity: 5\n"
        "  endOfTerm:\n    action: cancel\n"
    )
    root, project = find_project(base_project)
    resources = load_project(base_project).resources
    return lambda target: explain(target, resources, KINDS, project=project, root=root)


def told(found: Explanation) -> list[tuple[str, object, str, bool]]:
    return [(g.layer, g.value, str(g.pos), g.wins) for g in found.given]


def test_the_subscription_over_the_plan(ask: Ask) -> None:
    found = ask("Subscription/audio.endOfTerm.action")
    assert found.value == "cancel"
    assert found.mutability is Mutability.UPDATE
    assert told(found) == [
        ("subscription", "cancel", "m/audio.yaml:10:13", True),
        ("plan", "renew", "m/base.yaml:44:23", False),
    ]


def test_the_project_file(ask: Ask) -> None:
    found = ask("Subscription/audio.whenCancelNotAllowed")
    assert told(found) == [("project", "end-of-term", "cspctl.yaml:5:27", True)]


def test_the_only_offer(ask: Ask) -> None:
    found = ask("Subscription/audio.spec.term")
    assert found.value == "P1M"
    assert found.mutability is Mutability.TRANSITION
    assert [(g.layer, g.value, g.note, str(g.pos)) for g in found.given] == [
        ("plan item", "P1M", "the only one on offer", "m/base.yaml:53:15")
    ]


def test_a_place_in_a_list_of_another_kind(ask: Ask) -> None:
    found = ask("Plan/m365-emea.items[1].sku")
    assert (found.value, told(found)) == ("0002", [("manifest", "0002", "m/base.yaml:52:12", True)])


def test_what_nobody_says(ask: Ask) -> None:
    found = ask("Subscription/audio.friendlyName")
    assert (found.value, found.given) == (None, ())


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("Subscription/audio.friendlyname", "did you mean friendlyName?"),
        ("Subscription/audi.term", "did you mean audio?"),
        ("nonsense", "write KIND/NAME.PATH"),
    ],
)
def test_mistakes(ask: Ask, target: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(target)
    assert caught.value.hint == hint


def test_targets() -> None:
    assert split_target("Plan/a.items[0].name") == (Address("Plan", "a"), "items[0].name")
    assert split_target("Plan/a") == (Address("Plan", "a"), "")
