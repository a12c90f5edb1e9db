"""The documented exchanges as they lie in the sample folder: one file per page of the documentation.

A file that is no page, or an exchange of a page that is none, is reported with its reason and never left out:
it counts as documented and not answered.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.headings import operation

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
# Headers of the answer that a client cannot do without; the others are of the day the page was printed.
_PROMISED = frozenset({"location", "retry-after"})
INDEX = "index.json"


@dataclass(frozen=True)
class Exchange:
    """One documented request with its documented answer; `status` is None where no answer is printed."""

    page: str
    section: str
    number: int
    method: str
    template: str
    path: str
    host: str
    headers: dict[str, str]
    request_body: Any
    status: int | None
    body: Any
    assumed: bool = False  # the page prints no status; any of the same class fits
    guessed: bool = False  # which request of the page this answers is a guess
    alone: bool = False  # the page prints this answer without a request
    promised: tuple[str, ...] = ()  # headers of the documented answer that must be there
    variants: tuple[Any, ...] = ()  # further example bodies of the same answer

    @property
    def name(self) -> str:
        return f"{self.page}#{self.number}"


@dataclass(frozen=True)
class Unreadable:
    """A file or an exchange that has not the shape of one."""

    page: str
    problem: str


@dataclass
class Samples:
    """What a folder holds: `pages` names every file but the index."""

    pages: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


def read(folder: Path) -> Samples:
    """Every exchange of every page, by page name."""
    found = Samples()
    for file in sorted(folder.glob("*.json")):
        if file.name != INDEX:
            found.pages.append(file.stem)
            _page(file, found)
    return found


def _page(file: Path, found: Samples) -> None:
    try:
        entries = _entries(json.loads(file.read_text(encoding="utf-8-sig")))
    except (ValueError, OSError) as error:  # also a JSON error and bytes that are no UTF-8
        found.unreadable.append(Unreadable(file.stem, str(error)))
        return
    page = []
    for number, entry in enumerate(entries):
        try:
            page.append(_exchange(file.stem, number, entry))
        except ValueError as error:
            found.unreadable.append(Unreadable(file.stem, f"exchange {number}: {error}"))
    found.exchanges += _with_printed_requests(page)


def _entries(document: Any) -> list[Any]:
    entries = document.get("exchanges") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("the file is no page: it must be an object with a list `exchanges`")
    return entries


def _exchange(page: str, number: int, entry: Any) -> Exchange:
    """Raises ValueError that names what is missing or of another type."""
    if not isinstance(entry, dict):
        raise ValueError("it must be an object")
    _check(entry)
    path, named = _address(entry.get("path_sample") or "")
    template = _address(entry.get("path_template") or "")[0] or path
    method = entry.get("method") or ""
    if not method:
        method, template = operation(entry)
    if method and not template:
        raise ValueError("it has a method but neither path_template nor path_sample")
    return Exchange(
        page=page,
        section=str(entry.get("section") or ""),
        number=number,
        method=method.upper(),
        template=template,
        path=path,
        host=entry.get("host") or named,
        headers={name: str(text) for name, text in (entry.get("request_headers") or {}).items()},
        request_body=entry.get("request_body"),
        status=entry["response_status"],
        body=entry.get("response_body"),
        assumed=any("assumed" in str(note) for note in entry.get("notes") or []),
        guessed=any("is a guess" in str(note) for note in entry.get("notes") or []),
        alone=any("without a request" in str(note) for note in entry.get("notes") or []),
        promised=tuple(one for one in entry.get("response_headers") or {} if one.lower() in _PROMISED),
        variants=tuple(one for one in entry.get("response_body_variants") or [] if one),
    )


def _address(printed: str) -> tuple[str, str]:
    """Path and host of a request line, which some pages print whole: `{baseURL}/v1/… HTTP/1.1`, `https://host/v1/…`."""
    text = re.sub(r"\s+HTTP/[\d.]+$", "", printed.strip())
    text = re.sub(r"(?<=[^:/])//+(?=[^/])", "/", re.sub(r"^[{<\[]+base[ _-]?ur[il][}>\]]+", "", text, flags=re.I))
    scheme, slashes, rest = text.partition("://")
    if not slashes or scheme.lower() not in ("http", "https"):
        return text, ""
    host, slash, path = rest.partition("/")
    return slash + path.lstrip("/"), host.strip().lower()


_TYPES: dict[str, tuple[type, ...]] = {
    "method": (str,), "path_template": (str,), "path_sample": (str,), "host": (str,), "section": (str,),
    "request_headers": (dict,), "response_headers": (dict,), "response_status": (int,), "notes": (list,),
    "response_body_variants": (list,),
}  # fmt: skip  # a table of types


def _check(entry: dict[str, Any]) -> None:
    missing = [name for name in ("method", "response_status", "response_body") if name not in entry]
    if missing:
        raise ValueError(f"it has no {', '.join(missing)} (null where the page prints none)")
    for name, types in _TYPES.items():
        value = entry.get(name)
        if value is not None and (not isinstance(value, types) or isinstance(value, bool)):
            raise ValueError(f"{name} must be {types[0].__name__}, not {type(value).__name__}")
    method = entry["method"]
    if method is not None and method.upper() not in _METHODS:
        raise ValueError(f"{method} is no method of HTTP")


def _with_earlier_request(one: Exchange, before: list[Exchange]) -> Exchange:
    if not one.alone or one.request_body is not None or one.method not in ("POST", "PUT", "PATCH"):
        return one
    same = [other for other in before if (other.method, other.template) == (one.method, one.template)]
    body = next((other.request_body for other in same if other.request_body is not None), None)
    return one if body is None else replace(one, request_body=body)


def _with_printed_requests(page: list[Exchange]) -> list[Exchange]:
    """Where a section prints two bodies without a request line, the first is the request of the second.

    A further answer of an operation, printed without a request, answers the request that the page prints for it.
    """
    found = [_with_earlier_request(one, page[:index]) for index, one in enumerate(page)]
    for index in range(1, len(found)):
        before, one = found[index - 1], found[index]
        bare = not one.path and one.request_body is None and not before.path and before.request_body is None
        if bare and one.section == before.section and one.method in ("POST", "PUT", "PATCH"):
            found[index] = replace(one, request_body=before.body)
    return found
