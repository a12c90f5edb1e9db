"""Changes of single values: every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cspctl.manifests.chunks import spans
from cspctl.manifests.editor import EditError, edited, expected
from cspctl.manifests.reader import read
from cspctl.model.document import UNSET, Edit

TEXT = """\
# head
apiVersion: cspctl/v1   # v
kind: Subscription
metadata: {name: a, labels: {x: "1"}}
spec:
    tenant: 'contoso'   # who
    quantity:   10 # seats
    note: |
        # no comment
    endOfTerm:
        action: renew
        on: 2027-03-31
        next:
            quantity: 20   # less
    # about the id
    subscriptionId: abc

---
# second
kind: Plan
spec:
  items:
  - name: e3
    offers: [{term: P1Y, billing: monthly}]
  # after items
  pricing: {method: markup}
"""


def apply(*edits, document=0, text=TEXT):
    return edited(text, document, edits)


def test_a_scalar_is_replaced_where_it_stands():
    assert apply(Edit(("spec", "quantity"), 12)) == TEXT.replace("  10 #", "  12 #")
    assert apply(Edit(("spec", "tenant"), "a: b")) == TEXT.replace("'contoso'", '"a: b"')


def test_a_removed_key_takes_no_foreign_comment_along():
    text = apply(Edit(("spec", "endOfTerm", "next"), UNSET), Edit(("spec", "endOfTerm", "on"), UNSET))
    assert text == TEXT.replace("        on: 2027-03-31\n        next:\n            quantity: 20   # less\n", "")


def test_a_new_key_goes_below_those_named():
    text = apply(Edit(("spec", "state"), "suspended", after=("tenant", "quantity")))
    assert text == TEXT.replace("# seats\n", "# seats\n    state: suspended\n")


def test_maps_and_lists_in_brackets():
    text = apply(Edit(("metadata", "labels", "y"), "2"), Edit(("metadata", "labels", "x"), UNSET))
    assert text == TEXT.replace('{x: "1"}', '{y: "2"}')
    text = apply(
        Edit(("spec", "items", 0, "offers"), {"term": "P1M", "billing": "monthly"}, append=True),
        Edit(("spec", "pricing", "percent"), 25),
        document=1,
    )
    assert text == TEXT.replace("monthly}]", "monthly}, {term: P1M, billing: monthly}]").replace(
        "markup}", "markup, percent: 25}"
    )


def test_an_element_is_added_in_the_indentation_of_the_list():
    text = apply(Edit(("spec", "items"), {"name": "new", "sku": "0001", "order": 1}, append=True), document=1)
    added = '  - name: new\n    sku: "0001"\n    order: 1\n'
    assert text == TEXT.replace("  # after items", f"{added}  # after items")


def test_what_is_missing_above_is_made():
    text = apply(Edit(("spec", "endOfTerm", "action"), "renew"), document=1)
    assert text == TEXT + "  endOfTerm:\n    action: renew\n"


def test_line_ends_and_the_byte_order_mark_stay():
    windows = "\ufeff" + TEXT.replace("\n", "\r\n")
    text = apply(Edit(("spec", "quantity"), 12), Edit(("spec", "state"), "active"), text=windows)
    assert "\n" not in text.replace("\r\n", "")
    assert text.startswith("\ufeff# head\r\n")
    assert "\r\n    state: active\r\n" in text


def test_what_cannot_be_done_is_refused_whole():
    with pytest.raises(EditError):
        apply(Edit(("spec",), 1), document=7)
    with pytest.raises(EditError):
        apply(Edit(("spec", "quantity"), 1, append=True))
    with pytest.raises(EditError):
        edited("a: {b\n", 0, [Edit(("a",), 1)])


def test_documents_are_found_as_the_reader_counts_them():
    for text in (
        "a: 1",
        "# x\n---\na: 1\n---\nb: 2\n",
        "---\na: 1\n...\n---\nb: |\n  --- no\n",
        "a: 1\n---\nb: 2\n# end\n",
    ):
        parts = [text[start:end] for start, end in spans(text)]
        assert "".join(parts) == text
        assert [read(p.encode(), "")[0][0] for p in parts] == read(text.encode(), "")[0]


values = st.recursive(
    st.integers(-5, 5) | st.text(st.sampled_from("ab:# -'\"{}[],\n"), max_size=6) | st.booleans(),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple)


@given(st.dictionaries(st.sampled_from("abc"), values, min_size=1), paths, values | st.just(UNSET))
def test_an_edit_means_the_same_as_on_the_data_or_is_refused(data, path, value):
    from cspctl.manifests.writer import entry

    text = "".join(line for key, inner in data.items() for line in entry(key, inner, ""))
    before = read(text.encode(), "")[0][0]
    try:
        after = edited(text, 0, [Edit(path, value)])
    except EditError:
        return
    assert read(after.encode(), "")[0] == [expected(before, Edit(path, value))]
