"""Billing periods: calendar months in UTC, one book per currency and commerce, invoiced in the next month.

Source: Partner Center docs, pages billing-basics and read-your-bill (2022, 2023). Legacy offers are invoiced apart
(D…); that their period is the calendar month too, and not the partner's own billing day, is a choice (impl.).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from cspctl.emulator.settings import Settings

MODERN, LEGACY = "", "legacy"


class Book(NamedTuple):
    """The lines that one invoice will hold: a month `YYYY-MM`, a currency, and MODERN or LEGACY."""

    period: str
    currency: str
    commerce: str = MODERN

    @property
    def key(self) -> str:
        """The parent under which the store keeps the lines."""
        return ":".join(part for part in self if part)


def book_of(at: datetime, currency: str, *, legacy: bool) -> Book:
    return Book(f"{at:%Y-%m}", currency, LEGACY if legacy else MODERN)


def book_from(key: str) -> Book:
    return Book(*key.split(":"))


def next_issue(at: datetime, settings: Settings) -> int:
    """When the period of an instant is invoiced, in microseconds since 1970."""
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return microseconds(following.replace(day=settings.invoice_day))


def microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
