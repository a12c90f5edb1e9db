"""`cspctl state mv`."""

from __future__ import annotations

import click

from cspctl.cli import names, options, output
from cspctl.cli.project import open_workspace


@options.command("mv")
@click.argument("source", metavar="FROM", shell_complete=names.addresses)
@click.argument("target", metavar="TO")
@click.pass_context
def command(ctx: click.Context, source: str, target: str) -> int:
    """Give a binding another address.

    FROM and TO are KIND/NAME. In manifests, previousNames does the same and is reviewed.
    """
    open_workspace(ctx).state_move(source, target)
    output.write(f"{source} is now {target}\n")
    return 0
