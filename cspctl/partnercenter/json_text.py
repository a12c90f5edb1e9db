"""JSON without loss: amounts are Decimal on the way in and the same digits on the way out.

stdlib `json` on purpose: orjson makes binary floats and refuses integers beyond 64 bit, and parsing is
some 2 % of what a request costs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn


def decode(text: bytes) -> Any:
    """Raises ValueError for anything that is not JSON, NaN and Infinity included."""
    try:
        return _DECODER.decode(text.decode(json.detect_encoding(text), "surrogatepass"))
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def encode(value: Any) -> bytes:
    """UTF-8 JSON in the order given. Raises TypeError or ValueError for what JSON cannot hold."""
    return _text(value).encode("ascii")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


# Made once: json.loads would make one for each text.
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(_key(key))}:{_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a JSON number")
        return str(value)
    return json.dumps(value, allow_nan=False)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError("a JSON key must be text")
    return key
