"""`cspctl discover status`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.commands.discover_start import render, reseller_option
from cspctl.cli.project import open_workspace


@options.command("status")
@reseller_option
@click.option("--customers", is_flag=True, help="List the customers known so far, and which of them were read.")
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, reseller: str | None, customers: bool, fmt: str) -> int:
    """Show how far it is.

    States are not-started, in-progress, stopped, error and completed, per account. Nothing is sent.
    """
    report = open_workspace(ctx).discover_status(reseller, customers=customers)
    output.write(render(report, fmt, options.settings(ctx), customers=customers))
    return 0
