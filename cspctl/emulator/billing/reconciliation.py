"""Line items of invoices and of what is not invoiced yet (v1).

Source: Partner Center docs, pages get-invoiceline-items, get-invoice-billed-consumption-lineitems,
get-invoice-unbilled-consumption-lineitems (Oct 2023): names in any case, at most 2,000 items, one-time items page by
seekOperation with a token in a header, the older providers by offset.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.billing.continuation import seek_page, start_of
from cspctl.emulator.billing.invoices import invoice_of
from cspctl.emulator.billing.issuing import book_of_invoice, invoice_of_period, period_of
from cspctl.emulator.billing.legacy_items import legacy_items
from cspctl.emulator.billing.line_items import mixed, one_time_item
from cspctl.emulator.billing.periods import Book
from cspctl.emulator.billing.usage_lines import usage_items
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.wire.paging import size_of
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import collection, link, query_value

Document = dict[str, Any]
PROVIDERS = {"office": "office", "azure": "azure", "onetime": "one_time", "marketplace": "marketplace", "all": "all"}
KINDS = {"billinglineitems": "billing_line_items", "usagelineitems": "usage_line_items"}
_NEW_COMMERCE = frozenset({"one_time", "marketplace", "all"})
SEEDED = "invoice_line"  # parent "<invoice>:<provider>:<type>", as the seed document gives them


async def invoice_lines(request: Request, ctx: Context) -> Answer:
    """Raises 404 for an unknown invoice, 400/800002 for a provider, type, size or token that cannot be."""
    invoice = invoice_of(ctx, request.path_params["invoice_id"])
    provider, kind = _asked(request)
    currency = (query_value(request, "currencycode") or "").upper()
    if provider in _NEW_COMMERCE and kind == "usage_line_items" and len(currency) != 3:
        raise invalid("currencycode is required for usage line items")
    seeded = ctx.store.list(SEEDED, ctx.partner, parent=f"{invoice['id']}:{provider}:{kind}")
    if provider not in _NEW_COMMERCE:
        items = [_literal(one) for one in seeded] or legacy_items(ctx.store, partner_of(ctx), invoice, provider, kind)
        return Answer(200, _by_offset(request, ctx, items))
    foreign = bool(currency) and currency != invoice["currencyCode"]
    if seeded or foreign or not invoice.get("_period") or invoice["_commerce"]:
        return Answer(200, _in_memory(request, ctx, [] if foreign else [_literal(one) for one in seeded]))
    return Answer(200, _lines(request, ctx, book_of_invoice(invoice), invoice["id"], provider, kind))


async def unbilled_lines(request: Request, ctx: Context) -> Answer:
    """The running month, or the one before until it is invoiced."""
    provider, kind = _asked(request)
    if provider not in _NEW_COMMERCE:
        raise invalid("provider must be onetime, marketplace or all")
    currency = (query_value(request, "currencycode") or "").upper()
    if len(currency) != 3:
        raise invalid("currencycode is required")
    period = period_of(ctx.clock.now(), (query_value(request, "period") or "").lower())
    if period is None:
        raise invalid("period must be current or previous")
    if invoice_of_period(ctx.store, ctx.partner, period, currency):
        return Answer(200, _in_memory(request, ctx, []))
    return Answer(200, _lines(request, ctx, Book(period, currency), "", provider, kind))


def _asked(request: Request) -> tuple[str, str]:
    """(provider, type), from the path or the query, in any case."""
    provider = request.path_params.get("provider") or query_value(request, "provider") or ""
    kind = request.path_params.get("kind") or query_value(request, "invoicelineitemtype", "nvoicelineitemtype") or ""
    found = PROVIDERS.get(provider.lower().replace("_", "")), KINDS.get(kind.lower().replace("_", ""))
    if found[0] is None or found[1] is None:
        raise invalid(f"provider {provider!r} and invoicelineitemtype {kind!r} are not supported")
    return found[0], found[1]


def _size(request: Request, ctx: Context) -> int:
    most = ctx.settings.line_item_page_size
    return size_of(query_value(request, "size") or "", most, most)


def _lines(request: Request, ctx: Context, book: Book, number: str, provider: str, kind: str) -> Document:
    partner = partner_of(ctx)
    if kind == "usage_line_items":
        name = "marketplace" if provider == "all" else provider
        items = usage_items(ctx.store, partner, book.period, book.currency, number, name)
        return _in_memory(request, ctx, _credited(request, items))
    size, after = _size(request, ctx), start_of(request)
    found = ctx.store.list("charge", ctx.partner, parent=book.key, after=after, limit=size + 1)
    items = [one_time_item(one, partner, number) for one in found[:size]]
    if ctx.settings.line_order == "mixed":
        items = mixed(items)
    return seek_page(request, items, found[size - 1]["id"] if len(found) > size else None)


def _credited(request: Request, items: list[Document]) -> list[Document]:
    wanted = (query_value(request, "hasPartnerEarnedCredit") or "").lower()
    return items if not wanted else [one for one in items if one["hasPartnerEarnedCredit"] == (wanted == "true")]


def _in_memory(request: Request, ctx: Context, items: list[Document]) -> Document:
    """Pages of a list that is at hand; every item has an id that does not go on the wire."""
    size, after = _size(request, ctx), start_of(request)
    keys = [str(one.get("id") or index) for index, one in enumerate(items)]
    if after is not None and after not in keys:
        raise invalid("the continuation token is not valid")
    first = 0 if after is None else keys.index(after) + 1
    part = [{key: value for key, value in one.items() if key != "id"} for one in items[first : first + size]]
    return seek_page(request, part, keys[first + size - 1] if first + size < len(items) else None)


def _by_offset(request: Request, ctx: Context, items: list[Document]) -> Document:
    size, text = _size(request, ctx), query_value(request, "offset") or "0"
    if not text.isascii() or not text.isdigit():
        raise invalid(f"offset must be a number, not {text!r}")
    offset, uri = int(text), request.url.path.removeprefix("/v1")
    head = "&".join(f"{k}={v}" for k, v in request.query_params.items() if k.lower() not in ("size", "offset"))
    page = f"{uri}?{head}{'&' if head else ''}size={size}&offset="
    body = collection(items[offset : offset + size], f"{page}{offset}")
    if offset + size < len(items):
        body["links"]["next"] = link(f"{page}{offset + size}")
    return body


def _literal(kept: Document) -> Document:
    item: Document = kept["item"]
    return {**item, "id": kept["id"]} if "id" not in item else item


_LINES = "/v1/invoices/{invoice_id}/lineitems"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/invoices/unbilled/lineitems", unbilled_lines, name="get invoice unbilled line items"),
    RouteSpec("GET", _LINES, invoice_lines, name="get invoice line items"),
    RouteSpec("GET", f"{_LINES}/{{provider}}/{{kind}}", invoice_lines, name="get invoice line items"),
]
