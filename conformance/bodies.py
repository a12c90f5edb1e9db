"""Documented request bodies with their ids mapped onto the world at hand; everything else stays as printed."""

from __future__ import annotations

import re
from typing import Any

from conformance import seeds
from conformance.subjects import value
from conformance.world import World

_MODERN = re.compile(r"^[A-Z0-9]{12}:[A-Z0-9]{4}(:[A-Z0-9]{12})?$")
_BY_TERMS = {
    ("monthly", "P1M"): "suite", ("monthly", "P1Y"): "suite", ("annual", "P1Y"): "suite", ("none", "P1M"): "trial",
    ("one_time", "P1Y"): "reservation", ("one_time", None): "perpetual", ("one_time", "P3Y"): "software",
    ("monthly", "P3Y"): "suite", ("annual", "P3Y"): "software",
}  # fmt: skip  # a table of terms
_ADDONS = (seeds.OLD_ADDON, seeds.OLD_ADDON_2)
_KEPT_CHANGES = (
    "status", "friendlyname", "autorenewenabled", "schedulednextterminstructions", "usagelocation",
    "lineitems", "address", "defaultaddress", "primarycontact", "companyapproveraddress",
    "name", "culture", "language", "policysettings", "permissions",
)  # fmt: skip  # what a documented update wants to change


class Mapper:
    """Maps one body. `values` are the path parameters of the request by the segment in front of them."""

    def __init__(self, world: World, values: dict[str, str]) -> None:
        self.world, self.values = world, values

    def map(self, node: Any, trail: tuple[str, ...] = (), line: dict[str, Any] | None = None) -> Any:
        if isinstance(node, list):
            return [self.map(one, (*trail, str(index)), line) for index, one in enumerate(node)]
        if not isinstance(node, dict):
            return node
        lower = {key.lower(): inner for key, inner in node.items()}
        mapped: dict[str, Any] = {}
        for key, inner in node.items():
            if key.lower() == "schedulednextterminstructions" and isinstance(inner, dict):
                mapped[key] = self._instructions(inner)
                continue
            found = self._id(key.lower(), inner, trail, lower)
            mapped[key] = self.map(inner, (*trail, key.lower()), lower) if found is None else found
        return mapped

    def _id(self, key: str, given: Any, trail: tuple[str, ...], line: dict[str, Any]) -> Any:
        if given is None or isinstance(given, dict | bool):
            return None
        if key in ("catalogitemid", "offerid", "fromcatalogitemid", "tocatalogitemid"):
            return self._goods(str(given), trail, line)
        if key == "currentsubscriptionid":
            return self._current(trail, line)
        if key in ("licensestoremove",) or not isinstance(given, str | list):
            return None
        maker = _IDS.get(key)
        return maker(self, trail) if maker else None

    def _goods(self, given: str, trail: tuple[str, ...], line: dict[str, Any]) -> str:
        if given == seeds.OLD_AZURE:
            return given
        if _MODERN.match(given):
            cycle = str(line.get("billingcycle") or "one_time").lower()
            term = line.get("termduration")
            kind = "savings" if line.get("purchasecommitment") else _BY_TERMS.get((cycle, term), "suite")
            return self.world.item(kind)
        if "addonitems" in trail or line.get("parentsubscriptionid"):
            return _ADDONS[int(trail[-1]) % 2 if "addonitems" in trail else 0]
        context = {str(key).lower() for key in line.get("provisioningcontext") or {}}
        return seeds.OLD_ADDON if "parentsubscriptionid" in context else seeds.OLD_BASE

    def _instructions(self, given: dict[str, Any]) -> dict[str, Any]:
        """The next term of the subject's own product, with the documented term and cycle where it has them."""
        fresh = self.world.get(f"/subscriptions/{self.values['subscriptions']}")
        product, sku, availability = str(fresh["offerId"]).split(":")
        asked = {**given.get("product", {})}
        ids = {"productId": product, "skuId": sku, "availabilityId": availability, "promotionId": seeds.PROMOTION}
        asked |= {name: text for name, text in ids.items() if name in asked}
        wanted = {**given, "product": asked, "quantity": fresh["quantity"]}
        if "customTermEndDate" in wanted:
            wanted["customTermEndDate"] = "2030-02-28"
        return wanted

    def _current(self, trail: tuple[str, ...], line: dict[str, Any]) -> str:
        if "addonmigrations" in trail:
            return (seeds.ADDON_SUB, seeds.ADDON_SUB_2)[int(trail[-1]) % 2]
        return seeds.BASE_SUB if line.get("addonmigrations") else seeds.SINGLE_SUB

    def agreement(self, trail: tuple[str, ...]) -> str:
        every = self.world.get("/v1/agreements?agreementType=*")["items"]
        return str(next(one for one in every if one.get("agreementType") == "MicrosoftCustomerAgreement")["templateId"])

    def tenant(self, trail: tuple[str, ...]) -> str:
        return self.world.partner if "grantor" in trail else self.world.customer

    def event(self, trail: tuple[str, ...]) -> list[str]:
        found = self.world.get("/v1/fraudEvents", headers={"X-NewEventsModel": "true"})
        return [str(one["eventId"]) for one in found]

    def sku(self, trail: tuple[str, ...]) -> str | None:
        return self.world.licence() if "licensestoassign" in trail else None

    def identity(self, trail: tuple[str, ...]) -> str | None:
        if trail == ():
            return list(self.values.values())[-1] if self.values else None
        if trail[:1] == ("devices",):
            batch = value(self.world, "devicebatches", "", {})
            return value(self.world, "devices", "", {"devicebatches": batch})
        return None

    def policy(self, trail: tuple[str, ...]) -> str | None:
        return value(self.world, "policies", "", {}) if "policies" in trail else None


_IDS: dict[str, Any] = {
    "templateid": Mapper.agreement,
    "customerid": lambda mapper, trail: mapper.world.customer,
    "referencecustomerid": lambda mapper, trail: mapper.world.customer,
    "tenantid": Mapper.tenant,
    "eventids": Mapper.event,
    "skuid": Mapper.sku,
    "id": Mapper.identity,
    "value": Mapper.policy,
    "parentsubscriptionid": lambda mapper, trail: seeds.BASE_SUB,
    "subscriptionid": lambda mapper, trail: (
        mapper.world.subscription("azure") if "provisioningcontext" in trail else mapper.values.get("subscriptions")
    ),
    "azuresubscriptionid": lambda mapper, trail: mapper.world.subscription("azure"),
    "partneridonrecord": lambda mapper, trail: seeds.MPN,
    "associatedpartnerid": lambda mapper, trail: seeds.RESELLER,
    "supporttenantid": lambda mapper, trail: seeds.RESELLER,
    "supportmpnid": lambda mapper, trail: seeds.MPN,
    "webhookurl": lambda mapper, trail: "http://127.0.0.1:9/hook",
}


def overlaid(documented: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """A documented whole-resource update: what a fresh GET shows, with the change that the page wants."""
    lower = {key.lower(): inner for key, inner in fresh.items()}
    body = {}
    for key, inner in documented.items():
        change = key.lower() in _KEPT_CHANGES
        body[key] = inner if change or key.lower() not in lower else lower[key.lower()]
    return body
