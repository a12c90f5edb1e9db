"""`cspctl apply`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cspctl.cli import options, output
from cspctl.cli.confirmation import confirm, require_terminal
from cspctl.cli.project import open_workspace
from cspctl.cli.signals import draining

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings
    from cspctl.model.plan import Plan
    from cspctl.model.result import RunReport


@options.command("apply")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATHS]...|PLANFILE")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--approval", metavar="REF", multiple=True, help="file:, github: or gitlab: reference.")
@click.option("--approve-by", metavar="NAME", help="Recorded as asserted; satisfies no policy.")
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for unknown outcomes.",
)
@click.option("--shared", is_flag=True, help="Refuse a ledger that only this machine has.")
@options.narrowing_options
@options.allow_option
@options.format_option("text", "json", "markdown")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    yes: bool,
    approval: tuple[str, ...],
    approve_by: str | None,
    settle: float,
    shared: bool,
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    selector: tuple[str, ...],
    allow: tuple[str, ...],
    fmt: str,
) -> int:
    """Carry out a plan.

    With a saved plan, exactly that one is carried out or none. Otherwise a fresh plan is made and shown first.
    """
    if not yes:
        require_terminal(sys.stdin)
    settings = options.settings(ctx)
    workspace = open_workspace(ctx)

    def review(plan: Plan) -> None:
        _show(plan, fmt, settings)
        if not yes and not plan.empty and not plan.refused:
            confirm(sys.stdin)

    asserted = tuple(f"asserted:{name}" for name in [approve_by] if name)
    with draining() as stop:
        plan, report = workspace.apply(
            () if plan_file(paths) else paths,
            saved=plan_file(paths),
            allow=allow,
            settle=settle,
            approvals=(*approval, *asserted),
            review=review,
            stop=stop,
            target=target,
            exclude=exclude,
            selector=selector,
            shared=shared,
        )
    if report.results or fmt != "text":
        output.write(render(report, plan, fmt, settings))
    return int(report.exit_code)


def plan_file(paths: tuple[Path, ...]) -> Path | None:
    """The saved plan, when the only path is a file that is no manifest."""
    if len(paths) == 1 and paths[0].is_file() and paths[0].suffix not in (".yaml", ".yml"):
        return paths[0]
    return None


def _show(plan: Plan, fmt: str, settings: Settings) -> None:
    """The plan goes to stdout with the report, or to stderr where stdout is for a machine."""
    from cspctl.views import plan_text

    if fmt == "text":
        style, width = output.style(settings), output.width()
        output.write(plan_text.render(plan, style=style, width=width, closing="") + "\n")
        return
    style, width = output.style(settings, sys.stderr), output.width(sys.stderr)
    output.note(plan_text.render(plan, style=style, width=width, closing=""), settings)


def render(report: RunReport, plan: Plan, fmt: str, settings: Settings) -> str:
    """The report in the chosen format."""
    from cspctl.views import apply_report

    tenants = apply_report.tenants(plan)
    if fmt == "json":
        return apply_report.json(report, tenants)
    if fmt == "markdown":
        return apply_report.markdown(report, tenants)
    return apply_report.text(report, tenants, style=output.style(settings), width=output.width())
