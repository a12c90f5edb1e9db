"""Days as an iCalendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LINE_OCTETS = 75


@dataclass(frozen=True, slots=True)
class Day:
    """One whole-day entry; `uid` stays the same as long as it means the same thing."""

    uid: str
    on: date
    summary: str
    description: str


def render(days: Sequence[Day], *, stamp: datetime) -> str:
    """CRLF lines, folded at 75 octets; `stamp` is aware UTC and the same for all entries."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//cspctl//renewals//EN"]
    for day in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(day.uid)}",
            f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(day.summary)}",
            f"DESCRIPTION:{_text(day.description)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _fold(line))


def _text(value: str) -> str:
    """RFC 5545 section 3.3.11: backslash, semicolon, comma and line breaks are escaped; controls are dropped."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    lines = "\\n".join(escaped.splitlines())
    return "".join(c for c in lines if c.isprintable())


def _fold(line: str) -> list[str]:
    """No line over 75 octets; continuation lines begin with a space, and no character is cut."""
    folded: list[str] = []
    current = ""
    for character in line:
        if len((current + character).encode("utf-8")) > LINE_OCTETS:
            folded.append(current)
            current = " "
        current += character
    return [*folded, current]
