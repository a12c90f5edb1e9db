"""`cspctl refunds`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("refunds")
@options.format_option("text", "json", "csv")
@click.pass_context
def command(ctx: click.Context, fmt: str) -> int:
    """Show what can still be given back, and until when.

    Seats by refund tranche, and whole subscriptions inside their cancellation window, soonest first.
    """
    output.write(output.table(open_workspace(ctx).refunds(), fmt, options.settings(ctx)))
    return 0
