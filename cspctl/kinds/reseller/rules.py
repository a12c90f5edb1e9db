"""What must hold for a Reseller beyond its structure."""

from __future__ import annotations

from collections.abc import Iterator

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.memo import ProjectMemo
from cspctl.kinds.reports import error
from cspctl.kinds.reseller import attributes
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


def _first_by_account(project: ProjectView) -> dict[str, Resource]:
    """Account GUID to the first Reseller (by name) that states it."""
    first: dict[str, Resource] = {}
    for reseller in project.resources.of_kind(attributes.KIND).values():
        account = attributes.account_id(reseller)
        if account:
            first.setdefault(account, reseller)
    return first


_ACCOUNTS = ProjectMemo(_first_by_account)


def check(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    account = attributes.account_id(resource)
    first = _ACCOUNTS.of(project).get(account) if account else None
    if first is not None and first.address != resource.address:
        yield error(
            resource,
            "E-DUPLICATE-ACCOUNT",
            f"account {account} is already {first.address} in {first.origin.file}",
            "spec",
            "accountId",
            hint="one Partner Center account is one Reseller; use previousNames to rename it",
        )
    if attributes.has_access(resource):
        yield from _access(resource)
    else:
        yield from _provider(resource, project)


def _access(resource: Resource) -> Iterator[Diagnostic]:
    application = resource.effective.get("application")
    if application is not None:
        refs = [k for k in ("secretRef", "certificateRef") if application.get(k)]
        if len(refs) != 1:
            said = "has both secretRef and certificateRef" if refs else "has neither secretRef nor certificateRef"
            yield error(resource, "E-APPLICATION", f"the application {said}; state one", "spec", "application")
    consent = resource.effective.get("consent") or {}
    rotate, idle = int(consent.get("rotateAfterDays", 89)), int(consent.get("maxIdleDays", 90))
    if rotate >= idle:
        yield error(
            resource,
            "E-CONSENT-DAYS",
            f"rotateAfterDays {rotate} is not before maxIdleDays {idle}: the token would be dead by then",
            "spec",
            "consent",
        )


def _provider(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    name = str(resource.effective.get("provider") or "")
    provider = project.resources.get(attributes.KIND, name)
    if provider is not None and attributes.tier(provider) != "indirect-provider":
        yield error(
            resource,
            "E-PROVIDER-TIER",
            f"provider {name} is {attributes.tier(provider)}; it must be an indirect-provider",
            "spec",
            "provider",
        )
