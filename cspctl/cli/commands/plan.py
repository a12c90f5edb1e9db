"""`cspctl plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings
    from cspctl.model.plan import Plan


@options.command("plan")
@options.paths_argument
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan for apply.")
@click.option(
    "--refresh",
    type=click.Choice(["auto", "full", "none"]),
    default="auto",
    show_default=True,
    help="full reads every mapped tenant; auto only those not read in the last 15 minutes, or of which the service's "
    "audit records or a change of this plan speak; none reads nothing and plans from snapshots.",
)
@click.option("--as-of", metavar="DATE", help="Plan as if it were this date or instant.")
@click.option("--detailed-exitcode", is_flag=True, help="2 changes, 3 blocked or gaps, 8 deferred, 0 none.")
@options.narrowing_options
@options.allow_option
@options.format_option("text", "json", "markdown")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    out: Path | None,
    refresh: str,
    as_of: str | None,
    detailed_exitcode: bool,
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    selector: tuple[str, ...],
    allow: tuple[str, ...],
    fmt: str,
) -> int:
    """Show what would change; nothing is changed.

    Compares manifests with what is live and with what was last applied. PATHS only narrow what is shown.
    """
    from cspctl.cli.settings import parse_instant

    settings = options.settings(ctx)
    instant = parse_instant(as_of, "--as-of") if as_of else None
    workspace = open_workspace(ctx)
    plan = workspace.plan(
        paths,
        refresh=refresh,
        as_of=instant,
        target=target,
        exclude=exclude,
        selector=selector,
        allow=allow,
    )
    if out:
        workspace.write_plan(plan, out)
    output.write(render(plan, fmt, settings))
    if out:
        output.note(f"Saved to {out}; carry it out with: cspctl apply {out}", settings)
    if detailed_exitcode:
        return int(plan.detailed_exit_code())
    return 4 if plan.refused else 0


def render(plan: Plan, fmt: str, settings: Settings, closing: str = "Nothing was changed.") -> str:
    """A plan in the chosen format."""
    from cspctl.views import plan_json, plan_markdown, plan_text

    if fmt == "json":
        return plan_json.render(plan)
    if fmt == "markdown":
        return plan_markdown.render(plan)
    return plan_text.render(plan, style=output.style(settings), width=output.width(), closing=closing)
