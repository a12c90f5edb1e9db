"""Faults and scenarios of a file, YAML or JSON; what is wrong is named with file, line and column."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from cspctl.errors import InputError
from cspctl.manifests.locate import source_of
from cspctl.manifests.reader import BROKEN, MAX_BYTES, read

_CODE = "E-EMULATOR-FAULTS"
_FORM = 'faults are a list, {"faults": [...]}, or one fault or {"scenario": NAME}'
Place = tuple[str | int, ...]


def read_faults(path: Path) -> list[dict[str, Any]]:
    """The documents of a faults file, each well formed. Raises InputError (E-EMULATOR-FAULTS)."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the faults file {path}: {error.strerror}", code=_CODE) from error
    return check_faults(raw, str(path))


def check_faults(raw: bytes, name: str) -> list[dict[str, Any]]:
    """The same for text that stands in `name`, a file or an option."""
    if len(raw) > MAX_BYTES:
        raise InputError(f"{name} is too large: at most {MAX_BYTES} bytes are read", code=_CODE)
    documents, problems = read(raw, name)
    if problems:
        first = problems[0]
        excerpt = source_of(raw).excerpt(first.pos.line, first.pos.column) if first.pos else None
        raise InputError(f"{first.pos}: {first.message}", code=_CODE, hint=first.hint, excerpt=excerpt)
    if len(documents) != 1 or documents[0] is BROKEN:
        raise InputError(f"{name}: a faults file is one document; {_FORM}", code=_CODE)
    faults, places = _faults(_plain(documents[0]), raw, name)
    _judge(faults, places, raw, name)
    return faults


def _plain(value: Any) -> Any:
    """The same with numbers as JSON has them; the reader keeps the digits of fractions."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def _faults(content: Any, raw: bytes, name: str) -> tuple[list[dict[str, Any]], list[Place]]:
    """The faults and where each one stands in the document."""
    if isinstance(content, dict) and "faults" in content:
        others = [key for key in content if key != "faults"]
        if others:
            raise _wrong(raw, name, (others[0],), f"unknown property {others[0]!r} beside faults", key=True)
        content, start = content["faults"], ("faults",)
        if not isinstance(content, list):
            raise _wrong(raw, name, start, "faults must be a list")
        return content, [(*start, index) for index in range(len(content))]
    if isinstance(content, list):
        return content, [(index,) for index in range(len(content))]
    if isinstance(content, dict) and content:
        return [content], [()]
    raise _wrong(raw, name, (), _FORM)


def _judge(faults: list[dict[str, Any]], places: list[Place], raw: bytes, name: str) -> None:
    from cspctl.emulator.faults.reading import FaultError
    from cspctl.emulator.faults.scenarios import read_all

    try:
        read_all(faults)
    except FaultError as error:
        at = places[error.index]
        document = faults[error.index]
        known = error.key is not None and isinstance(document, dict) and error.key in document
        raise _wrong(raw, name, (*at, str(error.key)) if known else at, str(error), key=error.misplaced) from None


def _wrong(raw: bytes, name: str, at: Place, message: str, *, key: bool = False) -> InputError:
    source = source_of(raw)
    line, column = source.find(0, at, key=key) or (1, 1)
    return InputError(
        f"{name}:{line}:{column}: {message}",
        code=_CODE,
        hint="docs/emulator.md lists the properties of a fault and the named scenarios",
        excerpt=source.excerpt(line, column),
    )
