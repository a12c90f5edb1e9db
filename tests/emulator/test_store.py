"""The document store: order, parents, nesting of transactions, secrets in dumps."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cspctl.emulator.store import Store


@pytest.fixture
def store():
    return Store(None)


def test_documents_keep_their_place_and_parent_when_replaced(store):
    for id in ("b", "a", "c"):
        store.put("thing", "p", id, {"id": id, "n": 1}, parent="x")
    store.put("thing", "p", "b", {"id": "b", "n": 2})
    assert [thing["id"] for thing in store.list("thing", "p", parent="x")] == ["b", "a", "c"]
    assert store.get("thing", "p", "b") == {"id": "b", "n": 2}
    assert store.inserted["thing"] == 3


def test_list_continues_after_an_id(store):
    for id in ("b", "a", "c"):
        store.put("thing", "p", id, {"id": id})
    assert [t["id"] for t in store.list("thing", "p", after="b", limit=1)] == ["a"]
    with pytest.raises(KeyError):
        store.list("thing", "p", after="gone")


def test_partners_are_apart_and_find_crosses_them(store):
    store.put("customer", "p1", "c", {"id": "c"})
    assert store.get("customer", "p2", "c") is None
    assert store.find("customer", "c") == ("p1", {"id": "c"})
    assert store.find("customer", "d") is None
    assert (store.count("customer"), store.count("customer", "p2")) == (1, 0)
    assert store.delete("customer", "p1", "c")
    assert not store.delete("customer", "p1", "c")


def test_inner_transaction_rolls_back_alone(store):
    with store.transaction():
        store.put("thing", "p", "outer", {})
        with pytest.raises(ValueError, match="inner"), store.transaction():
            store.put("thing", "p", "inner", {})
            raise ValueError("inner")
    assert store.get("thing", "p", "outer") == {}
    assert store.get("thing", "p", "inner") is None


def test_outer_rollback_takes_the_inner_with_it(store):
    with pytest.raises(ValueError, match="outer"), store.transaction():
        with store.transaction():
            store.put("thing", "p", "inner", {})
        raise ValueError("outer")
    assert store.count("thing") == 0


def test_committed_documents_survive_a_reopening(tmp_path):
    first = Store(tmp_path / "e.db")
    first.put("thing", "p", "1", {"price": Decimal("10.50")})
    with first.transaction():
        first.put("thing", "p", "2", {})
    first.close()
    second = Store(tmp_path / "e.db")
    assert second.count("thing") == 2
    assert second.get("thing", "p", "1") == {"price": 10.5}


def test_numbers_count_up_across_restarts(tmp_path):
    first = Store(tmp_path / "e.db")
    assert [first.next_number("audit") for _ in range(3)] == [1, 2, 3]
    first.close()
    assert Store(tmp_path / "e.db").next_number("audit") == 4


def test_reset_and_dump_leave_secrets_alone(store):
    store.set_meta("_key", "secret")
    store.set_meta("shown", 1)
    store.put("refresh", "p", "hash", {})
    store.put("thing", "p", "1", {"a": 1})
    dump = store.dump()
    assert dump == {
        "documents": {"thing": [{"partner": "p", "id": "1", "parent": "", "body": {"a": 1}}]},
        "meta": {"shown": 1},
    }
    store.reset()
    assert store.meta("_key") == "secret"
    assert store.meta("shown", "gone") == "gone"
    assert store.count("refresh") == 0
