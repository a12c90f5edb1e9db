"""One token bucket per tenant and resource, filled by the virtual clock (rule 6).

Source: Partner Center docs, page api-throttling-guidance: 500 requests a minute on customers, orders and
subscriptions, 429 with its own body and Retry-After.
"""

from __future__ import annotations

import math
from datetime import datetime

from cspctl.emulator.errors import ApiError


class Throttle:
    """`rate` requests a minute; a bucket holds one minute's worth. 0 = unlimited."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._buckets: dict[tuple[str, str], tuple[float, datetime]] = {}

    def take(self, tenant: str, resource: str, now: datetime) -> None:
        """Take one token. Raises ApiError 429 when there is none."""
        if not self._rate:
            return
        per_second = self._rate / 60
        level, since = self._buckets.get((tenant, resource), (float(self._rate), now))
        elapsed = max(0.0, (now - since).total_seconds())  # a clock set back must not empty the bucket
        level = min(float(self._rate), level + elapsed * per_second)
        if level < 1:
            self._buckets[tenant, resource] = (level, now)
            wait = max(1, math.ceil((1 - level) / per_second))
            raise ApiError(
                429,
                429,
                f"Rate limit is exceeded. Try again in {wait} seconds.",
                shape="throttle",
                headers={"Retry-After": str(wait)},
            )
        self._buckets[tenant, resource] = (level - 1, now)

    def reset(self) -> None:
        self._buckets.clear()
