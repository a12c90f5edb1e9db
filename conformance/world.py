"""What a caller does before the documented request: buy, create, wait, in a fresh world."""

from __future__ import annotations

from typing import Any

import httpx

from conformance import seeds
from conformance.goods import GOODS, documented_quantity, documented_term
from conformance.samples import Exchange
from conformance.seeds import CUSTOMER, MPN, OURS, OWN_CUSTOMER
from conformance.service import Service

Document = dict[str, Any]
_SINGLE = frozenset({"azure", "savings", "long savings", "reservation", "long reservation", "perpetual", "trial"})
LEGACY = {
    "legacy add-on": seeds.ADDON_SUB,
    "legacy": seeds.SINGLE_SUB,
    "legacy base": seeds.BASE_SUB,
    "legacy trial": seeds.TRIAL_SUB,
    "legacy azure": seeds.AZURE_SUB,
}


_WHOLE = ("/v1", "/partner/", "/webhooks/", "/auditactivity/", "/CustomerServiceAdminApi/")
_COMMITMENT = {
    "purchaseCommitment": {"amount": 0.05, "currency": "usd", "grain": "hourly"},
    "provisioningContext": {"scope": "single", "entitlementId": "cdd17cc7-14fe-4445-8650-1f52de705851"},
}


class World:
    """A fresh world, acted upon as `partner` (a sandbox partner where the page says so)."""

    def __init__(self, service: Service, exchange: Exchange | None = None) -> None:
        service.begin()
        self.exchange = exchange  # the documented one, whose goods a stage may buy
        self.second = ""  # another subscription the request names: the target of a move, the suspect of an event
        self.service = service
        self.partner = OURS
        self._bought: dict[str, Document] = {}

    @property
    def customer(self) -> str:
        return OWN_CUSTOMER[self.partner]

    @property
    def base(self) -> str:
        return f"/v1/customers/{self.customer}"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A path below the customer, or a whole one that starts with a version or a host's prefix."""
        url = path if path.startswith(_WHOLE) else self.base + path
        return self.service.call(method, url, body, partner=more.pop("partner", self.partner), **more)

    def get(self, path: str, **more: Any) -> Any:
        return self._good(self.call("GET", path, **more))

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self._good(self.call("POST", path, body, **more))

    def _good(self, answer: httpx.Response) -> Any:
        if answer.is_error:
            raise RuntimeError(f"{answer.request.method} {answer.request.url.path}: {answer.text[:200]}")
        return answer.json() if answer.content else answer

    def advance(self, duration: str) -> None:
        self.service.clock(advance=duration)

    def switch(self, **values: Any) -> None:
        self.service.control("POST", "settings", values)

    def seed(self, **sections: Any) -> None:
        self.service.control("POST", "seed", sections)

    def act(self, action: str, **document: Any) -> Document:
        wanted = {"action": action, "partner": self.partner, "customer": self.customer, **document}
        return dict(self.service.control("POST", "actions", wanted))

    def item(self, kind: str) -> str:
        """The catalog item id of a kind of goods today."""
        product, sku, *_ = GOODS[kind]
        return self.item_of(product, sku)

    def item_of(self, product: str, sku: str) -> str:
        found = self.get(f"/v1/products/{product}/skus/{sku}/availabilities?country=US")["items"]
        return str(found[0]["catalogItemId"])

    def order(self, kind: str = "suite", **more: Any) -> Document:
        product, sku, term, billing, quantity = GOODS[kind]
        printed = documented_term(self.exchange, kind)
        if kind not in _SINGLE:
            quantity = documented_quantity(self.exchange) or quantity
        term, billing = printed if printed and seeds.sells(product, sku, *printed) else (term, billing)
        line: Document = {"lineItemNumber": 0, "offerId": self.item(kind), "quantity": quantity, **more}
        line |= {"termDuration": term} if term else {}
        line |= {"friendlyName": f"Demo {kind}"}
        if self.partner == OURS:
            line["partnerIdOnRecord"] = MPN
        return dict(self.post("/orders", {"billingCycle": billing, "lineItems": [line]}))

    def subscription(self, kind: str = "suite") -> str:
        """The id of the subscription of a kind, bought when it is asked for."""
        if kind == "legacy azure":
            self.old_azure()
        if kind in LEGACY:
            return LEGACY[kind]
        return str(self.bought(kind)["lineItems"][0]["subscriptionId"])

    def bought(self, kind: str) -> Document:
        """The order of a kind of goods."""
        if kind in LEGACY:
            id = self.get(f"/subscriptions/{self.subscription(kind)}")["orderId"]
            return dict(self.get(f"/orders/{id}"))
        if kind not in self._bought:
            more = {"customTermEndDate": "2027-02-28"} if kind == "coterm" else _COMMITMENT if "savings" in kind else {}
            self._bought[kind] = self.order(kind, **more)
        return self._bought[kind]

    def old_azure(self) -> None:
        entry = {"partner": OURS, "customer": CUSTOMER, "offerId": seeds.OLD_AZURE, "id": seeds.AZURE_SUB}
        self.seed(legacySubscriptions=[entry])

    def stock(self) -> None:
        """One of everything, for pages that list."""
        for kind in GOODS:
            if kind not in ("trial", "long savings", "long reservation"):
                self.bought(kind)
        self.old_azure()

    def user(self, name: str = "ferdinand") -> str:
        domain = str(self.get("")["companyProfile"]["domain"])
        body = {"usageLocation": "US", "userPrincipalName": f"{name}@{domain}", "firstName": "Ferdinand",
                "lastName": "Filibuster", "displayName": "Ferdinand", "immutableId": "1111-2222-3333",
                "passwordProfile": {"password": "Renew456*", "forceChangePassword": True}}  # fmt: skip  # one body
        return str(self.post("/users", body)["id"])

    def licence(self) -> str:
        self.bought("suite")
        return str(self.get("/subscribedskus")["items"][0]["productSku"]["id"])

    def use_azure(self) -> str:
        """Consumption of an Azure plan in this month and the one before; answers the plan."""
        plan = self.subscription("azure")
        record = {"partner": self.partner, "subscription": plan, "quantity": "2", "cost": "1.10", "resource": "vm-1"}
        days = ("2026-02-10", "2026-02-27", "2026-03-02", "2026-03-03")
        records = [{**record, "date": f"{day}T00:00:00Z"} for day in days]
        disks = [{**one, "resource": "disk-1", "meter": "Disk"} for one in records]
        stack = {**records[-1], "resource": "storage-1", "meter": "Storage Admin", "region": "Azure Stack"}
        self.seed(usage=[*records, *disks, stack])
        return plan

    def bill(self) -> Document:
        """The first invoice the emulator issues by itself for one of everything."""
        for kind in ("suite", "trial"):  # early, so that short pages show a trial too
            self.bought(kind)
        self.stock()
        self.use_azure()
        self.advance("P35D")
        found = self.get("/v1/invoices?size=50&offset=0")["items"]
        return dict(next((one for one in found if str(one["id"]).startswith("G")), found[0]))
