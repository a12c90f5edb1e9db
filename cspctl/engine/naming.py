"""Names of manifests from names of the world: DNS labels, the same whatever came first, never two alike."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

MAX_LENGTH = 63
# Folders of these names cannot be made on Windows.
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})
_OTHER = re.compile(r"[^a-z0-9]+")
_STEP = 8


def label(text: str, limit: int = 40) -> str:
    """Lower-case letters, digits and hyphens of a text; empty where nothing is left of it."""
    ascii_text = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return _OTHER.sub("-", ascii_text).strip("-")[:limit].strip("-")


def first_label(texts: Iterable[str]) -> str:
    """That of the first text of which something is left."""
    return next((found for text in texts if (found := label(text)) and found not in RESERVED), "unnamed")


def free(wanted: str, otherwise: str, taken: Collection[str]) -> str:
    """`wanted`, else `otherwise`, else that with the first number that is free."""
    number, first, second = 2, label(wanted, MAX_LENGTH), label(otherwise, MAX_LENGTH)
    for candidate in (first, second):
        if candidate and candidate not in taken:
            return candidate
    while True:
        end = f"-{number}"
        candidate = f"{(second or 'unnamed')[: MAX_LENGTH - len(end)]}{end}"
        if candidate not in taken:
            return candidate
        number += 1


def assign(wanted: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    """Id to name. A base that several want, or that is taken, gets the beginning of the id behind it."""
    used = set(taken)
    asked = Counter(wanted.values())
    names: dict[str, str] = {}
    for key, base in sorted(wanted.items()):
        name = base[:MAX_LENGTH].rstrip("-")
        if asked[base] > 1 or name in used:
            name = _with_id(base, key, used)
        names[key] = name
        used.add(name)
    return names


def _with_id(base: str, key: str, used: Collection[str]) -> str:
    """As much of the id as it takes."""
    digits = label(key, 200).replace("-", "")
    for length in range(_STEP, len(digits) + _STEP, _STEP):
        end = "-" + digits[:length]
        name = base[: MAX_LENGTH - len(end)].rstrip("-") + end
        if name not in used:
            return name
    return free(base, f"{base[:40]}-{digits[:16]}", used)
