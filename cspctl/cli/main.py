"""The entry point, and the only place that catches exceptions and ends the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from cspctl.cli import output
from cspctl.cli.group import COMMANDS, LazyGroup
from cspctl.cli.options import global_options
from cspctl.errors import CspctlError, first_exit_code

USAGE, CANCELLED, UNEXPECTED = 10, 9, 1
COMPLETION = "_CSPCTL_COMPLETE"  # set by the script that `cspctl completion` prints

root = LazyGroup(
    "cspctl",
    table=COMMANDS,
    params=global_options(),
    help="Infrastructure as code for the Microsoft Cloud Solution Provider business.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Global options may also follow the command. 'cspctl COMMAND --help' tells more.",
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with a documented exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str], group: click.Group = root) -> int:
    """The exit code of one command line; every exception ends here, as one line on stderr."""
    args = list(arguments)
    output.prepare_streams()
    if instruction := os.environ.get(COMPLETION):
        from click.shell_completion import shell_complete

        return shell_complete(group, {}, "cspctl", COMPLETION, instruction)
    try:
        code = _invoke(group, args)
        sys.stdout.flush()
    except BrokenPipeError as error:
        if not output.stdout_is_gone():
            return _fail(error, args)  # a pipe of the network, not ours
        code = 0
    except SystemExit:
        raise
    except BaseException as error:  # the boundary: whatever it is, the user gets a sentence and a code
        return _fail(error, args)
    return code


def _invoke(group: click.Group, args: list[str]) -> int:
    try:
        with group.make_context("cspctl", list(args)) as ctx:
            result = group.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return result if isinstance(result, int) else 0


def _fail(error: BaseException, args: list[str]) -> int:
    """Report every error inside, and choose the code that wins."""
    from cspctl.cli import failures

    leaves = failures.leaves(error)
    for leaf in leaves:
        failures.report(leaf, exit_code(leaf), verbose=_verbose(args), as_json=_wants_json(args))
    return first_exit_code(*map(exit_code, leaves))


def exit_code(error: BaseException) -> int:
    """The documented code of an exception. Usage errors are 10, never 2."""
    if isinstance(error, CspctlError):
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return CANCELLED
    return USAGE if isinstance(error, click.ClickException) else UNEXPECTED


def _verbose(args: Sequence[str]) -> bool:
    return any(a == "--verbose" or (a[:1] == "-" and a[1:2] != "-" and set(a[1:]) == {"v"}) for a in args)


def _wants_json(args: Sequence[str]) -> bool:
    """Asked before options are parsed, because parsing may be what failed."""
    wanted: Any = os.environ.get("CSPCTL_LOG_FORMAT")
    for position, arg in enumerate(args):
        if arg == "--log-format":
            wanted = args[position + 1] if position + 1 < len(args) else wanted
        elif arg.startswith("--log-format="):
            wanted = arg.partition("=")[2]
    return bool(wanted == "json")
