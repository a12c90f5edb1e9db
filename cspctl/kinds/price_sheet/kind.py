"""The PriceSheet kind: local, nothing is written to Partner Center."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pydantic import BaseModel

from cspctl.kinds.contract import Mutability, ProjectView, Reference
from cspctl.kinds.price_sheet import rules
from cspctl.kinds.price_sheet.spec import MUTABILITY, REFERENCES, PriceSheetSpec
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


class PriceSheetKind:
    """A pin on one price sheet file."""

    name: ClassVar[str] = "PriceSheet"
    spec: ClassVar[type[BaseModel]] = PriceSheetSpec
    references: ClassVar[tuple[Reference, ...]] = REFERENCES
    mutability: ClassVar[Mapping[str, Mutability]] = MUTABILITY
    remote: ClassVar[str | None] = None

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        return rules.check(resource, project)
