"""Qualifications of a customer: asked for, in review, decided by the clock (rule 18).

Source: Partner Center docs, pages get-customer-qualification-asynchronous, update-customer-qualification-asynchronous
and get-a-partner-s-validation-codes (Oct 2023).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of, partner_of
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import stable_guid

KIND, CODES = "qualification", "validation_code"
SETTABLE = {
    "education": "Education",
    "governmentcommunitycloud": "GovernmentCommunityCloud",
    "stateownedentity": "StateOwnedEntity",
}
_SEGMENTS = {"Education": "education", "GovernmentCommunityCloud": "government"}
_EDUCATION = ("k12", "highereducation")
_MAXIMUM_CREATES = 5


def at_now(ctx: Context, kept: dict[str, Any]) -> dict[str, Any]:
    """What a GET shows of one qualification at this instant."""
    if kept["qualification"] == "StateOwnedEntity":
        return {"qualification": kept["qualification"]}
    shown = {"qualification": kept["qualification"], "vettingStatus": status_of(ctx, kept)}
    if shown["vettingStatus"] == "Denied":
        shown["vettingReason"] = kept["_reason"]
    return {**shown, "vettingCreatedDate": kept["_created"]}


def status_of(ctx: Context, kept: dict[str, Any]) -> str:
    """A decision of the emulator's user counts at once, else the outcome of the settings after the vetting time."""
    if kept.get("_decision"):
        return str(kept["_decision"])
    due = parse_instant(kept["_created"]) + timedelta(hours=kept["_hours"])
    return "InReview" if due > ctx.clock.now() else str(kept["_outcome"])


def open_segments(ctx: Context, customer: dict[str, Any]) -> list[str]:
    """Segments that approved qualifications add to those a customer has."""
    kept = ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    return [
        _SEGMENTS[one["qualification"]]
        for one in kept
        if one["qualification"] in _SEGMENTS and status_of(ctx, one) == "Approved"
    ]


async def get_all(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    return Answer(200, [at_now(ctx, one) for one in ctx.store.list(KIND, ctx.partner, parent=customer["id"])])


async def post_one(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    name = SETTABLE.get(str(body.get("qualification") or "").lower())
    if name is None:
        raise invalid(f"qualification is one of {', '.join(SETTABLE.values())}")
    key = f"{customer['id']}:{name}"
    before = ctx.store.get(KIND, ctx.partner, key)
    others = {one["qualification"] for one in ctx.store.list(KIND, ctx.partner, parent=customer["id"])} - {name}
    if name != "StateOwnedEntity" and others - {"StateOwnedEntity"}:
        raise invalid(f"{name} cannot be combined with {', '.join(sorted(others))}")
    if name == "Education" and str(body.get("educationSegment") or "").lower() not in _EDUCATION:
        raise invalid("educationSegment is K12 or HigherEducation")
    if name == "GovernmentCommunityCloud":
        use_code(ctx, str(body.get("validationCode") or ""))
    kept = kept_of(ctx, customer, {**body, "qualification": name})
    ctx.store.put(KIND, ctx.partner, key, kept, parent=customer["id"])
    ctx.store.put("customer", ctx.partner, customer["id"], {**customer, "_vetted": True})
    shown = at_now(ctx, kept)
    if "vettingCreatedDate" in shown:  # POST answers spell the date so
        shown["vettingCreateDate"] = shown.pop("vettingCreatedDate")
    ctx.audit.record(
        operation="update_customer_qualification", resource_type="customer", customer_id=customer["id"],
        old=at_now(ctx, before) if before else None, new=shown,
    )  # fmt: skip  # one record
    return Answer(201, shown)


def kept_of(ctx: Context, customer: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """What is stored of a qualification that was asked for."""
    name = asked["qualification"]
    return {
        "id": f"{customer['id']}:{name}",
        "qualification": name,
        "educationSegment": asked.get("educationSegment"),
        "website": asked.get("website"),
        "_created": format_instant(ctx.clock.now()),
        "_hours": ctx.settings.vetting_hours,
        "_outcome": ctx.settings.vetting_outcome,
        "_reason": "Not an Education Customer" if name == "Education" else "Not eligible",
        "_decision": asked.get("_decision"),
    }


def use_code(ctx: Context, code: str) -> None:
    """Take one creation off a validation code. Raises 400 for a code that is unknown or used up (impl. code)."""
    for one in validation_codes(ctx):
        if one["validationId"] == code and one["remainingCreates"] > 0:
            used = {**one, "remainingCreates": one["remainingCreates"] - 1}
            ctx.store.put(CODES, ctx.partner, code, used)
            return
    raise ApiError(400, 800002, f"Invalid request input: validationCode {code!r} is not valid or has no creates left.")


def validation_codes(ctx: Context) -> list[dict[str, Any]]:
    """The partner's codes: one made-up code to start with."""
    kept = ctx.store.list(CODES, ctx.partner)
    if kept:
        return kept
    number = str(int(stable_guid("validation", ctx.partner)[:4], 16) + 10000)
    return [
        {
            "partnerId": ctx.partner,
            "organizationName": partner_of(ctx).get("displayName", ""),
            "validationId": number,
            "maxCreates": _MAXIMUM_CREATES,
            "remainingCreates": _MAXIMUM_CREATES,
            "eTag": "W/\"datetime'2023-10-01T00%3A00%3A00Z'\"",
        }
    ]


async def get_codes(request: Request, ctx: Context) -> Answer:
    return Answer(200, validation_codes(ctx))


_MANY = "/v1/customers/{customer_id}/qualifications"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _MANY, get_all, name="Get a customer's qualifications"),
    RouteSpec("POST", _MANY, post_one, auth="U", name="Update qualifications of a customer"),
    RouteSpec(
        "GET", "/v1/customers/all/validations", get_codes,
        name="Get a partner's Government Community Cloud validation codes",
    ),
]  # fmt: skip  # one route, few lines
