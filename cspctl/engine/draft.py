"""What planning collects while the kinds are walked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Proposal
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Change, Finding
from cspctl.model.plan import Unmanaged


@dataclass(slots=True)
class Draft:
    """`seats`: address to seats added or removed at once. `valid_until`: ends of what the changes rely on."""

    situation: Situation
    changes: list[Change] = field(default_factory=list)
    refreshed: list[Binding] = field(default_factory=list)
    unmanaged: list[Unmanaged] = field(default_factory=list)
    seats: dict[str, int] = field(default_factory=dict)
    desired_remote: int = 0
    living_unbound: int = 0
    valid_until: list[datetime] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    def rely_on(self, proposal: Proposal) -> None:
        if proposal.valid_until is not None:
            self.valid_until.append(proposal.valid_until)

    def count_seats(self, address: str, proposal: Proposal) -> None:
        """Seats that a change of an existing object adds or removes at once."""
        if proposal.action is Action.BLOCKED:
            return
        for change in proposal.attributes:
            if change.path == "quantity":
                self.seats[address] = int(change.after or 0) - int(change.before or 0)
