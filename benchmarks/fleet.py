"""Writes a project of many manifests, in the mixture of the examples: mostly subscriptions, with tenants and plans."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator
from pathlib import Path

BLOCK = 20  # documents: one plan, three tenants, sixteen subscriptions

BASE = """\
apiVersion: cspctl/v1
kind: Reseller
metadata:
  name: acme-eu
spec:
  displayName: Acme Cloud Europe
  tier: indirect-provider
  domain: acmecloud.onmicrosoft.com
  accountId: 7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10
  market: DE
  currency: EUR
  mpnId: "4391200"
  application: {id: 1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11, secretRef: env:CSPCTL_ACME_SECRET}
---
apiVersion: cspctl/v1
kind: Reseller
metadata: {name: nordsoft}
spec: {displayName: Nordsoft, tier: indirect-reseller, provider: acme-eu, mpnId: "4391227"}
---
apiVersion: cspctl/v1
kind: PriceSheet
metadata: {name: nce-de}
spec: {priceBook: nce, file: nce-de.csv, market: DE, period: 2026-11}
"""
PLAN = """\
apiVersion: cspctl/v1
kind: Plan
metadata:
  name: work-{block}
spec:
  displayName: Modern Work {block}
  priceBook: nce
  order: {order}
  segment: commercial
  pricing: {{method: markup, percent: 25, floor: cost, rounding: {{to: "0.01", mode: half-up, at: unit}}}}
  endOfTerm: {{action: renew}}
  items:
    - name: e3
      product: CFQ7TTC0LFLX
      sku: "0001"
      offers:
        - {{term: P1Y, billing: monthly}}
        - {{term: P1M, billing: monthly}}
    - name: audio
      product: CFQ7TTC0LHXM
      sku: "0002"
      offers:
        - {{term: P1M, billing: monthly}}
  overrides:
    - {{reseller: nordsoft, item: e3, pricing: {{method: margin, percent: 12}}}}
"""
TENANT = """\
apiVersion: cspctl/v1
kind: TenantMapping
metadata:
  name: tenant-{block}-{number}
  labels: {{team: {team}}}
spec:
  tenantId: {guid}
  domain: t{block}x{number}.onmicrosoft.com
  reseller: acme-eu
  indirectReseller: nordsoft
  market: DE
"""
ANNUAL = """\
apiVersion: cspctl/v1
kind: Subscription
metadata:
  name: e3-{block}-{number}
  labels: {{team: {team}}}
spec:
  tenant: tenant-{block}-{tenant}
  plan: work-{block}
  item: e3
  term: P1Y
  billing: monthly
  quantity: {quantity}
  friendlyName: Office of department {number}
  endDate: {{alignTo: 2027-10-31}}
  endOfTerm:
    action: renew
    on: 2027-10-31
    next: {{quantity: {next}}}
"""
MONTHLY = """\
# Term and billing come from the plan's only offer.
apiVersion: cspctl/v1
kind: Subscription
metadata:
  name: audio-{block}-{number}
spec:
  tenant: tenant-{block}-{tenant}
  plan: work-{block}
  item: audio
  quantity: {quantity}
"""
# The documented columns. Source: Partner Center docs, price sheet page (2023).
COLUMNS = (
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "BillingPlan",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "Tags",
    "ERP Price",
)
OFFERS = (
    ("CFQ7TTC0LFLX", "0001", "P1Y", "Monthly", "360"),
    ("CFQ7TTC0LFLX", "0001", "P1M", "Monthly", "36"),
    ("CFQ7TTC0LHXM", "0002", "P1M", "Monthly", "2"),
)


def write_fleet(folder: Path, *, documents: int, files: int) -> int:
    """Writes `files` files below `folder` with about `documents` documents in all; returns how many there are."""
    blocks = max(1, round(documents / files / BLOCK))
    (folder / "fleet").mkdir(parents=True)
    (folder / "cspctl.yaml").write_text("project: benchmark\n")
    (folder / "base.yaml").write_text(BASE)
    _write_sheet(folder / "nce-de.csv")
    for number in range(files):
        texts = [text for inner in range(blocks) for text in _block(number * blocks + inner)]
        (folder / "fleet" / f"customers-{number:05}.yaml").write_text("---\n".join(texts))
    return files * blocks * BLOCK + 3


def _block(block: int) -> Iterator[str]:
    team = ("north", "south", "west")[block % 3]
    yield PLAN.format(block=block, order=block % 100)
    for number in range(3):
        guid = uuid.UUID(int=(0xF1EE7 << 96) | (block << 8) | number)
        yield TENANT.format(block=block, number=number, team=team, guid=guid)
    for number in range(16):
        quantity = 10 + (block + number) % 90
        form = MONTHLY if number % 4 == 3 else ANNUAL
        yield form.format(
            block=block, number=number, tenant=number % 3, team=team, quantity=quantity, next=quantity - 5
        )


def _write_sheet(path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for product, sku, term, billing, price in OFFERS:
            row = ["Product", product, sku, "SKU", "Microsoft", "", "", term, billing, "DE", "EUR", price]
            writer.writerow([*row, "", "", "11/1/2026", "12/31/9999", "", price])
