"""A fault from its JSON form; what is wrong is said with the property it is wrong in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, cast

from cspctl.emulator.faults.fault import NAMES, Fault

_METHODS = ("*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_DOES = ("status", "delaySeconds", "slowBodySeconds", "drop", "truncate", "page", "skewSeconds")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110: name of a header
_TEXT = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # what a header value may hold


class FaultError(ValueError):
    """`key` is the property at fault, None for the document as a whole; `index` its place in a list of several.

    `misplaced`: the property should not be there at all, whatever its value.
    """

    def __init__(self, message: str, key: str | None = None, *, misplaced: bool = False) -> None:
        super().__init__(message)
        self.key = key
        self.misplaced = misplaced
        self.index = 0


def parse(document: Any) -> Fault:
    """Raises FaultError with what is wrong."""
    if not isinstance(document, dict):
        raise FaultError("a fault is an object of properties")
    for key in document:
        if key not in NAMES:
            raise FaultError(f"unknown property {key!r}; known are {', '.join(sorted(NAMES))}", key, misplaced=True)
    given = {key: value for key, value in document.items() if value is not None}
    fault = Fault(**{NAMES[key]: _READERS[key](key, value) for key, value in given.items()})
    if not any(given.get(key) for key in _DOES):
        raise FaultError(f"a fault needs one of {', '.join(_DOES)}")
    for key in ("body", "headers", "effect"):
        if key in given and fault.status is None:
            raise FaultError(f"{key} needs a status beside it", key, misplaced=True)
    if fault.drop and fault.status is not None:
        raise FaultError("drop sends no answer, so there cannot be a status beside it", "drop", misplaced=True)
    return fault


def _method(key: str, value: Any) -> str:
    if not isinstance(value, str) or value.upper() not in _METHODS:
        raise FaultError(f"method must be one of {', '.join(_METHODS)}, not {value!r}", key)
    return value.upper()


def _path(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("/", "*")):
        raise FaultError(f'path must begin with "/" or "*", not be {value!r}', key)
    return value


def _whole(least: int, most: int | None = None) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        bad = not isinstance(value, int) or isinstance(value, bool)
        if bad or value < least or (most is not None and value > most):
            span = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise FaultError(f"{key} must be a whole number {span}, not {value!r}", key)
        return int(value)

    return read


def _number(most: float) -> Callable[[str, Any], float]:
    def read(key: str, value: Any) -> float:
        bad = not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value)
        if bad or not 0 <= value <= most:
            raise FaultError(f"{key} must be a number from 0 to {most:g}, not {value!r}", key)
        return float(value)

    return read


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def read(key: str, value: Any) -> str:
        if value not in choices:
            raise FaultError(f"{key} must be {' or '.join(choices)}, not {value!r}", key)
        return cast(str, value)

    return read


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FaultError(f"{key} must be true or false, not {value!r}", key)
    return value


def _headers(key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise FaultError(f"{key} must be an object of names and values", key)
    headers = {str(name): str(one) for name, one in value.items()}
    for name, text in headers.items():
        if not _TOKEN.fullmatch(name) or not _TEXT.fullmatch(text) or isinstance(value[name], dict | list | bool):
            raise FaultError(f"{key} cannot hold {name!r}: {value[name]!r}", key)
        if name.lower() in ("content-length", "transfer-encoding", "date"):
            raise FaultError(f"{key} cannot hold {name}: it follows from the answer", key)
    return headers


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "method": _method,
    "path": _path,
    "nth": _whole(1),
    "times": _whole(0),
    "status": _whole(200, 599),
    "body": lambda key, value: value,
    "headers": _headers,
    "delaySeconds": _number(3600),
    "slowBodySeconds": _number(3600),
    "drop": _one_of("before", "after"),
    "effect": _one_of("before", "after"),
    "truncate": _flag,
    "page": _one_of("repeated", "shifted"),
    "skewSeconds": _whole(-315_360_000, 315_360_000),  # ten years; Date cannot go beyond the calendar
    "probability": _number(1),
    "seed": _whole(0),
}
