"""The log is tampered with behind the ledger's back, by plain SQL, and must say what was done to which row."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from cspctl.errors import InputError, VerificationError
from cspctl.ledger.audit import anchor_text, parse_anchor
from cspctl.ledger.chain import GENESIS
from cspctl.ledger.ledger import Ledger
from cspctl.model.audit import AuditEvent
from cspctl.secret import Secret

Tamper = Callable[..., None]
COPY = "project, environment, realm, format, at, actor, run_id, event, outcome, digest, approvals, address, step"
# All columns but the number and those that say whose chain it is: a row moved to another one is tested by itself.
HASHED = [*COPY.split(", ")[2:], "request_id", "correlation_id", "detail", "prev_hash", "hash"]


def event(now: datetime, number: int = 1) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor="ada",
        run_id=f"run-{number % 2}",
        event="step",
        outcome="done",
        digest="d1",
        approvals=("github:42",),
        address=f"Subscription/s{number}",
        step="cart.create",
        request_id=f"req-{number}",
        correlation_id="corr-1",
        detail={"quantity": number, "note": "five seats"},
    )


@pytest.fixture
def filled(ledger: Ledger, now: datetime, realm: str) -> Ledger:
    """Rows 1 to 6."""
    for number in range(1, 7):
        ledger.append_audit(event(now, number), realm=realm)
    return ledger


@pytest.fixture
def tamper(filled: Ledger, state: Path) -> Tamper:
    """Runs SQL on the file, past the triggers."""

    def run(*statements: str) -> None:
        with closing(sqlite3.connect(state)) as database, database:
            database.execute("DROP TRIGGER audit_no_update")
            database.execute("DROP TRIGGER audit_no_delete")
            for statement in statements:
                database.execute(statement)

    return run


def faults(ledger: Ledger) -> list[tuple[int, str]]:
    return [(fault.seq, fault.kind) for fault in ledger.verify_audit()]


def insert_copy_at(seq: float | str, *, like: int = 1, **columns: str) -> str:
    """SQL that adds a row made up from another one."""
    made_up = {"request_id": "'req-x'", "correlation_id": "NULL", "detail": "'{}'"} | columns
    made_up = {"prev_hash": "'p'", "hash": "'h'"} | made_up
    return (
        f"INSERT INTO audit (seq, {COPY}, {', '.join(made_up)}) "  # noqa: S608 - the test is the attacker
        f"SELECT {seq}, {COPY}, {', '.join(made_up.values())} FROM audit WHERE seq = {like}"
    )


def shift(first: int, by: int) -> list[str]:
    """SQL that renumbers all rows from `first` on; through negative numbers, so that no two collide."""
    return [
        f"UPDATE audit SET seq = -(seq + {by}) WHERE seq >= {first}",  # noqa: S608 - the test is the attacker
        "UPDATE audit SET seq = -seq WHERE seq < 0",
    ]


def test_rows_are_numbered_and_chained(ledger: Ledger, now: datetime, realm: str) -> None:
    first = ledger.append_audit(event(now, 1), realm=realm)
    second = ledger.append_audit(event(now, 2), realm=realm)
    assert (first.seq, first.prev_hash, first.realm) == (1, GENESIS, realm)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert ledger.audit_events() == [first, second]
    assert first == replace(event(now, 1), seq=1, prev_hash=GENESIS, hash=first.hash, realm=realm)
    assert ledger.verify_audit() == []


def test_events_by_address_run_and_number(filled: Ledger) -> None:
    assert [e.seq for e in filled.audit_events(address="Subscription/s3")] == [3]
    assert [e.seq for e in filled.audit_events(run_id="run-0")] == [2, 4, 6]
    assert [e.seq for e in filled.audit_events(limit=2)] == [5, 6]
    assert [e.seq for e in filled.audit_events(run_id="run-1", limit=1)] == [5]


def test_a_secret_never_enters(ledger: Ledger, now: datetime, realm: str) -> None:
    with pytest.raises(TypeError, match="secret"):
        ledger.append_audit(replace(event(now), detail={"key": Secret("s3cret")}), realm=realm)
    assert ledger.audit_events() == []


def test_the_environments_have_chains_of_their_own(opened: Callable[..., Ledger], now: datetime, realm: str) -> None:
    live, emulator = opened("live"), opened("emulator")
    live.append_audit(event(now), realm=realm)
    only = emulator.append_audit(event(now), realm="")
    live.append_audit(event(now), realm=realm)
    assert (only.seq, only.prev_hash) == (1, GENESIS)
    assert [e.seq for e in live.audit_events()] == [1, 2]
    assert [e.seq for e in emulator.audit_events()] == [1]
    assert (live.verify_audit(), emulator.verify_audit()) == ([], [])
    with pytest.raises(ValueError, match="does not belong"):
        emulator.append_audit(event(now), realm=realm)


def test_a_row_taken_back_leaves_no_gap(filled: Ledger, now: datetime, realm: str) -> None:
    def fail_half_way() -> None:
        with filled.transaction():
            filled.append_audit(event(now, 7), realm=realm)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail_half_way()
    assert filled.append_audit(event(now, 7), realm=realm).seq == 7
    assert filled.verify_audit() == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'eve' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"]
)
def test_a_slip_of_the_hand_is_refused_by_the_database(filled: Ledger, state: Path, statement: str) -> None:
    with (
        closing(sqlite3.connect(state)) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute(statement)
    assert filled.verify_audit() == []


@pytest.mark.parametrize("column", HASHED)
def test_changing_any_column_names_the_row(filled: Ledger, tamper: Tamper, column: str) -> None:
    tamper(f"UPDATE audit SET {column} = 'x' || coalesce({column}, '') WHERE seq = 3")  # noqa: S608 - attacker
    assert faults(filled) == [(3, "edited")]


def test_one_byte_of_the_detail_is_enough(filled: Ledger, state: Path, tamper: Tamper) -> None:
    with closing(sqlite3.connect(state)) as database:
        (before,) = database.execute("SELECT detail FROM audit WHERE seq = 4").fetchone()
    assert before == '{"note":"five seats","quantity":4}'
    for place in range(len(before)):
        other = "~" if before[place] != "~" else "!"
        changed = (before[:place] + other + before[place + 1 :]).replace("'", "''")
        with closing(sqlite3.connect(state)) as database, database:
            for verb in ("update", "delete"):
                database.execute(f"DROP TRIGGER IF EXISTS audit_no_{verb}")
            database.execute(f"UPDATE audit SET detail = '{changed}' WHERE seq = 4")  # noqa: S608 - attacker
        assert faults(filled) == [(4, "edited")], place


@pytest.mark.parametrize("value", ["NULL", "''", "' '"])
def test_absent_empty_and_blank_are_told_apart(filled: Ledger, tamper: Tamper, value: str) -> None:
    tamper(f"UPDATE audit SET address = {value} WHERE seq = 6")  # noqa: S608 - attacker
    assert faults(filled) == [(6, "edited")]


def test_values_the_log_never_writes_are_named_and_crash_nothing(filled: Ledger, tamper: Tamper) -> None:
    tamper(
        "UPDATE audit SET actor = CAST(X'61FF62' AS TEXT) WHERE seq = 2",
        "UPDATE audit SET detail = X'00FF' WHERE seq = 3",
        "UPDATE audit SET format = 9e999 WHERE seq = 4",
        "UPDATE audit SET at = 'yesterday' WHERE seq = 5",
    )
    assert faults(filled) == [(2, "edited"), (3, "edited"), (4, "edited"), (5, "edited")]
    with pytest.raises(VerificationError, match="row 5"):
        filled.audit_events(limit=2)


def test_a_row_hashed_anew_is_given_away_by_the_next(
    filled: Ledger, tamper: Tamper, now: datetime, realm: str, tmp_path: Path
) -> None:
    forged = forged_hash(tmp_path, now, realm, rows=3, last_outcome="failed")
    tamper(f"UPDATE audit SET outcome = 'failed', hash = '{forged}' WHERE seq = 3")  # noqa: S608 - attacker
    found = filled.verify_audit()
    assert [(f.seq, f.kind) for f in found] == [(3, "edited")]
    assert "row 4 remembers another hash" in found[0].message


def forged_hash(folder: Path, now: datetime, realm: str, *, rows: int, last_outcome: str) -> str:
    """The hash that row would have had, taken from a log written with the same rows before it."""
    from cspctl.ledger.database import open_ledger

    with open_ledger(f"sqlite:///{folder}/forger.db", "acme", "live", read_only=False) as forger:
        for number in range(1, rows):
            forger.append_audit(event(now, number), realm=realm)
        return forger.append_audit(replace(event(now, rows), outcome=last_outcome), realm=realm).hash


@pytest.mark.parametrize("seq", [1, 2, 5])
def test_a_deleted_row_is_named(filled: Ledger, tamper: Tamper, seq: int) -> None:
    tamper(f"DELETE FROM audit WHERE seq = {seq}")  # noqa: S608 - attacker
    assert faults(filled) == [(seq, "deleted")]


def test_deleted_rows_in_a_row_are_named_as_a_range(filled: Ledger, tamper: Tamper) -> None:
    tamper("DELETE FROM audit WHERE seq IN (2, 3, 5)")
    found = filled.verify_audit()
    assert [(f.seq, f.kind) for f in found] == [(2, "deleted"), (5, "deleted")]
    assert "rows 2 to 3 are missing" in found[0].message


def test_closing_the_gap_hides_no_deletion(filled: Ledger, tamper: Tamper) -> None:
    tamper("DELETE FROM audit WHERE seq = 3", *shift(4, -1))
    assert faults(filled) == [(3, "deleted")]


@pytest.mark.parametrize("column", ["project", "environment"])
def test_a_row_moved_to_another_chain_is_missing_here(filled: Ledger, tamper: Tamper, column: str) -> None:
    tamper(f"UPDATE audit SET {column} = 'x' WHERE seq = 3")  # noqa: S608 - attacker
    assert faults(filled) == [(3, "deleted")]


def test_an_inserted_row_is_named(filled: Ledger, tamper: Tamper) -> None:
    tamper(*shift(4, 1), insert_copy_at(4))
    assert faults(filled) == [(4, "inserted")]


def test_a_row_inserted_with_a_fitting_link_is_named(filled: Ledger, tamper: Tamper) -> None:
    link = "(SELECT hash FROM audit WHERE seq = 3)"
    tamper(*shift(4, 1), insert_copy_at(4, prev_hash=link))
    assert faults(filled) == [(4, "inserted")]


def test_a_row_inserted_with_a_link_and_a_hash_that_fit_is_named(
    filled: Ledger, tamper: Tamper, now: datetime, realm: str, tmp_path: Path
) -> None:
    forged = forged_hash(tmp_path, now, realm, rows=4, last_outcome="forged")
    link = "(SELECT hash FROM audit WHERE seq = 3)"
    columns = {"request_id": "'req-4'", "correlation_id": "'corr-1'", "prev_hash": link, "hash": f"'{forged}'"}
    detail = "(SELECT detail FROM audit WHERE seq = 5)"  # row 4 stands at 5 by then
    tamper(
        *shift(4, 1),
        insert_copy_at(4, like=5, detail=detail, **columns),
        "UPDATE audit SET outcome = 'forged' WHERE seq = 4",
    )
    assert faults(filled) == [(4, "inserted")]


def test_a_row_between_two_numbers_is_named(filled: Ledger, tamper: Tamper) -> None:
    tamper(insert_copy_at(2.5))
    assert faults(filled) == [(2, "inserted")]


@pytest.mark.parametrize("seq", ["9e999", "'last'", "0", "-4"])
def test_a_row_with_a_number_the_log_never_gives_is_named_and_stops_nothing(
    filled: Ledger, tamper: Tamper, now: datetime, realm: str, seq: str
) -> None:
    anchor = filled.export_anchor(at=now)
    tamper(insert_copy_at(seq))
    assert [kind for _, kind in faults(filled)] == ["inserted"]
    assert [fault.kind for fault in filled.verify_audit(anchor)] == ["inserted"]
    assert filled.append_audit(event(now, 7), realm=realm).seq == 7


def test_a_row_appended_without_the_log_is_named(filled: Ledger, tamper: Tamper) -> None:
    tamper(insert_copy_at(7, prev_hash="(SELECT hash FROM audit WHERE seq = 6)"))
    assert faults(filled) == [(7, "edited")]


def test_a_copied_row_is_named(filled: Ledger, tamper: Tamper) -> None:
    columns = {name: name for name in ("request_id", "correlation_id", "detail", "prev_hash", "hash")}
    tamper(insert_copy_at(9, like=3, **columns))
    assert faults(filled) == [(9, "inserted")]


def test_swapped_rows_are_both_named(filled: Ledger, tamper: Tamper) -> None:
    tamper(
        "UPDATE audit SET seq = -2 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = -2",
    )
    found = filled.verify_audit()
    assert [(f.seq, f.kind) for f in found] == [(2, "reordered"), (4, "reordered")]
    assert found[0].message == "row 2 was written as row 4"


def test_several_deeds_are_told_apart(filled: Ledger, tamper: Tamper) -> None:
    tamper(
        "UPDATE audit SET actor = 'eve' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 3",
        insert_copy_at(5.5),
    )
    assert faults(filled) == [(1, "edited"), (3, "deleted"), (5, "inserted")]


def test_a_cut_end_shows_against_an_anchor_alone(filled: Ledger, tamper: Tamper, now: datetime) -> None:
    anchor = filled.export_anchor(at=now)
    tamper("DELETE FROM audit WHERE seq >= 5")
    assert filled.verify_audit() == []
    found = filled.verify_audit(anchor)
    assert [(f.seq, f.kind) for f in found] == [(6, "truncated")]
    assert "ends at row 4" in found[0].message


def test_an_emptied_log_shows_against_an_anchor(filled: Ledger, tamper: Tamper, now: datetime) -> None:
    anchor = filled.export_anchor(at=now)
    tamper("DELETE FROM audit")
    assert [(f.seq, f.kind) for f in filled.verify_audit(anchor)] == [(6, "truncated")]


def test_a_log_written_anew_shows_against_an_anchor(filled: Ledger, tamper: Tamper, now: datetime, realm: str) -> None:
    anchor = filled.export_anchor(at=now)
    tamper("DELETE FROM audit")
    for number in range(1, 9):
        filled.append_audit(replace(event(now, number), actor="eve"), realm=realm)
    assert filled.verify_audit() == []
    assert [(f.seq, f.kind) for f in filled.verify_audit(anchor)] == [(6, "rewritten")]


def test_an_anchor_holds_while_the_log_grows(
    filled: Ledger, now: datetime, realm: str, opened: Callable[..., Ledger]
) -> None:
    anchor = parse_anchor(anchor_text(filled.export_anchor(at=now)))
    assert (anchor.project, anchor.environment, anchor.seq, anchor.at) == ("acme", "live", 6, now)
    filled.append_audit(event(now, 7), realm=realm)
    assert filled.verify_audit(anchor) == []
    with pytest.raises(InputError, match="anchor is of acme"):
        opened("emulator").verify_audit(anchor)


def test_the_anchor_of_an_empty_log_asks_for_nothing(ledger: Ledger, now: datetime, realm: str) -> None:
    anchor = ledger.export_anchor(at=now)
    assert anchor.seq == 0
    ledger.append_audit(event(now), realm=realm)
    assert ledger.verify_audit(anchor) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '"x"', '{"anchor":"other"}', '{"anchor":"cspctl-audit-1","seq":"6"}'])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not an audit anchor"):
        parse_anchor(text)


APPEND = """
import sys
from datetime import UTC, datetime
from cspctl.ledger.database import open_ledger
from cspctl.model.audit import AuditEvent

with open_ledger(f"sqlite:///{sys.argv[1]}", "acme", "live", read_only=False) as ledger:
    for number in range(40):
        ledger.append_audit(
            AuditEvent(datetime.now(UTC), "ada", sys.argv[2], "step", "done", detail={"n": number}), realm=""
        )
"""


def test_processes_that_append_at_once_keep_one_chain(state: Path, opened: Callable[..., Ledger]) -> None:
    """They also create the ledger at once: none is there when they start."""
    writers = [subprocess.Popen([sys.executable, "-c", APPEND, str(state), name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    ledger = opened()
    assert [e.seq for e in ledger.audit_events()] == list(range(1, 121))
    for name in "abc":
        assert [e.detail["n"] for e in ledger.audit_events(run_id=name)] == list(range(40))
    assert ledger.verify_audit() == []
