"""`cspctl operations`."""

from __future__ import annotations

from cspctl.cli import options

TABLE = {
    "list": ("cspctl.cli.commands.operations_list:command", "List writes whose outcome is not known."),
    "resume": ("cspctl.cli.commands.operations_resume:command", "Find out what became of them, by reading."),
}

command = options.Group("operations", table=TABLE, help="Writes in flight or with an unknown outcome.")
