"""What a PriceSheet manifest may say."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from cspctl.kinds.contract import Mutability, Reference, SpecModel
from cspctl.kinds.scalars import Market, Name, Period, Text

SHA256 = r"^[0-9a-f]{64}$"
Digest = Annotated[str, StringConstraints(strict=True, pattern=SHA256)]


class PriceSheetSpec(SpecModel):
    """A pin on one file. Currencies are read from the file: European files hold six."""

    price_book: Name = Field(alias="priceBook", description="The series this sheet belongs to.")
    file: Text = Field(
        description="Path from this manifest's folder: .xlsx, .csv, or .zip with one CSV; inside the project."
    )
    market: Market = Field(description="The market whose rows are taken from the file.")
    period: Period = Field(description="The month the sheet is for, such as 2026-11.")
    view: Text = Field("updatedlicensebased", description="Partner Center's view, such as licensebasedest.")
    sha256: Digest | None = Field(None, description="Refuse the file when its content has another hash.")


REFERENCES: tuple[Reference, ...] = ()

MUTABILITY: dict[str, Mutability] = dict.fromkeys(
    ("priceBook", "file", "market", "period", "view", "sha256"), Mutability.UPDATE
)
