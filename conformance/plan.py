"""What a stage decides about a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.seeds import OURS
from conformance.world import World

UNCHANGED: Any = object()
APP = "11111111-1111-1111-1111-111111111111"


@dataclass
class Plan:
    """What a stage decides about the request beyond its preparation. Values are by the segment in front of them.

    `query` and `body` serve pages that print none (or whose request is a guess of whoever extracted the samples):
    what a page prints is sent.
    """

    values: dict[str, str] = field(default_factory=dict)
    query: str | None = None
    body: Any = UNCHANGED
    partner: str = OURS
    headers: dict[str, str] = field(default_factory=dict)
    mfa: bool = True
    resource: str = ""  # where a fresh copy is read, if elsewhere than at the address of the request
    needs: tuple[str, ...] = ()  # properties a documented body must have for this stage to speak for it
    unknown: bool = False  # the last id of the path names nothing
    twice: bool = False  # the request is sent twice, and the second answer counts
    etag: str = ""  # sent as If-Match instead of the fresh one
    printed: bool = False  # the address goes out as it is printed, where it prints every value
    ours: bool = False  # `query` goes out in place of the printed one: values that only the world has
    whole: bool = False  # `body` goes out in place of the printed one: ids that only the stage can map
    files: Any = None
    data: Any = None


Stage = Callable[[World], Plan]
