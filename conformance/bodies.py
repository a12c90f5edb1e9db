"""Documented request bodies for the world at hand. What is changed, all of it:

- ids of resources, goods and people become those of our world, by the name of the property;
- moments that must lie ahead (a target date, an end of term) are moved ahead of the virtual clock;
- the domain of a new tenant keeps its name below the domain that tenants have;
- a street that the page has validated becomes one of our world that is judged as on the page;
- an update of a whole resource shows what the server alone decides (`_SERVERS`) as a fresh GET shows it.

Everything else is sent as printed: nothing is left out and nothing is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from conformance import seeds
from conformance.goods import goods, last_month_end
from conformance.subjects import template, value
from conformance.world import World

_MODERN = re.compile(r"^[A-Z0-9]{12}:[A-Z0-9]{4}(:[A-Z0-9]{12})?$")
_ADDONS = (seeds.OLD_ADDON, seeds.OLD_ADDON_2)
_AHEAD = {"targetdate": "2026-04-01T00:00:00Z", "customtermenddate": "2027-02-28T00:00:00Z"}
# Streets by what the validation of addresses says of them here; which real street is which, only the service knows.
_STREETS = {
    "StreetPartial": "Micro Way", "PremisesPartial": "1 Premises Way", "Multiple": "1 Multiple Way",
    "InteractionRequired": "1 Interaction Way", "None": "1 Nowhere", "NotValidated": "1 Unvalidated Way",
    "Verified": "PO Box 1",
}  # fmt: skip  # a table of streets
# What the server decides about a resource; an update repeats it (Subscription table of the resource pages).
_SERVERS_WORDS = """
    id alternateid orderid offerid offername entitlementid parentsubscriptionid subscriptionid producttype unittype
    billingtype contracttype publishername ismicrosoftproduct istrial haspurchasableaddons creationdate
    effectivestartdate commitmentenddate commitmentenddatetime cancellationalloweduntildate refundoptions
    refundablequantity partnerid suspensionreasons links etag actions customtermenddate consumptiontype
    createdtime lastmodifiedtime customertenantid currentsubscriptionid creationtimestamp lastmodifiedtimestamp
    expirationtimestamp lastmodifieduser domain tenantid catalogitemid termduration
"""
_SERVERS = frozenset(_SERVERS_WORDS.split())


class Mapper:
    """Maps one body. `values` are the path parameters of the request by the segment in front of them."""

    def __init__(self, world: World, values: dict[str, str], method: str = "POST") -> None:
        self.world, self.values, self.method = world, values, method
        self.cycle = ""  # of the order, where one is mapped

    def map(self, node: Any, trail: tuple[str, ...] = (), line: dict[str, Any] | None = None) -> Any:
        if isinstance(node, list):
            return [self.map(one, (*trail, str(index)), line) for index, one in enumerate(node)]
        if not isinstance(node, dict):
            return node
        lower = {key.lower(): inner for key, inner in node.items()}
        if not trail:
            self.cycle = str(lower.get("billingcycle") or "")
        mapped: dict[str, Any] = {}
        for key, inner in node.items():
            if key.lower() == "schedulednextterminstructions" and isinstance(inner, dict):
                mapped[key] = self._instructions(inner)
                continue
            found = self._value(key.lower(), inner, trail, lower)
            mapped[key] = self.map(inner, (*trail, key.lower()), lower) if found is None else found
        return mapped

    def _value(self, key: str, given: Any, trail: tuple[str, ...], line: dict[str, Any]) -> Any:
        if given is None or isinstance(given, dict | bool):
            return None
        if key in ("catalogitemid", "offerid", "fromcatalogitemid", "tocatalogitemid", "targetofferid"):
            return self._goods(str(given), key, trail, line)
        if key == "value" and str(line.get("key", "")).lower().endswith("transaction_reseller"):
            return seeds.MPN
        if key == "currentsubscriptionid":
            return self._current(trail, line)
        if key in _AHEAD:
            return _AHEAD[key]
        if key == "licensestoremove" and isinstance(given, list):
            return [self.world.licence() for _ in given]
        if key == "userprincipalname" and "@" in str(given):
            return str(given).split("@")[0] + "@" + str(self.world.get("")["companyProfile"]["domain"])
        if key == "domain" and trail == ("companyprofile",) and self.method == "POST":
            return str(given).split(".")[0] + ".onmicrosoft.com"
        if key == "addressline1":
            return self._street()
        if not isinstance(given, str | list):
            return None
        maker = _IDS.get(key)
        return maker(self, trail) if maker else None

    def _goods(self, given: str, key: str, trail: tuple[str, ...], line: dict[str, Any]) -> str:
        if given == seeds.OLD_AZURE:
            return given
        if key == "tocatalogitemid":
            return self.world.item_of(seeds.SUITE, "0002")
        if _MODERN.match(given):
            return self.world.item(goods(given, line, self.cycle))
        if key == "targetofferid":
            return seeds.OLD_BASE  # what the seeded trial converts to
        if self.values.get("subscriptions") == seeds.TRIAL_SUB:
            return seeds.OLD_TRIAL
        if "addonitems" in trail or line.get("parentsubscriptionid"):
            return _ADDONS[int(trail[-1]) % 2 if "addonitems" in trail else 0]
        context = {str(key).lower() for key in line.get("provisioningcontext") or {}}
        return seeds.OLD_ADDON if "parentsubscriptionid" in context else seeds.OLD_BASE

    def _street(self) -> str | None:
        printed = self.world.exchange.body if self.world.exchange else None
        if not isinstance(printed, dict) or "suggestedAddresses" not in printed:
            return None
        return _STREETS.get(str(printed.get("status")))

    def _instructions(self, given: dict[str, Any]) -> dict[str, Any]:
        """The next term of the subject's own product, with the documented quantity, term and cycle."""
        subject = self.values.get("subscriptions") or self.world.subscription("suite")
        fresh = self.world.get(f"/subscriptions/{subject}")
        product, sku, availability = str(fresh["offerId"]).split(":")
        asked = {**given.get("product", {})}
        ids = {"productId": product, "skuId": sku, "availabilityId": availability, "promotionId": seeds.PROMOTION}
        asked |= {name: text for name, text in ids.items() if name in asked}
        wanted = {**given, "product": asked}
        if wanted.get("customTermEndDate"):
            wanted["customTermEndDate"] = last_month_end(fresh["commitmentEndDate"], str(asked.get("termDuration")))
        return wanted

    def _current(self, trail: tuple[str, ...], line: dict[str, Any]) -> str:
        if trail and trail[0].startswith("addonmigration"):
            return (seeds.ADDON_SUB, seeds.ADDON_SUB_2)[int(trail[-1]) % 2]
        paired = line.get("addonmigrations") or line.get("addonmigrationschedules")
        return seeds.BASE_SUB if paired else seeds.SINGLE_SUB

    def tenant(self, trail: tuple[str, ...]) -> str:
        return self.world.partner if "grantor" in trail else self.world.customer

    def event(self, trail: tuple[str, ...]) -> list[str]:
        found = self.world.get("/v1/fraudEvents", headers={"X-NewEventsModel": "true"})
        return [str(one["eventId"]) for one in found]

    def sku(self, trail: tuple[str, ...]) -> str | None:
        if "licensestoassign" in trail:
            return self.world.licence()
        return "0001" if trail[:1] == ("targetitems",) else None

    def product(self, trail: tuple[str, ...]) -> str | None:
        return seeds.RESERVATION if trail[:1] == ("targetitems",) else None

    def identity(self, trail: tuple[str, ...]) -> str | None:
        if trail == () and "directoryroles" in self.values and "usermembers" not in self.values:
            return self.world.user()  # who is to become a member
        if trail == ():
            return list(self.values.values())[-1] if self.values else None
        if trail == ("targetoffer",):
            return seeds.OLD_BIGGER
        if trail[:1] == ("devices",):
            batch = value(self.world, "devicebatches", "", {})
            return value(self.world, "devices", "", {"devicebatches": batch})
        return None

    def entitlement(self, trail: tuple[str, ...]) -> str:
        plan = self.world.subscription("azure")
        return value(self.world, "azureentitlements", "", {"subscriptions": plan})

    def policy(self, trail: tuple[str, ...]) -> str | None:
        return value(self.world, "policies", "", {}) if "policies" in trail else None

    def order(self, trail: tuple[str, ...]) -> str | None:
        subject = self.values.get("subscriptions")
        return str(self.world.get(f"/subscriptions/{subject}")["orderId"]) if subject else None

    def subscription(self, trail: tuple[str, ...]) -> str | None:
        if "provisioningcontext" in trail:
            return self.world.subscription("azure")
        return self.values.get("subscriptions") or self.world.subscription("suite")

    def target(self, trail: tuple[str, ...]) -> str | None:
        return self.world.second or None


_IDS: dict[str, Callable[[Mapper, tuple[str, ...]], Any]] = {
    "templateid": lambda mapper, trail: template(mapper.world),
    "customerid": lambda mapper, trail: mapper.world.customer,
    "customertenantid": lambda mapper, trail: mapper.world.customer,
    "referencecustomerid": lambda mapper, trail: mapper.world.customer,
    "tenantid": Mapper.tenant,
    "eventids": Mapper.event,
    "skuid": Mapper.sku,
    "productid": Mapper.product,
    "id": Mapper.identity,
    "value": Mapper.policy,
    "orderid": Mapper.order,
    "parentsubscriptionid": lambda mapper, trail: seeds.BASE_SUB,
    "subscriptionid": Mapper.subscription,
    "fromsubscriptionid": Mapper.subscription,
    "tosubscriptionid": Mapper.target,
    "azuresubscriptionid": lambda mapper, trail: mapper.world.subscription("azure"),
    "partneridonrecord": lambda mapper, trail: seeds.MPN,
    "partnerid": lambda mapper, trail: seeds.MPN,
    "azureentitlementid": Mapper.entitlement,
    "invoiceid": lambda mapper, trail: value(mapper.world, "invoices", "", {}),
    "sourcepartnertenantid": lambda mapper, trail: mapper.world.partner,
    "associatedpartnerid": lambda mapper, trail: seeds.RESELLER,
    "targetpartnertenantid": lambda mapper, trail: seeds.THEIRS,
    "supporttenantid": lambda mapper, trail: seeds.RESELLER,
    "supportmpnid": lambda mapper, trail: seeds.MPN,
    "validationcode": lambda mapper, trail: str(mapper.world.get("/v1/customers/all/validations")[0]["validationId"]),
    "promotionid": lambda mapper, trail: seeds.PROMOTION,
    "webhookurl": lambda mapper, trail: "http://127.0.0.1:9/hook",
}


def overlaid(documented: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """A documented whole-resource update: its own values, and of a fresh GET what the server decides."""
    lower = {key.lower(): inner for key, inner in fresh.items()}
    body = {}
    for key, inner in documented.items():
        shown = lower.get(key.lower())
        if shown is not None and key.lower() in _SERVERS:
            body[key] = shown
        elif isinstance(inner, dict) and isinstance(shown, dict) and key.lower() in ("attributes", "producttype"):
            body[key] = overlaid(inner, shown)
        elif isinstance(inner, list) and isinstance(shown, list) and key.lower() == "lineitems":
            body[key] = _lines(inner, shown)
        else:
            body[key] = inner
    return body


def _lines(documented: list[Any], fresh: list[Any]) -> list[Any]:
    """Lines of an order or a cart by their place; a line with a parent is an add-on, which is not there yet."""
    found = []
    for index, line in enumerate(documented):
        old = index < len(fresh) and isinstance(line, dict) and _is_there(line)
        found.append(overlaid(line, fresh[index]) if old else line)
    return found


def _is_there(line: dict[str, Any]) -> bool:
    """A line of an order that stands already: not one of a cart, and no add-on that is yet to be bought."""
    given = {key.lower() for key, inner in line.items() if inner}
    return "offerid" in given and "parentsubscriptionid" not in given
