"""The file of a completed export: readable by its link alone, as in the storage the real service uses."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.billing.blobs import sas_token
from cspctl.emulator.clock import VirtualClock, parse_instant
from cspctl.emulator.context import Answer, Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.payouts.rows import DELIMITERS, REPORTS, rows_of, text_of
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.switches import effective

ROOT = "/payoutexports"
KIND = "payout_export"
_TYPES = {",": "text/csv", "\t": "text/tab-separated-values"}


def address_of(ctx: Context, base: str, kept: dict[str, Any]) -> str:
    """A link that opens the file for as long as the settings say."""
    expiry = ctx.clock.now() + timedelta(minutes=ctx.settings.export_link_minutes)
    token = sas_token(ctx.store, kept["id"], expiry)
    return f"{base}{ROOT}/{ctx.partner}/{kept['id']}/{kept['report']}.{kept['form'][:3]}?{token}"


class Files:
    def __init__(self, store: Store, clock: VirtualClock, settings: Settings) -> None:
        self._store, self._clock, self._settings = store, clock, settings

    async def download(self, request: Request) -> Answer:
        """Raises 403 for a token that does not fit, 410 when it has expired, 404 for a deleted request."""
        id, partner = request.path_params["id"], request.path_params["partner"]
        until = request.query_params.get("se", "")
        if not hmac.compare_digest(self._signature(id, until), request.query_params.get("sig", "").encode()):
            raise ApiError(403, "AuthenticationFailed", "The token does not open this file.", shape="graph")
        if self._clock.now() > parse_instant(until):
            raise ApiError(410, "gone", "The link has expired; ask for the export again.", shape="graph")
        kept = self._store.get(KIND, partner, id)
        if kept is None:
            raise ApiError(404, "BlobNotFound", "There is no such file.", shape="graph")
        report, delimiter = REPORTS[kept["report"]], DELIMITERS[kept["form"]]
        asked, years = parse_instant(kept["created"]), effective(self._store, self._settings).payout_years
        rows = rows_of(self._store, partner, report, kept["filter"], asked, years)
        return Answer(200, None, {"Content-Type": _TYPES[delimiter]}, raw=text_of(report, rows, delimiter))

    def _signature(self, id: str, until: str) -> bytes:
        try:
            expiry = parse_instant(until)
        except ValueError:
            return b"none"
        return sas_token(self._store, id, expiry).rpartition("sig=")[2].encode()
