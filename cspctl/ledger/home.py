"""The corner of a ledger that one project and environment owns."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, and_

from cspctl.errors import InputError
from cspctl.model.realm import Realm

ENVIRONMENTS = ("live", "emulator")


class Home(NamedTuple):
    """Rows of two homes never mix, even where they share a file and an address."""

    project: str
    environment: str

    @classmethod
    def of(cls, project: str, environment: str) -> Home:
        """Raises InputError for an empty project or an environment other than live and emulator."""
        if not project:
            raise InputError("the ledger needs the project's name", hint="set `project:` in cspctl.yaml")
        if environment not in ENVIRONMENTS:
            raise InputError(f"environment is `live` or `emulator`, not {environment!r}")
        return cls(project, environment)

    @property
    def realm(self) -> str:
        """The realm of rows that belong to no account."""
        return str(Realm(self.project, "", "", self.environment))

    def columns(self, realm: str = "") -> dict[str, str]:
        """The columns every row starts with; raises ValueError when `realm` belongs to another home."""
        if realm:
            owner = Realm.parse(realm)
            if (owner.project, owner.environment) != self:
                raise ValueError(f"a row of {realm!r} does not belong in the ledger of {self.realm!r}")
        return {"project": self.project, "environment": self.environment, "realm": realm or self.realm}

    def rows(self, table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        """The condition that keeps a statement within this home."""
        return and_(table.c.project == self.project, table.c.environment == self.environment, *conditions)
