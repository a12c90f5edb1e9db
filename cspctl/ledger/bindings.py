"""Bindings: which live object an address owns, and what was last applied to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from cspctl.ledger.connection import Database
from cspctl.ledger.dialect import upsert
from cspctl.ledger.encoding import fast_json, instant, instant_text, json_text
from cspctl.ledger.home import Home
from cspctl.ledger.tables import bindings
from cspctl.model.address import Address
from cspctl.model.binding import Binding

# Rows are taken apart by place: by name it is twice as slow, and every plan reads them all.
_NAMES = "kind name live_id scope applied applied_at run_id state memory realm"
_READ = [bindings.c[name] for name in _NAMES.split()]


class Bindings:
    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def all(self) -> Mapping[Address, Binding]:
        """By address, sorted; released ones included."""
        query = select(*_READ).where(self._home.rows(bindings))
        query = query.order_by(bindings.c.kind, bindings.c.name)
        with self._database.read() as connection:
            found = [_binding(row) for row in connection.execute(query)]
        return {binding.address: binding for binding in found}

    def put(self, binding: Binding) -> None:
        """Insert, or replace what the address was bound to."""
        values = {
            **self._home.columns(binding.realm),
            "kind": binding.address.kind,
            "name": binding.address.name,
            "live_id": binding.live_id,
            "scope": binding.scope,
            "applied": json_text(binding.applied),
            "applied_at": instant_text(binding.applied_at),
            "run_id": binding.run_id,
            "state": binding.state,
            "memory": json_text(binding.memory),
        }
        with self._database.transaction() as connection:
            connection.execute(upsert(bindings), values)

    def delete(self, address: Address) -> None:
        """No trace remains but the audit log; an unknown address is no error."""
        at = (bindings.c.kind == address.kind, bindings.c.name == address.name)
        with self._database.transaction() as connection:
            connection.execute(delete(bindings).where(self._home.rows(bindings, *at)))


def _binding(row: Sequence[Any]) -> Binding:
    kind, name, live_id, scope, applied, applied_at, run_id, state, memory, realm = row
    return Binding(
        address=Address(kind, name),
        live_id=live_id,
        scope=scope,
        applied=fast_json(applied),
        applied_at=instant(applied_at),
        run_id=run_id,
        state=state,
        memory=fast_json(memory),
        realm=realm,
    )
