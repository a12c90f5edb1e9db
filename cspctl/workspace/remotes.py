"""The remote halves of the kinds, loaded by name only when something is observed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from cspctl.engine.executor import Hands
from cspctl.kinds.contract import AuditReader, RemoteKind
from cspctl.kinds.registry import KINDS
from cspctl.model.audit import ServiceAuditRecord
from cspctl.model.change import Step


def remote_kinds() -> list[RemoteKind]:
    return [cast(RemoteKind, k) for k in KINDS if k.remote is not None]


def hands() -> dict[str, Hands]:
    """Kind name to its observer and actuator."""
    found = {}
    for kind in remote_kinds():
        module = _module(kind)
        found[kind.name] = Hands(kind, module.OBSERVER, module.ACTUATOR)
    return found


def step_types() -> Sequence[type[Step]]:
    return [t for kind in remote_kinds() for t in kind.step_types()]


@dataclass(frozen=True, slots=True)
class Feed:
    """The AuditFeed port over one account's reader."""

    reader: Any
    readers: Sequence[AuditReader]

    async def records(self, *, customer_id: str, since: Any, until: Any) -> Sequence[ServiceAuditRecord]:
        found: list[ServiceAuditRecord] = []
        for each in self.readers:
            found += await each.records(self.reader, customer_id=customer_id, since=since, until=until)
        return found


def feed(reader: Any) -> Feed:
    return Feed(reader, [_module(kind).AUDIT for kind in remote_kinds()])


def _module(kind: RemoteKind) -> Any:
    assert kind.remote is not None
    return importlib.import_module(kind.remote)
