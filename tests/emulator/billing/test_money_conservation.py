"""24 months of a seeded fleet, lived over HTTP: every cent invoiced is a charge line, every charge line an event.

The fleet buys, grows, shrinks, cancels, suspends, upgrades, migrates and renews through the API while the control API
moves the clock; what must be on the bills is reckoned beside it (`money_model`, `money_clock`) from the documented
rules alone, and compared line by line. `CONSERVATION_CUSTOMERS` makes the fleet larger, `CONSERVATION_SEED` another.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest
from money_bills import charge_of, is_usage
from money_clock import legacy_name
from money_fleet import MONTHS, live_through
from money_model import Charge
from money_world import BASIC, CALLING, DESKTOP, PERPETUAL, PLAN, TELEPHONY_TAX, TRIAL

from cspctl.emulator.launch import attach_or_embed
from cspctl.emulator.settings import Settings

USUAL = (20260601, 40)
SEED = int(os.environ.get("CONSERVATION_SEED") or USUAL[0])
CUSTOMERS = int(os.environ.get("CONSERVATION_CUSTOMERS") or USUAL[1])
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conservation")
    rules = {"market_tax_percent": "DE=19,US=7", "telephony_tax_percent": TELEPHONY_TAX, "line_order": "mixed"}
    settings = Settings(rate_limit_per_minute=0, **rules)
    handle = attach_or_embed(folder / "emulator.db", settings=settings)
    client = httpx.Client(base_url=handle.base_url, trust_env=False, timeout=60)
    try:
        yield live_through(client, handle.control_token, CUSTOMERS, SEED)
    finally:
        client.close()
        handle.close()


@pytest.mark.skipif((SEED, CUSTOMERS) != USUAL, reason="what a fleet happens to do is known of the usual one only")
def test_the_fleet_did_everything(lived):
    """A reckoning of things that never happened would prove nothing."""
    done = sum((trade.done for trade in lived.trades), Counter())
    wanted = {
        f"buy {BASIC}", f"buy {CALLING}", f"buy {DESKTOP}", f"buy {TRIAL}", f"buy {PERPETUAL}", f"buy {PLAN}",
        "buy legacy", "co-terminated", "add", "remove", "cancel at once", "cancel in the window", "suspend",
        "reactivate", "auto-renew on", "auto-renew off", "longer term", "schedule", "upgrade", "upgrade in part",
        "upgrade into another", "trial upgraded", "migration", "credit", "cancel order", "legacy seats",
        "legacy suspended", "legacy active",
    }  # fmt: skip  # one set
    assert wanted <= set(done), wanted - set(done)
    deals = [deal for trade in lived.trades for deal in trade.deals.values()]
    assert len(deals) + sum(len(trade.legacy) for trade in lived.trades) > 300
    assert any(deal.charges[0].type == "new" and deal.terms.sku == BASIC and deal.charges[0].unit == 0
               for deal in deals if deal.charges), "a trial became paid"  # fmt: skip  # one thought
    assert any(deal.extended for deal in deals), "months of extended service"
    assert any(deal.status == "expired" for deal in deals)
    assert {deal.terms.term for deal in deals} == {"P1M", "P1Y", "P3Y", ""}
    firsts = {charge.first for deal in deals for charge in deal.charges}
    assert date(2028, 2, 29) in firsts and date(2027, 2, 28) in firsts
    assert any(charge.last == date(2028, 2, 29) for deal in deals for charge in deal.charges)
    assert any(deal.terms.promotion for deal in deals)


def test_every_charge_line_is_an_event_and_every_event_has_its_lines_to_the_cent(lived):
    """Type, seats, days, list price, amount and bill of every line, reckoned independently; no line more, none less."""
    for trade in lived.trades:
        found: dict[str, Counter[Charge]] = defaultdict(Counter)
        for line in lived.lines[trade.partner.id]:
            if not is_usage(line):
                found[line["subscriptionId"]][charge_of(line)] += 1
        for id, deal in trade.deals.items():
            wanted = Counter(deal.charges)
            assert found.pop(id, Counter()) == wanted, (id, deal.terms, sorted(wanted))
        assert not found


def test_every_event_has_a_reference_of_its_own(lived):
    """The lines of one event, and the two sides of an upgrade, share it; nothing else does."""
    for trade in lived.trades:
        references = defaultdict(set)
        for line in lived.lines[trade.partner.id]:
            if not is_usage(line):
                references[line["subscriptionId"]].add(line["referenceId"])
        for id, deal in trade.deals.items():
            silent = deal.events - len(references[id])  # a full refund of what was charged elsewhere leaves no lines
            assert silent == 0 or (silent == 1 and deal.status == "deleted"), id
        owners = defaultdict(set)
        for id, found in references.items():
            for reference in found:
                owners[reference].add(id)
        shared = [ids for ids in owners.values() if len(ids) > 1]
        assert all(len(ids) == 2 for ids in shared)
        assert len(shared) == trade.done["upgrade in part"] + trade.done["upgrade into another"]


def test_every_cent_of_every_invoice_is_a_line(lived):
    for trade in lived.trades:
        id = trade.partner.id
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in (*lived.lines[id], *lived.legacy[id]):
            if line["invoice"]:
                sums[line["invoice"]] += Decimal(str(line["totalForCustomer"]))
        assert {one["id"]: Decimal(str(one["totalCharges"])) for one in lived.invoices[id]} == sums
        assert {one["currencyCode"] for one in lived.invoices[id]} == {trade.partner.currency}
        assert len([one for one in lived.invoices[id] if one["id"].startswith("G")]) == MONTHS
        assert MONTHS / 2 < len([one for one in lived.invoices[id] if one["id"].startswith("D")]) <= MONTHS


def test_every_line_is_on_one_invoice_or_still_unbilled(lived):
    """The bill of a line is that of the month it happened in; the last twelve days are not invoiced yet."""
    for trade in lived.trades:
        months = {one["invoice"]: one["month"] for one in lived.lines[trade.partner.id] if one["invoice"]}
        assert len(set(months.values())) == len(months)
        for line in lived.lines[trade.partner.id]:
            happened = line["chargeStartDate" if is_usage(line) else "orderDate"][:7]
            assert happened == line["month"], line
            assert (line["invoice"] == "") == (line["month"] == f"{lived.end:%Y-%m}"), line
            assert line["invoiceNumber"] == line["invoice"]


def test_tax_is_that_of_the_market_and_telephony_bears_more(lived):
    for trade in lived.trades:
        rates = {Decimal(trade.partner.tax): 0, Decimal(trade.partner.tax + TELEPHONY_TAX): 0}
        for line in lived.lines[trade.partner.id]:
            net, tax = Decimal(line["subtotal"]), Decimal(line["taxTotal"])
            assert net + tax == Decimal(line["totalForCustomer"])
            fits = [rate for rate in rates if (net * rate / 100).quantize(CENT, ROUND_HALF_UP) == tax]
            assert fits, line
            rates[fits[0]] += len(fits) == 1
            if len(fits) == 1 and fits[0] != trade.partner.tax:
                assert f"{line['productId']}:{line['skuId']}" == CALLING
        assert all(rates.values())


def test_refunds_never_exceed_charges(lived):
    """At no moment has a subscription bought in these months given back more than it was charged."""
    for trade in lived.trades:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in sorted(lived.lines[trade.partner.id], key=lambda one: one["orderDate"]):
            if line["chargeType"] != "customerCredit" and not is_usage(line):
                sums[line["subscriptionId"], line["orderDate"]] += Decimal(line["subtotal"])
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for (id, _), amount in sums.items():
            totals[id] += amount
            assert totals[id] >= 0 or id in trade.seeded, id
        assert len(totals.keys() - trade.seeded) > len(trade.customers)


def test_legacy_goods_are_billed_apart_and_to_the_cent(lived):
    for trade in lived.trades:
        last = f"{lived.end:%Y-%m}"
        found: dict[str, Counter[Any]] = defaultdict(Counter)
        for line in lived.legacy[trade.partner.id]:
            key = (line["chargeType"], line["quantity"], line["chargeStartDate"][:10], line["chargeEndDate"][:10],
                   Decimal(str(line["subtotal"])), line["month"])  # fmt: skip  # one line
            found[line["syndicationPartnerSubscriptionNumber"].lower()][key] += 1
        for id, deal in trade.legacy.items():
            wanted = Counter(
                (legacy_name(one.type, one.seats, deal.terms.billing), abs(one.seats), one.first.isoformat(),
                 one.last.isoformat(), one.amount, one.month)
                for one in deal.charges if one.month != last
            )  # fmt: skip  # one table
            assert found.pop(id, Counter()) == wanted, (id, deal.terms)
        assert not found


def test_usage_is_charged_by_the_meter_once_it_is_invoiced(lived):
    for trade in lived.trades:
        found = Counter(
            (line["subscriptionId"], Decimal(line["subtotal"]), line["month"])
            for line in lived.lines[trade.partner.id]
            if is_usage(line)
        )
        assert found == Counter((one.type, one.amount, one.month) for one in trade.usage)
        assert found


def test_every_write_is_in_the_audit_log(lived):
    """Counts of operations, from the log alone, against what was done."""
    done = sum((trade.done for trade in lived.trades), Counter())
    patches = (
        "add", "remove", "cancel at once", "cancel in the window", "suspend", "reactivate", "auto-renew on",
        "auto-renew off", "longer term", "schedule", "legacy seats", "legacy suspended", "legacy active",
    )  # fmt: skip  # one list
    updates = sum(done[name] for name in patches)
    assert lived.audit["update_subscription"] == updates
    bought = sum(count for name, count in done.items() if name.startswith("buy "))
    assert lived.audit["create_order"] >= bought
    assert lived.audit["upgrade_subscription"] == sum(
        done[name] for name in ("upgrade", "upgrade in part", "upgrade into another", "trial upgraded")
    )
