"""`cspctl emulator clock`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import attached, data_file, data_option
from cspctl.errors import InputError


@options.command("clock")
@data_option
@click.option("--set", "instant", metavar="ISO", help="Go there.")
@click.option("--advance", metavar="DURATION", help="Go on by this much, like P10D or PT30S.")
@click.option("--freeze/--run", "freeze", default=None, help="Stand still, or run.")
@options.format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context, data: Path | None, instant: str | None, advance: str | None, freeze: bool | None, fmt: str
) -> int:
    """Show or move the emulator's clock."""
    from cspctl.cli.settings import parse_instant

    if instant and advance:
        raise InputError("--set and --advance exclude each other", code="E-OPTION")
    body = {"advance": advance} if advance else {}
    if instant:
        body["now"] = parse_instant(instant, "--set").isoformat().replace("+00:00", "Z")
    if freeze is not None:
        body["mode"] = "frozen" if freeze else "real"
    with attached(data_file(ctx, data)) as session:
        clock = session.control("POST", "clock", body) if body else session.control("GET", "clock")
    if fmt == "json":
        from cspctl.views import canonical

        output.write(canonical.dumps(clock))
    else:
        output.write(f"{clock['now']} ({clock['mode']})\n")
    return 0
