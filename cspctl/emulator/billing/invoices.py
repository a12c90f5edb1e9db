"""Invoices: list, one, balances, statements, estimate links (rule 52).

Source: Partner Center docs, pages get-a-collection-of-invoices, get-invoice-by-id, get-invoice-statement,
get-invoice-receipt-statement, get-invoice-summaries, get-invoice-estimate-links (Oct 2023).
"""

from __future__ import annotations

import re
from operator import ge, gt, le, lt
from typing import Any

from starlette.requests import Request

from cspctl.emulator.billing.invoice_documents import balance, invoice_form, statement_lines
from cspctl.emulator.billing.statement import pdf
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.terms import parse_moment
from cspctl.emulator.wire.paging import size_of
from cspctl.emulator.wire.requests import filter_of, invalid
from cspctl.emulator.wire.shapes import collection, link, query_value

Document = dict[str, Any]
_PREFIX = re.compile(r"^(onetime|recurring)-", re.IGNORECASE)
_COMPARE = {
    "greater_than": gt, "greater_than_or_equals": ge, "less_than": lt, "less_than_or_equals": le,
}  # fmt: skip  # (impl.) operators of the filter on InvoiceDate
_ESTIMATES = (
    ("daily_rated_usage", "Daily rated usage unbilled",
     "This invoice line items includes unbilled consumption based data only.", "Marketplace", "UsageLineItems"),
    ("non_consumption", "Unbilled reconciliation line items",
     "This includes reconciliation line items for unbilled data only.", "all", "billinglineitems"),
)  # fmt: skip  # type, title, description, provider and line type of the link


def invoice_of(ctx: Context, invoice_id: str) -> Document:
    """By its number, with or without the type in front. Raises 404 for one this partner does not have."""
    wanted = _PREFIX.sub("", invoice_id)
    found = ctx.store.get("invoice", ctx.partner, wanted) or ctx.store.get("invoice", ctx.partner, wanted.upper())
    if found is None:
        raise ApiError(404, 1000, f"Invoice not found: {invoice_id}.")
    return found


async def list_invoices(request: Request, ctx: Context) -> Answer:
    """Oldest first, as in the sample; `filter` compares InvoiceDate."""
    found = sorted(ctx.store.list("invoice", ctx.partner), key=lambda one: (one["invoiceDate"], one["id"]))
    found = _filtered(found, query_value(request, "filter"))
    size = size_of(query_value(request, "size") or "", ctx.settings.page_size_maximum, ctx.settings.page_size_maximum)
    offset = _number(query_value(request, "offset"))
    now = ctx.clock.now()
    part = [invoice_form(one, ctx.settings, now, whole=False) for one in found[offset : offset + size]]
    body = collection(part, f"/invoices?size={size}&offset={offset}")
    if offset + size < len(found):
        body["links"]["next"] = link(f"/invoices?size={size}&offset={offset + size}")
    return Answer(200, body)


def _number(text: str | None) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdigit():
        raise invalid(f"offset must be a number, not {text!r}")
    return int(text)


def _filtered(invoices: list[Document], text: str | None) -> list[Document]:
    if not text:
        return invoices
    try:
        given = filter_of(text)
        compare, wanted = _COMPARE[given["operator"].lower()], parse_moment(given["value"])
        if given["field"].lower() != "invoicedate":
            raise KeyError(given["field"])
    except (ValueError, KeyError):
        raise invalid("filter takes InvoiceDate with greater_than(_or_equals) or less_than(_or_equals)") from None
    return [one for one in invoices if compare(parse_moment(one["invoiceDate"]), wanted)]


async def get_invoice(request: Request, ctx: Context) -> Answer:
    invoice = invoice_of(ctx, request.path_params["invoice_id"])
    return Answer(200, invoice_form(invoice, ctx.settings, ctx.clock.now(), whole=True))


async def get_statement(request: Request, ctx: Context) -> Answer:
    """The PDF; a link with `expires` stops working then (404)."""
    invoice = invoice_of(ctx, request.path_params["invoice_id"])
    expires = query_value(request, "expires")
    if expires and parse_moment(expires) < ctx.clock.now():
        raise ApiError(404, 1000, "The download link has expired; get the invoice again.")
    return _pdf(f"Invoice_{invoice['id']}", statement_lines(invoice, partner_of(ctx)))


async def get_receipt(request: Request, ctx: Context) -> Answer:
    """Tax receipts exist in Taiwan only, so only seeded invoices have one."""
    invoice, wanted = invoice_of(ctx, request.path_params["invoice_id"]), request.path_params["receipt_id"]
    if wanted not in {str(one["id"]) for one in invoice.get("taxReceipts") or []}:
        raise ApiError(404, 1000, f"Tax receipt not found: {wanted}.")
    return _pdf(f"E-Tax-{wanted}", [f"Tax receipt {wanted}", *statement_lines(invoice, partner_of(ctx))])


def _pdf(name: str, lines: list[str]) -> Answer:
    headers = {"Content-Type": "application/pdf", "Content-Disposition": f"attachment; filename={name}.pdf"}
    return Answer(200, None, headers, raw=pdf(lines))


async def get_summary(request: Request, ctx: Context) -> Answer:
    """The balance in the partner's billing currency."""
    return Answer(200, _balances(ctx)[0])


async def get_summaries(request: Request, ctx: Context) -> Answer:
    return Answer(200, collection(_balances(ctx), "/invoices/summaries"))


def _balances(ctx: Context) -> list[Document]:
    """One per currency, the partner's own first."""
    invoices = ctx.store.list("invoice", ctx.partner)
    own = str(partner_of(ctx).get("currency") or "USD")
    others = {one["currencyCode"] for one in invoices}
    return [
        balance([one for one in invoices if one["currencyCode"] == code], code, ctx.settings, ctx.clock.now())
        for code in (own, *sorted(others - {own}))
    ]


async def get_estimates(request: Request, ctx: Context) -> Answer:
    currency = (query_value(request, "currencycode") or "").upper()
    if len(currency) != 3:
        raise invalid("currencycode is required")
    items = [
        {
            "type": kind, "title": title, "description": text, "period": period,
            "link": link(
                f"/invoices/unbilled/lineitems?provider={provider}&invoicelineitemtype={line}&currencycode={currency}"
                f"&period={period.lower()}&size={ctx.settings.line_item_page_size}"
            ),
        }
        for kind, title, text, provider, line in _ESTIMATES
        for period in ("Current", "Previous")
    ]  # fmt: skip  # one entry per link
    return Answer(200, collection(items))


_ALL, _ONE = "/v1/invoices", "/v1/invoices/{invoice_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _ALL, list_invoices, name="get a collection of invoices"),
    RouteSpec("GET", f"{_ALL}/summary", get_summary, name="get the partner's current account balance"),
    RouteSpec("GET", f"{_ALL}/summaries", get_summaries, auth="U", name="get invoice summaries"),
    RouteSpec("GET", f"{_ALL}/estimates/links", get_estimates, name="get invoice estimate links"),
    RouteSpec("GET", _ONE, get_invoice, auth="U", name="get invoice by id"),
    RouteSpec("GET", f"{_ONE}/documents/statement", get_statement, auth="U", name="get invoice statement"),
    RouteSpec(
        "GET", f"{_ONE}/receipts/{{receipt_id}}/documents/statement", get_receipt, auth="U",
        name="get invoice receipt statement",
    ),
]  # fmt: skip  # one route each
