"""Help costs no heavy import, and the static table of commands tells the truth."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from cspctl.cli.group import COMMANDS, LazyGroup
from cspctl.cli.main import root

HEAVY = {"httpx", "msal", "pydantic", "deepdiff", "openpyxl", "sqlalchemy", "rich", "jsonschema", "ruamel", "orjson"}


@pytest.mark.parametrize("arguments", [["--help"], ["emulator", "--help"], ["plan", "--help"], ["plann"]])
def test_help_and_typing_errors_load_no_heavy_library(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "cspctl", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (10 if arguments == ["plann"] else 0)
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "click" in loaded, "importtime printed nothing"
    assert not loaded & HEAVY


def _entries(group: LazyGroup, prefix: str = "") -> Iterator[tuple[str, str, click.Command]]:
    for name, (target, text) in group.table.items():
        module, _, attribute = target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        yield f"{prefix}{name}", text, command
        if isinstance(command, LazyGroup):
            yield from _entries(command, f"{prefix}{name} ")


@pytest.mark.parametrize(
    ("path", "text", "command"), list(_entries(root)), ids=lambda v: v if isinstance(v, str) else ""
)
def test_table_equals_the_command_itself(path: str, text: str, command: click.Command) -> None:
    assert command.name == path.split()[-1]
    first = (command.help or "").partition("\n")[0]
    assert text == first


def test_all_commands_of_this_version_are_there() -> None:
    expected = "init validate plan apply drift get audit schema explain emulator version"
    assert set(COMMANDS) >= set(expected.split())


def test_every_command_takes_the_global_options() -> None:
    for path, _, command in _entries(root):
        names = {option for param in command.params for option in param.opts}
        assert {"--config", "--state", "--emulator", "--trust", "--log-format", "-v", "-q", "--no-color", "--now"} <= (
            names
        ), path
