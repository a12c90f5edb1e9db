"""`cspctl state restore`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, file: Path, yes: bool) -> int:
    """Put a backup in the place of the ledger.

    What was bought since the backup is forgotten: the next plan sees it as unmanaged and buys nothing over it. A copy
    of the ledger as it stands is kept beside it.
    """
    from cspctl.cli.confirmation import confirm, require_terminal

    if not yes:
        require_terminal(sys.stdin)
        confirm(sys.stdin)
    saved = open_workspace(ctx).state_restore(file)
    output.write(f"restored from {file}" + (f"; what stood there is kept as {saved}\n" if saved else "\n"))
    return 0
