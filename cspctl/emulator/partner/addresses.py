"""Postal addresses: the checks of customer profiles, and the validation service (rule 12).

Source: Partner Center docs, pages customer-resources and validate-an-address (Oct 2023). Which address is judged how
is ours (impl.): a state or postal code of another market finds nothing, a line without a house number is partial.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.partner.countries import STATES, is_market, postal_code_of
from cspctl.emulator.wire.requests import invalid

_FIELDS = ("country", "region", "city", "state", "addressLine1", "addressLine2", "postalCode")
_PERSON = ("firstName", "lastName", "phoneNumber")
_MORE = ("id", "district", "addressLine3", "middleName", "emailAddress")  # the service's own description (2021)
_WORDS = {
    "nowhere": "None",
    "po box": "Verified",
    "interaction": "InteractionRequired",
    "premises": "PremisesPartial",
    "multiple": "Multiple",
    "unvalidated": "NotValidated",
}  # (impl.) a word in addressLine1 that asks for a status
VERIFIED = ("VerifiedShippable", "Verified")
_SUGGESTIONS = {
    "VerifiedShippable": 1, "Verified": 1, "InteractionRequired": 1,
    "StreetPartial": 3, "PremisesPartial": 3, "Multiple": 3,
}  # fmt: skip  # the page's three groups
_MESSAGES = {
    "None": "Address is not valid.",
    "NotValidated": "Address could not be sent to validation.",
    "StreetPartial": "Street partial address found.",
}


def checked_address(given: object, where: str) -> dict[str, Any]:
    """An address with the fields the documentation names. Raises 400/800002 for what cannot be an address there."""
    if not isinstance(given, dict):
        raise invalid(f"{where} is required")
    address = {name: given.get(name) for name in (*_FIELDS, *_PERSON)}
    country = str(address["country"] or "").upper()
    if not is_market(country):
        raise invalid(f"{where}.country {address['country']!r} is not a country code")
    address["country"] = country
    _length(address, "addressLine1", 1, 200, where)
    _length(address, "addressLine2", 0, 200, where)
    _length(address, "city", 1, 200, where)
    _length(address, "state", 0, 2, where)
    for name in ("firstName", "lastName"):
        _length(address, name, 0, 50, where)
    if country in STATES and str(address["state"] or "").upper() not in STATES[country]:
        raise invalid(f"{where}.state {address['state']!r} is no state of {country}")
    postal = postal_code_of(country)
    if postal and not re.fullmatch(postal, str(address["postalCode"] or "")):
        raise invalid(f"{where}.postalCode {address['postalCode']!r} does not match {postal}")
    address |= {name: given.get(name) for name in _MORE}
    return {name: value for name, value in address.items() if value is not None}


def is_physical(address: dict[str, Any]) -> bool:
    """Whether the validation service finds anything at all at this address."""
    return status_of(address) not in ("None", "NotValidated")


def _length(address: dict[str, Any], name: str, least: int, most: int, where: str) -> None:
    value = address[name]
    if value is None and least == 0:
        return
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise invalid(f"{where}.{name} must have {least} to {most} characters")


async def validate(request: Request, ctx: Context) -> Answer:
    body = body_of(request)
    missing = [name for name in ("addressLine1", "city", "state", "postalCode", "country") if not body.get(name)]
    if missing:
        raise invalid(f"{', '.join(missing)} required")
    original = {name: body[name] for name in (*_FIELDS, *_PERSON) if body.get(name) is not None}
    status = status_of(original)
    answer = {
        "originalAddress": original,
        "suggestedAddresses": _suggestions(original, status),
        "status": status,
        "validationMessage": _MESSAGES.get(status),
    }
    return Answer(200, answer)


def status_of(address: dict[str, Any]) -> str:
    """One of the eight documented statuses."""
    line, country = str(address["addressLine1"]), str(address["country"]).upper()
    asked = next((status for word, status in _WORDS.items() if word in line.lower()), None)
    if asked:
        return asked
    if not is_market(country) or (country in STATES and str(address.get("state")).upper() not in STATES[country]):
        return "None"
    postal = postal_code_of(country)
    if postal and not re.fullmatch(postal, str(address.get("postalCode"))):
        return "None"
    has_number = any(character.isdigit() for character in line) or line.lower().startswith(("one ", "two ", "three "))
    return "VerifiedShippable" if has_number else "StreetPartial"


def _suggestions(address: dict[str, Any], status: str) -> list[dict[str, Any]]:
    tidy = {**address, "country": str(address["country"]).upper(), "state": str(address["state"]).upper()}
    count = _SUGGESTIONS.get(status, 0)
    if count == 1:
        return [tidy]
    return [{**tidy, "addressLine1": f"{number} {tidy['addressLine1']}"} for number in range(1, count + 1)]


ROUTES: list[RouteSpec] = [
    RouteSpec("POST", "/v1/validations/address", validate, name="Validate an address"),
]
