"""What is kept of a reading, and what is not written twice."""

from __future__ import annotations

from datetime import timedelta

from cspctl.model.live import LiveObject
from cspctl.model.reading import Difference, TenantReading

ACCOUNT = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
REALMS = {a: f"acme|global|{a}|live" for a in (ACCOUNT, OTHER)}


def sub(name, scope="t1", quantity=1):
    return LiveObject("Subscription", name, scope, {"quantity": quantity}, {"status": "active"})


def reading(now, *objects, scope="t1", account=ACCOUNT, problem=None):
    return TenantReading("Subscription", account, scope, now, now, objects, problem)


def known(ledger, now, *scopes, account=ACCOUNT):
    wanted = {REALMS[account]: dict.fromkeys(scopes or ("t1",), now)}
    return {o.live_id: o.attributes["quantity"] for o in ledger.live_objects("Subscription", wanted)}


def test_new_changed_and_gone_objects_are_told_apart(ledger, now):
    later = now + timedelta(minutes=1)
    assert ledger.put_readings([reading(now, sub("a"), sub("b"))], REALMS) == Difference(added=2)
    assert ledger.put_readings([reading(later, sub("b", quantity=2), sub("c"))], REALMS) == Difference(1, 1, 1)
    assert known(ledger, now) == {"b": 2, "c": 1}


def test_the_same_reading_again_writes_no_object(ledger, now):
    ledger.put_readings([reading(now, sub("a"))], REALMS)
    (before,) = ledger.snapshots()
    assert ledger.put_readings([reading(now + timedelta(hours=1), sub("a"))], REALMS) == Difference()
    assert ledger.snapshots() == [before]
    (note,) = ledger.reading_notes()
    assert note.read_at == now + timedelta(hours=1)


def test_an_older_reading_that_arrives_late_is_left_out(ledger, now):
    ledger.put_readings([reading(now, sub("a", quantity=2))], REALMS)
    assert ledger.put_readings([reading(now - timedelta(seconds=1), sub("a"))], REALMS) == Difference()
    assert known(ledger, now) == {"a": 2}


def test_a_gap_keeps_what_was_known_and_says_so(ledger, now):
    ledger.put_readings([reading(now, sub("a"))], REALMS)
    ledger.put_readings([reading(now + timedelta(hours=1), problem="403")], REALMS)
    assert known(ledger, now) == {"a": 1}
    (note,) = ledger.reading_notes()
    assert (note.problem, note.objects) == ("403", 0)
    ledger.put_readings([reading(now + timedelta(hours=2), sub("a"))], REALMS)
    assert ledger.reading_notes()[0].problem is None


def test_an_empty_tenant_is_known_to_be_empty(ledger, now):
    ledger.put_readings([reading(now, scope="t2")], REALMS)
    assert [(n.scope, n.objects) for n in ledger.reading_notes()] == [("t2", 0)]


def test_one_tenant_of_two_accounts_is_two_readings(ledger, now):
    ledger.put_readings([reading(now, sub("a")), reading(now, sub("b"), account=OTHER)], REALMS)
    ledger.put_readings([reading(now + timedelta(hours=1))], REALMS)
    assert known(ledger, now) == {}
    assert known(ledger, now, account=OTHER) == {"b": 1}


def test_a_write_of_ours_makes_a_reading_worthless_until_the_next(ledger, now):
    ledger.put_readings([reading(now, sub("a")), reading(now, scope="t2")], REALMS)
    ledger.disturb({"t1"}, at=now, problem="an apply wrote to it")
    first, second = ledger.reading_notes()
    assert (first.problem, first.written_at, second.problem) == ("an apply wrote to it", now, None)
    ledger.put_readings([reading(now + timedelta(seconds=1), sub("a"))], REALMS)
    first = ledger.reading_notes()[0]
    assert (first.problem, first.written_at) == (None, now)


def test_more_tenants_than_one_statement_takes(ledger, now):
    readings = [reading(now, sub(f"s{n}", f"t{n}"), scope=f"t{n}") for n in range(1_000)]
    assert ledger.put_readings(readings, REALMS).added == 1_000
    assert len(ledger.reading_notes()) == 1_000
