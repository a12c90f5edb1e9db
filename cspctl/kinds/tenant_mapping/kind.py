"""The TenantMapping kind: local, nothing is written to Partner Center."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import BaseModel

from cspctl.kinds.contract import Mutability, ProjectView, Reference
from cspctl.kinds.tenant_mapping import rules
from cspctl.kinds.tenant_mapping.spec import MUTABILITY, REFERENCES, TenantMappingSpec
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


class TenantMappingKind:
    """A customer tenant under a reseller."""

    name: ClassVar[str] = "TenantMapping"
    spec: ClassVar[type[BaseModel]] = TenantMappingSpec
    references: ClassVar[tuple[Reference, ...]] = REFERENCES
    mutability: ClassVar[Mapping[str, Mutability]] = MUTABILITY
    remote: ClassVar[str | None] = None

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        return rules.check(resource, project)
