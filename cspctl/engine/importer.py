"""From what is live to manifests: what is new is written, what an import wrote earlier is brought up to date.

Pure. Premises. A person's word outlives every import: a field that says something else than the last import wrote, a
manifest that was removed, one that could mean several objects, and one that no import wrote are all left as they are,
with a finding. A live object belongs to one manifest. Names hang on ids, never on what came first, and never change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cspctl.engine import naming
from cspctl.engine.import_scene import FOLDERS, TENANT, Composition, Sales, Scene, Shelf, Tenants
from cspctl.engine.ownership import bound_to, living, remembered
from cspctl.kinds.contract import Imports
from cspctl.model.address import Address
from cspctl.model.change import Finding
from cspctl.model.diagnostic import DocPath
from cspctl.model.document import Document, Edition
from cspctl.model.import_report import ImportFinding, Inventory
from cspctl.model.live import LiveObject
from cspctl.model.resource import Resource


@dataclass(slots=True)
class _Sold:
    """A live object that becomes, or is, a manifest."""

    live: LiveObject
    tenant: str
    plan: str
    resource: Resource | None = None


@dataclass(slots=True)
class Importer:
    scene: Scene
    tenants: Tenants
    sales: Sales
    shelf: Shelf
    made: Composition = field(default_factory=Composition)
    _names: dict[str, str] = field(default_factory=dict)
    _new: list[_Sold] = field(default_factory=list)
    _old: list[_Sold] = field(default_factory=list)

    def compose(self) -> Composition:
        customers = self._customers()
        found = self._found(customers)
        for customer in customers:
            self._tenant(customer, found.get(customer.scope, []))
        for customer in customers:
            for live in found.get(customer.scope, []):
                self._subscription(live, self._names.get(customer.scope))
        self.shelf.settle()
        self._write_new()
        self._bring_up_to_date()
        self._plans()
        self.made.findings.sort(key=lambda f: (f.code, f.tenant, f.address, f.live_ids, f.message))
        return self.made

    # --- customers --------------------------------------------------------------------------------------------------

    def _customers(self) -> list[LiveObject]:
        """Those that become, or have, a mapping under this reseller; named."""
        kept, fresh = [], {}
        for customer in sorted(self.scene.customers, key=lambda c: c.live_id):
            problem = self.tenants.refusal(customer)
            mapping = self.scene.mapped.get(customer.live_id)
            if problem is not None:
                self._finding(problem)
                continue
            if mapping is not None and mapping.effective["reseller"] != self.scene.reseller:
                self._other_reseller(customer, mapping)
                continue
            kept.append(customer)
            if mapping is None:
                fresh[customer.live_id] = naming.first_label(self.tenants.name_from(customer))
            else:
                self._names[customer.live_id] = mapping.name
        self._names |= naming.assign(fresh, self._taken(TENANT) | FOLDERS)
        self._orphans({c.live_id for c in self.scene.customers})
        return kept

    def _found(self, customers: Sequence[LiveObject]) -> dict[str, list[LiveObject]]:
        """Living managed objects by customer; the rest is counted."""
        scopes = {c.scope for c in customers}
        kind = self.scene.kind
        mine = [o for (name, _), o in self.scene.situation.live.objects.items() if name == kind.name]
        counts: Counter[tuple[str, str]] = Counter()
        found: dict[str, list[LiveObject]] = {}
        for live in mine:
            if not (kind.is_living(live) and kind.is_managed(live) and live.scope in scopes):
                counts[str(live.facts.get("productType") or "legacy"), str(live.facts.get("status"))] += 1
        for live in living((o for o in mine if o.scope in scopes), kind):
            found.setdefault(live.scope, []).append(live)
            self.made.subscriptions += 1
        self.made.inventory = tuple(Inventory(*key, number) for key, number in sorted(counts.items()))
        return found

    def _tenant(self, customer: LiveObject, sold: Sequence[LiveObject]) -> None:
        mapping, name = self.scene.mapped.get(customer.live_id), self._names[customer.live_id]
        if mapping is not None and self.scene.situation.live.gap_for(customer.scope) is not None:
            return  # who sells to it is told by subscriptions that nobody could read
        names = self.tenants.names(self.scene.reseller, self._indirect(customer, sold, name))
        if mapping is not None:
            self._merge(self.tenants, mapping, customer, names)
            if bound_to(self.scene.situation, mapping.address) is None:
                self._take_back(mapping, customer, names)
            return
        if not self.tenants.has_market(customer):
            self._no_market(customer, name)
            customer = replace(customer, attributes={**customer.attributes, "market": self.scene.market})
        spec, _ = self.tenants.to_spec(customer, names)
        address = Address(TENANT, name)
        comments: dict[DocPath, str] = {(): str(customer.facts.get("companyName") or "")}
        self._add(self._at(name, "tenant.yaml"), Document(address, spec, comments=comments))
        self._remember_tenant(address, customer, spec)

    def _take_back(self, mapping: Resource, customer: LiveObject, names: Any) -> None:
        """As `_is_as_written`; the market is not asked for again."""
        known = {**customer.attributes, "market": mapping.spec.get("market")}
        spec, _ = self.tenants.to_spec(replace(customer, attributes=known), names)
        if dict(spec) == dict(mapping.spec):
            self._remember_tenant(mapping.address, customer, spec)

    def _remember_tenant(self, address: Address, customer: LiveObject, spec: Mapping[str, Any]) -> None:
        said = {"indirectReseller": spec.get("indirectReseller")}
        self.made.memories[address] = {**self.tenants.remembered(customer), **said}

    def _indirect(self, customer: LiveObject, sold: Sequence[LiveObject], name: str) -> str:
        """The one indirect reseller that all of a tenant's subscriptions are sold by; empty where there is none."""
        of_record = {str(o.attributes.get("resellerMpn") or "") for o in sold} or {str(customer.facts.get("partner"))}
        of_record = {"" if m in self.scene.own else m for m in of_record}
        for mpn in sorted(m for m in of_record if m and m not in self.scene.sellers):
            message = f"sold by reseller {mpn}, whom no Reseller manifest names"
            hint = "declare it (`cspctl import partners FILE`) and import again"
            self._say("W-RESELLER-UNKNOWN", message, hint, tenant=name)
        if len(of_record) > 1:
            shown = ", ".join(sorted(m or "none" for m in of_record))
            self._say("W-RESELLER-MIXED", f"its subscriptions name different resellers: {shown}", tenant=name)
            return ""
        return self.scene.sellers.get(of_record.pop(), "")

    def _no_market(self, customer: LiveObject, name: str) -> None:
        message = f"Partner Center does not tell its country; {self.scene.market} is assumed, as for the reseller"
        self._say("W-MARKET", message, "correct spec.market", tenant=name)

    def _other_reseller(self, customer: LiveObject, mapping: Resource) -> None:
        message = (
            f"{mapping.name} is a customer of {self.scene.reseller} too, but its mapping belongs to "
            f"{mapping.effective['reseller']}; what it buys here is only counted"
        )
        self._say("W-TENANT-TWO-RESELLERS", message, "a tenant is managed under one Reseller", tenant=mapping.name)

    def _orphans(self, listed: set[str]) -> None:
        for customer, mapping in sorted(self.scene.mapped.items()):
            if mapping.effective["reseller"] == self.scene.reseller and customer not in listed:
                message = f"{mapping.name} is mapped, but Partner Center does not list it as a customer any more"
                self._say("W-ORPHAN", message, "remove it once you know why", tenant=mapping.name)

    # --- subscriptions ----------------------------------------------------------------------------------------------

    def _subscription(self, live: LiveObject, tenant: str | None) -> None:
        ownership = self.scene.ownership
        assert tenant is not None, "only customers with a mapping are asked about"
        if live.live_id in ownership.owned:
            self._known(live, tenant, ownership.owned[live.live_id])
            return
        problem = self._left_alone(live) or self.sales.refusal(live)
        if problem is not None:
            self._finding(problem, tenant=tenant, live_id=live.live_id)
            return
        sku = (str(live.attributes["product"]), str(live.attributes["sku"]))
        plan = self.shelf.plan_for(self.scene.segment_of(*sku))
        self._need(plan, live)
        self._new.append(_Sold(live, tenant, plan))

    def _left_alone(self, live: LiveObject) -> Finding | None:
        ownership = self.scene.ownership
        if live.live_id in ownership.dropped:
            address = ownership.dropped[live.live_id]
            message = f"{live.live_id} belonged to {address}, whose manifest was removed; that stays so"
            hint = f"write the manifest again, or forget it with `cspctl state rm {address}` to have it imported"
            return Finding(code="I-DROPPED", severity="info", message=message, hint=hint)
        if live.live_id in ownership.unclear:
            address = ownership.unclear[live.live_id]
            message = f"{address} could mean {live.live_id}; it was not imported"
            hint = "say which one it means with spec.subscriptionId, and import again"
            return Finding(code="W-UNCLEAR", severity="warning", message=message, hint=hint)
        return None

    def _known(self, live: LiveObject, tenant: str, address: Address) -> None:
        """Brought up to date where an import wrote it and something changed since."""
        situation = self.scene.situation
        resource = situation.resource(address)
        binding = bound_to(situation, address)
        if resource is None or self.sales.refusal(live) is not None:
            return
        before = remembered(binding)
        if before is None:
            if binding is None and self._is_as_written(resource, live):
                self.made.memories[address] = self.sales.remembered(live)
            return
        if before != self.sales.remembered(live):
            plan = str(resource.effective["plan"])
            self._need(plan, live)
            self._old.append(_Sold(live, tenant, plan, resource))

    def _is_as_written(self, resource: Resource, live: LiveObject) -> bool:
        """Written by an import that was killed before it could note that: word for word what one would write."""
        plan = str(resource.effective["plan"])
        items = self.shelf.items(plan)
        if any(offer[:2] not in items for offer in self.sales.offers(live)):
            return False
        names = self.sales.names(str(resource.effective["tenant"]), plan, items, ())
        return dict(self.sales.to_spec(live, names)[0]) == dict(resource.spec)

    def _need(self, plan: str, live: LiveObject) -> None:
        for product, sku, term, billing in self.sales.offers(live):
            self.shelf.need(plan, (product, sku), (term, billing))

    def _write_new(self) -> None:
        bases = {s.live.live_id: f"{s.tenant}-{self._item(s)}" for s in self._new}
        kind = self.scene.kind.name
        names = naming.assign(bases, self._taken(kind))
        for sold in sorted(self._new, key=lambda s: (s.tenant, names[s.live.live_id])):
            address = Address(kind, names[sold.live.live_id])
            spec, lifecycle = self.sales.to_spec(sold.live, self._sale_names(sold))
            self._add(self._file(sold), Document(address, spec, lifecycle))
            self.made.memories[address] = self.sales.remembered(sold.live)
            for remark in self.sales.remarks(sold.live):
                self._finding(remark, tenant=sold.tenant, address=str(address), live_id=sold.live.live_id)
        self._twins({s.live.live_id: Address(kind, names[s.live.live_id]) for s in self._new})

    def _bring_up_to_date(self) -> None:
        for sold in self._old:
            assert sold.resource is not None, "made from one"
            self._merge(self.sales, sold.resource, sold.live, self._sale_names(sold))

    def _twins(self, addresses: Mapping[str, Address]) -> None:
        """Alike in everything that a manifest could tell them apart by, but the id."""
        alike: dict[tuple[Any, ...], list[_Sold]] = {}
        for sold in self._new:
            have = sold.live.attributes
            key = tuple(have.get(k) for k in ("product", "sku", "term", "billing"))
            alike.setdefault((sold.tenant, *key, sold.live.facts.get("commitmentEnd")), []).append(sold)
        for (tenant, product, sku, *_), twins in alike.items():
            if len(twins) > 1:
                ids = tuple(sorted(s.live.live_id for s in twins))
                message = (
                    f"{len(twins)} subscriptions of {product}:{sku} are alike; only subscriptionId tells them apart"
                )
                self._say("I-TWINS", message, tenant=tenant, address=str(addresses[ids[0]]), live_ids=ids)

    # --- both -------------------------------------------------------------------------------------------------------

    def _merge(self, imports: Imports, resource: Resource, live: LiveObject, names: Any) -> None:
        situation = self.scene.situation
        before = remembered(bound_to(situation, resource.address))
        if before is None:
            return
        merged = imports.merge(resource, before, live, names, situation.view)
        if merged.edits:
            self.made.editions.append(Edition(resource.address, resource.origin, merged.edits))
        if dict(merged.remembered) != before:
            self.made.memories[resource.address] = merged.remembered
        if merged.kept:
            message = (
                f"changed at Partner Center too, but edited by hand since the last import: {', '.join(merged.kept)}"
            )
            self._say("I-HAND-EDIT", f"{message}; left as it is", address=str(resource.address))

    def _plans(self) -> None:
        for document in self.shelf.documents():
            self._add(self._at("plans", f"{document.address.name}.yaml"), document)
            self.made.memories[document.address] = {"segment": document.spec["segment"]}
            message = f"{document.address} sells at Microsoft's list price until you decide your margin"
            self._say("I-MARGIN", message, "edit spec.pricing; imports leave it alone", address=str(document.address))
        self.made.editions += self.shelf.editions()

    def _file(self, sold: _Sold) -> str:
        """Beside the tenant's own file where that is in a folder of its own."""
        mapping = self.scene.mapped.get(sold.live.scope)
        folder, _, file = mapping.origin.file.rpartition("/") if mapping is not None else ("", "", "")
        if file != "tenant.yaml" or not folder:
            return self._at(sold.tenant, "subscriptions.yaml")
        return f"{folder}/subscriptions.yaml"

    def _at(self, *parts: str) -> str:
        return "/".join(part for part in (self.scene.folder, *parts) if part)

    def _item(self, sold: _Sold) -> str:
        return self.shelf.items(sold.plan)[(str(sold.live.attributes["product"]), str(sold.live.attributes["sku"]))]

    def _sale_names(self, sold: _Sold) -> Any:
        return self.sales.names(sold.tenant, sold.plan, self.shelf.items(sold.plan), self.shelf.offered(sold.plan))

    def _taken(self, kind: str) -> set[str]:
        situation = self.scene.situation
        resources = situation.view.resources.of_kind(kind).values()
        bound = {a.name for a in situation.bindings if a.kind == kind}
        return {r.name for r in resources} | {n for r in resources for n in r.previous_names} | bound

    def _add(self, file: str, document: Document) -> None:
        self.made.documents.setdefault(file, []).append(document)

    def _finding(self, finding: Finding, *, tenant: str = "", address: str = "", live_id: str = "") -> None:
        self.made.findings.append(ImportFinding.about(finding, tenant=tenant, address=address, live_id=live_id))

    def _say(
        self,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        tenant: str = "",
        address: str = "",
        live_ids: tuple[str, ...] = (),
    ) -> None:
        severity = "info" if code.startswith("I-") else "warning"
        self.made.findings.append(ImportFinding(code, severity, message, hint, tenant, address, live_ids))
