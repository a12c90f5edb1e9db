"""`cspctl schema`: the group."""

from __future__ import annotations

from cspctl.cli.options import Group

command = Group(
    "schema",
    table={
        "export": ("cspctl.cli.commands.schema_export:command", "Write all JSON Schemas to a folder."),
        "reference": ("cspctl.cli.commands.schema_reference:command", "Write the reference of all kinds as Markdown."),
    },
    help="JSON Schemas of manifests and plans.",
)
