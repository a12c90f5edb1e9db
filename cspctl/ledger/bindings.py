"""Bindings: which live object an address owns, and what was last applied to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
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
# Fetched at once: one by one takes twice as long.
PART = 5_000


class Bindings:
    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def all(self) -> Mapping[Address, Binding]:
        """By address, sorted; released ones included."""
        query = select(*_READ).where(self._home.rows(bindings))
        query = query.order_by(bindings.c.kind, bindings.c.name)
        with self._database.read() as connection:
            read = _Reader()
            found = [read.binding(*row) for part in connection.execute(query).partitions(PART) for row in part]
        return {binding.address: binding for binding in found}

    def put(self, *all_of: Binding) -> None:
        """Insert, or replace what the address was bound to; all or none."""
        rows = [self._values(binding) for binding in all_of]
        with self._database.transaction() as connection:
            connection.execute(upsert(bindings), rows)

    def _values(self, binding: Binding) -> dict[str, Any]:
        return {
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

    def delete(self, address: Address) -> None:
        """No trace remains but the audit log; an unknown address is no error."""
        at = (bindings.c.kind == address.kind, bindings.c.name == address.name)
        with self._database.transaction() as connection:
            connection.execute(delete(bindings).where(self._home.rows(bindings, *at)))


class _Reader:
    """Rows to bindings. Most of their texts repeat over a fleet, and are decoded and held only once."""

    def __init__(self) -> None:
        self._instant = lru_cache(maxsize=1_000)(instant)
        self._json = lru_cache(maxsize=10_000)(fast_json)  # callers see a Mapping and change nothing
        self._known: dict[str, str] = {}

    def binding(
        self,
        kind: str,
        name: str,
        live_id: str,
        scope: str,
        applied: str,
        applied_at: str,
        run_id: str,
        state: str,
        memory: str,
        realm: str,
    ) -> Binding:
        same = self._known.setdefault
        return Binding(
            address=Address(same(kind, kind), name),
            live_id=live_id,
            scope=same(scope, scope),
            applied=self._json(applied),
            applied_at=self._instant(applied_at),
            run_id=same(run_id, run_id),
            state=same(state, state),
            memory=self._json(memory),
            realm=same(realm, realm),
        )
