"""The scalar types that specs are written with. All text is strict: a YAML number never passes for text."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BeforeValidator, Field, Strict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from cspctl.model.secret_ref import SCHEMES, parse_secret_ref

GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
MARKET = r"^[A-Z]{2}$"
CURRENCY = r"^[A-Z]{3}$"
MPN_ID = r"^[0-9]{4,10}$"
DOMAIN = r"^(?=.{4,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}$"
PRODUCT = r"^[A-Z0-9]{12}$"
SKU = r"^[A-Z0-9]{4}$"
NAME = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
AMOUNT = r"^-?[0-9]{1,12}(\.[0-9]{1,10})?$"
DAYS = r"^[0-9]{1,4}[hdw]$"
EMAIL = r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$"
PERIOD = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
PROMOTION = r"^[A-Z0-9]{12}(:[A-Z0-9]{4,12}){1,2}$"
LOCALE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


def _matching(pattern: str, code: str, what: str) -> AfterValidator:
    """Like a pattern constraint, with a sentence that a person can act on."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.match(value) is None:
            raise PydanticCustomError(code, "must be " + what.replace("{", "{{").replace("}", "}}"))
        return value

    return AfterValidator(check)


def _schema(pattern: str, **extra: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, **extra})


Text = Annotated[str, Strict(), StringConstraints(min_length=1, strip_whitespace=False)]
Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict(), Field(ge=0)]
Name = Annotated[str, Strict(), _matching(NAME, "name", "a name: lower-case letters, digits, -"), _schema(NAME)]
Guid = Annotated[str, Strict(), _matching(GUID, "guid", "a GUID (8-4-4-4-12 hexadecimal digits)"), _schema(GUID)]
Market = Annotated[
    str,
    Strict(),
    _matching(MARKET, "market", "an ISO 3166-1 country code in capitals, such as DE"),
    _schema(MARKET),
]
Currency = Annotated[
    str,
    Strict(),
    _matching(CURRENCY, "currency", "an ISO 4217 currency code in capitals, such as EUR"),
    _schema(CURRENCY),
]
MpnId = Annotated[
    str,
    Strict(),
    _matching(MPN_ID, "mpn_id", 'a partner (MPN) id: 4 to 10 digits, quoted: "4391200"'),
    _schema(MPN_ID),
]
Domain = Annotated[
    str, Strict(), _matching(DOMAIN, "domain", "a domain such as contoso.onmicrosoft.com"), _schema(DOMAIN)
]
Product = Annotated[
    str,
    Strict(),
    _matching(PRODUCT, "product", "a product id of 12 letters and digits, such as CFQ7TTC0LFLX"),
    _schema(PRODUCT),
]
Sku = Annotated[str, Strict(), _matching(SKU, "sku", 'a SKU id of 4 characters, quoted: "0001"'), _schema(SKU)]
Email = Annotated[str, Strict(), _matching(EMAIL, "email", "an e-mail address"), _schema(EMAIL)]
Period = Annotated[str, Strict(), _matching(PERIOD, "period", "a month such as 2026-11"), _schema(PERIOD)]
PromotionId = Annotated[
    str, Strict(), _matching(PROMOTION, "promotion", "a promotion id, product:sku"), _schema(PROMOTION)
]
Locale = Annotated[str, Strict(), _matching(LOCALE, "locale", "a language tag such as de or en-GB"), _schema(LOCALE)]
Term = Literal["P1M", "P1Y", "P3Y"]
Billing = Literal["monthly", "annual", "triennial", "none"]


def _money_text(value: Any) -> str:
    if isinstance(value, str) and re.match(AMOUNT, value):
        return value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        raise PydanticCustomError(
            "money_text", 'an amount is quoted decimal text: write "{shown}"', {"shown": str(value)}
        )
    raise PydanticCustomError("money_text", 'an amount is quoted decimal text such as "12.50"')


Amount = Annotated[str, BeforeValidator(_money_text), _schema(AMOUNT)]


def _percent(value: Any) -> Decimal:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str):
        try:
            parsed = Decimal(value)
        except InvalidOperation:
            parsed = Decimal("NaN")
        if parsed.is_finite():
            return parsed
    raise PydanticCustomError("percent", "must be a percentage as a number: 25 means 25 %")


Percent = Annotated[Decimal, BeforeValidator(_percent)]


def _iso_date(value: Any) -> date:
    """YAML 1.2 has no dates, so a day arrives as text; a date object is taken as it is."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.match(r"^\d{4}-\d\d-\d\d$", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("iso_date", "must be a day that exists, as YYYY-MM-DD")


IsoDate = Annotated[date, BeforeValidator(_iso_date)]


def _duration(value: Any) -> str:
    if isinstance(value, str) and re.match(DAYS, value):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        raise PydanticCustomError("duration", "must be a duration with its unit: {n}d", {"n": value})
    raise PydanticCustomError("duration", "must be a duration such as 5d, 36h or 2w")


Duration = Annotated[str, BeforeValidator(_duration), _schema(DAYS)]


def _secret_ref(value: Any) -> str:
    """The text is never repeated in the message: it may be the secret itself."""
    if isinstance(value, str) and parse_secret_ref(value) is not None:
        return value
    raise PydanticCustomError(
        "secret_literal",
        "must be a reference to a secret, not the secret: env:NAME, file:PATH, exec:ARGV, "
        "keyring:SERVICE/USER or azure-key-vault:VAULT/NAME",
    )


_REF_SCHEMA = _schema("^(" + "|".join(SCHEMES) + "):.+$")
SecretRefText = Annotated[str, BeforeValidator(_secret_ref), _REF_SCHEMA]


def _store_ref(value: Any) -> str:
    text = _secret_ref(value)
    if text.startswith(("env:", "exec:")):
        raise PydanticCustomError(
            "store_ref", "must be a store that can be written: keyring:, azure-key-vault: or file:"
        )
    return text


StoreRefText = Annotated[str, BeforeValidator(_store_ref), _schema("^(keyring|azure-key-vault|file):.+$")]


def refusing(reason: str) -> BeforeValidator:
    """For a key that other variants of a union have and that is an error here, with the reason."""

    def refuse(_value: Any) -> NoReturn:
        raise PydanticCustomError("not_allowed_here", "is not allowed here: {reason}", {"reason": reason})

    return BeforeValidator(refuse)


def as_date(value: Any) -> date | None:
    """A day from plain data (ISO text or a date), else None."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
