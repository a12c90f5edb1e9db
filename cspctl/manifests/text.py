"""Text of other people, made safe to show in a message or an excerpt."""

from __future__ import annotations

import unicodedata

_LIMIT = 60


def printable(text: str) -> str:
    """The same number of characters, with everything that could steer a terminal replaced."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" else "\ufffd" for c in text)


def shown(value: object) -> str:
    """A value as it may stand in a message: quoted text, shortened, printable."""
    if isinstance(value, str):
        text = printable(value if len(value) <= _LIMIT else value[: _LIMIT - 1] + "…")
        return f'"{text}"'
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    return printable(str(value))
