"""`cspctl init`."""

from __future__ import annotations

from pathlib import Path

import click

from cspctl.cli import options, output, scaffolding


@options.command("init")
@click.argument("directory", required=False, default=Path(), type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def command(ctx: click.Context, directory: Path) -> int:
    """Scaffold a repository.

    Writes a project file, example manifests that run on the bundled emulator, and pipelines. Files that
    exist are left alone.
    """
    settings = options.settings(ctx)
    written, kept = scaffolding.scaffold(directory)
    for path in written:
        output.write(f"wrote {path.as_posix()}\n")
    for path in kept:
        output.write(f"kept  {path.as_posix()}\n")
    output.note("Next: cspctl validate, then cspctl emulator seed --from . and cspctl plan --emulator", settings)
    return 0
