"""Proposals that say why something cannot be done."""

from __future__ import annotations

from datetime import date

from cspctl.kinds.contract import Proposal
from cspctl.model.change import Action, AttributeChange, Finding, Timing, When


def blocked(
    code: str,
    message: str,
    *,
    hint: str | None = None,
    first_legal: date | None = None,
    attributes: tuple[AttributeChange, ...] = (),
) -> Proposal:
    """A row without steps; `code` is both the rule that blocks and the code of its finding."""
    return Proposal(
        action=Action.BLOCKED,
        timing=Timing(when=When.BLOCKED, rule=code, first_legal=first_legal),
        attributes=attributes,
        findings=(Finding(code=code, severity="error", message=message, hint=hint),),
        reason=message,
    )
