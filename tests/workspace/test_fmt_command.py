"""`fmt` as a user types it."""

from __future__ import annotations

import contextlib
import io

import pytest

from cspctl.cli.main import run as command_line

UNTIDY = "kind: NotificationChannel\napiVersion: cspctl/v1\nmetadata:\n    name: mail   # ours\nspec: {type: smtp}\n"
# A comment behind a value keeps its column, so that comments below each other stay so.
TIDY = "apiVersion: cspctl/v1\nkind: NotificationChannel\nmetadata:\n  name: mail     # ours\nspec: {type: smtp}\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "cspctl.yaml").write_text("project:   fmt\n", "utf-8")
    (tmp_path / "one").mkdir()
    (tmp_path / "one/a.yaml").write_text(UNTIDY, "utf-8")
    (tmp_path / "two.yaml").write_text(UNTIDY.replace("mail ", "mail2 "), "utf-8")
    return tmp_path


def run(project, *arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = command_line(["--config", str(project), "fmt", *arguments])
    return code, out.getvalue()


def test_check_writes_nothing_and_says_what_would_change(project):
    code, out = run(project, "--check")
    assert code == 2
    assert "would change one/a.yaml" in out
    assert (project / "one/a.yaml").read_text("utf-8") == UNTIDY


def test_files_are_written_once(project):
    code, out = run(project)
    assert code == 0
    assert "2 files changed, 2 files looked at." in out
    assert (project / "one/a.yaml").read_text("utf-8") == TIDY
    assert (project / "cspctl.yaml").read_text("utf-8") == "project:   fmt\n"
    assert run(project, "--check")[0] == 0


def test_paths_narrow_it(project):
    run(project, str(project / "one"))
    assert (project / "one/a.yaml").read_text("utf-8") == TIDY
    assert (project / "two.yaml").read_text("utf-8").startswith("kind")


def test_a_broken_file_is_told_and_the_others_are_formatted(project):
    (project / "two.yaml").write_text("a: {b\n", "utf-8")
    code, out = run(project)
    assert code == 10
    assert "two.yaml:1:4: error E-SYNTAX" in out
    assert (project / "two.yaml").read_text("utf-8") == "a: {b\n"
    assert (project / "one/a.yaml").read_text("utf-8") == TIDY
