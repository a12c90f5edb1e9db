"""`cspctl explain`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("explain")
@click.argument("address", metavar="ADDRESS[.PATH]")
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, address: str, fmt: str) -> int:
    """Show where an effective value comes from.

    Names the file and line behind every effective value of a resource, and how the field may change:
    create, update, next-term, transition or never. Example: Subscription/contoso-e3.endOfTerm
    """
    explained = open_workspace(ctx).explain(address)
    output.write(output.table(explained, fmt, options.settings(ctx)))
    return 0
