"""`cspctl history`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("history")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@options.format_option("text", "json", "csv")
@click.pass_context
def command(ctx: click.Context, limit: int, fmt: str) -> int:
    """Show past runs, newest first."""
    output.write(output.table(open_workspace(ctx).history(limit=limit), fmt, options.settings(ctx)))
    return 0
