"""`cspctl operations list`."""

from __future__ import annotations

import time

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace

PAUSE_SECONDS = 2.0


@options.command("list")
@click.option("--watch", is_flag=True, help="Show them again every two seconds until there are none.")
@options.format_option("text", "json", "csv")
@click.pass_context
def command(ctx: click.Context, watch: bool, fmt: str) -> int:
    """List writes whose outcome is not known."""
    workspace = open_workspace(ctx)
    while True:
        found = workspace.operations()
        output.write(output.table(found, fmt, options.settings(ctx)))
        if not (watch and found.rows):
            return 0
        time.sleep(PAUSE_SECONDS)
