"""Every app+user call of this process, for the MFA reports: the newest in full, all of them as counts.

In memory on purpose: a row per call in the store would cost more than most calls do.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One app+user request as it was seen."""

    partner: str
    principal: str
    application: str
    mfa: bool
    method: str
    template: str
    request_id: str
    correlation_id: str
    address: str
    at: datetime


@dataclass
class Telemetry:
    """Counters of one emulator process; `reset` of the control API empties them."""

    most: int = 10_000
    calls: deque[Call] = field(default_factory=deque)
    days: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)  # partner, day, app → [mfa, total]
    without: dict[tuple[str, str], datetime] = field(default_factory=dict)  # partner, principal → last such call

    def record(self, call: Call) -> None:
        self.calls.append(call)
        if len(self.calls) > self.most:
            self.calls.popleft()
        counts = self.days.setdefault((call.partner, call.at.date().isoformat(), call.application), [0, 0])
        counts[0] += call.mfa
        counts[1] += 1
        if not call.mfa:
            self.without[call.partner, call.principal] = call.at

    def clear(self) -> None:
        self.calls.clear()
        self.days.clear()
        self.without.clear()
