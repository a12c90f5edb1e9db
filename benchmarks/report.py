"""How a measurement is printed: what was measured in seconds, and ratios against the goal."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """`seconds` of the block that `timed` surrounds."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    watch, started = Stopwatch(), time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - started


def heading(name: str, what: str) -> None:
    print(f"\n{name}: {what}")
    print(f"  Python {platform.python_version()}, {os.cpu_count()} cores")


def fact(label: str, text: str) -> None:
    print(f"  {label:<38} {text}")


def ratio(label: str, value: float, goal: str) -> None:
    print(f"  {label:<38} {value:.2f}   (goal {goal})")
