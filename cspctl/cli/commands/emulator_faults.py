"""`cspctl emulator faults`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import attached, call, data_file, data_option, read_json


@options.command("faults")
@data_option
@click.option("--add", metavar="JSON|@FILE", multiple=True, help="A fault, or a list of them.")
@click.option("--scenario", metavar="NAME", multiple=True, help="A named scenario; --scenarios lists them.")
@click.option("--scenarios", "listing", is_flag=True, help="List the named scenarios and change nothing.")
@click.option("--clear", is_flag=True, help="Drop all faults first.")
@click.pass_context
def command(
    ctx: click.Context,
    data: Path | None,
    add: tuple[str, ...],
    scenario: tuple[str, ...],
    listing: bool,
    clear: bool,
) -> int:
    """Let requests fail on purpose.

    Without options the faults are listed. A fault names a method and a path pattern, and what happens there; they
    last as long as the server that holds them, so start `emulator serve` first.
    """
    from cspctl.views import canonical

    documents = [read_json(text, "--add") for text in add]
    faults = [f for d in documents for f in (d if isinstance(d, list) else [d])]
    faults += [{"scenario": name} for name in scenario]
    with attached(data_file(ctx, data)) as handle:
        if listing:
            known = call(handle, "GET", "scenarios")["scenarios"]
            output.write("".join(f"{name:22} {text}\n" for name, text in known.items()))
            return 0
        if clear:
            call(handle, "DELETE", "faults")
        if faults:
            call(handle, "POST", "faults", {"faults": faults})
        output.write(canonical.dumps(call(handle, "GET", "faults")))
    return 0
