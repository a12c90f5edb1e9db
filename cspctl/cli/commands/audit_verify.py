"""`cspctl audit verify`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("verify")
@click.option(
    "--anchor",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="An earlier export: also detects a log that was cut or written anew.",
)
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, anchor: Path | None, fmt: str) -> int:
    """Check the chain of hashes.

    Names the row that was edited, deleted, inserted or moved, and ends with 1 when there is one.
    """
    count = open_workspace(ctx).audit_verify(anchor=anchor)
    if fmt == "json":
        from cspctl.views import canonical

        output.write(canonical.dumps(canonical.Ordered(valid=True, entries=count, anchored=anchor is not None)))
    else:
        against = " and agree with the anchor" if anchor else ""
        output.write(f"{count} entries form one unbroken chain{against}.\n")
    return 0
