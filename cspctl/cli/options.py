"""Global options, understood before and after the name of a command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cspctl.cli import names
from cspctl.cli.group import LazyGroup
from cspctl.cli.settings import Settings, settings_from

_FLAGS = "cspctl.flags"
_SETTINGS = "cspctl.settings"
F = TypeVar("F", bound=Callable[..., Any])


class GlobalOption(click.Option):
    """Not handed to the command's function: its value goes to the settings."""


class Command(click.Command):
    """A command that also takes the global options, listed in their own section of its help."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += global_options()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, ctx, formatter)


class Group(LazyGroup):
    """A nested group that also takes the global options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += global_options()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        write_options(self, ctx, formatter)


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The command's own options, then the global ones."""
    own: list[tuple[str, str]] = []
    common: list[tuple[str, str]] = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record and isinstance(param, click.Option):
            (common if isinstance(param, GlobalOption) else own).append(record)
    for title, records in (("Options", own), ("Global options", common)):
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


def command(name: str, **more: Any) -> Callable[[Callable[..., int | None]], click.Command]:
    """A click command with the global options; its function returns the exit code, None for 0."""
    return click.command(name, cls=Command, **more)


def global_options() -> list[click.Parameter]:
    """Fresh options; what stands after the command wins over what stands before it."""
    path = click.Path(path_type=Path)
    return [
        _option(["--config"], type=path, metavar="FILE", help="The project file. [env: CSPCTL_CONFIG]"),
        _option(["--state"], metavar="URL", help="The ledger. [env: CSPCTL_STATE]"),
        _option(["--emulator"], is_flag=True, help="Use the bundled Partner Center. [env: CSPCTL_EMULATOR]"),
        _option(
            ["--trust"],
            type=path,
            metavar="FILE",
            help="What manifests may name beyond the project. [env: CSPCTL_TRUST]",
        ),
        _option(
            ["--log-format"],
            type=click.Choice(["text", "json"]),
            help="Logs, progress and errors on stderr. [env: CSPCTL_LOG_FORMAT]",
        ),
        _option(["-v", "--verbose"], count=True, help="More on stderr; twice for every detail."),
        _option(["-q", "--quiet"], is_flag=True, help="No progress, only errors. [env: CSPCTL_QUIET]"),
        _option(["--no-color"], is_flag=True, help="No colour. [env: NO_COLOR, CSPCTL_NO_COLOR]"),
        _option(["--now"], metavar="ISO", help="Pretend that it is this instant. [env: CSPCTL_NOW]"),
    ]


def settings(ctx: click.Context) -> Settings:
    """The settings of this run; also sets up logging. Raises InputError for a broken environment."""
    known = ctx.meta.get(_SETTINGS)
    if not isinstance(known, Settings):
        from cspctl.cli import logs

        known = ctx.meta[_SETTINGS] = settings_from(ctx.meta.get(_FLAGS, {}))
        logs.setup(known)
    return known


def format_option(*choices: str, default: str = "text") -> Callable[[F], F]:
    """`--format`, the same in every command."""
    return click.option(
        "--format",
        "fmt",
        type=click.Choice(choices),
        default=default,
        show_default=True,
        help="What is written to stdout.",
    )


def paths_argument(function: F) -> F:
    """`[PATHS]...`: what to narrow the run to."""
    return click.argument("paths", nargs=-1, type=click.Path(path_type=Path))(function)


def narrowing_options(function: F) -> F:
    """`--target`, `--exclude`, `--selector`: which changes are shown and applied."""
    for name, metavar, text in (
        ("--selector", "LABELS", "Only resources with these labels, like team=emea,tier=gold."),
        ("--exclude", "ADDRESS", "All but this resource; may be repeated."),
        ("--target", "ADDRESS", "Only this resource; may be repeated."),
    ):
        complete = None if name == "--selector" else names.addresses
        function = click.option(name, metavar=metavar, multiple=True, help=text, shell_complete=complete)(function)
    return function


def allow_option(function: F) -> F:
    return click.option(
        "--allow", metavar="GUARD", multiple=True, help="Override this guard for one run; may be repeated."
    )(function)


def _option(names: list[str], **more: Any) -> GlobalOption:
    return GlobalOption(names, expose_value=False, callback=_remember, **more)


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Parents are parsed first, so that a value after the command replaces one before it; -v adds up."""
    if not value:
        return
    flags = ctx.meta.setdefault(_FLAGS, {})
    assert param.name
    flags[param.name] = flags.get("verbose", 0) + value if param.name == "verbose" else value
