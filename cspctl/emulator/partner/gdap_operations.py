"""Long-running operations of a delegated admin relationship.

Source: Microsoft Graph v1.0 docs, pages delegatedadminrelationship-list-operations and
delegatedadminaccessassignment-update (2022, 2024).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from starlette.requests import Request

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context
from cspctl.emulator.partner.graph import base_of
from cspctl.emulator.wire.shapes import new_guid

KIND = "gdap_operation"


def start(ctx: Context, relationship_id: str, operation_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """Store an operation; it is `running` until the settle time of the settings has passed, then `succeeded`."""
    now = format_instant(ctx.clock.now())
    plain = {key: value for key, value in data.items() if not key.startswith(("_", "@"))}
    operation = {
        "id": new_guid(ctx.store, "gdap-operation"),
        "operationType": operation_type,
        "data": orjson.dumps(plain).decode(),
        "createdDateTime": now,
        "lastModifiedDateTime": now,
    }
    ctx.store.put(KIND, ctx.partner, operation["id"], operation, parent=relationship_id)
    return at_now(ctx, operation)


def at_now(ctx: Context, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation with its status at this instant."""
    done = parse_instant(operation["createdDateTime"]) + timedelta(seconds=ctx.settings.gdap_settle_seconds)
    if done > ctx.clock.now():
        return {**operation, "status": "running"}
    return {**operation, "status": "succeeded", "lastModifiedDateTime": format_instant(done), "_version": 1}


def accepted(request: Request, relationship_path: str, operation: dict[str, Any]) -> Answer:
    """202 with the address to poll; the body is an empty object, as in the sample."""
    location = f"{base_of(request)}{relationship_path}/operations/{operation['id']}"
    return Answer(202, {}, {"Location": location, "Retry-After": "10"})
