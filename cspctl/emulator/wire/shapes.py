"""Shapes that every resource shares: links, collections, identifiers, catalogue item ids.

Source: API conventions of the Partner Center docs (samples of Oct 2023): link uris are host-relative without `/v1`,
collections carry `totalCount`, `items`, `links`, `attributes.objectType`.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

from starlette.requests import Request

from cspctl.emulator.store import Store

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ"
_NAMESPACE = uuid.UUID("6f5b1c0e-0f53-5c3e-9a70-6f6d1a3f2b11")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def link(uri: str, method: str = "GET") -> dict[str, Any]:
    return {"uri": uri, "method": method, "headers": []}


def collection(items: list[dict[str, Any]], self_uri: str | None = None) -> dict[str, Any]:
    """An unpaged collection; `totalCount` counts the items of this answer."""
    body: dict[str, Any] = {"totalCount": len(items), "items": items}
    if self_uri is not None:
        body["links"] = {"self": link(self_uri)}
    body["attributes"] = {"objectType": "Collection"}
    return body


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


def text_code(length: int, *parts: str) -> str:
    """A stable upper-case alphanumeric code derived from its parts."""
    number = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def stable_guid(*parts: str) -> str:
    """A GUID derived from its parts: the same seed gives the same ids in every run."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def new_guid(store: Store, purpose: str) -> str:
    """The next GUID of this store: drawn from a persisted counter, so that a repeated session gives the same ids."""
    return stable_guid("new", purpose, str(store.next_number(f"ids:{purpose}")))


def new_order_id(store: Store) -> str:
    """Order id of new commerce: 12 lower-case hex characters."""
    return hashlib.sha256(new_guid(store, "order").encode()).hexdigest()[:12]


def catalog_item(product_id: str, sku_id: str, availability_id: str) -> str:
    return f"{product_id}:{sku_id}:{availability_id}"


def split_catalog_item(text: str) -> tuple[str, str, str] | None:
    """`P:S:A` in its three parts; None when the text has another form (legacy offers)."""
    parts = text.split(":")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None


def query_value(request: Request, *names: str) -> str | None:
    """A query parameter whose name is compared without case; the first of several spellings that is present."""
    given = {key.lower(): value for key, value in request.query_params.multi_items()}
    return next((given[name.lower()] for name in names if name.lower() in given), None)
