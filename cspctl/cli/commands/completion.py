"""`cspctl completion`."""

from __future__ import annotations

import click

from cspctl.cli import options, output

VARIABLE = "_CSPCTL_COMPLETE"


@options.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script of a shell.

    For bash: eval "$(cspctl completion bash)". Names come from the ledger.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, "the choices are the shells that click knows"
    output.write(kind(ctx.find_root().command, {}, "cspctl", VARIABLE).source() + "\n")
    return 0
