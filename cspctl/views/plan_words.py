"""The words in which every view of a plan speaks: symbols, timings, totals."""

from __future__ import annotations

from cspctl.model.change import Action, Cause, Change, Timing, When
from cspctl.model.plan import Plan

SYMBOLS: dict[Action, str] = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.SCHEDULE: "@",
    Action.SUSPEND: "_",
    Action.REACTIVATE: ">",
    Action.CANCEL: "x",
    Action.UPGRADE: "^",
    Action.CONVERT: "%",
    Action.EXTEND_TERM: "&",
    Action.MOVE: "*",
    Action.ADOPT: "=",
    Action.RELEASE: "-",
    Action.BLOCKED: "!",
    Action.LOCAL: ".",
}

# Always counted in the last line, so that a reader sees the zero as well.
_ALWAYS = (Action.CREATE, Action.UPDATE)
_LAST = (Action.RELEASE, Action.BLOCKED, Action.LOCAL)

UNCHANGED = "Nothing was changed."


def summary(plan: Plan, closing: str = UNCHANGED) -> str:
    """`Plan: 20 to create, 1 to update, 0 to release, 1 blocked. Nothing was changed.`"""
    counts = plan.counts()
    others = [a for a in Action if a not in (*_ALWAYS, *_LAST) and counts.get(a.value)]
    parts = [f"{counts.get(a.value, 0)} to {a.value}" for a in (*_ALWAYS, *others, Action.RELEASE)]
    parts.append(f"{counts.get(Action.BLOCKED.value, 0)} blocked")
    if local := counts.get(Action.LOCAL.value):
        parts.append(f"{local} local")
    return " ".join(filter(None, [f"Plan: {', '.join(parts)}.", closing]))


def empty(plan: Plan, closing: str = UNCHANGED) -> str:
    """What an empty plan says; it never claims more than could be read."""
    if plan.gaps:
        text = "No changes in what could be read; what lies behind the gaps is not known."
    else:
        text = "No changes. What is live matches the manifests."
    return " ".join(filter(None, [text, closing]))


def when(timing: Timing) -> str:
    """`now`, `at renewal on 2027-03-31`, `deferred until …`, `blocked (RULE), possible from …`."""
    if timing.when is When.AT_RENEWAL:
        return f"at renewal on {timing.on}" if timing.on else "at renewal"
    if timing.when is When.DEFERRED:
        return f"deferred until {timing.on}" if timing.on else "deferred"
    if timing.when is When.BLOCKED:
        rule = f" ({timing.rule})" if timing.rule else ""
        return f"blocked{rule}" + (f", possible from {timing.first_legal}" if timing.first_legal else "")
    return "now"


def why(cause: Cause) -> str:
    """`manifest manifests/a.yaml:12:3`, or the cause alone."""
    return f"{cause.type} {cause.pos}" if cause.pos else cause.type


def tenant(change: Change) -> str:
    """The tenant's label with its id; the label alone proves nothing, its owner may have chosen it."""
    if change.scope_label and change.scope and change.scope_label != change.scope:
        return f"{change.scope_label} ({change.scope})"
    return change.scope_label or change.scope


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
