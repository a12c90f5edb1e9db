"""`cspctl fmt`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings
    from cspctl.workspace.formatting import FormatResult


@options.command("fmt")
@options.paths_argument
@click.option("--check", is_flag=True, help="Write nothing; 2 when something would change.")
@click.option("--landed", is_flag=True, help="Also fold scheduled terms that have landed into the spec.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], check: bool, landed: bool) -> int:
    """Write manifests in their canonical layout.

    Two blanks a level, the keys of the envelope in their order, quotes around text that looks like a number. Comments
    and meaning stay. What has landed is told by the ledger, without asking Partner Center.
    """
    result = open_workspace(ctx).format(paths, check=check, landed=landed)
    output.write(render(result, check, options.settings(ctx)))
    if result.problems:
        return 10
    return 2 if check and result.changed else 0


def render(result: FormatResult, check: bool, settings: Settings) -> str:
    """Files that changed, or would; then what could not be done."""
    from cspctl.views import diagnostics_text, escape
    from cspctl.views.plan_words import plural

    verb = "would change" if check else "formatted"
    lines = [f"{verb} {escape.terminal(file)}" for file in result.changed]
    lines += [f"folded {address}: endOfTerm.next has landed" for address in result.folded]
    lines += [f"kept {address}: its day has passed, but it was not read since" for address in result.unknown]
    lines += [f"kept {escape.terminal(warning)}" for warning in result.warnings]
    done = plural(len(result.changed), "file") + (" would change" if check else " changed")
    lines.append(f"{done}, {plural(result.looked_at, 'file')} looked at.")
    text = "\n".join(lines) + "\n"
    if not result.problems:
        return text
    shown = diagnostics_text.render(result.problems, style=output.style(settings), width=output.width())
    return shown + "\n" + text
