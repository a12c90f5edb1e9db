"""`cspctl discover resume`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.commands.discover_start import render, reseller_option
from cspctl.cli.project import open_workspace
from cspctl.cli.signals import draining


@options.command("resume")
@reseller_option
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, reseller: str | None, fmt: str) -> int:
    """Go on where a discovery ended.

    Customers that were read are not read again; those that could not be read are.
    """
    settings = options.settings(ctx)
    workspace = open_workspace(ctx)
    with draining() as stop:
        report = workspace.discover_resume(reseller, stop=stop)
    output.write(render(report, fmt, settings))
    return int(report.exit_code)
