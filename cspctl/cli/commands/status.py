"""`cspctl status`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("status")
@options.format_option("text", "json", "csv")
@click.pass_context
def command(ctx: click.Context, fmt: str) -> int:
    """Show the fleet at a glance.

    Reads every mapped tenant. Ends with 3 when some tenant could not be read.
    """
    settings = options.settings(ctx)
    found = open_workspace(ctx).status()
    if fmt == "text":
        output.write(f"Project {found.project}, as of {found.as_of:%Y-%m-%d %H:%M} UTC\n\n")
    output.write(output.table(found.table(), fmt, settings))
    return 3 if found.gaps else 0
