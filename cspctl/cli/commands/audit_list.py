"""`cspctl audit list`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("list")
@click.option("--subscription", metavar="NAME|ID", help="Only this subscription.")
@click.option("--tenant", metavar="NAME|ID", help="Only this tenant.")
@click.option("--run", metavar="RUN", help="Only this run.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many.")
@options.format_option("text", "json", "csv")
@click.pass_context
def command(
    ctx: click.Context, subscription: str | None, tenant: str | None, run: str | None, limit: int, fmt: str
) -> int:
    """List entries, newest last."""
    events = open_workspace(ctx).audit_list(subscription=subscription, tenant=tenant, run=run, limit=limit)
    from cspctl.views import audit_log

    if fmt == "json":
        output.write(audit_log.json(events))
    else:
        output.write(output.table(audit_log.as_table(events), fmt, options.settings(ctx)))
    return 0
