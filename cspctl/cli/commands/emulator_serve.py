"""`cspctl emulator serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import data_file, data_option, launch


@options.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="HTTP port; 0 takes a free one.")
@click.option("--tls-port", type=click.IntRange(0, 65535), default=0, help="HTTPS port; 0 takes a free one.")
@data_option
@click.option("--clock", metavar="real|ISO", help="Run, or stand still there.  [default: as it was]")
@click.option("--latency-ms", type=click.IntRange(min=0), default=0, help="Added to every answer.")
@click.option("--rate-limit", type=click.IntRange(min=1), help="Requests per minute before 429.")
@click.option("--no-control", is_flag=True, help="Switch the control API off.")
@click.option(
    "--faults",
    "--faults-file",
    "faults_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Faults and scenarios from the start (JSON).",
)
@options.format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    port: int,
    tls_port: int,
    data: Path | None,
    clock: str | None,
    latency_ms: int,
    rate_limit: int | None,
    no_control: bool,
    faults_file: Path | None,
    fmt: str,
) -> int:
    """Run the emulator until interrupted.

    Listens on loopback only. State is kept in one file and survives.
    """
    options.settings(ctx)
    path = data_file(ctx, data)
    path.parent.mkdir(parents=True, exist_ok=True)
    launch().serve(
        path,
        port=port,
        tls_port=tls_port,
        clock=clock,
        latency_ms=latency_ms,
        rate_limit=rate_limit,
        control=not no_control,
        faults_file=faults_file,
        ready=lambda handle: announce(handle, fmt),
    )
    return 0


def announce(handle: Any, fmt: str) -> None:
    """Where it listens, once it does."""
    from cspctl.views import canonical

    facts = canonical.Ordered(
        http=handle.base_url, https=handle.tls_url, proxy=handle.proxy_url, ca=str(handle.ca_file or "")
    )
    if fmt == "json":
        output.write(canonical.line(facts))
    else:
        output.write("".join(f"{name:5} {value}\n" for name, value in facts.items() if value))
