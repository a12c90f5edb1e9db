"""`generatetoken`: a token of the sign-in service turned into one of Partner Center, an optional step of old clients.

Source: Partner Center docs, page partner-center-authentication (Oct 2023); since 27 February 2025 the path begins with
/v3 and only the Partner Center audience is accepted. The new token works everywhere but in licence management
(400/900316, page assign-licenses-to-a-user).
"""

from __future__ import annotations

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.settings import DEFAULTS
from cspctl.emulator.signin.authority import form_of
from cspctl.emulator.signin.tokens import Tokens
from cspctl.emulator.wire.requests import invalid

_NEW, _OLD = "/v3/generatetoken", "/generatetoken"


async def exchange(request: Request, ctx: Context) -> Answer:
    """Raises 404 on the old path after its last day, 400/800002 without `grant_type=jwt_token`."""
    retired = f"{ctx.clock.now():%Y-%m-%d}" >= ctx.settings.old_exchange_path_until
    if retired and request.url.path.lower() == _OLD:
        raise ApiError(404, 1000, "Not found")
    if form_of(request).get("grant_type") != "jwt_token":
        raise invalid("grant_type must be jwt_token")
    bearer = request.headers["authorization"].partition(" ")[2].strip()
    token, seconds = Tokens(ctx.store, ctx.clock, ctx.settings).exchange(bearer)
    body = {"access_token": token, "token_type": "bearer", "expires_in": seconds}
    return Answer(200, body, {"Cache-Control": "no-store"})


ROUTES: list[RouteSpec] = [
    RouteSpec("POST", path, exchange, name="Generate a Partner Center token", roles=DEFAULTS.reading_roles, kept=False)
    for path in (_NEW, _OLD)
]
