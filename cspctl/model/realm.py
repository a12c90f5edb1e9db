"""To whom a ledger row belongs."""

from __future__ import annotations

from typing import NamedTuple


class Realm(NamedTuple):
    """Project, cloud (`global`, `us-government`, `china`), account GUID (empty if local), `live` or `emulator`."""

    project: str
    cloud: str
    account: str
    environment: str

    def __str__(self) -> str:
        return f"{self.project}|{self.cloud}|{self.account}|{self.environment}"

    @classmethod
    def parse(cls, text: str) -> Realm:
        project, cloud, account, environment = text.rsplit("|", 3)
        return cls(project, cloud, account, environment)
