"""`cspctl discover stop`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.commands.discover_start import render, reseller_option
from cspctl.cli.project import open_workspace


@options.command("stop")
@reseller_option
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, reseller: str | None, fmt: str) -> int:
    """Let a running discovery end gracefully.

    Asks the process that runs it, wherever that is, and waits until what is in flight is finished.
    """
    report = open_workspace(ctx).discover_stop(reseller)
    output.write(render(report, fmt, options.settings(ctx)))
    return 0
