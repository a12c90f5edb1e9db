"""Currencies: of a country, and which one a purchase may ask for.

Source: Partner Center docs, page error-codes (900169: the partner's or the customer's market currency, Oct 2023).
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import partner_of

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CHF": "CHF", "SEK": "kr", "NOK": "kr", "DKK": "kr"}
_OF_COUNTRY = {"US": "USD", "GB": "GBP", "CH": "CHF", "SE": "SEK", "NO": "NOK", "DK": "DKK", "JP": "JPY", "AU": "AUD",
               "CA": "CAD", "IN": "INR", "BR": "BRL", "NZ": "NZD"}  # fmt: skip  # a table reads better packed


def symbol(currency: str) -> str:
    return _SYMBOLS.get(currency, currency)


def market_currency(country: str) -> str:
    """(impl.) the euro for every country that is not in the table."""
    return _OF_COUNTRY.get(country, "EUR")


def currency_of(ctx: Context, customer: dict[str, Any], wanted: object) -> str:
    """The currency of a purchase: the customer's own unless another allowed one is named. Raises 400/900169."""
    own = str(customer["_currency"])
    if not wanted:
        return own
    code = str(wanted).upper()
    if code not in (own, str(partner_of(ctx).get("currency")), market_currency(str(customer["_market"]))):
        text = f"One or more of the order items do not support the given currency, {code}."
        raise ApiError(400, 900169, f"{text} Input currency should be either partner or customer (market) currency.")
    return code
