"""`cspctl audit`: the group; its commands are in audit_list, audit_verify and audit_export."""

from __future__ import annotations

from cspctl.cli.options import Group

command = Group(
    "audit",
    table={
        "export": ("cspctl.cli.commands.audit_export:command", "Write the whole log as JSON Lines."),
        "list": ("cspctl.cli.commands.audit_list:command", "List entries, newest last."),
        "verify": ("cspctl.cli.commands.audit_verify:command", "Check the chain of hashes."),
    },
    help="Who did what, when and with whose approval.",
)
