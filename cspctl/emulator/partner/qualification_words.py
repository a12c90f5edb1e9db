"""The older, synchronous form of a customer's qualification: one word, decided at once. Obsolete, still answered.

Source: Partner Center docs, pages get- and update-a-customer-s-qualification (2019). The body of the update is called
the number of an enumeration that no page lists: 0 None, 1 Education, 2 GovernmentCommunityCloud are (impl.).
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.partner.qualifications import KIND, SETTABLE, kept_of, status_of, use_code
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import query_value

_NUMBERS = {"0": "none", "1": "education", "2": "governmentcommunitycloud"}


def _word(name: str) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(200, None, headers, raw=json.dumps(name.lower()).encode())


async def get_word(request: Request, ctx: Context) -> Answer:
    """The qualification that was approved, else none."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    kept = ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    approved = [str(one["qualification"]) for one in kept if status_of(ctx, one) == "Approved"]
    return _word((approved or ["None"])[0])


async def put_word(request: Request, ctx: Context) -> Answer:
    """Raises 400/800002 for another word, and for a code that is unknown or used up."""
    customer, code = customer_of(ctx, request.path_params["customer_id"]), query_value(request, "code")
    name = await _wanted(request, code)
    if name == "governmentcommunitycloud":
        use_code(ctx, str(code or ""))
    before = ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    for one in before:
        ctx.store.delete(KIND, ctx.partner, one["id"])
    if name != "none":
        kept = kept_of(ctx, customer, {"qualification": SETTABLE[name], "_decision": "Approved"})
        ctx.store.put(KIND, ctx.partner, kept["id"], kept, parent=customer["id"])
    ctx.store.put("customer", ctx.partner, customer["id"], {**customer, "_vetted": True})
    old: dict[str, Any] | None = {"qualification": before[0]["qualification"]} if before else None
    ctx.audit.record(
        operation="update_customer_qualification", resource_type="customer", customer_id=customer["id"],
        old=old, new={"qualification": SETTABLE.get(name, "None")},
    )  # fmt: skip  # one record
    return _word(name)


async def _wanted(request: Request, code: str | None) -> str:
    """The word of the body or of its number; a validation code alone asks for the government cloud."""
    text = (await request.body()).decode("utf-8", "replace").strip().strip('"').lower()
    name = _NUMBERS.get(text, text) or ("governmentcommunitycloud" if code else "")
    if name not in ("none", *SETTABLE):
        raise invalid(f"qualification is None or one of {', '.join(SETTABLE.values())}")
    return name


_PATH = "/v1/customers/{customer_id}/qualification"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _PATH, get_word, name="Get a customer's qualification (synchronous)"),
    RouteSpec("PUT", _PATH, put_word, auth="U", name="Update a customer's qualification (synchronous)"),
]
