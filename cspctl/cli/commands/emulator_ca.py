"""`cspctl emulator ca`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.emulator_control import attached, data_file, data_option
from cspctl.errors import InputError


@options.command("ca")
@data_option
@click.pass_context
def command(ctx: click.Context, data: Path | None) -> int:
    """Show the emulator's own certificate authority.

    Prints the path of a PEM file for SSL_CERT_FILE, REQUESTS_CA_BUNDLE and their like. Never install it.
    """
    with attached(data_file(ctx, data)) as session:
        ca_file = session.handle.ca_file
    if ca_file is None:
        raise InputError(
            "this emulator has no certificate", code="E-EMULATOR", hint="start it with: emulator serve --tls-port 0"
        )
    output.write(f"{ca_file}\n")
    return 0
