"""`cspctl operations resume`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("resume")
@options.format_option("text", "json", "csv")
@click.pass_context
def command(ctx: click.Context, fmt: str) -> int:
    """Find out what became of them, by reading.

    Nothing is sent that changes anything. Ends with 3 while something is still unknown.
    """
    left = open_workspace(ctx).resume_operations()
    output.write(output.table(left, fmt, options.settings(ctx)))
    return 3 if left.rows else 0
