"""GUIDs for MS-RequestId and MS-CorrelationId, from the system's randomness in blocks: asking costs more than using."""

from __future__ import annotations

import os
from uuid import UUID

_BLOCK = 256
_left: list[str] = []


def new_id() -> str:
    """A random GUID (version 4). It may be an idempotency key, so no two processes ever share one."""
    while True:
        try:
            return _left.pop()
        except IndexError:
            _fill()


def _fill() -> None:
    noise = os.urandom(16 * _BLOCK)
    _left.extend(str(UUID(bytes=noise[at : at + 16], version=4)) for at in range(0, len(noise), 16))


if hasattr(os, "register_at_fork"):
    # A forked process must not hand out what its parent still holds.
    os.register_at_fork(after_in_child=_left.clear)
