"""Calls to the emulator's control API; a running server is used, else one is embedded for the call."""

from __future__ import annotations

import http.client
import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from cspctl.cli import options
from cspctl.errors import InputError, UnreachableError

_TIMEOUT = 60.0


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


def launch() -> Any:
    """cspctl.emulator.launch, loaded by name: it needs the whole server."""
    return importlib.import_module("cspctl.emulator.launch")


@contextmanager
def attached(data: Path) -> Iterator[Any]:
    """A handle on a live server that holds `data`, or on one embedded for this command."""
    data.parent.mkdir(parents=True, exist_ok=True)
    handle = launch().attach_or_embed(data)
    try:
        yield handle
    finally:
        handle.close()


def call(handle: Any, method: str, path: str, body: Any = None) -> Any:
    """The JSON answer of `/_emulator/<path>`; None for an empty one.

    Raises InputError for what the emulator refuses, UnreachableError when it does not answer.
    """
    address = urlsplit(handle.base_url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=_TIMEOUT)
    headers = {"X-Emulator-Token": handle.control_token, "Content-Type": "application/json"}
    try:
        payload = None if body is None else json.dumps(body).encode()
        connection.request(method, f"/_emulator/{path}", payload, headers)
        response = connection.getresponse()
        raw = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(f"the emulator does not answer: {error}", code="E-EMULATOR") from error
    finally:
        connection.close()
    if response.status == 404:
        raise InputError("the running emulator was started with --no-control", code="E-EMULATOR")
    if response.status >= 400:
        raise InputError(f"the emulator refused: {_reason(raw)}", code="E-EMULATOR")
    return json.loads(raw) if raw else None


def _reason(raw: bytes) -> str:
    """The description of an error body, else its text."""
    try:
        body = json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")[:500]
    return str(body.get("description") or body) if isinstance(body, dict) else str(body)


def read_json(text: str, option: str) -> Any:
    """JSON given on the command line, or `@FILE`. Raises InputError with what is wrong."""
    try:
        content = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        return json.loads(content)
    except OSError as error:
        raise InputError(f"cannot read {text[1:]}: {error.strerror}", code="E-READ") from error
    except ValueError as error:
        raise InputError(f"{option} wants JSON or @FILE: {error}", code="E-OPTION") from error
