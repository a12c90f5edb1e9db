"""`cspctl schema export`."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from cspctl.cli import options, output
from cspctl.cli.files import write_file


@options.command("export")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("schemas"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.pass_context
def command(ctx: click.Context, out: Path) -> int:
    """Write all JSON Schemas to a folder.

    For editors, pre-commit hooks and consumers of `plan --format json`. Files that exist are replaced.
    """
    settings = options.settings(ctx)
    documents = schemas()
    for name, text in documents.items():
        write_file(out / name, text)
    output.note(f"{len(documents)} schemas written to {out}", settings)
    return 0


def schemas() -> dict[str, str]:
    """File name to content: the manifests' and the plan's."""
    from cspctl.views import canonical, plan_json

    export = importlib.import_module("cspctl.manifests.schema").export
    kinds = importlib.import_module("cspctl.kinds.registry").KINDS
    exported = {str(name): canonical.dumps(document) for name, document in export(kinds).items()}
    return dict(sorted({**exported, plan_json.SCHEMA_FILE: plan_json.schema_text()}.items()))
