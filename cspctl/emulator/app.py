"""The emulator as one ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from cspctl.emulator.context import RouteSpec
from cspctl.emulator.control import Control, Seeder
from cspctl.emulator.faults import Faults
from cspctl.emulator.front import Front
from cspctl.emulator.login import Login
from cspctl.emulator.protocol import new_world
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store


def create_app(
    store: Store,
    settings: Settings,
    *,
    control_token: str,
    routes: Sequence[RouteSpec] | None = None,
    seeder: Seeder | None = None,
    faults: Sequence[dict[str, Any]] = (),
) -> Starlette:
    """The application over `store`. An empty `control_token` switches the control API off (404).

    `routes` and `seeder` replace the documented operations and the seed document reader. `faults` are in
    force from the start; raises ValueError for one that is not well formed.
    """
    world = new_world(store, settings)
    standing = Faults()
    standing.add_all(list(faults))
    login = Login(world)
    control = Control(world, standing, login, seeder or apply_seed, control_token).routes()
    front = Front(
        world,
        documented_routes() if routes is None else routes,
        login.routes(),
        control if control_token else [],
        standing,
    )
    app = Starlette(routes=[Mount("/", app=front)])
    app.state.world = world
    return app


def documented_routes() -> list[RouteSpec]:
    """Every operation that is built."""
    from cspctl.emulator import auditrecords, carts, catalogue, customers, orders, provisioning, subscriptions

    modules = (customers, catalogue, carts, orders, subscriptions, provisioning, auditrecords)
    return [spec for module in modules for spec in module.ROUTES]


def apply_seed(store: Store, document: dict[str, Any], now: Any) -> Any:
    from cspctl.emulator import seed

    return seed.apply(store, document, now)
