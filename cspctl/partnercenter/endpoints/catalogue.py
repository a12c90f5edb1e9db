"""Products, SKUs and availabilities, by country and by customer.

Source: Partner Center docs, pages get-a-list-of-products, get-a-list-of-skus-for-a-product,
get-a-list-of-availabilities-for-a-sku, get-a-list-of-availabilities-for-a-sku-by-customer (Oct 2023).
The concept pages print POST for the by-customer calls; their samples and the newer reference use GET.
"""

from __future__ import annotations

from typing import Any

from cspctl.partnercenter.calls import call
from cspctl.partnercenter.paging import all_items
from cspctl.partnercenter.reads import Reads

FAMILY = "products"


async def products(reads: Reads, country: str, target_view: str, segment: str | None) -> list[dict[str, Any]]:
    """`target_view` `OnlineServices` also holds legacy licences: look at productType.id."""
    query = {"country": country, "targetView": target_view, "targetSegment": segment}
    return await all_items(reads, call("GET", "/v1/products", family=FAMILY, query=query))


async def skus(reads: Reads, product: str, country: str) -> list[dict[str, Any]]:
    request = call("GET", "/v1/products/{product}/skus", family=FAMILY, product=product, query={"country": country})
    return await all_items(reads, request)


async def availabilities(
    reads: Reads, product: str, sku: str, country: str, segment: str | None
) -> list[dict[str, Any]]:
    """Without a segment: every one except nonprofit."""
    request = call(
        "GET",
        "/v1/products/{product}/skus/{sku}/availabilities",
        family=FAMILY,
        product=product,
        sku=sku,
        query={"country": country, "targetSegment": segment},
    )
    return await all_items(reads, request)


async def availabilities_of_customer(
    reads: Reads, customer: str, product: str, sku: str, segment: str | None
) -> list[dict[str, Any]]:
    """What this customer can buy; its country is applied by the service."""
    request = call(
        "GET",
        "/v1/customers/{customer}/products/{product}/skus/{sku}/availabilities",
        family=FAMILY,
        customer=customer,
        product=product,
        sku=sku,
        query={"targetSegment": segment},
    )
    return await all_items(reads, request)


async def inventory(reads: Reads, country: str, body: Any) -> list[dict[str, Any]]:
    """A POST that changes nothing. Source: page check-inventory (Oct 2023)."""
    route = "/v1/extensions/product/checkInventory"
    return await all_items(reads, call("POST", route, family=FAMILY, query={"country": country}, body=body))
