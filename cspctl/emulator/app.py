"""The emulator as one ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from cspctl.emulator.ageing import lifecycle
from cspctl.emulator.billing.blobs import ROOT as BLOBS
from cspctl.emulator.billing.blobs import Blobs
from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.context import RouteSpec
from cspctl.emulator.control import Control, Seeder
from cspctl.emulator.faults.fault import Faults
from cspctl.emulator.faults.scenarios import summon
from cspctl.emulator.partner import agreement_documents
from cspctl.emulator.partner.agreement_documents import AgreementDocuments
from cspctl.emulator.payouts.files import ROOT as PAYOUTS
from cspctl.emulator.payouts.files import Files
from cspctl.emulator.serving.front import Front, PlainRoute
from cspctl.emulator.serving.protocol import new_world
from cspctl.emulator.settings import Settings
from cspctl.emulator.signin.login import Login
from cspctl.emulator.store import Store
from cspctl.emulator.webhooks.certificates import Certificates

_BLOB = f"{BLOBS}/{{partner}}/{{id}}/{{name}}"
_PAYOUT = f"{PAYOUTS}/{{partner}}/{{id}}/{{name}}"


def create_app(
    store: Store,
    settings: Settings,
    *,
    control_token: str,
    routes: Sequence[RouteSpec] | None = None,
    seeder: Seeder | None = None,
    faults: Sequence[dict[str, Any]] = (),
    names: frozenset[str] = frozenset(),
) -> Starlette:
    """The application over `store`. An empty `control_token` switches the control API off (404).

    `routes` and `seeder` replace the documented operations and the seed document reader. `faults`, and
    scenarios among them, are in force from the start; raises FaultError for one that is not well formed. `names`
    are host names it answers to beside loopback and the vendor's.
    """
    world = new_world(store, settings)
    lifecycle.attach(store, settings)
    standing = Faults()
    summon(world, standing, faults)
    login = Login(world)
    control = Control(world, standing, login, seeder or apply_seed, control_token).routes()
    front = Front(
        world,
        documented_routes() if routes is None else routes,
        [*login.routes(), *certificates(store), *_files(store, world.clock, settings)],
        control if control_token else [],
        standing,
        names,
    )
    app = Starlette(routes=[Mount("/", app=front)])
    app.state.world = world
    return app


def certificates(store: Store) -> list[PlainRoute]:
    """Where receivers of webhooks fetch what they verify signatures with."""
    pages = Certificates(store)
    table = (("signing.cer", pages.signing), ("root.cer", pages.root), ("chain.pem", pages.chain))
    return [PlainRoute("GET", f"/webhooks/certificates/{name}", page) for name, page in table]


def _files(store: Store, clock: VirtualClock, settings: Settings) -> list[PlainRoute]:
    """What links with a token of their own open."""
    blobs, payouts, agreements = Blobs(store, clock), Files(store, clock, settings), AgreementDocuments(store, clock)
    return [
        PlainRoute("GET", _BLOB, blobs.download),
        PlainRoute("GET", _PAYOUT, payouts.download),
        PlainRoute("GET", agreement_documents.PATH, agreements.open),
    ]


def documented_routes() -> list[RouteSpec]:
    """Every operation that is built."""
    from cspctl.emulator.audit import records as auditrecords
    from cspctl.emulator.billing import exports, invoices, reconciliation
    from cspctl.emulator.partner import customer_search, customers
    from cspctl.emulator.partner import routes as partner
    from cspctl.emulator.subscription import subscriptions
    from cspctl.emulator.trade import carts, catalogue, orders, provisioning

    modules = (
        customer_search, customers, catalogue, carts, orders, subscriptions, provisioning, auditrecords, partner,
        invoices, reconciliation, exports,
    )  # fmt: skip  # a table of modules
    return [spec for module in (*modules, *_trade_modules()) for spec in module.ROUTES]


def _trade_modules() -> tuple[Any, ...]:
    """Catalogue extras, price host, legacy, Azure, moves of subscriptions, webhooks, figures."""
    from cspctl.emulator.azure import (
        budgets,
        entitlements,
        marketplace,
        overage,
        product_upgrades,
        usage_records,
        utilizations,
    )
    from cspctl.emulator.fulfilment import artifacts, attachments
    from cspctl.emulator.fulfilment import entitlements as software
    from cspctl.emulator.insight import analytics, licence_analytics, service_costs
    from cspctl.emulator.legacy import offers, services
    from cspctl.emulator.market import eligibility, inventory, margins, promotions
    from cspctl.emulator.moves import migration_schedules, migrations, transfers, transitions
    from cspctl.emulator.payouts import exports as payouts
    from cspctl.emulator.referrals import routes as referrals
    from cspctl.emulator.sheets import downloads, meters
    from cspctl.emulator.webhooks import registration

    return (
        promotions, eligibility, inventory, margins, downloads, meters, attachments, software, artifacts, offers,
        services, entitlements, marketplace, overage, budgets, usage_records, utilizations, product_upgrades,
        transitions, migrations, migration_schedules, transfers, registration, analytics, licence_analytics,
        service_costs, referrals, payouts,
    )  # fmt: skip  # a table of modules


def apply_seed(store: Store, document: dict[str, Any], now: Any) -> Any:
    from cspctl.emulator.seeding import seed

    return seed.apply(store, document, now)
