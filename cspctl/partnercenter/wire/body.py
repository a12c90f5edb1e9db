"""The root of all JSON bodies: any-case keys in, the same bytes' worth out, unknown fields kept.

Partner Center requires the full resource on PATCH and its answers may carry new properties at any time, so a
body remembers every key as it was spelled and in the order it came.
Source: Partner Center docs, pages update-a-subscription-by-id and subscription-resources (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    Strict,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from cspctl.errors import RemoteError

# As given: an integer stays an integer, an amount stays a Decimal, a number in quotes stays text.
Number = StrictInt | Annotated[Decimal, Strict()] | StrictFloat | str
# Documented as text in one place and as integer in another (error codes, cart line ids).
Code = StrictInt | str
Flag = StrictBool
Text = str


@cache
def _aliases(model: type[BaseModel]) -> Mapping[str, tuple[str, str]]:
    """Case-folded JSON name -> (JSON name, attribute)."""
    fields = {field.alias or name: name for name, field in model.model_fields.items()}
    return {alias.casefold(): (alias, name) for alias, name in fields.items()}


class Body(BaseModel):
    """A JSON object. `read` builds it, `to_body` gives back exactly what came in, plus what was set since."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel, validate_assignment=False)

    # Key as received -> attribute, or None for a key that this model does not declare.
    _received: dict[str, str | None] = PrivateAttr(default_factory=dict)

    @classmethod
    def read(cls, value: Any) -> Self:
        """Raises RemoteError `E-BODY-SHAPE` when the value is not of this shape."""
        try:
            return cls.model_validate(value)
        except ValidationError as fault:
            first = fault.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the body"
            raise RemoteError(
                f"Partner Center sent a {cls.__name__} of an unknown shape: {place}: {first['msg']}",
                status=200,
                code="E-BODY-SHAPE",
                hint="The object is left alone; report this with the request id if it persists.",
            ) from None

    @model_validator(mode="wrap")
    @classmethod
    def _any_case(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, Mapping):
            return handler(value)
        known = _aliases(cls)
        renamed: dict[str, Any] = {}
        received: dict[str, str | None] = {}
        for key, item in value.items():
            alias, name = known.get(key.casefold(), (None, None))
            if alias is None or alias in renamed:
                alias, name = key, None
            renamed[alias] = item
            received[key] = name
        body = handler(renamed)
        body._received = received
        return body

    def to_body(self) -> dict[str, Any]:
        """Keys as they were received and in that order, then what was set since under its documented name."""
        extra = self.model_extra or {}
        body = {
            key: _plain(extra[key] if name is None else getattr(self, name))
            for key, name in self._received.items()
            if name is not None or key in extra
        }
        written = set(self._received.values())
        for alias, name in _aliases(type(self)).values():
            if name in self.model_fields_set and name not in written and name not in extra:
                body[alias] = _plain(getattr(self, name))
        for key, item in extra.items():
            body.setdefault(key, _plain(item))
        return body


def _plain(value: Any) -> Any:
    if isinstance(value, Body):
        return value.to_body()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def decimal(value: int | Decimal | float | str | None) -> Decimal | None:
    """An amount as it was written; None when it is absent or not a number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def whole(value: int | Decimal | float | str | None) -> int | None:
    """A count; None when it is absent or not a whole number."""
    number = decimal(value)
    return None if number is None or number != number.to_integral_value() else int(number)
