"""The Reseller kind: local, nothing is written to Partner Center."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import BaseModel

from cspctl.kinds.contract import Mutability, ProjectView, Reference
from cspctl.kinds.reseller import rules
from cspctl.kinds.reseller.spec import MUTABILITY, REFERENCES, ResellerSpec
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


class ResellerKind:
    """A Partner Center account, or an indirect reseller below one."""

    name: ClassVar[str] = "Reseller"
    spec: ClassVar[type[BaseModel]] = ResellerSpec
    references: ClassVar[tuple[Reference, ...]] = REFERENCES
    mutability: ClassVar[Mapping[str, Mutability]] = MUTABILITY
    remote: ClassVar[str | None] = None

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        return rules.check(resource, project)
