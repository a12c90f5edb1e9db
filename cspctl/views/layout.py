"""Text measured in terminal cells: East Asian wide characters take two, combining marks none."""

from __future__ import annotations

import re
import unicodedata

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def cells(text: str) -> int:
    """Width in terminal cells; our own colour codes take none."""
    plain = _ANSI.sub("", text) if "\x1b" in text else text
    if plain.isascii():
        return len(plain)
    return sum(_char_cells(c) for c in plain)


def _char_cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Blanks up to `width` cells; `right` puts them in front."""
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks


def shorten(text: str, width: int) -> str:
    """At most `width` cells; what was cut is shown as an ellipsis. `text` carries no colour."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += _char_cells(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + "\u2026"


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most `width` cells, broken at blanks, else anywhere. `first` and `rest` go in front."""
    lines: list[str] = []
    line, room = first, max(8, width - cells(first))
    taken = 0
    for word in text.split(" "):
        for piece in _pieces(word, max(8, width - cells(rest))):
            gap = 1 if taken else 0
            if taken and taken + gap + cells(piece) > room:
                lines.append(line.rstrip())
                line, room, taken, gap = rest, max(8, width - cells(rest)), 0, 0
            line += " " * gap + piece
            taken += gap + cells(piece)
    lines.append(line.rstrip())
    return lines


def _pieces(word: str, width: int) -> list[str]:
    """A word, cut where it alone is wider than a line."""
    if cells(word) <= width:
        return [word]
    pieces, current, used = [], "", 0
    for char in word:
        size = _char_cells(char)
        if used + size > width:
            pieces.append(current)
            current, used = "", 0
        current += char
        used += size
    return [*pieces, current]
