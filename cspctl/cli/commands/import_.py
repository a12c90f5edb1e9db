"""`cspctl import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings
    from cspctl.model.import_report import ImportReport

TABLE = {
    "partners": ("cspctl.cli.commands.import_partners:command", "Indirect resellers from a CSV or XLSX list."),
}


@click.command("import", cls=options.Group, table=TABLE, invoke_without_command=True)
@click.option("--reseller", metavar="NAME", help="The Reseller whose account is read.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for what is new.")
@click.option(
    "--price-book", metavar="NAME", help="What inferred plans are priced from; needed where there are several."
)
@click.option(
    "--refresh",
    type=click.Choice(["auto", "full"]),
    default="auto",
    show_default=True,
    help="How much to read: what may have changed since it was read last, or everything.",
)
@options.format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context, reseller: str | None, out: Path | None, price_book: str | None, refresh: str, fmt: str
) -> int:
    """Write manifests of what is live, and bind them.

    Nothing is sent to Partner Center, and a plan over the result is empty. Repeated, it writes what is new and brings
    up to date what an earlier import wrote; what was edited by hand stays, byte for byte.

    Ends with 2 where findings want a decision, 3 where something could not be read.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    if reseller is None or out is None:
        missing = "--reseller NAME" if reseller is None else "--out DIR"
        raise click.UsageError(f"{missing} is needed", ctx)
    settings = options.settings(ctx)
    report = open_workspace(ctx).import_reseller(reseller, out, price_book=price_book, refresh=refresh)
    output.write(render(report, fmt, settings))
    return int(report.exit_code)


def render(report: ImportReport, fmt: str, settings: Settings) -> str:
    """The report in the chosen format."""
    from cspctl.views import import_json, import_text

    if fmt == "json":
        return import_json.render(report)
    return import_text.render(report, style=output.style(settings), width=output.width())
