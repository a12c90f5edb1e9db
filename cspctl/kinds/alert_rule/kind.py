"""The AlertRule kind: local, nothing is written to Partner Center."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import BaseModel

from cspctl.kinds.alert_rule import rules
from cspctl.kinds.alert_rule.spec import MUTABILITY, REFERENCES, AlertRuleSpec
from cspctl.kinds.contract import Mutability, ProjectView, Reference
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


class AlertRuleKind:
    """Who is told about what, and when."""

    name: ClassVar[str] = "AlertRule"
    spec: ClassVar[type[BaseModel]] = AlertRuleSpec
    references: ClassVar[tuple[Reference, ...]] = REFERENCES
    mutability: ClassVar[Mapping[str, Mutability]] = MUTABILITY
    remote: ClassVar[str | None] = None

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        return rules.check(resource, project)
