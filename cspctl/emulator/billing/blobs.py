"""The blobs of an export: gzip files of JSON lines, readable with the manifest's token and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.requests import Request

from cspctl.emulator.billing.line_items import export_row, mixed, one_time_item
from cspctl.emulator.billing.usage_lines import usage_items
from cspctl.emulator.clock import VirtualClock, format_instant, parse_instant
from cspctl.emulator.context import Answer
from cspctl.emulator.errors import ApiError
from cspctl.emulator.store import Store, to_json
from cspctl.emulator.terms import parse_moment

Document = dict[str, Any]
ROOT = "/partnerbilling"
_KEY = "_export_key"
_NAME = re.compile(r"part-(\d{5})\.json\.gz")


class Export:
    """The rows of one export, in slices of `blobLines`."""

    def __init__(self, store: Store, partner: str, operation: Document) -> None:
        self._store, self._partner, self._operation = store, partner, operation
        self._size = int(operation["blobLines"])

    def marks(self) -> list[str]:
        """One mark per blob: where it starts."""
        return self.scan()[0]

    def scan(self) -> tuple[list[str], str]:
        """(marks, tag): the tag is another one for other data, whenever it was asked for."""
        digest = hashlib.sha256(to_json(self._operation["what"]))
        if self._operation["usage"]:
            rows = self._usage()
            digest.update(to_json(rows))
            return [str(start) for start in range(0, len(rows), self._size)], digest.hexdigest()[:16]
        marks, last = [], ""
        while found := self._charges(last):
            marks.append(last)
            last = found[-1]["id"]
            digest.update(" ".join(one["id"] for one in found).encode())  # a kept line never changes
        return marks, digest.hexdigest()[:16]

    def rows(self, mark: str) -> Iterator[Document]:
        basic, what = self._operation["basic"], self._operation["what"]
        if self._operation["usage"]:
            items = self._usage()[int(mark) : int(mark) + self._size]
        else:
            partner = self._store.get("partner", "", self._partner) or {"accountId": self._partner}
            items = [one_time_item(one, partner, what["invoice"]) for one in self._charges(mark)]
            items = mixed(items) if self._operation.get("mixed") else items
        return (export_row(item, basic=basic) for item in items)

    def _charges(self, after: str) -> list[Document]:
        what = self._operation["what"]
        parent = f"{what['period']}:{what['currency']}"
        found = self._store.list("charge", self._partner, parent=parent, after=after or None, limit=self._size)
        created = parse_instant(self._operation["created"])
        return [one for one in found if what["invoice"] or parse_moment(one["at"]) <= created]

    def _usage(self) -> list[Document]:
        what, partner = self._operation["what"], self._store.get("partner", "", self._partner)
        if partner is None or what["period"] is None:
            return []
        items = usage_items(self._store, partner, what["period"], what["currency"], what["invoice"], "one_time")
        return [{key: value for key, value in one.items() if key != "id"} for one in items]


def sas_token(store: Store, id: str, expiry: datetime) -> str:
    """Query string that opens the blobs of one export until `expiry`."""
    until = format_instant(expiry)
    return f"se={until}&sr=d&sp=r&sig={_signature(store, id, until)}"


def _signature(store: Store, id: str, until: str) -> str:
    key = store.meta(_KEY)
    if key is None:
        key = secrets.token_hex(32)
        store.set_meta(_KEY, key)
    return hmac.digest(str(key).encode(), f"{id}\n{until}".encode(), "sha256").hex()


class Blobs:
    """Answers blob downloads; no bearer token, as with the storage the real service uses."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self._store, self._clock = store, clock

    async def download(self, request: Request) -> Answer:
        partner, id = request.path_params["partner"], request.path_params["id"]
        until = request.query_params.get("se", "")
        given = request.query_params.get("sig", "")
        if not hmac.compare_digest(given.encode(), _signature(self._store, id, until).encode()):
            raise ApiError(403, "AuthenticationFailed", "The token does not open this blob.", shape="graph")
        if self._clock.now() > parse_instant(until):
            raise ApiError(410, "gone", "The link has expired; ask for the export again.", shape="graph")
        operation, name = self._store.get("export", partner, id), _NAME.fullmatch(request.path_params["name"])
        if operation is None or name is None:
            raise _missing()
        export = Export(self._store, partner, operation)
        marks, number = export.marks(), int(name.group(1))
        if number >= len(marks):
            raise _missing()
        lines = b"".join(to_json(row) + b"\n" for row in export.rows(marks[number]))
        return Answer(200, None, {"Content-Type": "application/octet-stream"}, raw=gzip.compress(lines, mtime=0))


def _missing() -> ApiError:
    return ApiError(404, "BlobNotFound", "There is no such blob.", shape="graph")
