"""Token buckets, filled by the virtual clock (rule 6): one per tenant and resource, one per application for consents.

Source: Partner Center docs, pages api-throttling-guidance (500 requests a minute on customers, orders and
subscriptions, 429 with its own body and Retry-After, and the list of operations it is enforced on) and
control-panel-vendor-apis (50 requests a second per application id). Transfers and product upgrades are on that list
without a number; they have buckets of their own with the same size (impl.).
"""

from __future__ import annotations

import math
from datetime import datetime
from functools import cache

from cspctl.emulator.context import RouteSpec
from cspctl.emulator.errors import ApiError

CONSENT, CONSENT_REMOVAL = "consent", "consent removal"
_PER_APPLICATION = frozenset({CONSENT, CONSENT_REMOVAL})
_SEGMENTS = {
    "upgrades": "subscriptions",
    "conversions": "subscriptions",
    "registrations": "subscriptions",
    "registrationstatus": "subscriptions",
    "azureentitlements": "subscriptions",
    "transfers": "transfers",
    "productupgrades": "product upgrades",
}  # path segment → bucket, for operations that name none themselves


def bucket_of(spec: RouteSpec) -> str | None:
    """The bucket an operation takes from; None when nothing limits it."""
    return spec.throttle or _by_path(spec.path)


@cache
def _by_path(path: str) -> str | None:
    segments = path.lower().split("/")
    return next((bucket for segment, bucket in _SEGMENTS.items() if segment in segments), None)


class Throttle:
    """`per_minute` requests of a tenant, `consents` a second of an application; a bucket holds one such period's worth.

    0 = unlimited.
    """

    def __init__(self, per_minute: int, consents: int = 0) -> None:
        self._per_minute, self._consents = per_minute, consents
        self._buckets: dict[tuple[str, str], tuple[float, datetime]] = {}

    def take(self, tenant: str, application: str, bucket: str, now: datetime) -> None:
        """Take one token. Raises ApiError 429 when there is none."""
        if bucket in _PER_APPLICATION:
            self._take((application, bucket), self._consents, self._consents, now)
        else:
            self._take((tenant, bucket), self._per_minute, self._per_minute / 60, now)

    def _take(self, key: tuple[str, str], most: int, per_second: float, now: datetime) -> None:
        if not most:
            return
        level, since = self._buckets.get(key, (float(most), now))
        elapsed = max(0.0, (now - since).total_seconds())  # a clock set back must not empty the bucket
        level = min(float(most), level + elapsed * per_second)
        if level < 1:
            self._buckets[key] = (level, now)
            wait = max(1, math.ceil((1 - level) / per_second))
            raise ApiError(
                429,
                429,
                f"Rate limit is exceeded. Try again in {wait} seconds.",
                shape="throttle",
                headers={"Retry-After": str(wait)},
            )
        self._buckets[key] = (level - 1, now)

    def reset(self) -> None:
        self._buckets.clear()
