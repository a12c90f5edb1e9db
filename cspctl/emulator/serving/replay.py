"""Answers kept by MS-RequestId, so that a repeated POST or PATCH has no second effect (rule 5).

Source: Partner Center docs, page headers (Oct 2023): MS-RequestId is the idempotency key of one logical
request. How long and how far it reaches is not documented; here it is one tenant, method and path, 24 hours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cspctl.emulator.clock import parse_instant
from cspctl.emulator.errors import ApiError
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store

_KIND = "replay"
_PURGE_EVERY = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it went over the wire, without the headers that every answer has."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReplayKey:
    tenant: str
    request: str  # hash of method, path and request id
    body: str  # hash of the body


def replay_key(tenant: str, method: str, path: str, request_id: str, body: bytes) -> ReplayKey:
    request = hashlib.sha256(f"{method}\n{path.rstrip('/')}\n{request_id.lower()}".encode()).hexdigest()
    return ReplayKey(tenant, request, hashlib.sha256(body).hexdigest())


class Replays:
    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._since_purge = 0

    def find(self, key: ReplayKey, now: datetime) -> Kept | None:
        """The stored answer. Raises ApiError when the id was used with another body."""
        found = self._store.get(_KIND, key.tenant, key.request)
        if found is None or now - parse_instant(found["at"]) > self._life:
            return None
        if found["bodyHash"] != key.body:
            status = self._settings.replay_conflict_status
            raise ApiError(status, 409, "This MS-RequestId was already used with another request body.")
        return Kept(found["status"], found["body"].encode("latin-1"), found["headers"])

    def keep(self, key: ReplayKey, answer: Kept, now: datetime) -> None:
        at = _stamp(now)
        body = {
            "at": at,
            "bodyHash": key.body,
            "status": answer.status,
            "body": answer.body.decode("latin-1"),
            "headers": answer.headers,
        }
        self._store.put(_KIND, key.tenant, key.request, body, parent=at)
        self._since_purge += 1
        if self._since_purge >= _PURGE_EVERY:
            self._since_purge = 0
            self._store.purge(_KIND, _stamp(now - self._life))

    @property
    def _life(self) -> timedelta:
        return timedelta(hours=self._settings.replay_hours)


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")  # one width, so that text order is time order
