"""What an AlertRule manifest may say; a union by `event`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, RootModel, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from cspctl.kinds.contract import Mutability, Reference, SpecModel
from cspctl.kinds.scalars import Amount, Currency, Duration, Email, Flag, Name, Percent, Text


def _addresses(value: Any) -> Any:
    """A list, or the comma-separated text that people paste; blanks and repetitions are dropped."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise PydanticCustomError("addresses", "must be a list of e-mail addresses, or one comma-separated text")
    seen: dict[str, str] = {}
    for part in parts:
        address = part.strip()
        if address:
            seen.setdefault(address.lower(), address)
    return tuple(seen.values())


AddressList = Annotated[
    tuple[Email, ...],
    BeforeValidator(_addresses),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}),
]


class Before(SpecModel):
    """Ahead of an instant."""

    before: Duration = Field(description="How long ahead, such as 5d.")


class OverPercent(SpecModel):
    """Beyond a share or a change."""

    over: Percent = Field(description="Per cent: 90 means 90 %.")


class Threshold(SpecModel):
    """An amount of money."""

    amount: Amount = Field(description='Quoted decimal text, such as "500".')
    currency: Currency = Field(description="Currency of the amount.")


class OverAmount(SpecModel):
    """Beyond an amount."""

    over: Threshold = Field(description="The amount.")


class _Rule(SpecModel):
    """What all rules share."""

    display_name: Text = Field(alias="displayName", description="Name shown in the message.")
    owner: Email = Field(description="Always told.")
    additional_emails: AddressList = Field(
        (), alias="additionalEmails", description="Also told: a list, or comma-separated text."
    )
    channels: tuple[Name, ...] = Field(
        (), description="NotificationChannels; at least one.", json_schema_extra={"minItems": 1}
    )
    resellers: tuple[Name, ...] = Field((), description="Only these Resellers; all unless stated.")
    tenants: tuple[Name, ...] = Field((), description="Only these TenantMappings; all unless stated.")
    enabled: Flag = Field(True, description="A disabled rule is evaluated and recorded, never sent.")


def _accept_days(schema: dict[str, Any]) -> None:
    """Editors must know the accepted spelling too."""
    schema["properties"]["notifyBeforeDays"] = {
        "type": "integer",
        "minimum": 0,
        "description": "The same as when: {before: 5d}, in days.",
    }
    schema["required"].remove("when")


class AheadRule(_Rule):
    """Fires ahead of something that ends or falls due."""

    model_config = ConfigDict(json_schema_extra=_accept_days)

    event: Literal[
        "consent-expiry",
        "secret-expiry",
        "gdap-expiry",
        "renewal-undecided",
        "renewal-due",
        "refund-window-closing",
        "promotion-ending",
        "access-runway",
    ] = Field(description="What is about to end or fall due.")
    when: Before = Field(description="How long ahead; notifyBeforeDays: 5 is the same as when: {before: 5d}.")

    @model_validator(mode="before")
    @classmethod
    def _accepted_spelling(cls, data: Any) -> Any:
        """`notifyBeforeDays: 5` becomes `when: {before: 5d}`."""
        if not isinstance(data, dict) or "notifyBeforeDays" not in data:
            return data
        days = data["notifyBeforeDays"]
        if "when" in data:
            raise PydanticCustomError("two_spellings", "state `when` or `notifyBeforeDays`, not both")
        if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 9999:
            raise PydanticCustomError("notify_before_days", "notifyBeforeDays must be a whole number of days")
        return {k: v for k, v in data.items() if k != "notifyBeforeDays"} | {"when": {"before": f"{days}d"}}


class ShareRule(_Rule):
    """Fires beyond a percentage."""

    event: Literal["seat-utilization", "price-change"] = Field(description="What is measured.")
    when: OverPercent = Field(description="Beyond which share of seats, or which change of a price.")


class SpendRule(_Rule):
    """Fires beyond an amount of money."""

    event: Literal["spend-threshold"] = Field(description="Charges of the current month.")
    when: OverAmount = Field(description="Beyond which amount.")


class InstantRule(_Rule):
    """Fires as soon as it is seen."""

    event: Literal["agreement-missing", "drift-detected", "apply-failed"] = Field(description="What happened.")


class AlertRuleSpec(
    RootModel[Annotated[AheadRule | ShareRule | SpendRule | InstantRule, Field(discriminator="event")]]
):
    """Who is told about what, and when."""

    model_config = ConfigDict(frozen=True)


REFERENCES: tuple[Reference, ...] = (
    Reference("channels[]", "NotificationChannel"),
    Reference("resellers[]", "Reseller"),
    Reference("tenants[]", "TenantMapping"),
)

MUTABILITY: dict[str, Mutability] = dict.fromkeys(
    (
        "displayName",
        "event",
        "when",
        "owner",
        "additionalEmails",
        "channels",
        "resellers",
        "tenants",
        "enabled",
    ),
    Mutability.UPDATE,
)
