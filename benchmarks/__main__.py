"""`python -m benchmarks` runs all; `python -m benchmarks NAME [options]` one, with options of its own."""

from __future__ import annotations

import argparse
import sys

from benchmarks import emulator, manifests, planning, reading, startup

ALL = {module.NAME: module for module in (startup, manifests, planning, reading, emulator)}


def main(arguments: list[str]) -> None:
    """Names first, options after them; options belong to one benchmark, so with options there is one name."""
    names = arguments[: _leading(arguments)]
    rest = arguments[len(names) :]
    if not all(name in ALL for name in names) or (rest and len(names) != 1):
        show = rest in (["-h"], ["--help"])
        sys.stdout.write(f"{__doc__}\nNames: {', '.join(ALL)}\n")
        raise SystemExit(0 if show else 10)
    for name in names or ALL:
        module = ALL[name]
        parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=module.__doc__)
        module.options(parser)
        module.run(parser.parse_args(rest))


def _leading(arguments: list[str]) -> int:
    """How many words come before the first option."""
    return next((at for at, word in enumerate(arguments) if word.startswith("-")), len(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
