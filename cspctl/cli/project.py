"""From the settings of a command to the workspace that does the work."""

from __future__ import annotations

import importlib
from typing import Any

import click

from cspctl.cli.options import settings


def open_workspace(ctx: click.Context) -> Any:
    """The workspace of this run; its progress ends with the command, however that ends.

    Loaded by name: it stands above every heavy library, and no command's help needs any of them.
    """
    from cspctl.cli.progress import progress

    chosen = settings(ctx)
    bar = progress(chosen)
    ctx.call_on_close(bar.finish)
    module = importlib.import_module("cspctl.workspace")
    workspace_settings = module.WorkspaceSettings(
        config=chosen.config,
        state=chosen.state,
        emulator=chosen.emulator,
        trust=chosen.trust,
        now=chosen.now,
        progress=bar,
    )
    workspace = module.Workspace.open(workspace_settings)
    if callable(close := getattr(workspace, "close", None)):
        ctx.call_on_close(close)
    return workspace
