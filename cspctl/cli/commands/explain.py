"""`cspctl explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cspctl.cli import names, options, output
from cspctl.cli.project import open_workspace

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings
    from cspctl.manifests.explain import Explanation


@options.command("explain")
@click.argument("address", metavar="ADDRESS[.PATH]", shell_complete=names.addresses)
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, address: str, fmt: str) -> int:
    """Show where an effective value comes from.

    Names the file and line behind every effective value of a resource, and how the field may change:
    create, update, next-term, transition or never. Example: Subscription/contoso-e3.endOfTerm
    """
    explained = open_workspace(ctx).explain(address)
    output.write(render(explained, fmt, options.settings(ctx)))
    return 0


def render(explained: Explanation, fmt: str, settings: Settings) -> str:
    """The effective value, how it may change, and every layer that gives it, nearest first."""
    from cspctl.views import canonical, table

    columns = (("wins", ""), ("layer", "layer"), ("owner", "owner"), ("value", "value"), ("position", "where"))
    rows = [
        ("*" if g.wins else "", g.layer, g.owner and str(g.owner), g.value, str(g.pos) if g.pos else g.note)
        for g in explained.given
    ]
    layers = table.Table(columns, rows, "No layer gives a value.")
    if fmt == "json":
        return canonical.dumps(
            canonical.Ordered(
                address=str(explained.address),
                path=explained.path,
                value=explained.value,
                mutability=explained.mutability,
                given=[dict(zip(layers.keys, row, strict=True)) for row in rows],
            )
        )
    head = f"{explained.address}.{explained.path}" if explained.path else str(explained.address)
    change = f"may change: {explained.mutability}" if explained.mutability else "may change: per field"
    return f"{head}\n{change}\n\n" + output.table(layers, "text", settings)
