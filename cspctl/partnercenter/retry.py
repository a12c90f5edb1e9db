"""How long to go on: pure arithmetic, and the sentences for when it is enough.

Source: Partner Center docs, page api-throttling-guidance (Oct 2023): wait Retry-After on 429, back off
exponentially when it repeats. Repeating 5xx answers is our own rule and applies to reads alone.
"""

from __future__ import annotations

import random
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from cspctl.errors import CspctlError, ThrottledError, UnreachableError
from cspctl.partnercenter.calls import Call, Reply
from cspctl.partnercenter.faults import read_fault

# The connection was never made, so nothing was sent: a write may be repeated as it is.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# Our own mistake; repeating it would not help.
NOT_HTTP = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)
NO_ANSWER = (httpx.TransportError, httpx.DecodingError)

_IN_SECONDS = re.compile(r"in (\d{1,5}) second")


def _uniform() -> float:
    return random.uniform(0.5, 1.0)  # noqa: S311 - jitter spreads load, it protects nothing


@dataclass(frozen=True, slots=True)
class Budget:
    """`tries` counts answers that never came or were broken; waits are seconds of the clock.

    `throttled` bounds the sum of the waits that 429 answers asked for, per request.
    """

    tries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    throttled: float = 600.0
    jitter: Callable[[], float] = _uniform

    def wait(self, attempt: int) -> float:
        """Seconds before try `attempt` + 1; 1 is the first failed one."""
        return self.jitter() * min(self.longest_wait, self.first_wait * 2.0 ** min(attempt - 1, 20))


@dataclass(slots=True)
class Spent:
    """What one request has used of its budget."""

    budget: Budget
    failures: int = 0
    throttles: int = 0
    waited: float = 0.0

    def after_failure(self) -> float | None:
        """Seconds to wait, or None when the budget is used up."""
        self.failures += 1
        return None if self.failures >= self.budget.tries else self.budget.wait(self.failures)

    def after_throttle(self, retry_after: float | None) -> float | None:
        """Retry-After, and from the second 429 on at least the back-off; None when the budget is used up."""
        self.throttles += 1
        wait = retry_after if retry_after is not None else self.budget.wait(self.throttles)
        if self.throttles > 1:
            wait = max(wait, self.budget.wait(self.throttles))
        self.waited += wait
        return None if self.waited > self.budget.throttled else wait


def retry_after(reply: Reply, now: datetime) -> float | None:
    """Seconds that a 429 asks for: header as seconds or date, else the number in its text; None when it
    says none."""
    value = reply.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        found = _IN_SECONDS.search(read_fault(reply.content).text)
        return float(found.group(1)) if found else None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def unreachable(call: Call, tries: int, cause: Exception | None, status: int | None = None) -> UnreachableError:
    """For when no usable answer came; names the kind of failure, never its text."""
    if _is_tls(cause):
        return UnreachableError(
            "the service's certificate could not be verified",
            code="E-TLS",
            hint="Check the clock and the CA bundle; an intercepting proxy needs its CA in SSL_CERT_FILE.",
        )
    what = type(cause).__name__ if cause else f"status {status}" if status else "an unreadable answer"
    return UnreachableError(
        f"no usable answer to {call.method} {call.route} in {tries} tries; the last was {what}",
        hint="Check the network and the service's status, then run again; this request changed nothing.",
    )


def throttled(call: Call, waited: float) -> ThrottledError:
    return ThrottledError(
        f"still throttled at {call.method} {call.route} after waiting {waited:.0f} s",
        hint="Run again later, or with a lower concurrency; other applications of this tenant count as well.",
    )


def not_http(call: Call, cause: Exception) -> CspctlError:
    return CspctlError(
        f"the request {call.method} {call.route} could not be written as HTTP ({type(cause).__name__})",
        code="E-REQUEST",
    )


def is_hopeless(cause: Exception) -> bool:
    """A certificate that does not verify will not verify in a second."""
    return _is_tls(cause)


def _is_tls(cause: BaseException | None) -> bool:
    for _ in range(8):
        if cause is None:
            return False
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
