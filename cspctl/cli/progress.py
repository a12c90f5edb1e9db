"""Progress on stderr: a bar on a terminal, heartbeat lines in a pipe, nothing with -q."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from cspctl.cli.settings import Settings
from cspctl.model.ports import Progress
from cspctl.views import escape

FIRST_AFTER, THEN_EVERY = 10.0, 30.0


class Silent:
    """No progress at all."""

    def start(self, label: str, total: int | None) -> None: ...

    def advance(self, amount: int = 1) -> None: ...

    def finish(self) -> None: ...


class Heartbeat:
    """A line after 10 s of work and then every 30 s, so that nobody takes a long run for a dead one.

    `every` is how often a thread looks whether a line is due, in seconds; None for no thread.
    """

    def __init__(
        self,
        emit: Callable[[str, int, int | None, float], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        every: float | None = 1.0,
    ) -> None:
        self._emit, self._clock, self._every = emit, clock, every
        self._label, self._total, self._done = "", None, 0  # type: tuple[str, int | None, int]
        self._began = self._due = 0.0
        self._stop: threading.Event | None = None

    def start(self, label: str, total: int | None) -> None:
        self.finish()
        self._label, self._total, self._done = label, total, 0
        self._began = self._clock()
        self._due = self._began + FIRST_AFTER
        self._stop = threading.Event()
        if self._every is not None:
            threading.Thread(target=self._watch, args=(self._stop,), daemon=True).start()

    def advance(self, amount: int = 1) -> None:
        self._done += amount

    def finish(self) -> None:
        if self._stop:
            self._stop.set()
            self._stop = None

    def tick(self) -> None:
        """Emit a line if one is due."""
        now = self._clock()
        if self._stop and now >= self._due:
            self._due = now + THEN_EVERY
            self._emit(self._label, self._done, self._total, now - self._began)

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(self._every):
            self.tick()


class Bar:
    """A bar that leaves no trace when it is done. rich is loaded at the first start."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream, self._colour = stream, colour
        self._bar: Any = None
        self._task: Any = None

    def start(self, label: str, total: int | None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.finish()
        columns = [TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()]
        console = Console(file=self._stream, no_color=not self._colour)
        times = [TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()] if total else [TimeElapsedColumn()]
        self._bar = RichProgress(*columns, *times, console=console, transient=True)
        self._task = self._bar.add_task(escape.terminal(label), total=total)
        self._bar.start()

    def advance(self, amount: int = 1) -> None:
        if self._bar:
            self._bar.advance(self._task, amount)

    def finish(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None


def progress(settings: Settings, stream: TextIO | None = None) -> Progress:
    """The progress that suits where stderr goes."""
    stream = stream or sys.stderr
    if settings.quiet:
        return Silent()
    if stream.isatty() and settings.log_format == "text":
        return Bar(stream, colour=not settings.no_color)
    return Heartbeat(json_line(stream) if settings.log_format == "json" else text_line(stream))


def text_line(stream: TextIO) -> Callable[[str, int, int | None, float], None]:
    """`still working: reading subscriptions, 120 of 900, 40 s, about 4 min left`."""

    def emit(label: str, done: int, total: int | None, seconds: float) -> None:
        of = f"{done} of {total}" if total is not None else f"{done} done"
        left = seconds_left(done, total, seconds)
        tail = f", about {duration(left)} left" if left is not None else ""
        _write(stream, f"still working: {escape.terminal(label)}, {of}, {duration(seconds)}{tail}")

    return emit


def seconds_left(done: int, total: int | None, seconds: float) -> float | None:
    """By the pace so far; None where it cannot be told."""
    return seconds / done * (total - done) if total is not None and 0 < done <= total else None


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `1.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def json_line(stream: TextIO) -> Callable[[str, int, int | None, float], None]:
    """A log line with `event` "progress"."""

    def emit(label: str, done: int, total: int | None, seconds: float) -> None:
        record = {
            "ts": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": "info",
            "event": "progress",
            "message": label,
            "done": done,
            "total": total,
            "seconds": round(seconds),
            "secondsLeft": None if (left := seconds_left(done, total, seconds)) is None else round(left),
        }
        _write(stream, escape.json_document(json.dumps(record, ensure_ascii=False)))

    return emit


def _write(stream: TextIO, line: str) -> None:
    """A reader that has gone must not stop the work."""
    try:
        stream.write(line + "\n")
        stream.flush()
    except (OSError, ValueError):
        return
