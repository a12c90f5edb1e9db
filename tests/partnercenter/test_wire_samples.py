"""Every documented body, of every page and both directions, is read and given back without loss.

Resources that cspctl works with have a model each; any other goes through `Resource`, the model of what all resources
have in common, and stands in `plain_resources.py` with the reason. Nothing is skipped but bodies that are no JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cspctl.partnercenter.json_text import decode, encode
from cspctl.partnercenter.wire.audit_record import AuditRecord
from cspctl.partnercenter.wire.availability import Availability
from cspctl.partnercenter.wire.body import Body
from cspctl.partnercenter.wire.cart import Cart, CartCheckoutResult
from cspctl.partnercenter.wire.collection import Collection
from cspctl.partnercenter.wire.customer import BillingProfile, CompanyProfile, Customer
from cspctl.partnercenter.wire.error import ErrorBody
from cspctl.partnercenter.wire.link import Resource
from cspctl.partnercenter.wire.order import Order, OrderLineProvisioning
from cspctl.partnercenter.wire.product import Product
from cspctl.partnercenter.wire.sku import Sku
from cspctl.partnercenter.wire.subscription import Subscription
from tests.partnercenter.plain_resources import PLAIN

BY_OBJECT_TYPE: dict[str, type[Body]] = {
    "Customer": Customer,
    "CustomerCompanyProfile": CompanyProfile,
    "CustomerBillingProfile": BillingProfile,
    "Subscription": Subscription,
    "Cart": Cart,
    "CartCheckoutResult": CartCheckoutResult,
    "Order": Order,
    "AuditRecord": AuditRecord,
}
# The most telling keys of bodies that carry no objectType, case-folded.
BY_KEYS: list[tuple[set[str], type[Body]]] = [
    ({"terms", "catalogitemid"}, Availability),
    ({"minimumquantity", "productid"}, Sku),
    ({"producttype", "publishername", "title"}, Product),
    ({"billingcycle", "lineitems"}, Order),
    ({"referencecustomerid", "lineitems"}, Order),
    ({"orderlineitemid"}, OrderLineProvisioning),
    ({"contracttype", "friendlyname"}, Subscription),
    ({"code", "description"}, ErrorBody),
    ({"companyprofile", "billingprofile"}, Customer),
]
# What an operation is about, where neither objectType nor keys tell: the end of its path.
BY_PATH: list[tuple[str, type[Body]]] = [
    ("/carts", Cart), ("/carts/*", Cart), ("/checkout", CartCheckoutResult), ("/orders", Order), ("/orders/*", Order),
    ("/subscriptions", Subscription), ("/subscriptions/*", Subscription), ("/customers/*", Customer),
]  # fmt: skip  # a table of paths
MODELLED = {
    "AuditRecord": 1, "Availability": 6, "BillingProfile": 3, "Cart": 15, "CartCheckoutResult": 2, "CompanyProfile": 1,
    "Customer": 6, "ErrorBody": 14, "Order": 22, "OrderLineProvisioning": 1, "Product": 7, "Sku": 10,
    "Subscription": 25,
}  # fmt: skip  # bodies of the samples that go through each model


@dataclass(frozen=True)
class Sample:
    """One JSON body. `what` is its objectType, else its page; `model` is None where it has none of its own."""

    name: str
    what: str
    body: Any
    model: type[Body] | None

    def again(self) -> Any:
        """Read and given back."""
        model = self.model or Resource
        if isinstance(self.body, list):
            return [model.read(one).to_body() if isinstance(one, dict) else one for one in self.body]
        items = self.body.get("items")
        # Some pages cut a list short with an ellipsis in place of an object.
        if isinstance(items, list) and items and all(isinstance(one, dict) for one in items):
            return Collection[model].read(self.body).to_body()  # type: ignore[valid-type] # chosen at run time
        return (Resource if isinstance(items, list) else model).read(self.body).to_body()


def subject(body: Any) -> dict[str, Any]:
    """The object a body is about: itself, or the first of its list."""
    rows = body if isinstance(body, list) else body.get("items", body.get("value", body.get("Value")))
    if isinstance(rows, list):
        return rows[0] if rows and isinstance(rows[0], dict) else {}
    return body


def object_type(one: dict[str, Any]) -> str:
    keys = {key.casefold(): item for key, item in one.items()}
    attributes = keys.get("attributes")
    return (
        str(attributes.get("objectType") or attributes.get("ObjectType") or "") if isinstance(attributes, dict) else ""
    )


def model_of(one: dict[str, Any], path: str) -> type[Body] | None:
    named = BY_OBJECT_TYPE.get(object_type(one))
    if named:
        return named
    keys = {key.casefold() for key in one}
    if keys in ({"orders"}, {"lineitems"}):
        return CartCheckoutResult if keys == {"orders"} else Cart
    told = next((model for telling, model in BY_KEYS if telling <= keys), None)
    if told or not path.casefold().startswith("/v1/customers"):
        return told
    return next((model for end, model in BY_PATH if path.casefold().endswith(end)), None)


def path_of(exchange: dict[str, Any]) -> str:
    path = str(exchange["path_template"] or exchange["path_sample"] or "").split("?")[0].rstrip("/")
    return "/".join("*" if one[:1] in "{<\\" and one else one for one in path.split("/"))


def bodies(samples: list[dict[str, Any]]) -> Iterator[Sample]:
    seen: Counter[str] = Counter()
    for exchange in samples:
        page = exchange["file"]
        number, seen[page] = seen[page], seen[page] + 1
        variants = exchange.get("response_body_variants") or []
        for side, body in [("request", exchange["request_body"]), ("answer", exchange["response_body"])] + [
            ("variant", one) for one in variants
        ]:
            if isinstance(body, dict | list):
                one = subject(body)
                kind = object_type(one)
                what = kind if kind and kind != "Collection" else page
                yield Sample(f"{page}#{number} {side}", what, body, model_of(one, path_of(exchange)))


def is_listed_folder(samples: list[dict[str, Any]]) -> bool:
    """Whether the folder holds the pages that `PLAIN` was written for, and no others."""
    return len(samples) == 283


def test_every_documented_body_survives_reading_and_writing(samples: list[dict[str, Any]]) -> None:
    found = list(bodies(samples))
    for one in found:
        assert encode(one.again()) == encode(one.body), f"{one.name} as {one.model}"
    sides = [exchange[side] for exchange in samples for side in ("request_body", "response_body")]
    more = [one for exchange in samples for one in exchange.get("response_body_variants") or []]
    assert len(found) == sum(not (body is None or isinstance(body, str)) for body in [*sides, *more])


def test_bytes_survive_too(samples: list[dict[str, Any]]) -> None:
    for one in bodies(samples):
        text = encode(one.body)
        assert encode(decode(text)) == text, one.name
        fresh = Sample(one.name, one.what, decode(text), one.model)
        assert encode(fresh.again()) == text, one.name


def test_what_has_no_model_of_its_own_is_listed_with_a_reason(samples: list[dict[str, Any]]) -> None:
    if not is_listed_folder(samples):
        pytest.skip("the list is for another folder of samples")
    assert {one.what for one in bodies(samples) if one.model is None} == set(PLAIN)
    assert all(len(reason) > 10 for reason in PLAIN.values())


def test_each_model_gets_the_bodies_of_its_resource(samples: list[dict[str, Any]]) -> None:
    if not is_listed_folder(samples):
        pytest.skip("the numbers are for another folder of samples")
    count = Counter(one.model.__name__ for one in bodies(samples) if one.model)
    assert count == MODELLED


def test_pascal_case_is_read_through_the_same_accessors(samples: list[dict[str, Any]]) -> None:
    pages = [exchange for exchange in samples if exchange["file"] == "suspend-a-subscription"]
    if not pages:
        pytest.skip("the folder has no page suspend-a-subscription")
    subscription = Subscription.read(pages[0]["response_body"])
    assert subscription.status == "suspended"
    assert subscription.seats == 2
    assert subscription.auto_renew_enabled is False
    assert subscription.etag == "<etag>"
    link = subscription.link("offer")
    assert link is not None
    assert link.uri == "/v1/offers/0CCA44D6-68E9-4762-94EE-31ECE98783B9"
