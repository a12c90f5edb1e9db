"""`cspctl import partners`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace

if TYPE_CHECKING:
    from cspctl.cli.settings import Settings
    from cspctl.workspace.partners import PartnerReport


@options.command("partners")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--provider", metavar="NAME", help="The Reseller they buy from; needed where there are several.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder; resellers unless stated.")
@click.option("--all-or-nothing", is_flag=True, help="Write nothing unless every row can be used.")
@options.format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context, file: Path, provider: str | None, out: Path | None, all_or_nothing: bool, fmt: str
) -> int:
    """Indirect resellers from a CSV or XLSX list.

    FILE has a row of column names, among them a name and an MPN id (also: account id, locale). Resellers that are
    declared already, by MPN id, are left alone. Rows that cannot be used are told by number, the others pass.
    """
    workspace = open_workspace(ctx)
    report = workspace.import_partners(file, provider=provider, out=out, all_or_nothing=all_or_nothing)
    output.write(render(report, file, fmt, options.settings(ctx)))
    return int(report.exit_code)


def render(report: PartnerReport, source: Path, fmt: str, settings: Settings) -> str:
    """The report in the chosen format."""
    from cspctl.views import canonical, escape
    from cspctl.views.plan_words import plural

    if fmt == "json":
        created = [canonical.Ordered(row=row, address=address) for row, address in report.created]
        problems = [canonical.Ordered(row=p.row, code=p.code, message=p.message, hint=p.hint) for p in report.problems]
        facts = canonical.Ordered(provider=report.provider, file=report.file, written=report.written)
        return canonical.dumps(canonical.Ordered(**facts, created=created, known=report.known, problems=problems))
    style = output.style(settings)
    lines = []
    for problem in report.problems:
        code = style.severity("error", f"error {problem.code}")
        lines.append(f"{escape.terminal(source.name)} row {problem.row}: {code} {escape.terminal(problem.message)}")
        lines += [f"  hint: {escape.terminal(problem.hint)}"] if problem.hint else []
    if report.created:
        lines.append(f"wrote {plural(len(report.created), 'Reseller')} to {report.file}")
    if report.known:
        lines.append(f"left alone {plural(report.known, 'Reseller')}, declared already")
    if report.problems:
        lines.append(f"left out {plural(len(report.problems), 'row')}" + ("" if report.written else "; wrote nothing"))
    elif not report.created:
        lines.append("nothing to write")
    return "\n".join(lines) + "\n"
