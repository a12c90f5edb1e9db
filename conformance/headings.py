"""The operation of an example that prints a body alone, without a request line.

Asked are, in this order: the heading, where it is the name of an operation; the link of the body to itself; and
the properties that only one resource has.
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.operations import documented

_ORDER = "/v1/customers/{customer-id}/orders/{order-id}"
_SKUS = "/v1/products/{product-id}/skus"
# Names of operations, as the documentation titles them.
_TITLES = {
    "get a product by id": ("GET", "/v1/products/{product-id}?country=US"),
    "get a sku by id": ("GET", f"{_SKUS}/{{sku-id}}?country=US"),
    "get availability by id": ("GET", f"{_SKUS}/{{sku-id}}/availabilities/{{id}}?country=US"),
    "get a list of skus for a product (by customer)": ("GET", "/v1/customers/{id}/products/{product-id}/skus"),
    "get a list of skus for a product (by country/region)": ("GET", f"{_SKUS}?country=US"),
    "get a list of availabilities by sku (by customer)": (
        "GET", "/v1/customers/{id}/products/{product-id}/skus/{sku-id}/availabilities",
    ),
    "get a list of availabilities by sku (by country/region)": (
        "GET", f"{_SKUS}/{{sku-id}}/availabilities?country=US",
    ),
    "create cart": ("POST", "/v1/customers/{customer-id}/carts"),
    "get cart": ("GET", "/v1/customers/{customer-id}/carts/{cart-id}"),
    "update cart": ("PUT", "/v1/customers/{customer-id}/carts/{cart-id}"),
    "checkout cart": ("POST", "/v1/customers/{customer-id}/carts/{cart-id}/checkout"),
    "create order": ("POST", "/v1/customers/{customer-id}/orders"),
    "get an order by id": ("GET", _ORDER),
    "get all of a customer's orders": ("GET", "/v1/customers/{customer-id}/orders"),
    "get a subscription by id": ("GET", "/v1/customers/{customer-id}/subscriptions/{subscription-id}"),
    "get a customer's subscriptions": ("GET", "/v1/customers/{customer-id}/subscriptions"),
}  # fmt: skip  # a table of titles
# The catalogue is asked for a country; the pages of the operations say so.
_CATALOGUE = {
    "products": "?country=US&targetView=OnlineServices", "offers": "?country=US", "offercategories": "?country=US",
    "productpromotions": "?country=US&segment=commercial",
}  # fmt: skip  # a table of queries
_TELLING = {
    frozenset({"referenceCustomerId", "lineItems", "id"}): _ORDER,
    frozenset({"contractType", "offerId", "id"}): "/v1/customers/{customer-id}/subscriptions/{subscription-id}",
    frozenset({"companyProfile", "relationshipToPartner", "id"}): "/v1/customers/{customer-id}",
}


def operation(entry: dict[str, Any]) -> tuple[str, str]:
    """Method and path; both empty where nothing tells."""
    title = str(entry.get("section") or "").rsplit(" > ", 1)[-1].replace("’", "'").strip().lower()
    if title in _TITLES:
        return _TITLES[title]
    for method, path, name in documented():
        if name.lower() == title:
            return method, path.replace("*", "{id}") + _CATALOGUE.get(path.split("/")[2], "")
    body = entry.get("response_body")
    if not isinstance(body, dict):
        return "", ""
    link = _self(body)
    if link:
        return "GET", link
    return next((("GET", path) for keys, path in _TELLING.items() if keys <= body.keys()), ("", ""))


def _self(body: dict[str, Any]) -> str:
    links = body.get("links")
    own = links.get("self") if isinstance(links, dict) else None
    uri = own.get("uri") if isinstance(own, dict) else None
    if not isinstance(uri, str) or not uri.startswith("/"):
        return ""
    return uri if uri.startswith(("/v1/", "/v1.0/")) else f"/v1{uri}"
