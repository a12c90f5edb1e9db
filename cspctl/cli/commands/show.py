"""`cspctl show`."""

from __future__ import annotations

import click

from cspctl.cli import options, output
from cspctl.cli.project import open_workspace


@options.command("show")
@click.argument("run")
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, run: str, fmt: str) -> int:
    """Show one run, write by write.

    RUN is the id that apply prints, or the beginning of it.
    """
    story = open_workspace(ctx).show(run)
    settings = options.settings(ctx)
    if fmt == "json":
        from cspctl.views import audit_log, canonical

        body = canonical.Ordered(
            run=story.run.id,
            plan=story.run.plan_id,
            digest=story.run.digest,
            actor=story.run.actor,
            startedAt=story.run.started_at,
            finishedAt=story.run.finished_at,
            status=story.run.status,
            exitCode=story.run.exit_code,
            writes=story.writes(),
            audit=[audit_log.record(event) for event in story.events],
        )
        output.write(canonical.dumps(body))
        return 0
    head = story.run
    output.write(f"Run {head.id} by {head.actor}: {head.status}, started {head.started_at:%Y-%m-%d %H:%M} UTC\n")
    output.write(f"Plan {head.plan_id} {head.digest}\n\n")
    output.write(output.table(story.table(), "text", settings))
    return 0
