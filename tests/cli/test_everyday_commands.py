"""The commands of every day, as a user types them, against the embedded Partner Center."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from cspctl.cli.main import run

EXAMPLES = Path(__file__).parents[2] / "examples" / "manifests"


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example project, seeded on a frozen morning and applied once."""
    root = tmp_path_factory.mktemp("everyday") / "manifests"
    shutil.copytree(EXAMPLES, root, ignore=shutil.ignore_patterns(".cspctl"))
    arguments = ["--config", str(root)]
    assert run(["emulator", "clock", "--freeze", "--set", "2026-11-21T09:00:00Z", *arguments]) == 0
    assert run(["--emulator", "apply", "--yes", *arguments]) == 0
    return root


def cspctl(capsys: pytest.CaptureFixture[str], root: Path, *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)."""
    capsys.readouterr()
    code = run(["--emulator", *arguments, "--config", str(root)])
    out, err = capsys.readouterr()
    return code, out, err


def test_status_counts_the_fleet(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cspctl(capsys, applied, "status", "--format", "json")
    counts = {row["what"]: row["count"] for row in json.loads(out)}
    assert code == 0
    assert counts["tenants"] == 9
    assert counts["subscriptions"] == counts["…owned by a manifest"] == 20
    assert counts["writes with unknown outcome"] == 0


def test_renewals_are_sorted_by_their_last_day(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cspctl(capsys, applied, "renewals", "--within", "60", "--format", "json")
    days = [row["on"] for row in json.loads(out)]
    assert code == 0
    # A monthly term bought on 21 November has its last day on 20 December.
    assert "2026-12-20" in days
    assert days == sorted(days)
    assert all(day <= "2027-01-20" for day in days)


def test_renewals_go_into_a_calendar_with_equal_bytes(
    applied: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first, second = tmp_path / "a.ics", tmp_path / "b.ics"
    assert cspctl(capsys, applied, "renewals", "--format", "ics", "--out", str(first))[0] == 0
    assert cspctl(capsys, applied, "renewals", "--format", "ics", "--out", str(second))[0] == 0
    assert first.read_bytes() == second.read_bytes()
    lines = first.read_bytes().split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert all(len(line) <= 75 for line in lines)
    assert b"DTSTART;VALUE=DATE:20261220" in lines


def test_refunds_close_seven_days_after_the_purchase(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cspctl(capsys, applied, "refunds", "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert {row["until"] for row in rows if row["what"] == "seats"} == {"2026-11-28 09:00 UTC"}
    assert sum(row["quantity"] for row in rows if row["what"] == "seats" and row["name"] == "contoso-e3") == 120


def test_history_leads_to_the_writes_of_a_run(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cspctl(capsys, applied, "history", "--format", "json")
    newest = json.loads(out)[0]
    assert (code, newest["status"], newest["exitCode"]) == (0, "done", 0)
    code, out, _ = cspctl(capsys, applied, "show", newest["run"][:8], "--format", "json")
    story = json.loads(out)
    assert code == 0
    assert len(story["writes"]) == newest["writes"]
    assert {w["type"] for w in story["writes"]} >= {"cart.create", "cart.checkout"}
    assert all(w["requestIds"] and w["status"] == "done" for w in story["writes"])


def test_an_unknown_run_says_where_to_look(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = cspctl(capsys, applied, "show", "nothing")
    assert code == 10
    assert "E-RUN" in err
    assert "cspctl history" in err


def test_nothing_is_in_flight_after_a_clean_apply(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cspctl(capsys, applied, "operations", "list")
    assert (code, out) == (0, "Nothing is in flight or unknown.\n")
    assert cspctl(capsys, applied, "operations", "resume")[0] == 0


@pytest.mark.parametrize(
    ("resource", "count"),
    [("subscriptions", 20), ("customers", 9), ("tenants", 9), ("resellers", 4), ("plans", 5), ("bindings", 49)],
)
def test_get_lists_every_resource(applied: Path, capsys: pytest.CaptureFixture[str], resource: str, count: int) -> None:
    code, out, _ = cspctl(capsys, applied, "get", resource, "--format", "json")
    assert code == 0
    assert len(json.loads(out)) == count


def test_get_narrows_by_name_and_customer(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, by_name, _ = cspctl(capsys, applied, "get", "subscriptions", "contoso-e3", "--format", "json")
    _, by_customer, _ = cspctl(capsys, applied, "get", "orders", "-c", "contoso.onmicrosoft.com", "--format", "json")
    assert [row["quantity"] for row in json.loads(by_name)] == [120]
    assert len(json.loads(by_customer)) == 3


def test_get_says_what_it_knows(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = cspctl(capsys, applied, "get", "subscription")
    assert code == 10
    assert "did you mean subscriptions?" in err


def test_explain_names_the_layer_behind_a_value(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = cspctl(capsys, applied, "explain", "Subscription/contoso-e3.quantity", "--format", "json")
    explained = json.loads(out)
    assert code == 0
    assert (explained["value"], explained["mutability"]) == (120, "update")
    assert explained["given"][0]["position"].startswith("subscriptions/contoso.yaml:")


def test_state_commands_keep_a_record(applied: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert cspctl(capsys, applied, "state", "backup", str(copy))[0] == 0
    assert cspctl(capsys, applied, "state", "backup", str(copy))[0] == 10, "a backup is never overwritten"
    moved = ("Subscription/contoso-e3", "Subscription/contoso-elsewhere")
    assert cspctl(capsys, applied, "state", "mv", *moved)[0] == 0
    assert cspctl(capsys, applied, "state", "rm", moved[1])[0] == 0
    assert cspctl(capsys, applied, "state", "rm", moved[1])[0] == 10
    _, out, _ = cspctl(capsys, applied, "audit", "list", "--limit", "2", "--format", "json")
    assert [event["event"] for event in json.loads(out)] == ["state-mv", "state-rm"]
    _, out, _ = cspctl(capsys, applied, "plan", "--format", "json")
    assert [c["action"] for c in json.loads(out)["changes"]] == ["adopt"], "a forgotten one is found again, not bought"
    assert cspctl(capsys, applied, "state", "restore", str(copy), "--yes")[0] == 0
    assert cspctl(capsys, applied, "plan", "--detailed-exitcode")[0] == 0


def test_one_changed_byte_of_the_audit_log_is_named(applied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cspctl(capsys, applied, "audit", "verify")[0] == 0
    database = sqlite3.connect(applied / ".cspctl" / "emulator-state.db")
    for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        database.execute(f'drop trigger "{name}"')
    database.execute("update audit set outcome = 'dane' where seq = 5 and outcome = 'done'")
    database.commit()
    database.close()
    code, _, err = cspctl(capsys, applied, "audit", "verify")
    assert code == 1
    assert "row 5" in err


def test_completion_offers_names_from_the_ledger(
    applied: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(applied)
    monkeypatch.setenv("CSPCTL_EMULATOR", "1")
    monkeypatch.setenv("COMP_WORDS", "cspctl plan --target Subscription/contoso")
    monkeypatch.setenv("COMP_CWORD", "3")
    monkeypatch.setenv("_CSPCTL_COMPLETE", "bash_complete")
    capsys.readouterr()
    assert run([]) == 0
    offered = capsys.readouterr().out.split()
    assert offered == [f"plain,Subscription/contoso-{name}" for name in ("e3", "entra", "visio")]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_variable(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_CSPCTL_COMPLETE" in capsys.readouterr().out
