"""What the emulator commands share: where its data is, the session with it, JSON of the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cspctl.cli import options
from cspctl.errors import InputError

if TYPE_CHECKING:
    from cspctl.workspace.emulator_session import EmulatorSession


def data_option(function: Any) -> Any:
    """`--data FILE`, the same in every emulator command."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The emulator's state.  [default: .cspctl/emulator.db in the project]",
    )(function)


def data_file(ctx: click.Context, data: Path | None, near: Path | None = None) -> Path:
    """Where the emulator keeps its state: as asked, else in the project of `near` or of this folder.

    The same place in which `plan --emulator` looks, found without reading any manifest.
    """
    if data:
        return data
    start = (options.settings(ctx).config or near or Path()).absolute()
    folder = start if start.is_dir() else start.parent
    root = next((f for f in (folder, *folder.parents) if (f / "cspctl.yaml").is_file()), folder)
    return root / ".cspctl" / "emulator.db"


@contextmanager
def attached(data: Path) -> Iterator[EmulatorSession]:
    """A live server that holds `data`, or one embedded for this command."""
    from cspctl.workspace.emulator_session import open_data

    session = open_data(data)
    try:
        yield session
    finally:
        session.close()


def read_json(text: str, option: str) -> Any:
    """JSON given on the command line, or `@FILE`. Raises InputError with what is wrong."""
    try:
        content = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        return json.loads(content)
    except OSError as error:
        raise InputError(f"cannot read {text[1:]}: {error.strerror}", code="E-READ") from error
    except ValueError as error:
        hint = f"for a file write {option} @{text}" if Path(text).is_file() else None
        raise InputError(f"{option} wants JSON or @FILE: {error}", code="E-OPTION", hint=hint) from error
