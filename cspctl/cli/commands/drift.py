"""`cspctl drift`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace
from cspctl.errors import first_exit_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cspctl.cli.settings import Settings
    from cspctl.model.plan import DriftRow, GapRow


@options.command("drift")
@options.paths_argument
@click.option("--record", is_flag=True, help="Keep what is found in the ledger.")
@options.format_option("text", "json", "markdown")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], record: bool, fmt: str) -> int:
    """Show what changed behind Git's back.

    Drift is what is live against what was last applied; edits of manifests that wait for an apply are none.
    """
    found = open_workspace(ctx).drift(paths, record=record)
    output.write(render(found.rows, found.gaps, fmt, options.settings(ctx)))
    return first_exit_code(*[3] * bool(found.gaps), *[2] * bool(found.rows))


def render(rows: Sequence[DriftRow], gaps: Sequence[GapRow], fmt: str, settings: Settings) -> str:
    """Drift in the chosen format."""
    from cspctl.views import drift_json, drift_markdown, drift_text

    if fmt == "json":
        return drift_json.render(rows, gaps)
    if fmt == "markdown":
        return drift_markdown.render(rows, gaps)
    return drift_text.render(rows, gaps, style=output.style(settings), width=output.width())
