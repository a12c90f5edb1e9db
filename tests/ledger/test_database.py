from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from cspctl.errors import CspctlError, InputError, LedgerVersionError, RefusedError
from cspctl.ledger.database import open_database, open_ledger, restore_ledger
from cspctl.ledger.dialect import driver_connection
from cspctl.ledger.lease import LedgerLease
from cspctl.ledger.ledger import Ledger
from cspctl.model.audit import AuditEvent
from cspctl.model.ports import Lease, LedgerReader, LedgerWriter, RunRecord


def run(now: datetime, number: int = 1) -> RunRecord:
    return RunRecord(f"run-{number}", "plan-1", "d1", "ada", now)


def folder_bytes(folder: Path) -> dict[str, str]:
    """Every file and what is in it."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_what_the_ports_ask_for(ledger: Ledger) -> None:
    reader: LedgerReader = ledger
    writer: LedgerWriter = ledger
    lease: Lease = ledger.lease("ada")
    assert reader is writer
    assert isinstance(lease, LedgerLease)


def test_the_file_is_its_owners_alone(ledger: Ledger, state: Path) -> None:
    assert mode(state) == 0o600
    assert mode(state.parent) == 0o700
    assert {mode(path) for path in state.parent.iterdir()} == {0o600}


def test_a_file_that_others_could_read_is_closed_to_them(state: Path, opened: Callable[..., Ledger]) -> None:
    opened().close()
    state.chmod(0o644)
    opened()
    assert mode(state) == 0o600


def test_a_commit_is_on_disk_before_it_returns(state: Path) -> None:
    database = open_database(f"sqlite:///{state}", read_only=False)
    driver = driver_connection(database.connection)
    settings = {
        name: driver.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    database.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_what_was_written_is_there_after_reopening(opened: Callable[..., Ledger], now: datetime) -> None:
    with opened() as ledger:
        ledger.begin_run(run(now))
    assert opened().run("run-1") == run(now)


# Reading only


def test_reading_a_ledger_that_does_not_exist_finds_nothing_and_makes_no_file(
    opened: Callable[..., Ledger], state: Path, now: datetime
) -> None:
    ledger = opened(read_only=True)
    assert (ledger.bindings(), ledger.runs(), ledger.intents()) == ({}, [], [])
    assert (ledger.audit_events(), ledger.drift_rows(), ledger.verify_audit()) == ([], [], [])
    with pytest.raises(RefusedError, match="reading only"):
        ledger.begin_run(run(now))
    assert not state.parent.exists()


def test_reading_leaves_every_byte_and_file_as_it_was(
    opened: Callable[..., Ledger], state: Path, now: datetime
) -> None:
    with opened() as writer:
        writer.begin_run(run(now))
    before = folder_bytes(state.parent)
    with opened(read_only=True) as reader:
        assert [one.id for one in reader.runs()] == ["run-1"]
    assert folder_bytes(state.parent) == before
    assert list(before) == ["state.db"]


CRASH = """
import os, signal, sys
from datetime import UTC, datetime
from cspctl.ledger.database import open_ledger
from cspctl.model.ports import RunRecord

ledger = open_ledger(f"sqlite:///{sys.argv[1]}", "acme", "live", read_only=False)
ledger.begin_run(RunRecord("run-1", "plan-1", "d1", "ada", datetime(2026, 3, 1, tzinfo=UTC)))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_reading_after_a_crash_sees_what_was_committed_and_does_not_tidy_up(
    opened: Callable[..., Ledger], state: Path
) -> None:
    subprocess.run([sys.executable, "-c", CRASH, str(state)], check=False)
    names = ["state.db", "state.db-shm", "state.db-wal"]
    before = folder_bytes(state.parent)
    assert list(before) == names
    with opened(read_only=True) as reader:
        assert [one.id for one in reader.runs()] == ["run-1"]
    after = folder_bytes(state.parent)
    assert list(after) == names
    assert (after["state.db"], after["state.db-wal"]) == (before["state.db"], before["state.db-wal"])


def test_a_reader_and_a_writer_do_not_wait_for_each_other(opened: Callable[..., Ledger], now: datetime) -> None:
    writer = opened()
    reader = opened(read_only=True)
    with writer.transaction():
        writer.begin_run(run(now))
        assert reader.runs() == []
    assert len(reader.runs()) == 1


def test_every_write_through_a_reader_is_refused(opened: Callable[..., Ledger], now: datetime) -> None:
    opened().close()
    reader = opened(read_only=True)
    for write in (
        lambda: reader.begin_run(run(now)),
        lambda: reader.finish_run("run-1", status="done", exit_code=0, at=now),
        lambda: reader.append_audit(AuditEvent(now, "ada", "run-1", "step", "done"), realm=""),
        lambda: reader.put_cursor("feed", "1", at=now),
        lambda: reader.lease("ada").acquire(),
    ):
        with pytest.raises(RefusedError) as caught:
            write()
        assert caught.value.code == "E-LEDGER-READ-ONLY"


def test_an_empty_file_reads_as_an_empty_ledger(opened: Callable[..., Ledger], state: Path) -> None:
    """What a crash between making the file and making its tables leaves."""
    state.parent.mkdir()
    state.touch()
    assert opened(read_only=True).runs() == []
    assert state.read_bytes() == b""
    assert opened().runs() == []


# Transactions


def test_an_inner_transaction_that_fails_takes_back_its_own_writes_alone(ledger: Ledger, now: datetime) -> None:
    def fail_inside() -> None:
        with ledger.transaction():
            ledger.begin_run(run(now, 2))
            raise ConnectionError

    with ledger.transaction():
        ledger.begin_run(run(now, 1))
        with pytest.raises(ConnectionError):
            fail_inside()
        ledger.begin_run(run(now, 3))
    assert {one.id for one in ledger.runs()} == {"run-1", "run-3"}


def test_an_outer_transaction_that_fails_takes_everything_back(ledger: Ledger, now: datetime) -> None:
    def fail_outside() -> None:
        with ledger.transaction():
            with ledger.transaction():
                ledger.begin_run(run(now, 1))
            assert len(ledger.runs()) == 1
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail_outside()
    assert ledger.runs() == []


def test_a_transaction_must_not_span_an_await(ledger: Ledger, now: datetime) -> None:
    """Else what another tenant's task writes meanwhile would be taken back with it."""
    entered = asyncio.Event()

    async def careless() -> None:
        with ledger.transaction():
            entered.set()
            await asyncio.sleep(0)

    async def other() -> None:
        await entered.wait()
        ledger.begin_run(run(now))

    async def both() -> tuple[BaseException | None, BaseException | None]:
        return await asyncio.gather(other(), careless(), return_exceptions=True)

    refused, fine = asyncio.run(both())
    assert isinstance(refused, RuntimeError)
    assert fine is None
    assert ledger.runs() == []


# What is not a ledger


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/db", "postgresql+psycopg://u:s3cret@host/db"])
def test_other_urls_are_refused_without_showing_their_password(url: str) -> None:
    with pytest.raises(InputError) as caught:
        open_ledger(url, "acme", "live", read_only=True)
    assert caught.value.code == "E-STATE-URL"
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(("project", "environment"), [("", "live"), ("acme", "production")])
def test_a_home_needs_a_project_and_a_known_environment(project: str, environment: str) -> None:
    with pytest.raises(InputError):
        open_ledger("sqlite://", project, environment, read_only=True)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_database_is_left_alone(opened: Callable[..., Ledger], state: Path, read_only: bool) -> None:
    state.parent.mkdir()
    state.write_text("shopping list\n" * 100)
    with pytest.raises(InputError) as caught:
        opened(read_only=read_only)
    assert caught.value.code == "E-LEDGER-DAMAGED"
    assert state.read_text().startswith("shopping list")


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_of_someone_else_is_left_alone(opened: Callable[..., Ledger], state: Path, read_only: bool) -> None:
    state.parent.mkdir()
    with closing(sqlite3.connect(state)) as database, database:
        database.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(InputError) as caught:
        opened(read_only=read_only)
    assert caught.value.code == "E-LEDGER-FOREIGN"


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        open_ledger(f"sqlite:///{tmp_path}/file/state.db", "acme", "live", read_only=False)
    assert caught.value.code == "E-LEDGER-IO"


# Versions


def make_version_0(state: Path) -> None:
    """A schema that never was: runs had no command yet."""
    state.parent.mkdir()
    with closing(sqlite3.connect(state)) as database, database:
        database.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        database.execute("INSERT INTO meta VALUES ('schema_version', '0'), ('written_by', 'cspctl 0.0')")
        database.execute("CREATE TABLE old_runs (id TEXT)")
        database.execute("INSERT INTO old_runs VALUES ('run-of-old')")


def from_0_to_1(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE old_runs RENAME TO runs_of_old")


def versions(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as database:
        return dict(database.execute("SELECT name, value FROM meta"))


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_older_ledger_is_migrated_with_a_backup_first(state: Path) -> None:
    make_version_0(state)
    open_database(f"sqlite:///{state}", read_only=False, known={0: from_0_to_1}).close()
    assert versions(state)["schema_version"] == "1"
    assert tables(state) == {"meta", "runs_of_old"}
    (backup,) = state.parent.glob("state.db.v0-*.bak")
    assert versions(backup)["schema_version"] == "0"
    assert tables(backup) == {"meta", "old_runs"}
    assert mode(backup) == 0o600
    open_database(f"sqlite:///{state}", read_only=False, known={}).close()
    assert len(list(state.parent.glob("*.bak"))) == 1, "no second backup: nothing was left to migrate"


def test_a_migration_that_fails_changes_nothing(state: Path) -> None:
    def half(connection: Connection) -> None:
        from_0_to_1(connection)
        connection.exec_driver_sql("SELECT * FROM nowhere")

    make_version_0(state)
    with pytest.raises(CspctlError):
        open_database(f"sqlite:///{state}", read_only=False, known={0: half})
    assert versions(state)["schema_version"] == "0"
    assert tables(state) == {"meta", "old_runs"}


def test_a_reader_migrates_a_copy_in_memory(state: Path) -> None:
    make_version_0(state)
    before = folder_bytes(state.parent)
    database = open_database(f"sqlite:///{state}", read_only=True, known={0: from_0_to_1})
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT id FROM runs_of_old").scalar()
    with pytest.raises(RefusedError), database.transaction():
        pass
    database.close()
    assert found == "run-of-old"
    assert folder_bytes(state.parent) == before


def test_a_ledger_too_old_for_any_migration_is_refused(state: Path) -> None:
    make_version_0(state)
    with pytest.raises(LedgerVersionError, match="no way up from 0"):
        open_database(f"sqlite:///{state}", read_only=False, known={})


@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_ledger_is_refused_naming_both_versions(
    opened: Callable[..., Ledger], state: Path, read_only: bool
) -> None:
    opened().close()
    with closing(sqlite3.connect(state)) as database, database:
        database.execute("UPDATE meta SET value = '7' WHERE name = 'schema_version'")
    before = folder_bytes(state.parent)
    with pytest.raises(LedgerVersionError) as caught:
        opened(read_only=read_only)
    assert caught.value.exit_code == 10
    assert "schema version 7" in caught.value.message
    assert "up to 1" in caught.value.message
    assert folder_bytes(state.parent) == before


# Backup and restore


def test_a_backup_is_whole_private_and_stands_alone(
    ledger: Ledger, opened: Callable[..., Ledger], now: datetime, tmp_path: Path
) -> None:
    ledger.begin_run(run(now, 1))
    opened("emulator").begin_run(run(now, 2))
    path = ledger.backup(tmp_path / "backups" / "monday.db")
    ledger.begin_run(run(now, 3))
    assert [p.name for p in path.parent.iterdir()] == ["monday.db"]
    assert mode(path) == 0o600
    for environment, expected in (("live", ["run-1"]), ("emulator", ["run-2"])):
        with open_ledger(f"sqlite:///{path}", "acme", environment, read_only=True) as copy:
            assert [one.id for one in copy.runs()] == expected


def test_a_backup_overwrites_nothing(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "precious.db"
    path.write_text("precious")
    with pytest.raises(InputError) as caught:
        ledger.backup(path)
    assert caught.value.code == "E-BACKUP-EXISTS"
    assert path.read_text() == "precious"


def test_restoring_brings_the_backup_back_and_keeps_what_was_there(
    opened: Callable[..., Ledger], state: Path, now: datetime, tmp_path: Path
) -> None:
    with opened() as ledger:
        ledger.begin_run(run(now, 1))
        backup = ledger.backup(tmp_path / "monday.db")
        ledger.begin_run(run(now, 2))
    aside = restore_ledger(f"sqlite:///{state}", backup)
    assert [one.id for one in opened().runs()] == ["run-1"]
    assert aside is not None
    with open_ledger(f"sqlite:///{aside}", "acme", "live", read_only=True) as before:
        assert [one.id for one in before.runs()] == ["run-2", "run-1"]


def test_restoring_works_where_the_ledger_is_gone_or_damaged(
    opened: Callable[..., Ledger], state: Path, now: datetime, tmp_path: Path
) -> None:
    with opened() as ledger:
        ledger.begin_run(run(now))
        backup = ledger.backup(tmp_path / "monday.db")
    state.write_text("a disk gone bad " * 500)
    aside = restore_ledger(f"sqlite:///{state}", backup)
    assert aside is not None
    assert aside.read_text().startswith("a disk gone bad")
    assert len(opened().runs()) == 1
    state.unlink()
    assert restore_ledger(f"sqlite:///{state}", backup) is None
    assert len(opened().runs()) == 1


def test_a_backup_that_is_none_is_refused_before_anything_is_touched(
    opened: Callable[..., Ledger], state: Path, tmp_path: Path
) -> None:
    opened().close()
    before = folder_bytes(state.parent)
    (tmp_path / "list.db").write_text("shopping list\n" * 100)
    for path in (tmp_path / "list.db", tmp_path / "missing.db"):
        with pytest.raises(InputError):
            restore_ledger(f"sqlite:///{state}", path)
    assert folder_bytes(state.parent) == before
