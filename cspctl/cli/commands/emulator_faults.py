"""`cspctl emulator faults`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import attached, data_file, data_option


@options.command("faults")
@data_option
@click.option("--add", metavar="JSON|@FILE", multiple=True, help="Faults and scenarios, JSON or YAML.")
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

    faults = [fault for text in add for fault in given(text)]
    faults += [{"scenario": name} for name in scenario]
    with attached(data_file(ctx, data)) as session:
        if listing:
            known = session.control("GET", "scenarios")["scenarios"]
            output.write("".join(f"{name:22} {text}\n" for name, text in known.items()))
            return 0
        if clear:
            session.control("DELETE", "faults")
        if faults and session.handle.embedded:
            output.note(
                "warning: no emulator is running on this file, so the faults end with this command; "
                "start one with: cspctl emulator serve",
                options.settings(ctx),
            )
        if faults:
            session.control("POST", "faults", {"faults": faults})
        output.write(canonical.dumps(session.control("GET", "faults")))
    return 0


def given(text: str) -> list[dict[str, Any]]:
    """The faults of one --add. Raises InputError with line and column of what is wrong."""
    from cspctl.workspace.fault_file import check_faults, read_faults

    return read_faults(Path(text[1:])) if text.startswith("@") else check_faults(text.encode(), "--add")
