"""`cspctl emulator seed`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import attached, data_file, data_option, read_json
from cspctl.cli.project import open_workspace
from cspctl.errors import InputError


@options.command("seed")
@data_option
@click.option(
    "--from",
    "paths",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="PATHS",
    help="Create what these manifests speak of; may be repeated.",
)
@click.option("--document", metavar="JSON|@FILE", help="A seed document as it is.")
@click.option("--customers", type=click.IntRange(min=0), metavar="N", help="A fleet of so many customers.")
@click.option("--subscriptions-per-customer", type=click.IntRange(min=0), default=5, show_default=True, metavar="M")
@click.option("--random-seed", type=int, default=1, show_default=True, metavar="S")
@click.option("--partner", metavar="GUID", help="Whose customers the fleet is; made up unless stated.")
@click.pass_context
def command(
    ctx: click.Context,
    data: Path | None,
    paths: tuple[Path, ...],
    document: str | None,
    customers: int | None,
    subscriptions_per_customer: int,
    random_seed: int,
    partner: str | None,
) -> int:
    """Create partners, tenants, catalogue and prices.

    Seeding twice is the same as seeding once.
    """
    from cspctl.views import canonical

    body: dict[str, Any] = read_json(document, "--document") if document else {}
    if paths:
        body |= open_workspace(ctx).seed_document(paths)
    if customers is not None:
        body["fleet"] = {
            "customers": customers,
            "subscriptionsPerCustomer": subscriptions_per_customer,
            "randomSeed": random_seed,
            "partner": partner,
        }
    if not body:
        raise InputError("nothing to seed", code="E-OPTION", hint="add --from, --customers or --document")
    with attached(data_file(ctx, data, paths[0] if paths else None)) as session:
        output.write(canonical.dumps(session.control("POST", "seed", body)))
    return 0
