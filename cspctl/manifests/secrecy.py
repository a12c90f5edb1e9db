"""What must never be shown: literal secrets, wherever they stand in a file."""

from __future__ import annotations

import re
from functools import lru_cache

from cspctl.manifests.constructor import Marks, Span
from cspctl.model.secret_ref import parse_secret_ref

MASK = "***"
_WORDS = re.compile(r"secret|passw|token|credential|apikey|privatekey|passphrase|certificate", re.IGNORECASE)
# For text that could not be parsed: KEY: VALUE up to where a value of a flow map or a comment would end.
_LOOSE = re.compile(
    r"(?P<key>[\"']?[A-Za-z_][A-Za-z0-9_.-]*[\"']?)(?P<gap>\s*[:=]\s*)(?P<value>\"[^\"]*\"?|'[^']*'?|[^\s,{}\[\]#][^,}\]\n]*)"
)

_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?P<user>[^/\s@\"']*@)?(?P<host>[^/\s@\"'?#,}\]]*/?)(?P<rest>[^\s\"',}\]]*)"
)


@lru_cache(maxsize=4096)
def is_reference_key(name: str) -> bool:
    """Fields that take a reference to a secret: `…Ref`, and the writable store."""
    return (name.endswith("Ref") and len(name) > 3) or name == "tokenStore"


@lru_cache(maxsize=4096)
def is_secret_key(name: str) -> bool:
    """Names under which a value is never shown unless it is a reference."""
    return is_reference_key(name) or _WORDS.search(name) is not None


def secret_spans(found: Marks) -> list[Span]:
    """Where literal secrets stand: scalars below a secret key that are no references."""
    return [
        span
        for path, span in found.scalars.items()
        if any(isinstance(part, str) and is_secret_key(part) for part in path[1:])
        and parse_secret_ref(found.texts[path]) is None
    ]


def mask(line: str, number: int, spans: list[Span]) -> str:
    """A source line without its secrets, by position and, for what no position covers, by its looks."""
    for span in sorted(spans, key=lambda s: (s.line, s.column), reverse=True):
        if not span.line <= number <= span.end_line:
            continue
        start = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
        end = span.end_column - 1 if number == span.end_line else len(line)
        if end > start and start < len(line):
            line = line[:start] + MASK + line[end:]
    return _URL.sub(_bare_url, _LOOSE.sub(_bare_pair, line))


def _bare_pair(match: re.Match[str]) -> str:
    name, value = match["key"].strip("\"'"), match["value"].strip().strip("\"'")
    if not is_secret_key(name) or parse_secret_ref(value) is not None:
        return match.group()
    return match["key"] + match["gap"] + MASK


def _bare_url(match: re.Match[str]) -> str:
    """Scheme and host; user names, passwords, paths and queries of webhooks and databases are secrets."""
    rest = MASK if match["rest"] else ""
    return match["scheme"] + (MASK + "@" if match["user"] else "") + match["host"] + rest
