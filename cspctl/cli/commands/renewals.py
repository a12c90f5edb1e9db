"""`cspctl renewals`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("renewals")
@click.option(
    "--within", type=click.IntRange(min=1), default=90, show_default=True, metavar="DAYS", help="How far to look."
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Instead of stdout.")
@options.format_option("text", "json", "csv", "ics")
@click.pass_context
def command(ctx: click.Context, within: int, out: Path | None, fmt: str) -> int:
    """Show which terms end soon, and what happens then.

    With --format ics the days go into a calendar; the entries keep their identity from one export to the next.
    """
    workspace = open_workspace(ctx)
    found = workspace.renewals(within=timedelta(days=within))
    from cspctl.cli.files import write_file
    from cspctl.workspace.fleet import calendar, renewal_table

    text = calendar(found) if fmt == "ics" else output.table(renewal_table(found), fmt, options.settings(ctx))
    if out:
        write_file(out, text)
    else:
        output.write(text)
    return 0
