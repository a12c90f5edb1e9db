"""Commands that need no engine: version, init, schema, the emulator's, and what apply asks."""

from __future__ import annotations

import io
import json
import platform
from pathlib import Path

import pytest

from cspctl import __version__
from cspctl.cli import confirmation, scaffolding
from cspctl.cli.commands.apply import plan_file
from cspctl.cli.files import write_file
from cspctl.cli.main import run
from cspctl.errors import InputError, RefusedError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cspctl.yaml").write_text("project: test\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["version"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"cspctl {__version__}\nPython {platform.python_version()}")
    assert "C YAML parser" in out


def test_version_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["version", "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["version"] == __version__
    assert isinstance(facts["cYamlParser"], bool)


def test_init_writes_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "My Shop"
    assert run(["init", str(target), "-q"]) == 0
    assert {str(p.relative_to(target).as_posix()) for p in target.rglob("*") if p.is_file()} == set(
        scaffolding.LAYOUT.values()
    )
    assert "project: my-shop" in (target / "cspctl.yaml").read_text(encoding="utf-8")
    assert capsys.readouterr().out.splitlines()[0] == "wrote cspctl.yaml"


def test_init_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    (tmp_path / ".gitignore").symlink_to(tmp_path / "nowhere")
    assert run(["init", str(tmp_path)]) == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "nowhere").exists()
    assert "kept  README.md" in capsys.readouterr().out
    assert run(["init", str(tmp_path)]) == 0
    assert "wrote" not in capsys.readouterr().out


def test_init_refuses_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run(["init", str(tmp_path / "file")]) == 10


def test_the_scaffold_is_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cspctl.workspace.workspace", reason="the workspace is not there yet")
    assert run(["init", str(tmp_path), "-q"]) == 0
    capsys.readouterr()
    assert run(["validate", str(tmp_path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["diagnostics"] == []


def test_schema_export(tmp_path: Path) -> None:
    pytest.importorskip("cspctl.manifests.schema", reason="the export of manifests' schemas is not there yet")
    assert run(["schema", "export", "--out", str(tmp_path / "s")]) == 0
    names = {p.name for p in (tmp_path / "s").iterdir()}
    assert "plan-v1.schema.json" in names
    for name in names:
        assert json.loads((tmp_path / "s" / name).read_text(encoding="utf-8"))["$schema"]


def test_apply_without_a_terminal_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert run(["apply", str(tmp_path / "does-not-exist")]) == 4
    assert "error[E-NOT-CONFIRMED]" in capsys.readouterr().err


@pytest.mark.parametrize("answer", ["", "\n", "y\n", "YES\n", "no\n", "yes please\n"])
def test_only_yes_is_accepted(answer: str) -> None:
    with pytest.raises(RefusedError, match="nothing was changed"):
        confirmation.confirm(io.StringIO(answer))


def test_yes_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    confirmation.confirm(io.StringIO("yes\n"))
    assert "Only 'yes' will be accepted" in capsys.readouterr().err


def test_what_is_a_saved_plan(tmp_path: Path) -> None:
    saved, manifest = tmp_path / "plan.json", tmp_path / "a.yaml"
    saved.touch()
    manifest.touch()
    assert plan_file((saved,)) == saved
    assert plan_file((manifest,)) is None
    assert plan_file((tmp_path,)) is None
    assert plan_file((saved, manifest)) is None
    assert plan_file(()) is None


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_file(tmp_path / "new" / "a.txt", "a\nä\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"a\n\xc3\xa4\n"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").touch()
    with pytest.raises(InputError, match="cannot write"):
        write_file(tmp_path / "folder", "text")
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["folder", "new"]


def test_the_emulators_clock(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["emulator", "clock", "--set", "2026-11-21T12:00:00Z", "--freeze"]) == 0
    assert run(["emulator", "clock", "--advance", "P10D"]) == 0
    capsys.readouterr()
    assert run(["emulator", "clock", "--format", "json"]) == 0
    clock = json.loads(capsys.readouterr().out)
    assert clock["now"].startswith("2026-12-01T12:00:00")
    assert clock["mode"] == "frozen"
    assert (project / ".cspctl" / "emulator.db").exists()


def test_the_emulators_clock_goes_one_way_at_a_time(project: Path) -> None:
    assert run(["emulator", "clock", "--set", "2026-11-21", "--advance", "P1D"]) == 10
    assert run(["emulator", "clock", "--advance", "tomorrow"]) == 10


def test_a_fleet_is_seeded_and_forgotten(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--customers", "3", "--subscriptions-per-customer", "2", "--random-seed", "7"]
    assert run(["emulator", "seed", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["customers"] == 3
    assert run(["emulator", "reset", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_seeding_nothing_is_a_mistake(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["emulator", "seed"]) == 10
    assert run(["emulator", "seed", "--document", "{"]) == 10
    assert "wants JSON or @FILE" in capsys.readouterr().err
    (project / "seed.json").write_text("{}")
    assert run(["emulator", "seed", "--document", str(project / "seed.json")]) == 10
    assert f"for a file write --document @{project / 'seed.json'}" in capsys.readouterr().err


def test_faults_that_are_none_are_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["emulator", "faults"]) == 0
    assert json.loads(capsys.readouterr().out) == {"faults": []}
    assert run(["emulator", "faults", "--add", '{"nonsense": 1}']) == 10
    assert "--add:1:2: unknown property 'nonsense'" in capsys.readouterr().err


def test_what_the_emulator_refuses_is_told_in_its_words(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["emulator", "clock", "--advance", "ten days"]) == 10
    assert "the emulator refused clock: The clock cannot be set" in capsys.readouterr().err


def test_the_emulators_certificate_authority(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["emulator", "ca"]) == 0
    assert Path(capsys.readouterr().out.strip()).read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE")
