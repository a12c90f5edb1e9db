"""Global options before and after the command, and from the environment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from cspctl.cli import options
from cspctl.cli.group import LazyGroup
from cspctl.cli.settings import Settings, parse_instant, settings_from
from cspctl.errors import InputError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _settings(arguments: list[str]) -> Settings:
    """What a command at the second level sees."""
    seen: list[Settings] = []

    @options.command("leaf")
    @click.pass_context
    def leaf(ctx: click.Context) -> int:
        seen.append(options.settings(ctx))
        return 0

    class Nested(LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return leaf

    table = {"leaf": ("", "")}
    root = Nested("root", table=table, params=options.global_options())
    with root.make_context("root", arguments) as ctx:
        root.invoke(ctx)
    return seen[0]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "EMULATOR", "TRUST", "LOG_FORMAT", "NOW", "QUIET", "NO_COLOR"):
        monkeypatch.delenv(f"CSPCTL_{name}", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


GIVEN = ["--config", "a.yaml", "--state", "sqlite:///s.db", "--emulator", "--trust", "t.yaml", "--log-format", "json"]
GIVEN += ["-q", "--no-color", "--now", "2026-11-21T12:00:00Z", "-vv"]
WANTED = Settings(Path("a.yaml"), "sqlite:///s.db", True, Path("t.yaml"), "json", 2, True, True, NOW)


@pytest.mark.parametrize("arguments", [[*GIVEN, "leaf"], ["leaf", *GIVEN], [*GIVEN[:5], "leaf", *GIVEN[5:]]])
def test_before_and_after_the_command_are_the_same(arguments: list[str]) -> None:
    assert _settings(arguments) == WANTED


def test_after_the_command_wins() -> None:
    assert _settings(["--state", "one", "leaf", "--state", "two"]).state == "two"


def test_verbosity_adds_up() -> None:
    assert _settings(["-v", "leaf", "-v"]).verbosity == 2


def test_nothing_given() -> None:
    assert _settings(["leaf"]) == Settings()


def test_environment_and_flags_over_it() -> None:
    env = {
        "CSPCTL_CONFIG": "env.yaml",
        "CSPCTL_STATE": "env",
        "CSPCTL_EMULATOR": "true",
        "CSPCTL_TRUST": "trust.yaml",
        "CSPCTL_LOG_FORMAT": "json",
        "CSPCTL_NOW": "2026-11-21T12:00:00Z",
        "NO_COLOR": "1",
    }
    from_env = settings_from({}, env)
    assert from_env == Settings(Path("env.yaml"), "env", True, Path("trust.yaml"), "json", 0, False, True, NOW)
    flags = settings_from({"config": Path("f.yaml"), "state": "flag", "log_format": "text", "now": "2027-01-01"}, env)
    assert (flags.config, flags.state, flags.log_format) == (Path("f.yaml"), "flag", "text")
    assert flags.now == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "env",
    [{"CSPCTL_EMULATOR": "maybe"}, {"CSPCTL_LOG_FORMAT": "xml"}, {"CSPCTL_NOW": "soon"}, {"CSPCTL_QUIET": "2"}],
)
def test_a_broken_environment_names_the_variable(env: dict[str, str]) -> None:
    with pytest.raises(InputError, match=next(iter(env))):
        settings_from({}, env)


@pytest.mark.parametrize(("value", "colour"), [("", False), ("0", True), ("1", True)])
def test_no_color_counts_unless_empty(value: str, colour: bool) -> None:
    """https://no-color.org: present and not an empty string, regardless of its value."""
    assert settings_from({}, {"NO_COLOR": value}).no_color is colour


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T12:00:00Z", NOW),
        ("2026-11-21T13:00:00+01:00", NOW),
        ("2026-11-21T12:00:00", NOW),
        ("2026-11-21", NOW.replace(hour=0)),
    ],
)
def test_instants_are_utc(text: str, expected: datetime) -> None:
    parsed = parse_instant(text, "--now")
    assert parsed == expected
    assert parsed.tzinfo is UTC
