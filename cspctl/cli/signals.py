"""SIGINT and SIGTERM during an apply: finish what is in flight, start nothing new."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def draining() -> Iterator[Callable[[], bool]]:
    """Yields a question: was a stop asked for? A second signal ends the process the hard way."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.default_int_handler(number, frame)
        asked = True
        sys.stderr.write("stopping: what is in flight is finished, nothing new is started\n")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
