"""Results go to stdout, alone; whether in colour and how wide."""

from __future__ import annotations

import contextlib
import io
import os
import select
import shutil
import sys
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from cspctl.cli.settings import Settings
from cspctl.views.style import Style

if TYPE_CHECKING:
    from cspctl.views.table import Table

_DEFAULT_WIDTH = 100


def write(text: str) -> None:
    """Write a result. When the reader has gone (`| head`), go on quietly: the command has its own exit code."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_stdout()


def note(text: str, settings: Settings) -> None:
    """A line for people, on stderr; silent with -q."""
    if not settings.quiet:
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)  # noqa: T201 # stderr is for people


def style(settings: Settings, stream: IO[Any] | None = None, env: Mapping[str, str] | None = None) -> Style:
    """Colour on a terminal that can show it, unless told otherwise."""
    stream = stream or sys.stdout
    env = os.environ if env is None else env
    return Style(colour=not settings.no_color and stream.isatty() and env.get("TERM") != "dumb")


def width(stream: IO[Any] | None = None) -> int:
    """The terminal's width, at least 40; a fixed one when piped, so that bytes do not depend on a window."""
    if not (stream or sys.stdout).isatty():
        return _DEFAULT_WIDTH
    return max(40, shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns)


def stdout_is_gone() -> bool:
    """Whether the reader of stdout has gone; then what is left in its buffer is dropped."""
    try:
        sys.stdout.flush()
        gone = _closed_at_the_other_end(sys.stdout.fileno())
    except BrokenPipeError:
        gone = True
    except (OSError, ValueError):  # no file descriptor: a test or an embedding program
        gone = False
    if gone:
        discard_stdout()
    return gone


def _closed_at_the_other_end(descriptor: int) -> bool:
    """A failed write has emptied the buffer, so that a flush may say nothing; the system still knows."""
    if not hasattr(select, "poll"):  # Windows: the flush is all there is
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def discard_stdout() -> None:
    """Let later writes, and the flush when the process ends, go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def prepare_streams() -> None:
    """UTF-8 and line feeds on every platform, and never an error because of one character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def table(content: Table, fmt: str, settings: Settings) -> str:
    """A table as text, csv or json."""
    from cspctl.views import table as view

    if fmt == "csv":
        return view.csv(content)
    if fmt == "json":
        return view.json(content)
    return view.text(content, style=style(settings), width=width())
