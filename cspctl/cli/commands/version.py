"""`cspctl version`."""

from __future__ import annotations

import importlib
import platform

import click

from cspctl import __version__
from cspctl.cli import options, output


@options.command("version")
@options.format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, fmt: str) -> int:
    """Show the version of cspctl and what it runs on."""
    options.settings(ctx)
    facts: dict[str, object] = {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.system().lower(),
        "cYamlParser": c_parser_present(),
        "planVersion": "1.0",
    }
    if fmt == "json":
        from cspctl.views import canonical

        output.write(canonical.dumps(canonical.Ordered(facts)))
    else:
        parser = "present" if facts["cYamlParser"] else "absent: manifests are read much more slowly"
        output.write(f"cspctl {__version__}\nPython {facts['python']} on {facts['platform']}\nC YAML parser {parser}\n")
    return 0


def c_parser_present() -> bool:
    """Whether ruamel.yaml's C extension can be loaded; without it reading is over ten times slower."""
    try:
        importlib.import_module("_ruamel_yaml")
    except ImportError:
        return False
    return True
