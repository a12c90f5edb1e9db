"""ETags travel in the body (`attributes.etag`); If-Match carries them back in double quotes."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request

from cspctl.emulator.errors import ApiError
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import to_json


def check_if_match(request: Request, body_etag: str | None, settings: Settings, *, required: bool = False) -> None:
    """Raise when If-Match is stale, or missing where `required` (customer billing profile PUT).

    Both are 400 code 2055; a stale one is 412, or 417 code 800036, when the settings say so. `*` and no header pass.
    Source: Partner Center docs, pages error-codes and update-a-customer-s-billing-profile (Oct 2023).
    """
    given = request.headers.get("if-match")
    if given is None:
        if required:
            raise ApiError(400, 2055, "Etag is no longer valid: the If-Match header is required.")
        return
    tags = {_bare(tag) for tag in given.split(",")}
    if "*" in tags or (body_etag is not None and _bare(body_etag) in tags):
        return
    status = settings.etag_mismatch_status
    if status == 417:
        raise ApiError(status, 800036, "Pre-condition failed")
    raise ApiError(status, 2055, "Etag is no longer valid")


def next_etag(body: dict[str, Any]) -> str:
    """A new opaque ETag for a body about to be stored: it changes with the content and with each call."""
    attributes = body.get("attributes") or {}
    digest = hashlib.sha256(to_json(body) + str(attributes.get("etag")).encode()).hexdigest()
    return digest[:32]


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')
