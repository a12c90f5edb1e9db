"""The garbage collector, kept out of the way while something large is built."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """The collector finds nothing in values being built and walks all of them; measured, it is half of the time.

    What exists at the end counts as permanent. Must not span an `await`.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
