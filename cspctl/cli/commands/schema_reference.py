"""`cspctl schema reference`."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.files import write_file


@options.command("reference")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Instead of stdout.")
@click.pass_context
def command(ctx: click.Context, out: Path | None) -> int:
    """Write the reference of all kinds as Markdown.

    Every field with its type, meaning, and how it may change.
    """
    text = reference()
    if out:
        write_file(out, text)
    else:
        output.write(text)
    return 0


def reference() -> str:
    render = importlib.import_module("cspctl.manifests.reference").render
    return str(render(importlib.import_module("cspctl.kinds.registry").KINDS))
