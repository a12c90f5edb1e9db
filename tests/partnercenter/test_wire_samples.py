"""Every documented body of our resources is read and given back without loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cspctl.partnercenter.json_text import decode, encode
from cspctl.partnercenter.wire.audit_record import AuditRecord
from cspctl.partnercenter.wire.availability import Availability
from cspctl.partnercenter.wire.body import Body
from cspctl.partnercenter.wire.cart import Cart, CartCheckoutResult
from cspctl.partnercenter.wire.collection import AnyCollection, Collection
from cspctl.partnercenter.wire.customer import BillingProfile, CompanyProfile, Customer
from cspctl.partnercenter.wire.error import ErrorBody
from cspctl.partnercenter.wire.order import Order, OrderLineProvisioning
from cspctl.partnercenter.wire.product import Product
from cspctl.partnercenter.wire.sku import Sku
from cspctl.partnercenter.wire.subscription import Subscription

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
    ({"lineitems"}, Cart),
    ({"orderlineitemid"}, OrderLineProvisioning),
    ({"contracttype", "friendlyname"}, Subscription),
    ({"code", "description"}, ErrorBody),
    ({"companyprofile", "billingprofile"}, Customer),
]


def model_of(body: dict[str, Any]) -> type[Body] | None:
    keys = {key.casefold(): item for key, item in body.items()}
    attributes = keys.get("attributes")
    if isinstance(attributes, dict):
        named = BY_OBJECT_TYPE.get(attributes.get("objectType") or attributes.get("ObjectType") or "")
        if named:
            return named
    if set(keys) == {"orders"}:
        return CartCheckoutResult
    return next((model for telling, model in BY_KEYS if telling <= set(keys)), None)


def bodies(samples: list[dict[str, Any]]) -> Iterator[tuple[str, type[Body], dict[str, Any]]]:
    for exchange in samples:
        for side in ("request_body", "response_body"):
            body = exchange[side]
            if not isinstance(body, dict):
                continue
            items = body.get("items")
            if isinstance(items, list) and items:
                # Some pages cut a list short with an ellipsis in place of an object.
                is_whole = all(isinstance(item, dict) for item in items)
                model = model_of(items[0]) if is_whole else None
                if model is not None:
                    yield exchange["file"], Collection[model], body  # type: ignore[valid-type] # chosen at run time
                else:
                    yield exchange["file"], AnyCollection, body
            elif (model := model_of(body)) is not None:
                yield exchange["file"], model, body


def test_documented_bodies_survive_reading_and_writing(samples: list[dict[str, Any]]) -> None:
    count: Counter[str] = Counter()
    for file, model, body in bodies(samples):
        again = model.read(body).to_body()
        assert encode(again) == encode(body), f"{file} as {model.__name__}"
        count[model.__name__] += 1
    # Witness against a test that looks at nothing: the documentation shows at least so many of each.
    for name, least in {
        "Customer": 4,
        "Collection[Customer]": 2,
        "Subscription": 12,
        "Collection[Subscription]": 3,
        "Order": 10,
        "Collection[Order]": 2,
        "Cart": 8,
        "CartCheckoutResult": 2,
        "Product": 2,
        "Collection[Product]": 2,
        "Sku": 2,
        "Collection[Sku]": 2,
        "Availability": 3,
        "Collection[AuditRecord]": 1,
        "Collection[OrderLineProvisioning]": 1,
        "ErrorBody": 10,
    }.items():
        assert count[name] >= least, f"{name}: {count}"


def test_bytes_survive_too(samples: list[dict[str, Any]]) -> None:
    for file, model, body in bodies(samples):
        text = encode(body)
        assert encode(model.read(decode(text)).to_body()) == text, file


def test_pascal_case_is_read_through_the_same_accessors(samples: list[dict[str, Any]]) -> None:
    (body,) = (exchange["response_body"] for exchange in samples if exchange["file"] == "suspend-a-subscription")
    subscription = Subscription.read(body)
    assert subscription.status == "suspended"
    assert subscription.seats == 2
    assert subscription.auto_renew_enabled is False
    assert subscription.etag == "<etag>"
    link = subscription.link("offer")
    assert link is not None
    assert link.uri == "/v1/offers/0CCA44D6-68E9-4762-94EE-31ECE98783B9"
