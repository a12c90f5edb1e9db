"""Command groups that import a command only when it is run; their help comes from a static table."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

# name: ("module:attribute", "short help"). A test keeps the help equal to the command's own.
Table = Mapping[str, tuple[str, str]]

COMMANDS: Table = {
    "apply": ("cspctl.cli.commands.apply:command", "Carry out a plan."),
    "audit": ("cspctl.cli.commands.audit:command", "Who did what, when and with whose approval."),
    "completion": ("cspctl.cli.commands.completion:command", "Print the completion script of a shell."),
    "discover": ("cspctl.cli.commands.discover:command", "Read live state into the ledger."),
    "drift": ("cspctl.cli.commands.drift:command", "Show what changed behind Git's back."),
    "emulator": ("cspctl.cli.commands.emulator:command", "Run and steer the bundled Partner Center."),
    "explain": ("cspctl.cli.commands.explain:command", "Show where an effective value comes from."),
    "fmt": ("cspctl.cli.commands.fmt:command", "Write manifests in their canonical layout."),
    "get": ("cspctl.cli.commands.get:command", "Show live objects."),
    "history": ("cspctl.cli.commands.history:command", "Show past runs, newest first."),
    "import": ("cspctl.cli.commands.import_:command", "Write manifests of what is live, and bind them."),
    "init": ("cspctl.cli.commands.init:command", "Scaffold a repository."),
    "operations": ("cspctl.cli.commands.operations:command", "Writes in flight or with an unknown outcome."),
    "plan": ("cspctl.cli.commands.plan:command", "Show what would change; nothing is changed."),
    "refunds": ("cspctl.cli.commands.refunds:command", "Show what can still be given back, and until when."),
    "renewals": ("cspctl.cli.commands.renewals:command", "Show which terms end soon, and what happens then."),
    "schema": ("cspctl.cli.commands.schema:command", "JSON Schemas of manifests and plans."),
    "show": ("cspctl.cli.commands.show:command", "Show one run, write by write."),
    "state": ("cspctl.cli.commands.state:command", "The ledger: copies, and corrections by hand."),
    "status": ("cspctl.cli.commands.status:command", "Show the fleet at a glance."),
    "validate": ("cspctl.cli.commands.validate:command", "Check manifests without any network."),
    "version": ("cspctl.cli.commands.version:command", "Show the version of cspctl and what it runs on."),
}


class LazyGroup(click.Group):
    """A group whose commands stand in `table`."""

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.table and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.table, n=1)
            question = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]!r}{question}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.table[name][1]) for name in self.list_commands(ctx)])
