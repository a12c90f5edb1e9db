"""What a NotificationChannel manifest may say; a union by `type`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, RootModel
from pydantic_core import PydanticCustomError

from cspctl.kinds.contract import Mutability, Reference, SpecModel
from cspctl.kinds.scalars import Email, Locale, SecretRefText, Text


def _url(value: Any) -> str:
    """Whether the target may be used is for trusted input to say; here only its shape is looked at."""
    if isinstance(value, str) and value.lower().startswith(("https://", "http://")) and len(value) > 10:
        return value
    raise PydanticCustomError("url", "must be an https:// address")


Url = Annotated[str, BeforeValidator(_url)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]


class _Channel(SpecModel):
    """What all channels share."""

    locale: Locale | None = Field(None, description="Language of the messages.")


class _Posted(_Channel):
    """A message posted to an address, which is often itself the secret."""

    url: Url | None = Field(None, description="Address to post to, where it is no secret; or urlRef.")
    url_ref: SecretRefText | None = Field(
        None, alias="urlRef", description="Where the address is kept, when knowing it is enough to post."
    )


class SmtpChannel(_Channel):
    """E-mail."""

    type: Literal["smtp"] = Field(description="E-mail.")
    host: Text = Field(description="Mail server.")
    port: Port = Field(587, description="Port of the mail server.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="Encryption of the connection.")
    username_ref: SecretRefText | None = Field(None, alias="usernameRef", description="Where the user name is kept.")
    password_ref: SecretRefText | None = Field(None, alias="passwordRef", description="Where the password is kept.")
    sender: Email = Field(alias="from", description="Sender address.")


class WebhookChannel(_Posted):
    """A signed JSON POST."""

    type: Literal["webhook"] = Field(description="A signed JSON POST.")
    secret_ref: SecretRefText | None = Field(
        None, alias="secretRef", description="Where the key that signs the body is kept."
    )


class TeamsChannel(_Posted):
    """A Microsoft Teams workflow."""

    type: Literal["teams"] = Field(description="A Microsoft Teams workflow.")


class SlackChannel(_Posted):
    """A Slack incoming webhook."""

    type: Literal["slack"] = Field(description="A Slack incoming webhook.")


class FileChannel(_Channel):
    """One JSON line per message, for tests and for log shippers."""

    type: Literal["file"] = Field(description="One JSON line per message.")
    path: Text = Field(description="File inside the project.")


class NotificationChannelSpec(
    RootModel[
        Annotated[
            SmtpChannel | WebhookChannel | TeamsChannel | SlackChannel | FileChannel,
            Field(discriminator="type"),
        ]
    ]
):
    """Where messages go."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


REFERENCES: tuple[Reference, ...] = ()

MUTABILITY: dict[str, Mutability] = dict.fromkeys(
    (
        "type",
        "locale",
        "url",
        "urlRef",
        "secretRef",
        "host",
        "port",
        "security",
        "usernameRef",
        "passwordRef",
        "from",
        "path",
    ),
    Mutability.UPDATE,
)
