"""The canonical layout: same meaning, every comment, and stable."""

from __future__ import annotations

import pytest

from cspctl.kinds.registry import KINDS
from cspctl.manifests.formatter import formatted
from cspctl.manifests.reader import read

TABLE = {kind.name: kind for kind in KINDS}


def fmt(text: str) -> str:
    return formatted(text.encode(), "x.yaml", TABLE).text


def test_order_indentation_and_comments():
    before = """

# top
---
kind: Subscription
# the version
apiVersion: cspctl/v1   # v
spec:
    # seats matter
    quantity:   10
    note: null
    text: >
       folded
       # no comment

    endOfTerm:
        action: renew
    # about the id
    subscriptionId: abc
metadata:
    name: a
# the end
"""
    assert (
        fmt(before)
        == """\
# top
# the version
apiVersion: cspctl/v1   # v
kind: Subscription
metadata:
  name: a
spec:
  # seats matter
  quantity: 10
  note: null
  text: >
    folded
    # no comment

  endOfTerm:
    action: renew
  # about the id
  subscriptionId: abc
# the end
"""
    )


def test_lists_stand_in_from_their_key():
    assert fmt("apiVersion: cspctl/v1\nspec:\n  items:\n  - name: a\n    sku: '0001'\n") == (
        'apiVersion: cspctl/v1\nspec:\n  items:\n    - name: a\n      sku: "0001"\n'
    )


def test_brackets_that_do_not_fit_become_a_block():
    offers = ", ".join("{term: P1Y, billing: monthly}" for _ in range(4))
    text = fmt(f"kind: Plan\nspec:\n  offers: [{offers}]\n  short: [1, 2]\n")
    assert text == "kind: Plan\nspec:\n  offers:\n" + "    - {term: P1Y, billing: monthly}\n" * 4 + "  short: [1, 2]\n"


def test_numbers_where_text_is_wanted_are_quoted():
    before = (
        "apiVersion: cspctl/v1\nkind: Reseller\nmetadata: {name: n}\n"
        "spec: {displayName: N, tier: indirect-reseller, provider: p, mpnId: 0123456}\n"
    )
    assert fmt(before) == before.replace("0123456", '"0123456"')


def test_documents_keep_their_order_and_markers_are_single():
    assert fmt("---\na: 1\n---\n\n\nb: 2\n") == "a: 1\n---\nb: 2\n"


@pytest.mark.parametrize(
    "text",
    [
        '{"apiVersion": "cspctl/v1",\n "kind": "Plan"}\n',
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        "--- {a: 1}\n",
        "a: 'it''s'\nb: ~\nc:\nd: \"\\u0041\"\ne: 0o17\nf: 1_000\n",
        "a: |+\n  x\n\nb: >-\n  y\n  z\n",
        "# only one\na: 1 # one\n\n\n# two\n\nb: 2\n",
    ],
)
def test_meaning_and_comments_stay_and_a_second_time_changes_nothing(text):
    once = fmt(text)
    assert read(once.encode(), "")[0] == read(text.encode(), "")[0]
    assert once.count("#") == text.count("#")
    assert fmt(once) == once


def test_a_broken_file_is_left_as_it_is():
    broken = formatted(b"a: {b\n", "x.yaml", TABLE)
    assert broken.text == "a: {b\n"
    assert [p.code for p in broken.problems] == ["E-SYNTAX"]


def test_windows_line_ends_and_the_byte_order_mark_go():
    assert formatted("\ufeffa: 1\r\nb: 2\r\n".encode(), "x.yaml", TABLE).text == "a: 1\nb: 2\n"
