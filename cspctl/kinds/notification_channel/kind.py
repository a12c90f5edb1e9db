"""The NotificationChannel kind: local, nothing is written to Partner Center."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import BaseModel

from cspctl.kinds.contract import Mutability, ProjectView, Reference
from cspctl.kinds.notification_channel import rules
from cspctl.kinds.notification_channel.spec import MUTABILITY, REFERENCES, NotificationChannelSpec
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


class NotificationChannelKind:
    """Where messages go."""

    name: ClassVar[str] = "NotificationChannel"
    spec: ClassVar[type[BaseModel]] = NotificationChannelSpec
    references: ClassVar[tuple[Reference, ...]] = REFERENCES
    mutability: ClassVar[Mapping[str, Mutability]] = MUTABILITY
    remote: ClassVar[str | None] = None

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        return rules.check(resource, project)
