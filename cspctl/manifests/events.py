"""The one source of YAML events: the C parser of ruamel.yaml, or its pure parser where the extension is absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ruamel.yaml.error import YAMLError

__all__ = ["HAS_C_PARSER", "YAMLError", "event_source"]

try:
    from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined] # re-exported from the extension

    HAS_C_PARSER = True
except ImportError:  # the extension is optional at install; values and positions are the same, only slower
    HAS_C_PARSER = False


def event_source(raw: bytes, *, pure: bool = False) -> Callable[[], Any]:
    """A function that gives the next event of UTF-8 text; it raises YAMLError on a syntax error."""
    if HAS_C_PARSER and not pure:
        get: Callable[[], Any] = CParser(raw).get_event
        return get
    return _pure_events(raw).__next__


def _pure_events(raw: bytes) -> Iterator[Any]:
    from ruamel.yaml import YAML

    yield from YAML(typ="safe", pure=True).parse(raw.decode("utf-8"))
