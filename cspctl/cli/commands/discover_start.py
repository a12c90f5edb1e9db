"""`cspctl discover start`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cspctl.cli import options, output
from cspctl.cli.confirmation import confirm
from cspctl.cli.project import open_workspace
from cspctl.cli.signals import draining

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings

QUESTION = "Read all customers of the account into the ledger? Only 'yes' will be accepted: "
reseller_option = click.option("--reseller", metavar="NAME", help="Only this Reseller's account.")


@options.command("start")
@reseller_option
@click.option("--yes", is_flag=True, help="Do not ask, even on a terminal.")
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, reseller: str | None, yes: bool, fmt: str) -> int:
    """Read every customer of an account.

    One request per page of the customer list and one per customer; nothing is changed at Partner Center. What was read
    is kept as it goes: the discovery may be stopped or killed at any point, and resumed. A terminal is asked first.
    """
    settings = options.settings(ctx)
    workspace = open_workspace(ctx)
    if not yes and sys.stdin.isatty():
        confirm(sys.stdin, QUESTION)
    with draining() as stop:
        report = workspace.discover_start(reseller, stop=stop)
    output.write(render(report, fmt, settings))
    return int(report.exit_code)


def render(report: Any, fmt: str, settings: Settings, *, customers: bool = False) -> str:
    """A DiscoveryReport in the chosen format."""
    from cspctl.views import discovery

    rows = [(row.reseller, row.discovery) for row in report.rows]
    if fmt == "json":
        return discovery.json(rows, report.taken_at, report.customers if customers else None)
    text = discovery.text(rows, report.taken_at, style=output.style(settings), width=output.width())
    if customers:
        table = discovery.customer_table(report.customers, report.labels or {})
        text += "\n" + output.table(table, "text", settings)
    return text
