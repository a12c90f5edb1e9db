"""What the evaluation of alerts asks of an AlertRule."""

from __future__ import annotations

from datetime import timedelta

from cspctl.model.resource import Resource

KIND = "AlertRule"
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def duration(text: str) -> timedelta:
    """`36h`, `5d` or `2w`; raises ValueError for anything else."""
    if len(text) < 2 or text[-1] not in _UNITS or not text[:-1].isdigit():
        raise ValueError(f"not a duration: {text!r}")
    return int(text[:-1]) * _UNITS[text[-1]]


def before(resource: Resource) -> timedelta | None:
    """How long ahead the rule fires; None for rules that are not about time."""
    when = resource.effective.get("when") or {}
    return duration(str(when["before"])) if "before" in when else None


def recipients(resource: Resource) -> tuple[str, ...]:
    """Owner first, then the additional addresses, without repetitions (compared without case)."""
    found: dict[str, str] = {}
    for address in (resource.effective["owner"], *(resource.effective.get("additionalEmails") or ())):
        found.setdefault(str(address).lower(), str(address))
    return tuple(found.values())


def enabled(resource: Resource) -> bool:
    return resource.effective.get("enabled") is not False
