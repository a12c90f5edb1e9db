"""How an apply ended: done, failed, unknown, blocked and not tried, per tenant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cspctl.model.plan import Plan
from cspctl.model.result import ChangeResult, ChangeStatus, RunReport
from cspctl.views import canonical, escape, plan_words
from cspctl.views.layout import wrap
from cspctl.views.style import PLAIN, Style

_SIGNS = {
    ChangeStatus.DONE: "ok",
    ChangeStatus.FAILED: "FAILED",
    ChangeStatus.UNKNOWN: "UNKNOWN",
    ChangeStatus.BLOCKED: "blocked",
    ChangeStatus.NOT_TRIED: "not tried",
}
_NO_TENANT = "(no tenant)"


def tenants(plan: Plan) -> dict[tuple[str, str], str]:
    """(address, action) to the tenant it belongs to, as views show it."""
    return {(c.address, c.action.value): plan_words.tenant(c) for c in plan.changes}


def text(report: RunReport, tenant_of: Mapping[tuple[str, str], str], *, style: Style = PLAIN, width: int = 100) -> str:
    """Grouped by tenant in the order of the plan; ends with totals and a newline."""
    lines: list[str] = []
    for tenant, results in _grouped(report, tenant_of).items():
        noted = [r for r in results if r.action == "local" and r.status is ChangeStatus.DONE]
        lines.append(style.bold(escape.terminal(tenant)))
        for result in results:
            lines += () if result in noted else _result(result, style, width)
        if noted:
            names = ", ".join(escape.terminal(r.address) for r in noted)
            lines += wrap(f"ok local {names}", width, first="  ", rest="    ")
        lines.append("")
    if report.cancelled:
        lines += wrap("Cancelled: what was in flight was finished, nothing new was started.", width)
    lines += (style.bold(line) for line in wrap(totals(report), width))
    lines += wrap(f"Run {escape.terminal(report.run_id)}", width)
    return "\n".join(lines) + "\n"


def totals(report: RunReport) -> str:
    """`Apply: 3 done, 1 failed, 0 unknown, 1 blocked, 2 not tried.`"""
    counts = ", ".join(f"{report.count(s)} {s.value.replace('-', ' ')}" for s in _SIGNS)
    return f"Apply: {counts}."


def markdown(report: RunReport, tenant_of: Mapping[tuple[str, str], str]) -> str:
    """A table grouped by tenant."""
    lines = [f"### {totals(report)}", ""]
    if report.results:
        lines += ["| Tenant | Address | Action | Outcome | Message |", "|---|---|---|---|---|"]
    for tenant, results in _grouped(report, tenant_of).items():
        for r in results:
            cells = [tenant, r.address, r.action, _SIGNS[r.status], _message(r)]
            lines.append(f"| {' | '.join(escape.markdown(c) for c in cells)} |")
    lines += ["", f"<sub>Run {escape.markdown(report.run_id)}</sub>"]
    return "\n".join(lines) + "\n"


def json(report: RunReport, tenant_of: Mapping[tuple[str, str], str]) -> str:
    """`{"runId","planId","digest","exitCode","cancelled","summary","results"}`."""
    results = [
        canonical.Ordered(
            address=r.address,
            action=r.action,
            status=r.status.value,
            tenant=tenant_of.get((r.address, r.action)) or None,
            liveId=r.live_id,
            code=r.code,
            message=r.message,
        )
        for r in report.results
    ]
    return canonical.dumps(
        canonical.Ordered(
            applyVersion="1.0",
            runId=report.run_id,
            planId=report.plan_id,
            digest=report.digest,
            exitCode=report.exit_code,
            cancelled=report.cancelled,
            summary=canonical.Ordered((s.value, report.count(s)) for s in _SIGNS),
            results=results,
        )
    )


def _grouped(report: RunReport, tenant_of: Mapping[tuple[str, str], str]) -> dict[str, list[ChangeResult]]:
    groups: dict[str, list[ChangeResult]] = {}
    for result in report.results:
        groups.setdefault(tenant_of.get((result.address, result.action)) or _NO_TENANT, []).append(result)
    return groups


def _result(result: ChangeResult, style: Style, width: int) -> Iterator[str]:
    words = [_SIGNS[result.status], escape.terminal(result.action), escape.terminal(result.address)]
    head = " ".join(dict.fromkeys(words))  # "blocked" is an action and an outcome: said once
    made = f" [{escape.terminal(result.live_id)}]" if result.live_id and result.action != "local" else ""
    paint = {
        ChangeStatus.DONE: style.green,
        ChangeStatus.NOT_TRIED: style.dim,
        ChangeStatus.BLOCKED: style.yellow,
    }
    for line in wrap(head + made, width, first="  ", rest="    "):
        yield paint.get(result.status, style.red)(line)
    if result.status is not ChangeStatus.DONE and (message := _message(result)):
        yield from wrap(escape.terminal(message), width, first="      ", rest="      ")


def _message(result: ChangeResult) -> str:
    return ": ".join(filter(None, [result.code, result.message]))
