"""`cspctl emulator serve`."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from pathlib import Path
from typing import Any

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import data_file, data_option
from cspctl.errors import InputError

_PORT = click.IntRange(0, 65535)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@options.command("serve")
@click.option("--port", type=_PORT, default=0, help="HTTP port; 0 takes a free one.")
@click.option("--tls-port", type=_PORT, default=0, help="HTTPS port; 0 takes a free one.")
@click.option("--proxy-port", type=_PORT, default=0, help="Port of the CONNECT proxy; 0 takes a free one.")
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Listen on this address as well."
)
@click.option("--name", "names", metavar="NAME", multiple=True, help="Answer to this host name or address as well.")
@data_option
@click.option("--clock", metavar="real|ISO", help="Run, or stand still there.  [default: as it was]")
@click.option("--latency-ms", type=click.IntRange(min=0), default=0, help="Added to every answer.")
@click.option("--rate-limit", type=click.IntRange(min=0), help="Requests per minute before 429; 0 for no limit.")
@click.option("--no-control", is_flag=True, help="Switch the control API off.")
@click.option(
    "--faults",
    "--faults-file",
    "faults_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Faults and scenarios from the start (YAML or JSON).",
)
@options.format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    port: int,
    tls_port: int,
    proxy_port: int,
    host: str,
    names: tuple[str, ...],
    data: Path | None,
    clock: str | None,
    latency_ms: int,
    rate_limit: int | None,
    no_control: bool,
    faults_file: Path | None,
    fmt: str,
) -> int:
    """Run the emulator until interrupted.

    Listens on loopback, and nowhere else unless --host says so. State is kept in one file and survives.
    """
    from cspctl.emulator.launch import serve
    from cspctl.emulator.serving.server import Listening

    listening = Listening(port, tls_port, proxy_port, address(host), tuple(name_of(name) for name in names))
    if listening.wide:
        output.note(
            f"warning: others reach this emulator on {host}: anybody may sign in to it, with any secret.",
            options.settings(ctx),
        )
    faults = []
    if faults_file:
        from cspctl.workspace.fault_file import read_faults

        faults = read_faults(faults_file)
    path = data_file(ctx, data)
    path.parent.mkdir(parents=True, exist_ok=True)
    serve(
        path,
        listening=listening,
        clock=clock,
        latency_ms=latency_ms,
        rate_limit=rate_limit,
        control=not no_control,
        faults=faults,
        ready=lambda handle: announce(handle, fmt),
    )
    return 0


def address(text: str) -> str:
    """An IP address as it is compared. Raises InputError for a name: what it stands for may change."""
    try:
        return "127.0.0.1" if text == "localhost" else str(ipaddress.ip_address(text))
    except ValueError:
        raise InputError(
            f"--host wants an IP address, not {text!r}", code="E-OPTION", hint="names go with --name, like: --name box"
        ) from None


def name_of(text: str) -> str:
    """A host name or an IP address that a Host header and a certificate can have. Raises InputError."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(text))
    if not _NAME.fullmatch(text):
        raise InputError(f"--name wants a host name or an IP address, not {text!r}", code="E-OPTION")
    return text.lower()


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
