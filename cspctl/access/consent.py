"""A stored consent: the refresh token and when it was given, renewed and used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cspctl.secret import Secret


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """What may be shown. All times are aware UTC; None where it is not known.

    `issued_at`: the interactive consent, from which age counts; kept through rotations. `rotated_at`: when
    the stored token was issued. `redeemed_at`: the last redemption, from which idleness counts. `principal`:
    who consented. Source of the 90 idle days: Partner Center docs, page partner-center-authentication (2023).
    """

    issued_at: datetime | None = None
    rotated_at: datetime | None = None
    redeemed_at: datetime | None = None
    principal: str | None = None

    def to_plain(self) -> dict[str, str | None]:
        return {
            "issued_at": _written(self.issued_at),
            "rotated_at": _written(self.rotated_at),
            "redeemed_at": _written(self.redeemed_at),
            "principal": self.principal,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ConsentRecord:
        """Read what `to_plain` wrote; a value that cannot be read is not known."""
        principal = plain.get("principal")
        return cls(
            issued_at=_read(plain.get("issued_at")),
            rotated_at=_read(plain.get("rotated_at")),
            redeemed_at=_read(plain.get("redeemed_at")),
            principal=principal if isinstance(principal, str) else None,
        )


@dataclass(frozen=True, slots=True)
class Consent:
    refresh_token: Secret
    record: ConsentRecord = field(default_factory=ConsentRecord)

    def redeemed(self, at: datetime, *, rotated: Secret | None, principal: str | None) -> Consent:
        """After a redemption: the rotated token, or the old one where the service gave none."""
        record = replace(
            self.record,
            redeemed_at=at,
            rotated_at=at if rotated else self.record.rotated_at,
            principal=principal or self.record.principal,
        )
        return Consent(rotated or self.refresh_token, record)

    def to_text(self) -> Secret:
        """One entry for a keyring or a vault."""
        return Secret(json.dumps({"refresh_token": self.refresh_token.reveal(), **self.record.to_plain()}))

    @classmethod
    def from_text(cls, text: str) -> Consent:
        """Read `to_text`, or a refresh token that a person stored as it is."""
        try:
            plain = json.loads(text)
        except ValueError:
            plain = None
        if isinstance(plain, dict) and isinstance(plain.get("refresh_token"), str):
            return cls(Secret(plain["refresh_token"]), ConsentRecord.from_plain(plain))
        return cls(Secret(text.strip()))


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _read(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
