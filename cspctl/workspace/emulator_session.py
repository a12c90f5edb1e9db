"""The emulator that a run talks to: attached to a live server, or embedded for the time of the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cspctl.secret import Secret
from cspctl.workspace.control import Control

if TYPE_CHECKING:
    from cspctl.emulator.launch import Handle

DATA = Path(".cspctl") / "emulator.db"


@dataclass(slots=True)
class EmulatorSession:
    base_url: str
    token: Secret
    control: Control
    handle: Handle

    def empty(self) -> bool:
        """Whether no partner was ever seeded."""
        return not self.control("GET", "stats").get("partners")

    def seed(self, document: dict[str, Any]) -> dict[str, Any]:
        return self.control("POST", "seed", document)

    def close(self) -> None:
        self.handle.close()


def open_session(root: Path) -> EmulatorSession:
    """The emulator of a project: the server that holds its `.cspctl/emulator.db`, or one embedded here."""
    return open_data(root / DATA)


def open_data(data: Path) -> EmulatorSession:
    """Attach to the server that holds this file, or embed one."""
    from cspctl.emulator.launch import attach_or_embed

    data.parent.mkdir(parents=True, exist_ok=True)
    handle = attach_or_embed(data)
    token = Secret(handle.control_token)
    return EmulatorSession(handle.base_url, token, Control(handle.base_url, token), handle)
