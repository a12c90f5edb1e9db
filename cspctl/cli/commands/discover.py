"""`cspctl discover`: the group; its commands are in discover_start, discover_status, discover_stop, discover_resume."""

from __future__ import annotations

from cspctl.cli.options import Group

command = Group(
    "discover",
    table={
        "resume": ("cspctl.cli.commands.discover_resume:command", "Go on where a discovery ended."),
        "start": ("cspctl.cli.commands.discover_start:command", "Read every customer of an account."),
        "status": ("cspctl.cli.commands.discover_status:command", "Show how far it is."),
        "stop": ("cspctl.cli.commands.discover_stop:command", "Let a running discovery end gracefully."),
    },
    help="Read live state into the ledger.",
)
