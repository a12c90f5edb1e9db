"""Answers that must be one JSON object."""

from __future__ import annotations

from typing import Any

from cspctl.errors import RemoteError
from cspctl.partnercenter.calls import Call
from cspctl.partnercenter.reads import Reads


async def one(reads: Reads, call: Call) -> dict[str, Any]:
    """Raises RemoteError `E-BODY-SHAPE` when the answer is no object, besides what `Reads.read` raises."""
    body = await reads.read(call)
    if isinstance(body, dict):
        return body
    raise RemoteError(
        f"Partner Center's answer to {call.method} {call.route} is no object",
        status=200,
        code="E-BODY-SHAPE",
        hint="What it holds counts as unreadable, not as absent.",
    )
