"""Read-modify-PATCH: the whole fresh resource goes back, with nothing lost but what a change names.

Properties that are left out of a PATCH are cleared: auto-renew goes off, scheduled instructions vanish.
Source: Partner Center docs, page update-a-subscription-by-id (Oct 2023).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cspctl.errors import RemoteError
from cspctl.partnercenter.wire.instant import instant

_QUOTED = re.compile(r'(W/)?"[^"]*"')
_HEADER_TEXT = re.compile(r"[\x21\x23-\x7e]+")


def patched(body: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The body with top-level properties replaced, keys as the body spells them; a value of None removes
    the key.

    A property that the body lacks is added as the change spells it.
    """
    wanted = {name.casefold(): (name, value) for name, value in changes.items()}
    result: dict[str, Any] = {}
    for key, item in body.items():
        change = wanted.pop(key.casefold(), None)
        if change is None:
            result[key] = item
        elif change[1] is not None:
            result[key] = change[1]
    result.update({name: value for name, value in wanted.values() if value is not None})
    return result


def quoted_etag(body: Mapping[str, Any]) -> str | None:
    """`attributes.etag` of the body for If-Match, in quotes; None when the body has none, as in new
    commerce."""
    attributes = _field(body, "attributes")
    etag = _field(attributes, "etag") if isinstance(attributes, Mapping) else None
    if not etag:
        return None
    if isinstance(etag, str) and _QUOTED.fullmatch(etag) and etag.isascii():
        return etag
    if isinstance(etag, str) and _HEADER_TEXT.fullmatch(etag):
        return f'"{etag}"'
    raise RemoteError("the etag that was read cannot be sent back as a header", status=200, code="E-BODY-SHAPE")


def shows(body: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Whether a body already carries the changes: enums in any case, dates by their instant, maps by what
    is named."""
    return all(_matches(_field(body, name), value) for name, value in changes.items())


def _matches(live: Any, wanted: Any) -> bool:
    if wanted is None:
        return not live
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and shows(live, wanted)
    if isinstance(wanted, str) and isinstance(live, str):
        if wanted.casefold() == live.casefold():
            return True
        moment = instant(wanted)
        return moment is not None and moment == instant(live)
    return bool(live == wanted)


def _field(body: Mapping[str, Any], name: str) -> Any:
    if name in body:
        return body[name]
    wanted = name.casefold()
    return next((item for key, item in body.items() if key.casefold() == wanted), None)
