"""Canonical JSON: the same value gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from cspctl.views import escape, values


def dumps(value: Any) -> str:
    """Two-space indent, UTF-8, trailing newline; models keep the order of their fields, maps sort their keys.

    Hidden characters inside strings are written as \\u codes. Raises TypeError for anything that is not data.
    """
    text = json.dumps(_data(value), ensure_ascii=False, indent=2, allow_nan=False)
    return escape.json_document(text) + "\n"


def line(value: Any) -> str:
    """The same on one line, for JSON Lines."""
    text = json.dumps(_data(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return escape.json_document(text) + "\n"


def _data(value: Any) -> Any:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {
            field.serialization_alias or field.alias or name: _data(getattr(value, name))
            for name, field in fields.items()
        }
    if isinstance(value, Ordered):
        return {key: _data(value[key]) for key in value}
    if isinstance(value, Mapping):
        return {str(key): _data(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_data(v) for v in value]
    return values.plain(value)


class Ordered(dict[str, Any]):
    """A record whose keys stand in a meaningful order, as fields of a model do."""
