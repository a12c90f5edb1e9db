"""The Plan kind: local, nothing is written to Partner Center."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import BaseModel

from cspctl.kinds.contract import Mutability, ProjectView, Reference
from cspctl.kinds.plan import rules
from cspctl.kinds.plan.spec import MUTABILITY, REFERENCES, PlanSpec
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


class PlanKind:
    """What is sold and for how much."""

    name: ClassVar[str] = "Plan"
    spec: ClassVar[type[BaseModel]] = PlanSpec
    references: ClassVar[tuple[Reference, ...]] = REFERENCES
    mutability: ClassVar[Mapping[str, Mutability]] = MUTABILITY
    remote: ClassVar[str | None] = None

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        return rules.check(resource, project)
