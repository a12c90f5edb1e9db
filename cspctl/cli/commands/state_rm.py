"""`cspctl state rm`."""

from __future__ import annotations

import click

from cspctl.cli import names, options, output
from cspctl.cli.project import open_workspace


@options.command("rm")
@click.argument("address", shell_complete=names.addresses)
@click.pass_context
def command(ctx: click.Context, address: str) -> int:
    """Forget a binding; nothing is sent.

    The object lives on at Partner Center, unmanaged. ADDRESS is KIND/NAME.
    """
    open_workspace(ctx).state_remove(address)
    output.write(f"{address} is forgotten; nothing was sent\n")
    return 0
