"""`python -m benchmarks` runs all; `python -m benchmarks NAME [options]` one, with options of its own."""

from __future__ import annotations

import argparse
import sys

from benchmarks import manifests, reading, startup

ALL = {module.NAME: module for module in (startup, manifests, reading)}


def main(arguments: list[str]) -> None:
    """Names first, options after them; with options there is exactly one name."""
    names = []
    while arguments and arguments[0] in ALL:
        names.append(arguments.pop(0))
    if arguments and (len(names) != 1 or not arguments[0].startswith("-")):
        _usage().parse_args(arguments)
        raise SystemExit(f"options belong to one benchmark; the names are {', '.join(ALL)}")
    for name in names or list(ALL):
        module = ALL[name]
        parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=module.__doc__)
        module.options(parser)
        module.run(parser.parse_args(arguments))


def _usage() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[*ALL, []], help="; ".join(ALL))
    return parser


main(sys.argv[1:])
