"""Whatever is done to the rows, it is noticed, something is named, and the naming does not crash."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cspctl.ledger.chain import GENESIS, Link, digest, is_sound, name_faults

ROWS = 8

Deed = tuple[str, int, Any]


def chain(count: int) -> list[Link]:
    links: list[Link] = []
    for seq in range(1, count + 1):
        content = {"seq": seq, "detail": f"row {seq}", "prev_hash": links[-1].hash if links else GENESIS}
        links.append(Link(content, digest(content)))
    return links


def changed(link: Link, **columns: Any) -> Link:
    return replace(link, content={**link.content, **columns})


def hashed_anew(link: Link) -> Link:
    """As far as an attacker can: what has no canonical text has no digest."""
    try:
        return replace(link, hash=digest(link.content))
    except (TypeError, ValueError):
        return link


def carry_out(links: list[Link], deed: Deed) -> list[Link]:
    verb, index, value = deed
    at = index % max(len(links), 1)
    rest = [link for place, link in enumerate(links) if place != at]
    if verb == "insert":
        return [*links, Link({"seq": value, "detail": "new", "prev_hash": links[at].hash if links else ""}, "h")]
    if not links:
        return links
    one = links[at]
    match verb:
        case "delete":
            return rest
        case "edit":
            return [*rest, changed(one, detail=value)]
        case "edit and hash":
            return [*rest, hashed_anew(changed(one, detail=value))]
        case "renumber":
            return [*rest, changed(one, seq=value)]
        case "renumber and hash":
            return [*rest, hashed_anew(changed(one, seq=value))]
        case "relink":
            return [*rest, changed(one, prev_hash=value)]
        case "relink and hash":
            return [*rest, hashed_anew(changed(one, prev_hash=value))]
        case "copy":
            return [*links, changed(one, seq=value)]
        case _:
            return [*rest, replace(one, hash=value)]


values = st.one_of(
    st.integers(-3, ROWS + 3), st.floats(), st.sampled_from(["", "x", GENESIS, None, b"\xff", chain(3)[-1].hash])
)
VERBS = (
    "insert",
    "delete",
    "edit",
    "edit and hash",
    "renumber",
    "renumber and hash",
    "relink",
    "relink and hash",
    "copy",
    "hash",
)
deeds = st.tuples(st.sampled_from(VERBS), st.integers(0, ROWS), values)


@given(st.lists(deeds, min_size=1, max_size=4))
def test_a_chain_is_sound_exactly_when_no_fault_is_named(done: list[Deed]) -> None:
    links = chain(ROWS)
    for deed in done:
        links = carry_out(links, deed)
    in_order = links
    with suppress(TypeError):  # a number beside text: no order could make that chain sound
        in_order = sorted(links, key=lambda link: link.seq)
    assert bool(name_faults(links)) is not is_sound(in_order)


@given(st.integers(1, ROWS), st.sampled_from(["x", None, 7]))
def test_an_edit_names_that_row_alone(seq: int, value: Any) -> None:
    links = chain(ROWS)
    links[seq - 1] = changed(links[seq - 1], detail=value)
    assert [(fault.seq, fault.kind) for fault in name_faults(links)] == [(seq, "edited")]


@given(st.integers(1, ROWS - 1), st.booleans())
def test_a_deletion_names_that_row_alone(seq: int, close_the_gap: bool) -> None:
    links = chain(ROWS)
    del links[seq - 1]
    if close_the_gap:
        links = [changed(link, seq=place) for place, link in enumerate(links, start=1)]
    assert [(fault.seq, fault.kind) for fault in name_faults(links)] == [(seq, "deleted")]


@given(st.integers(1, ROWS), st.integers(1, ROWS))
def test_a_swap_names_both_rows(one: int, other: int) -> None:
    links = chain(ROWS)
    first, second = links[one - 1], links[other - 1]
    links[one - 1], links[other - 1] = changed(second, seq=one), changed(first, seq=other)
    expected = [] if one == other else [(seq, "reordered") for seq in sorted((one, other))]
    assert [(fault.seq, fault.kind) for fault in name_faults(links)] == expected


@pytest.mark.parametrize("count", [0, 1, ROWS])
def test_an_untouched_chain_has_no_fault(count: int) -> None:
    assert is_sound(chain(count))
    assert name_faults(chain(count)) == []


def test_the_digest_is_sha256_of_canonical_json() -> None:
    """Worked out with sha256sum, so that another tool can check a log too."""
    assert digest({"b": 1, "a": "ü"}) == "9e638ba662cf35927d64a82a7a37816af709b246653acb28cd8cebbb17fb51aa"
