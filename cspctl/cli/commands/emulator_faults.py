"""`cspctl emulator faults`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import attached, call, data_file, data_option, read_json


@options.command("faults")
@data_option
@click.option("--add", metavar="JSON|@FILE", multiple=True, help="A fault, or a list of them.")
@click.option("--clear", is_flag=True, help="Drop all faults first.")
@click.pass_context
def command(ctx: click.Context, data: Path | None, add: tuple[str, ...], clear: bool) -> int:
    """Let requests fail on purpose.

    Without options the faults are listed. A fault names a method and a path pattern, and what happens there.
    """
    from cspctl.views import canonical

    documents = [read_json(text, "--add") for text in add]
    faults = [f for d in documents for f in (d if isinstance(d, list) else [d])]
    with attached(data_file(ctx, data)) as handle:
        if clear:
            call(handle, "DELETE", "faults")
        if faults:
            call(handle, "POST", "faults", {"faults": faults})
        output.write(canonical.dumps(call(handle, "GET", "faults")))
    return 0
