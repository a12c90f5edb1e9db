"""What must hold for a TenantMapping beyond its structure."""

from __future__ import annotations

from collections.abc import Iterator

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.memo import ProjectMemo
from cspctl.kinds.reports import error
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.kinds.tenant_mapping import attributes
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


def _first_by_tenant(project: ProjectView) -> dict[str, Resource]:
    """Tenant GUID to the first mapping (by name) that states it."""
    first: dict[str, Resource] = {}
    for mapping in project.resources.of_kind(attributes.KIND).values():
        tenant = attributes.tenant_id(mapping)
        if tenant:
            first.setdefault(tenant, mapping)
    return first


_TENANTS = ProjectMemo(_first_by_tenant)


def check(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    yield from _identity(resource, project)
    yield from _reseller(resource, project)
    yield from _indirect(resource, project)


def _identity(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    tenant, customer = attributes.tenant_id(resource), resource.effective.get("customer")
    if tenant and customer:
        yield error(resource, "E-TENANT-ID", "states both tenantId and customer; keep one", "spec", "customer")
    elif customer:
        yield error(
            resource,
            "E-KIND-LATER",
            "kind Customer is not available in this version",
            "spec",
            "customer",
            hint="state the tenantId of an existing customer",
        )
    elif not tenant:
        yield error(resource, "E-TENANT-ID", "states neither tenantId nor customer", "spec")
    if not tenant:
        return
    first = _TENANTS.of(project)[tenant]
    if first.address != resource.address:
        yield error(
            resource,
            "E-TENANT-TWICE",
            f"tenant {tenant} is mapped twice: {first.address} in {first.origin.file} "
            f"and {resource.address} in {resource.origin.file}",
            "spec",
            "tenantId",
            hint="a tenant belongs to one reseller; remove one mapping, or use previousNames to rename it",
        )


def _reseller(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    name = str(resource.effective.get("reseller") or "")
    reseller = project.resources.get(reseller_attributes.KIND, name)
    if reseller is not None and not reseller_attributes.has_access(reseller):
        yield error(
            resource,
            "E-RESELLER-TIER",
            f"reseller {name} is an indirect-reseller, which has no API access",
            "spec",
            "reseller",
            hint=f"reseller: {reseller.effective.get('provider')} and indirectReseller: {name}",
        )


def _indirect(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    name = resource.effective.get("indirectReseller")
    indirect = project.resources.get(reseller_attributes.KIND, str(name)) if name else None
    if indirect is None:
        return
    if reseller_attributes.has_access(indirect):
        yield error(
            resource,
            "E-RESELLER-TIER",
            f"indirectReseller {name} is {reseller_attributes.tier(indirect)}, not an indirect-reseller",
            "spec",
            "indirectReseller",
        )
        return
    provider, reseller = indirect.effective.get("provider"), resource.effective.get("reseller")
    if provider != reseller:
        yield error(
            resource,
            "E-RESELLER-PROVIDER",
            f"indirectReseller {name} buys from {provider}, but this tenant is under {reseller}",
            "spec",
            "indirectReseller",
        )
