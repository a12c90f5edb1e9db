"""`cspctl audit export`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.files import write_file
from cspctl.cli.project import open_workspace


@options.command("export")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Instead of stdout.")
@click.pass_context
def command(ctx: click.Context, out: Path | None) -> int:
    """Write the whole log as JSON Lines.

    The last line is an anchor for `audit verify --anchor`; keep it where nobody can change it.
    """
    workspace = open_workspace(ctx)
    events = workspace.audit_list(limit=None)
    from cspctl.views import audit_log

    text = audit_log.json_lines(events) + workspace.audit_anchor()
    if out:
        write_file(out, text)
    else:
        output.write(text)
    return 0
