"""A plan for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from cspctl.model.change import Action, Change, Finding
from cspctl.model.plan import GapRow, GuardResult, Plan, Unmanaged
from cspctl.views import escape, plan_words, values
from cspctl.views.drift_text import rows as drift_rows
from cspctl.views.layout import cells, wrap
from cspctl.views.style import PLAIN, Style

_INDENT = "      "
_LABEL = 9


def render(
    plan: Plan,
    *,
    style: Style = PLAIN,
    width: int = 100,
    closing: str = plan_words.UNCHANGED,
    unmanaged: int = 10,
) -> str:
    """The whole plan, ending with a newline. At most `unmanaged` unmanaged subscriptions are listed."""
    lines = [*_head(plan, style, width)]
    for change in plan.changes:
        if not _first_noted(change):
            lines += ["", *_change(change, style, width)]
    lines += _local(tuple(c for c in plan.changes if _first_noted(c)), style, width)
    lines += _drift(plan, style, width)
    lines += _section("Gaps", "could not be read, so nothing is decided about it", plan.gaps, style, width)
    for gap in plan.gaps:
        lines += _gap(gap, width)
    lines += _unmanaged(plan.unmanaged, unmanaged, style, width)
    lines += _section("Findings", "", plan.findings, style, width)
    for finding in plan.findings:
        lines += _finding(finding, style, width, "  ")
    lines += _guards(plan.guards, style, width)
    last = plan_words.summary(plan, closing) if plan.changes else plan_words.empty(plan, closing)
    lines += ["", style.bold(last)]  # never wrapped: people search logs for it
    return "\n".join(lines) + "\n"


def _head(plan: Plan, style: Style, width: int) -> list[str]:
    lines = wrap(f"Project {escape.terminal(plan.project)}, as of {values.instant(plan.as_of)}", width)
    if plan.scope:
        narrowed = ", ".join(f"{escape.terminal(k)} {values.show(plan.scope[k])}" for k in sorted(plan.scope))
        lines += wrap(f"Narrowed to {narrowed}", width)
    return [style.dim(line) for line in lines]


def _change(change: Change, style: Style, width: int) -> Iterator[str]:
    yield from _title(change, style, width)
    if tenant := plan_words.tenant(change):
        yield from _row("tenant", escape.terminal(tenant), width)
    for attribute in change.attributes:
        for leaf in values.leaves(attribute):
            yield from _leaf(leaf, style, width)
    for effect in change.side_effects:
        yield from _row("service", escape.terminal(effect), width)
    yield from _money(change, width)
    for finding in change.findings:
        yield from _finding(finding, style, width, _INDENT)
    if change.reason:
        label = "release" if change.action is Action.RELEASE else "reason"
        yield from _row(label, escape.terminal(change.reason), width)
    yield from _row("cause", escape.terminal(plan_words.why(change.cause)), width)


def _first_noted(change: Change) -> bool:
    """A local resource that is only written down: one name says it all."""
    return change.action is Action.LOCAL and not change.attributes and not change.findings


def _local(changes: tuple[Change, ...], style: Style, width: int) -> list[str]:
    lines = _section("Local", "noted in the ledger, nothing is sent", changes, style, width)
    names = ", ".join(escape.terminal(c.address) for c in changes)
    return lines + (wrap(names, width, first="  . ", rest="    ") if changes else [])


def _title(change: Change, style: Style, width: int) -> Iterator[str]:
    symbol = _paint(change.action, style, plan_words.SYMBOLS[change.action])
    address = escape.terminal(change.address)
    what = f"{change.action.value}, {escape.terminal(plan_words.when(change.timing))}"
    if change.blocked:
        what = escape.terminal(plan_words.when(change.timing))
    if cells(address) + cells(what) + 7 <= width:
        gap = " " * max(3, min(width, 60) - 4 - cells(address) - cells(what))
        yield f"  {symbol} {style.bold(address)}{gap}{_paint(change.action, style, what)}"
        return
    lines = wrap(address, width, first="    ", rest="    ")
    yield f"  {symbol} {style.bold(lines[0].strip())}"
    yield from (style.bold(line) for line in lines[1:])
    yield from wrap(what, width, first=_INDENT, rest=_INDENT)


def _paint(action: Action, style: Style, text: str) -> str:
    if action in (Action.CREATE, Action.REACTIVATE, Action.ADOPT):
        return style.green(text)
    if action in (Action.CANCEL, Action.SUSPEND, Action.BLOCKED):
        return style.red(text)
    return style.yellow(text)


def _leaf(leaf: values.Leaf, style: Style, width: int) -> Iterator[str]:
    after = values.UNKNOWN if leaf.after_unknown else values.show(leaf.after)
    path = escape.terminal(leaf.path)
    if leaf.before is None and (leaf.after_unknown or leaf.after is not None):
        text = f"{path}: {after}"
    else:
        text = f"{path}: {values.show(leaf.before)} \u2192 {after}"
    yield from wrap(text, width, first=_INDENT, rest=_INDENT + "  ")


def _money(change: Change, width: int) -> Iterator[str]:
    if change.money is None and not change.steps:
        return  # nothing is sent, so nothing is left to compute
    if change.money is None:
        yield from _row("money", "not computed", width)
    else:
        for line in values.money(change.money):
            yield from _row("money", line, width)
    if change.regret is not None:
        for line in values.money(change.regret):
            yield from _row("undo", line, width)


def _row(label: str, text: str, width: int) -> list[str]:
    first = _INDENT + label.ljust(_LABEL)
    return wrap(text, width, first=first, rest=_INDENT + " " * (_LABEL if width >= 60 else 2))


def _finding(finding: Finding, style: Style, width: int, indent: str) -> Iterator[str]:
    text = f"{finding.severity} {escape.terminal(finding.code)}: {escape.terminal(finding.message)}"
    for line in wrap(text, width, first=indent, rest=indent + "  "):
        yield style.severity(finding.severity, line)
    if finding.hint:
        yield from wrap(f"hint: {escape.terminal(finding.hint)}", width, first=indent + "  ", rest=indent + "  ")


def _section(title: str, note: str, items: tuple[object, ...], style: Style, width: int) -> list[str]:
    if not items:
        return []
    text = f"{title} ({len(items)})" + (f": {note}" if note else "")
    return ["", *(style.bold(line) for line in wrap(text, width))]


def _drift(plan: Plan, style: Style, width: int) -> list[str]:
    lines = _section("Drift", "live differs from what was last applied", plan.drift, style, width)
    return lines + (drift_rows(plan.drift, style=style, width=width) if plan.drift else [])


def _gap(gap: GapRow, width: int) -> list[str]:
    affects = f" (affects {', '.join(escape.terminal(a) for a in gap.affects)})" if gap.affects else ""
    name = f"{gap.scope_label} ({gap.scope})" if gap.scope_label else gap.scope
    text = f"{escape.terminal(name)}: {escape.terminal(gap.reason)}{affects}"
    return wrap(text, width, first="  ? ", rest="    ")


def _unmanaged(items: tuple[Unmanaged, ...], most: int, style: Style, width: int) -> list[str]:
    if not items:
        return []
    lines = _section("Unmanaged", "living, and no manifest owns them", items, style, width)
    for item in items[:most]:
        seats = f", {plan_words.plural(item.quantity, 'seat')}" if item.quantity is not None else ""
        who = escape.terminal(item.scope_label or item.scope)
        text = f"{who}: {escape.terminal(item.title)}{seats} [{escape.terminal(item.live_id)}]"
        lines += wrap(text, width, first="    ", rest="      ")
    if len(items) > most:
        lines.append(f"    and {len(items) - most} more (--format json lists all)")
    return lines


def _guards(guards: tuple[GuardResult, ...], style: Style, width: int) -> list[str]:
    refused = tuple(g for g in guards if g.refused)
    lines = _section("Guards", "", refused, style, width)
    for guard in refused:
        name = escape.terminal(guard.name)
        state = "overridden" if guard.allowed else "REFUSED"
        text = f"{state} {name}: {escape.terminal(guard.message)}"
        painted = wrap(text, width, first="  ", rest="    ")
        lines += painted if guard.allowed else [style.red(line) for line in painted]
        if not guard.allowed:
            lines += wrap(
                f"hint: if this is what you want, run again with --allow {name}",
                width,
                first="    ",
                rest="    ",
            )
    return lines
