"""Names from names of the world."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cspctl.engine.naming import assign, first_label, free, label

NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
IDS = st.uuids().map(str)


def test_labels_keep_what_a_name_may_hold():
    assert label('Müller & "Söhne" GmbH') == "muller-sohne-gmbh"
    assert label("  株式会社  ") == ""
    assert first_label(["株式会社", "con", "Contoso Ltd."]) == "contoso-ltd"


def test_what_is_taken_gets_something_behind_it():
    assert free("a", "b", {"a"}) == "b"
    assert free("a", "b", {"a", "b", "b-2"}) == "b-3"


def test_two_of_one_name_both_get_their_id():
    names = assign({"11111111-a": "contoso", "22222222-b": "contoso", "33333333-c": "fabrikam"}, set())
    assert names == {
        "11111111-a": "contoso-11111111",
        "22222222-b": "contoso-22222222",
        "33333333-c": "fabrikam",
    }


@given(
    st.dictionaries(IDS, st.text(st.sampled_from("ab-"), min_size=1, max_size=90).map(lambda t: label(t, 90) or "x"))
)
def test_names_are_valid_unique_and_independent_of_order(wanted):
    taken = {"a", "b"}
    names = assign(wanted, taken)
    assert len(set(names.values()) | taken) == len(wanted) + 2
    assert all(NAME.fullmatch(name) for name in names.values())
    assert assign(dict(reversed(wanted.items())), taken) == names
