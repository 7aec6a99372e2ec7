"""The choices that the facts leave open about TransactionService, and about what the books show of invoices and payments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from adapters.twentyfoursevenoffice.choices import STRICT, refuse_twins

AccountNo = Annotated[int, Field(ge=1, le=32767)]
"""The number of an account: the contract's short."""


class DimensionChoice(BaseModel):
    """A dimension that users defined (TR-04).

    type_id: from 100 on. name: what people call it. values: what it may be.
    """

    model_config = STRICT

    type_id: Annotated[int, Field(ge=100, le=2**31 - 1)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    values: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()


class TransactionChoices(BaseModel):
    """A part of the dialect's settings.

    post_invoices: whether invoices and their payments are shown as lines of vouchers (TR-18, PA-09).
    receivable_account: what customers owe. bank_account: where their payments go.
    sales_account, vat_account: of what is sold, and of its VAT, where the catalogue names none.
    rounding_account: what the rounding of a total comes to.
    zero_filters: whether a filter of 0 that can match nothing counts as one that is not set (TR-16).
    max_transactions: the most lines of one answer; with more the call fails as a search that takes too long.
    max_searched: the most invoices and vouchers that one search looks at.
    user_dimensions: what GetUserDefinedDimensions and GetUserDefinedDimensionValues answer.
    """

    model_config = STRICT

    post_invoices: bool = True
    receivable_account: AccountNo = 1500
    bank_account: AccountNo = 1920
    sales_account: AccountNo = 3000
    vat_account: AccountNo = 2700
    rounding_account: AccountNo = 7740
    zero_filters: Literal["ignore", "match"] = "ignore"
    max_transactions: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    max_searched: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    user_dimensions: tuple[DimensionChoice, ...] = ()

    @field_validator("user_dimensions")
    @classmethod
    def _dimensions_apart(cls, value: tuple[DimensionChoice, ...]) -> tuple[DimensionChoice, ...]:
        refuse_twins("type_id", (each.type_id for each in value))
        return value
