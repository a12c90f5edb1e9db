"""`cspctl validate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings
    from cspctl.model.diagnostic import Diagnostic


@options.command("validate")
@options.paths_argument
@options.format_option("text", "json", "sarif", "junit", "github")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], fmt: str) -> int:
    """Check manifests without any network.

    Reads every file of the project and reports all that is wrong in one go. PATHS only narrow what is shown.
    """
    from cspctl.model.diagnostic import has_errors

    result = open_workspace(ctx).validate(paths)
    output.write(render(result.diagnostics, len(result.resources), fmt, options.settings(ctx)))
    return 10 if has_errors(result.diagnostics) else 0


def render(diagnostics: Sequence[Diagnostic], resources: int, fmt: str, settings: Settings) -> str:
    """Diagnostics in the chosen format."""
    from cspctl.views import diagnostics_json, diagnostics_text, junit, sarif, workflow_commands

    if fmt == "text":
        style, width = output.style(settings), output.width()
        return diagnostics_text.render(diagnostics, resources, style=style, width=width)
    if fmt == "json":
        return diagnostics_json.render(diagnostics, resources)
    views = {"sarif": sarif.render, "junit": junit.render, "github": workflow_commands.render}
    return views[fmt](diagnostics)
