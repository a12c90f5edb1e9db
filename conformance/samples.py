"""The documented exchanges as they lie in the sample folder: one file per page of the documentation."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# Pages that print an answer alone and name its operation in prose.
_BARE_PAGES = {
    "pending-po-upload": ("GET", "/v1/customers/{customer-id}/orders/{order-id}"),
    "po-upload-complete-status": ("GET", "/v1/customers/{customer-id}/orders/{order-id}"),
}
# Sections that are headed by the operation alone, in the words of the page.
_TITLES = {
    "get a product by id": ("GET", "/v1/products/{product-id}?country=US"),
    "get a sku by id": ("GET", "/v1/products/{product-id}/skus/{sku-id}?country=US"),
    "get availability by id": ("GET", "/v1/products/{product-id}/skus/{sku-id}/availabilities/{id}?country=US"),
    "get a list of skus for a product (by customer)": ("GET", "/v1/customers/{id}/products/{product-id}/skus"),
    "get a list of skus for a product (by country/region)": ("GET", "/v1/products/{product-id}/skus?country=US"),
    "get a list of availabilities by sku (by customer)": (
        "GET", "/v1/customers/{id}/products/{product-id}/skus/{sku-id}/availabilities",
    ),
    "get a list of availabilities by sku (by country/region)": (
        "GET", "/v1/products/{product-id}/skus/{sku-id}/availabilities?country=US",
    ),
    "create cart": ("POST", "/v1/customers/{customer-id}/carts"),
    "get cart": ("GET", "/v1/customers/{customer-id}/carts/{cart-id}"),
    "update cart": ("PUT", "/v1/customers/{customer-id}/carts/{cart-id}"),
    "checkout cart": ("POST", "/v1/customers/{customer-id}/carts/{cart-id}/checkout"),
    "create order": ("POST", "/v1/customers/{customer-id}/orders"),
    "get an order by id": ("GET", "/v1/customers/{customer-id}/orders/{order-id}"),
    "get all of a customer’s orders": ("GET", "/v1/customers/{customer-id}/orders"),
    "get a subscription by id": ("GET", "/v1/customers/{customer-id}/subscriptions/{subscription-id}"),
    "get a customer’s subscriptions": ("GET", "/v1/customers/{customer-id}/subscriptions"),
}  # fmt: skip  # a table of titles


@dataclass(frozen=True)
class Exchange:
    """One documented request with its documented answer; `status` is None where no answer is printed."""

    page: str
    section: str
    number: int
    method: str
    template: str
    path: str
    host: str
    headers: dict[str, str]
    request_body: Any
    status: int | None
    body: Any
    assumed: bool = False  # the page prints no status; any of the same class fits

    @property
    def name(self) -> str:
        return f"{self.page}#{self.number}"


def load(folder: Path) -> list[Exchange]:
    """Every exchange of every page, by page name. Raises ValueError for a file that is no page."""
    found = []
    for file in sorted(folder.glob("*.json")):
        if file.name == "index.json":
            continue
        try:
            entries = json.loads(file.read_text(encoding="utf-8"))["exchanges"]
            page = [_exchange(file.stem, number, entry) for number, entry in enumerate(entries)]
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{file.name} is no page of samples: {error!r}") from None
        found += _with_printed_requests(page)
    return found


def _exchange(page: str, number: int, entry: dict[str, Any]) -> Exchange:
    method, template = entry.get("method"), entry.get("path_template")
    path = entry.get("path_sample") or ""
    if not method:
        title = str(entry["section"]).rsplit(" > ", 1)[-1].lower()
        method, template = _BARE_PAGES.get(page) or _TITLES.get(title) or ("", "")
    return Exchange(
        page=page,
        section=str(entry["section"]),
        number=number,
        method=str(method),
        template=str(template or path),
        path=str(path),
        host=str(entry.get("host") or ""),
        headers=dict(entry.get("request_headers") or {}),
        request_body=entry.get("request_body"),
        status=entry.get("response_status"),
        body=entry.get("response_body"),
        assumed=any("assumed" in str(note) for note in entry.get("notes") or []),
    )


def _with_printed_requests(page: list[Exchange]) -> list[Exchange]:
    """Where a section prints two bodies without a request line, the first is the request of the second."""
    found = list(page)
    for index in range(1, len(found)):
        before, one = found[index - 1], found[index]
        bare = not one.path and one.request_body is None and not before.path and before.request_body is None
        if bare and one.section == before.section and one.method in ("POST", "PUT", "PATCH"):
            found[index] = replace(one, request_body=before.body)
    return found
