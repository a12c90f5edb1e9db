"""Plain scalars by the YAML 1.2 core schema: integers as int, other numbers as Decimal, everything else text.

Source: YAML 1.2.2 specification, section 10.3.2 (tag resolution of the core schema). Timestamps are not in that
schema and stay text.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

# A number beyond these could be made to cost minutes of arithmetic and means nothing in a manifest.
MAX_DIGITS = 40
MAX_EXPONENT = 40

_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_NUMBER_STARTS = frozenset("0123456789+-.")

WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

Scalar = str | int | Decimal | bool | None


class NumberRefusedError(ValueError):
    """A number that is too long, too large, infinite, or no number at all (`.nan`)."""


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar; raises NumberRefusedError."""
    if text[:1] not in _NUMBER_STARTS:
        return WORDS.get(text, text)
    if _INT.match(text):
        return int(_short(text))
    if _FLOAT.match(text):
        return _decimal(text)
    if _OCTAL.match(text):
        return int(_short(text)[2:], 8)
    if _HEX.match(text):
        return int(_short(text)[2:], 16)
    if _SPECIAL.match(text):
        raise NumberRefusedError("not a finite number")
    return text


def _short(text: str) -> str:
    if len(text) > MAX_DIGITS:
        raise NumberRefusedError(f"longer than {MAX_DIGITS} characters")
    return text


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(_short(text))
    except InvalidOperation as exc:
        raise NumberRefusedError("out of range") from exc
    if number and abs(number.adjusted()) > MAX_EXPONENT:
        raise NumberRefusedError("out of range")
    return number
