"""A plan as a comment on a pull request."""

from __future__ import annotations

from cspctl.model.change import Action, Change
from cspctl.model.plan import Plan
from cspctl.views import escape, plan_words, values
from cspctl.views.drift_markdown import table as drift_table

# Comments of GitHub hold 65,536 characters; the rest is left for the job log.
LIMIT = 60_000
MARKER = "<!-- cspctl plan -->"


def render(plan: Plan, *, limit: int = LIMIT) -> str:
    """Markdown, ending with a newline; what goes beyond `limit` characters is left out and counted.

    The first line is a marker by which a pipeline finds its earlier comment again.
    """
    blocks = _Budget(limit)
    blocks.add(_head(plan))
    blocks.add(_refusals(plan))
    blocks.rows(_TABLE_HEAD, [_table_row(c) for c in plan.changes], "change")
    blocks.rows([], [_details(c) for c in plan.changes], "change in detail")
    if plan.drift:
        blocks.rows(["### Drift", "", *drift_table([])], drift_table(plan.drift)[2:], "drift row")
    if plan.gaps:
        blocks.rows(
            ["### Gaps", "", "Could not be read, so nothing is decided about it:", ""],
            [f"- {escape.markdown(g.scope)}: {escape.markdown(g.reason)}" for g in plan.gaps],
            "gap",
        )
    if plan.unmanaged:
        blocks.add([f"{plan_words.plural(len(plan.unmanaged), 'unmanaged subscription')} in mapped tenants."])
    blocks.add([_foot(plan)])
    return blocks.text()


_TABLE_HEAD = ["| | Action | Address | Tenant | When | Findings |", "|---|---|---|---|---|---|"]


class _Budget:
    """Collects blocks; counts what no longer fits instead of cutting it in the middle."""

    def __init__(self, limit: int) -> None:
        self._left = limit - 1_000  # room for the head's last lines, counts and the foot
        self._blocks: list[str] = []

    def add(self, lines: list[str]) -> None:
        if lines:
            self._blocks.append("\n".join(lines))
            self._left -= len(self._blocks[-1]) + 2

    def rows(self, head: list[str], rows: list[str], name: str) -> None:
        """As many rows as fit, in order, and how many do not."""
        if not rows:
            return
        shown: list[str] = []
        for row in rows:
            if len(row) + 1 > self._left:
                break
            self._left -= len(row) + 1
            shown.append(row)
        if shown:
            self.add([*head, *shown])
        if len(shown) < len(rows):
            left_out = plan_words.plural(len(rows) - len(shown), f"more {name}", f"more {name}s")
            self.add([f"_{left_out.replace('change in details', 'changes in detail')} not shown: see the log._"])

    def text(self) -> str:
        return "\n\n".join(self._blocks) + "\n"


def _head(plan: Plan) -> list[str]:
    last = plan_words.summary(plan) if plan.changes else plan_words.empty(plan)
    return [MARKER, f"### {last}", "", f"Project {escape.markdown(plan.project)}"]


def _refusals(plan: Plan) -> list[str]:
    lines = []
    for guard in plan.guards:
        if guard.refused:
            state = "overridden" if guard.allowed else "**REFUSED**"
            lines.append(f"- {state} by guard {escape.markdown(guard.name)}: {escape.markdown(guard.message)}")
    for finding in plan.findings:
        lines.append(f"- {finding.severity} {escape.markdown(finding.code)}: {escape.markdown(finding.message)}")
    return lines


def _table_row(change: Change) -> str:
    findings = ", ".join(
        plan_words.plural(n, severity)
        for severity in ("error", "warning", "info")
        if (n := sum(f.severity == severity for f in change.findings))
    )
    symbol = escape.markdown(plan_words.SYMBOLS[change.action])
    tenant = escape.markdown(plan_words.tenant(change))
    when = escape.markdown(plan_words.when(change.timing))
    cells = [symbol, change.action.value, escape.markdown(change.address), tenant, when, findings]
    return f"| {' | '.join(cells)} |"


def _details(change: Change) -> str:
    title = f"<code>{escape.html(change.address)}</code> {change.action.value}"
    lines = [f"<details><summary>{title}</summary>", ""]
    lines += _diff(change)
    lines += [f"- the service also: {escape.markdown(e)}" for e in change.side_effects]
    if change.action is not Action.LOCAL:
        money = values.money(change.money) if change.money is not None else ["not computed"]
        lines += [f"- money: {escape.markdown(line)}" for line in money]
    if change.regret is not None:
        lines += [f"- undo: {escape.markdown(line)}" for line in values.money(change.regret)]
    for finding in change.findings:
        hint = f" Hint: {escape.markdown(finding.hint)}" if finding.hint else ""
        lines.append(f"- {finding.severity} {escape.markdown(finding.code)}: {escape.markdown(finding.message)}{hint}")
    if change.reason:
        lines.append(f"- reason: {escape.markdown(change.reason)}")
    lines += [f"- cause: {escape.markdown(plan_words.why(change.cause))}", "", "</details>"]
    return "\n".join(lines)


def _diff(change: Change) -> list[str]:
    lines = []
    for attribute in change.attributes:
        for leaf in values.leaves(attribute):
            if leaf.before is not None:
                lines.append(f"- {leaf.path}: {values.show(leaf.before)}")
            if leaf.after_unknown:
                lines.append(f"+ {leaf.path}: {values.UNKNOWN}")
            elif leaf.after is not None:
                lines.append(f"+ {leaf.path}: {values.show(leaf.after)}")
    return [escape.markdown_fence(lines, "diff"), ""] if lines else []


def _foot(plan: Plan) -> str:
    digest = f", digest {escape.markdown(plan.digest)}" if plan.digest else ""
    times = f"as of {values.instant(plan.as_of)}, valid until {values.instant(plan.expires_at)}"
    return f"<sub>{times}{digest}. Money is before tax; totals are never added across currencies.</sub>"
