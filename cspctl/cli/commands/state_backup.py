"""`cspctl state backup`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def command(ctx: click.Context, file: Path) -> int:
    """Copy the ledger, consistently.

    Also while an apply runs. An existing FILE is never overwritten.
    """
    output.write(f"wrote {open_workspace(ctx).state_backup(file)}\n")
    return 0
