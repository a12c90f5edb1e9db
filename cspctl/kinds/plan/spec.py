"""What a Plan manifest may say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cspctl.kinds.contract import Mutability, Reference, SpecModel
from cspctl.kinds.end_of_term import EndOfTermDefault
from cspctl.kinds.scalars import Amount, Billing, Currency, Flag, Name, Percent, Product, Sku, Term, Text


class Price(SpecModel):
    """A fixed customer price per unit."""

    amount: Amount = Field(description='Quoted decimal text, such as "2.40".')
    currency: Currency = Field(description="Currency of the amount.")
    per: Literal["term", "month", "billing-cycle"] = Field(description="What the amount covers.")


class Rounding(SpecModel):
    """Rounded once, here."""

    to: Amount = Field("0.01", description='Quoted step, such as "0.01".')
    mode: Literal["half-up", "half-even", "up", "down"] = Field("half-up", description="Which way.")
    at: Literal["unit", "line"] = Field("unit", description="Round the unit price, or the whole line.")


class Pricing(SpecModel):
    """How the customer's price is made from the sheet's row."""

    method: Literal["markup", "margin", "erp-discount", "fixed"] = Field(
        description="markup: cost x (1 + p); margin: cost / (1 - p); erp-discount: ERP x (1 - p); fixed."
    )
    percent: Percent | None = Field(None, description="25 means 25 %.")
    price: Price | None = Field(None, description="The price; for method fixed only.")
    floor: Literal["cost", "none"] = Field("cost", description="Never below.")
    ceiling: Literal["erp", "none"] = Field("none", description="Never above.")
    rounding: Rounding | None = Field(None, description="Where and how to round; once.")
    pass_on_promotions: Flag = Field(
        False, alias="passOnPromotions", description="Whether the customer gets the partner's promotion."
    )


class Offer(SpecModel):
    """A term with a billing plan."""

    term: Term = Field(description="Length of the commitment.")
    billing: Billing = Field(description="How it is billed; none for trials.")


class Item(SpecModel):
    """A product that the plan sells."""

    name: Name = Field(description="Name of the item within the plan.")
    product: Product = Field(description="Product id of the catalogue.")
    sku: Sku = Field(description="SKU id of the catalogue, quoted.")
    display_name: Text | None = Field(None, alias="displayName", description="Name shown to customers.")
    order: int | None = Field(None, strict=True, description="Place in lists.")
    offers: tuple[Offer, ...] = Field(min_length=1, description="Terms and billing plans sold.")
    pricing: Pricing | None = Field(None, description="Replaces the plan's pricing as a whole.")
    end_of_term: EndOfTermDefault | None = Field(
        None, alias="endOfTerm", description="Default of the item's subscriptions."
    )


class Override(SpecModel):
    """Another pricing for one reseller."""

    reseller: Name = Field(description="The Reseller it is for.")
    item: Name | None = Field(None, description="The item it is for; all items unless stated.")
    pricing: Pricing = Field(description="Replaces the whole pricing.")


class PlanSpec(SpecModel):
    """What is sold and for how much."""

    display_name: Text = Field(alias="displayName", description="Name shown to customers.")
    price_book: Name = Field(alias="priceBook", description="A series of PriceSheets.")
    segment: Literal["commercial", "education", "charity", "government"] = Field(
        "commercial", description="Which price rows apply."
    )
    order: int | None = Field(None, strict=True, description="Place in lists.")
    items: tuple[Item, ...] = Field(min_length=1, description="What is sold.")
    pricing: Pricing = Field(description="How prices are made unless an item or override says otherwise.")
    overrides: tuple[Override, ...] = Field((), description="Other pricings per reseller.")
    end_of_term: EndOfTermDefault | None = Field(
        None, alias="endOfTerm", description="Default of the plan's subscriptions."
    )
    reprice_running: Literal["at-renewal", "next-cycle"] = Field(
        "at-renewal", alias="repriceRunning", description="When a new price reaches running subscriptions."
    )
    customer_proration: Literal["daily", "none"] = Field(
        "daily", alias="customerProration", description="Whether customers pay part of a cycle by days."
    )
    pass_on_refunds: Flag = Field(
        True, alias="passOnRefunds", description="Whether refunds are passed on to the customer."
    )


REFERENCES: tuple[Reference, ...] = (Reference("overrides[].reseller", "Reseller"),)

MUTABILITY: dict[str, Mutability] = {
    "displayName": Mutability.UPDATE,
    "priceBook": Mutability.UPDATE,
    "segment": Mutability.UPDATE,
    "order": Mutability.UPDATE,
    "items": Mutability.UPDATE,
    "pricing": Mutability.UPDATE,
    "overrides": Mutability.UPDATE,
    "endOfTerm": Mutability.UPDATE,
    "repriceRunning": Mutability.UPDATE,
    "customerProration": Mutability.UPDATE,
    "passOnRefunds": Mutability.UPDATE,
}
