"""An import as JSON."""

from __future__ import annotations

from cspctl.model.import_report import ImportFinding, ImportReport
from cspctl.views import canonical


def render(report: ImportReport) -> str:
    """`{"importVersion", "reseller", …, "findings": [...]}`; every finding, none of them shortened."""
    inventory = [
        canonical.Ordered(productType=i.product_type, status=i.status, count=i.count) for i in report.inventory
    ]
    remaining = [
        canonical.Ordered(address=address, action=action, reason=reason) for address, action, reason in report.remaining
    ]
    gaps = [canonical.Ordered(scope=g.scope, reason=g.reason) for g in report.gaps]
    return canonical.dumps(
        canonical.Ordered(
            importVersion="1.0",
            reseller=report.reseller,
            out=report.out,
            customers=report.customers,
            subscriptions=report.subscriptions,
            created=list(report.created),
            updated=list(report.updated),
            files=list(report.files),
            findings=[_finding(f) for f in report.findings],
            inventory=inventory,
            gaps=gaps,
            remaining=remaining,
            runId=report.run_id or None,
        )
    )


def _finding(finding: ImportFinding) -> canonical.Ordered:
    return canonical.Ordered(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        hint=finding.hint,
        tenant=finding.tenant or None,
        address=finding.address or None,
        liveIds=list(finding.live_ids),
    )
