"""An import for a terminal: what was written, what wants a decision, what a plan still shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cspctl.model.import_report import ImportFinding, ImportReport
from cspctl.views import escape
from cspctl.views.layout import pad, wrap
from cspctl.views.plan_words import plural
from cspctl.views.style import PLAIN, Style

SHOWN = 5
ORDER = ("error", "warning", "info")


def render(report: ImportReport, *, style: Style = PLAIN, width: int = 100) -> str:
    """Ends with a newline. Of each code the first few; JSON has them all."""
    lines = [style.bold(_head(report)), *_written(report, width)]
    for part in (_findings(report, style, width), _inventory(report), _gaps(report, style, width)):
        found = list(part)
        lines += ["", *found] if found else []
    return "\n".join([*lines, "", *_closing(report, style, width)]) + "\n"


def _head(report: ImportReport) -> str:
    customers, subscriptions = plural(report.customers, "customer"), plural(report.subscriptions, "living subscription")
    return f"{escape.terminal(report.reseller)}: {customers} with {subscriptions}."


def _written(report: ImportReport, width: int) -> Iterator[str]:
    if report.created:
        kinds = Counter(address.partition("/")[0] for address in report.created)
        counted = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        where = f" below {escape.terminal(report.out)}" if report.out else ""
        yield f"  wrote    {plural(len(report.created), 'manifest')}{where}: {counted}"
    if report.updated:
        shown = ", ".join(report.updated[:SHOWN]) + _more(len(report.updated))
        yield from wrap(f"updated  {shown}", width, first="  ", rest="           ")
    if not report.files:
        yield "  wrote    nothing: the manifests say what is live"


def _more(number: int) -> str:
    return f" and {number - SHOWN} more" if number > SHOWN else ""


def _findings(report: ImportReport, style: Style, width: int) -> Iterator[str]:
    by_code: dict[tuple[int, str, str], list[ImportFinding]] = {}
    for finding in report.findings:
        by_code.setdefault((ORDER.index(finding.severity), finding.code, finding.severity), []).append(finding)
    if by_code:
        yield style.bold(f"Findings ({len(report.findings)})")
    for (_, code, severity), found in sorted(by_code.items()):
        counted = f" ({len(found)})" if len(found) > 1 else ""
        yield "  " + style.severity(severity, f"{severity} {escape.terminal(code)}") + counted
        yield from _some(found, width)


def _some(found: Sequence[ImportFinding], width: int) -> Iterator[str]:
    for finding in found[:SHOWN]:
        about = (finding.address or finding.tenant).removeprefix("Subscription/")
        text = f"{about}: {finding.message}" if about and about not in finding.message else finding.message
        yield from wrap(escape.terminal(text), width, first="    ", rest="      ")
    if len(found) > SHOWN:
        yield f"    … and {len(found) - SHOWN} more (--format json lists all)"
    for hint in dict.fromkeys(f.hint for f in found[:SHOWN] if f.hint):
        yield from wrap(f"hint: {escape.terminal(hint)}", width, first="    ", rest="          ")


def _inventory(report: ImportReport) -> Iterator[str]:
    if report.inventory:
        yield "Counted, never managed"
        names = [escape.terminal(f"{i.product_type} {i.status}") for i in report.inventory]
        for name, item in zip(names, report.inventory, strict=True):
            yield f"  {pad(name, max(map(len, names)))}  {item.count}"


def _gaps(report: ImportReport, style: Style, width: int) -> Iterator[str]:
    if report.gaps:
        yield style.severity("error", f"Could not be read ({len(report.gaps)}); nothing is known of these")
    for gap in report.gaps[:SHOWN]:
        yield from wrap(escape.terminal(f"{gap.scope}: {gap.reason}"), width, first="  ", rest="    ")
    if len(report.gaps) > SHOWN:
        yield f"  … and {len(report.gaps) - SHOWN} more"


def _closing(report: ImportReport, style: Style, width: int) -> Iterator[str]:
    if not report.remaining:
        yield style.bold("A plan over the project is empty now.")
        return
    yield style.bold(f"A plan still shows {plural(len(report.remaining), 'row')}, none of them made by this import:")
    for address, action, reason in report.remaining[:SHOWN]:
        text = f"{action} {address}" + (f": {reason}" if reason else "")
        yield from wrap(escape.terminal(text), width, first="  ", rest="    ")
    if len(report.remaining) > SHOWN:
        yield f"  … and {len(report.remaining) - SHOWN} more (cspctl plan)"
