"""Tax of charge lines: list prices exclude it, every line carries its own, telephony is taxed apart.

Source: Partner Center docs, pages tax-and-tax-exemptions and tax-and-fees-voice-services (2023). The rates are
settings: no page prints them, and none is guessed.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from cspctl.emulator.settings import Settings

_CENT = Decimal("0.01")


def tax(amount: Decimal, percent: Decimal | int) -> Decimal:
    """Tax of one line, to the cent, half up."""
    return (amount * percent / 100).quantize(_CENT, ROUND_HALF_UP)


def percent_of(settings: Settings, market: str, *, telephony: bool) -> Decimal:
    """The rate of a market, or the general one; the telephony part of a price bears another on top."""
    rate = market_rates(settings.market_tax_percent).get(market.upper(), Decimal(settings.tax_percent))
    return rate + (settings.telephony_tax_percent if telephony else 0)


def market_rates(text: str) -> dict[str, Decimal]:
    """`DE=19, US=8.875` as a table. Raises ValueError for anything else."""
    rates = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        market, _, rate = part.partition("=")
        try:
            value = Decimal(rate)
        except ArithmeticError:
            value = Decimal(-1)
        if len(market.strip()) != 2 or not 0 <= value <= 100:
            raise ValueError(f"{part!r} is no market and percentage such as DE=19")
        rates[market.strip().upper()] = value
    return rates
