"""A page of items. `totalCount` counts this page in most samples and is wrong in some: never rely on it.

Source: Partner Center docs, samples of get-a-list-of-customers and get-all-of-a-customer-s-subscriptions
(Oct 2023).
"""

from __future__ import annotations

from typing import Generic, TypeVar

from cspctl.partnercenter.wire.body import Number, Text
from cspctl.partnercenter.wire.link import Resource

Item = TypeVar("Item")


class Collection(Resource, Generic[Item]):
    total_count: Number | None = None
    items: list[Item] | None = None
    continuation_token: Text | None = None
