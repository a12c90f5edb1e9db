"""`cspctl get`."""

from __future__ import annotations

import click

from cspctl.cli import names, options, output
from cspctl.cli.project import open_workspace


@options.command("get")
@click.argument("resource")
@click.argument("name", required=False, shell_complete=names.plain_names)
@click.option(
    "-c",
    "--customer",
    metavar="CUSTOMER",
    shell_complete=names.tenants,
    help="A TenantMapping's name, or a tenant id or domain.",
)
@options.format_option("text", "json", "csv")
@click.pass_context
def command(ctx: click.Context, resource: str, name: str | None, customer: str | None, fmt: str) -> int:
    """Show live objects.

    RESOURCE is customers, subscriptions or orders (live), bindings (the ledger), or tenants, resellers, plans, prices,
    alerts or channels (the manifests). NAME is a manifest's name or a live id.
    """
    found = open_workspace(ctx).get(resource, name, customer=customer)
    output.write(output.table(found, fmt, options.settings(ctx)))
    return 0
