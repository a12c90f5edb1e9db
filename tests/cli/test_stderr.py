"""What goes to stderr: logs, heartbeats, the bar; and colour."""

from __future__ import annotations

import io
import json
import logging
import os

import pytest

from cspctl.cli import logs, output
from cspctl.cli.progress import Bar, Heartbeat, Silent, json_line, progress, text_line
from cspctl.cli.settings import Settings


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_json_logs_are_one_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(Settings(log_format="json", verbosity=1))
    logging.getLogger("cspctl.engine").info("read %d\nlines", 3, extra={"event": "read.done", "tenant": "a\x1b"})
    record = json.loads(capsys.readouterr().err)
    assert record.pop("ts").endswith("Z")
    assert record == {"level": "info", "event": "read.done", "message": "read 3\nlines", "tenant": "a\x1b"}


def test_text_logs_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(Settings())
    logging.getLogger("cspctl").warning("bad \x1b[2J name", extra={"tenant": "x\ny"})
    assert capsys.readouterr().err == "warning: bad \\x1b[2J name tenant=x\\ny\n"


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        (Settings(), logging.WARNING),
        (Settings(verbosity=1), logging.INFO),
        (Settings(verbosity=2), logging.DEBUG),
        (Settings(quiet=True, verbosity=2), logging.ERROR),
    ],
)
def test_log_levels(settings: Settings, level: int) -> None:
    assert logs.level(settings) == level


def test_setting_up_twice_does_not_double_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(Settings())
    logs.setup(Settings())
    logging.getLogger("cspctl").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_heartbeat_after_10_seconds_then_every_30() -> None:
    now = [100.0]
    lines: list[tuple[str, int, int | None, float]] = []
    beat = Heartbeat(lambda *line: lines.append(line), clock=lambda: now[0], every=None)
    beat.start("reading", 900)
    beat.advance(120)
    for second in range(75):
        now[0] = 100.0 + second
        beat.tick()
    assert lines == [("reading", 120, 900, 10.0), ("reading", 120, 900, 40.0), ("reading", 120, 900, 70.0)]
    beat.finish()
    now[0] = 1000.0
    beat.tick()
    assert len(lines) == 3


def test_heartbeat_lines() -> None:
    stream = io.StringIO()
    text_line(stream)("reading \x1b", 3, 10, 12.4)
    text_line(stream)("reading", 3, None, 12.4)
    assert stream.getvalue().splitlines() == [
        "still working: reading \\x1b, 3 of 10, 12 s, about 29 s left",
        "still working: reading, 3 done, 12 s",
    ]
    stream = io.StringIO()
    json_line(stream)("reading", 3, None, 12.4)
    record = json.loads(stream.getvalue())
    assert {k: record[k] for k in ("event", "level", "message", "done", "total", "seconds")} == {
        "event": "progress",
        "level": "info",
        "message": "reading",
        "done": 3,
        "total": None,
        "seconds": 12,
    }


def test_a_heartbeat_survives_a_reader_that_left() -> None:
    stream = io.StringIO()
    stream.close()
    text_line(stream)("reading", 1, None, 10.0)
    assert stream.closed


def test_which_progress() -> None:
    assert isinstance(progress(Settings(quiet=True), Terminal()), Silent)
    assert isinstance(progress(Settings(), Terminal()), Bar)
    assert isinstance(progress(Settings(), io.StringIO()), Heartbeat)
    assert isinstance(progress(Settings(log_format="json"), Terminal()), Heartbeat)


def test_the_bar_writes_to_its_stream_and_clears_up() -> None:
    stream = Terminal()
    bar = Bar(stream, colour=False)
    bar.start("reading [b]x[/b]", 2)
    bar.advance(2)
    bar.finish()
    bar.finish()
    assert "reading [b]x[/b]" in stream.getvalue()


@pytest.mark.parametrize(
    ("settings", "stream", "env", "colour"),
    [
        (Settings(), Terminal(), {}, True),
        (Settings(), io.StringIO(), {}, False),
        (Settings(no_color=True), Terminal(), {}, False),
        (Settings(), Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colour(settings: Settings, stream: io.StringIO, env: dict[str, str], colour: bool) -> None:
    assert output.style(settings, stream, env).colour is colour


def test_width_is_fixed_when_piped_and_the_windows_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda _=None: os.terminal_size((30, 10)))
    assert output.width(io.StringIO()) == 100
    assert output.width(Terminal()) == 40


def test_notes_are_silent_with_q(capsys: pytest.CaptureFixture[str]) -> None:
    output.note("hello", Settings())
    output.note("quiet", Settings(quiet=True))
    assert capsys.readouterr().err == "hello\n"
