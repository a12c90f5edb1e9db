"""`cspctl emulator reset`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import attached, data_file, data_option


@options.command("reset")
@data_option
@click.pass_context
def command(ctx: click.Context, data: Path | None) -> int:
    """Forget everything but the clock."""
    with attached(data_file(ctx, data)) as session:
        session.control("POST", "reset")
    output.note("The emulator is empty.", options.settings(ctx))
    return 0
