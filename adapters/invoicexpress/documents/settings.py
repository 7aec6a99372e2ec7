"""The choices that the vendor's facts leave open about invoices, credit notes and debit notes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class DocumentSettings(BaseModel):
    """`dialects.invoicexpress.settings.documents`. README.md describes every choice in its section "Open choices".

    draft_word: what `sequence_number` shows of a draft.
    missing_dates: a date that is not sent.
    blank_dates: a date that is sent and empty.
    per_page: documents of a page of a list.
    max_per_page: what a client may ask for at most.
    units, countries: the accepted names; empty accepts any.
    round_items_to: amounts of items are rounded to it; those of the whole document are rounded to cents.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    draft_word: Literal["draft", "rascunho"] = "draft"
    currency: Annotated[str, Field(min_length=1, max_length=64)] = "Euro"
    dates_may_go_back: bool = False
    date_message: Literal["legacy", "2026"] = "legacy"
    finalized_again: Literal["refuse", "repeat"] = "refuse"
    unknown_sequence: Literal["error", "default"] = "error"
    missing_tax: Literal["none", "default"] = "none"
    missing_dates: Literal["error", "today"] = "error"
    blank_dates: Literal["refuse", "today"] = "refuse"
    update_body: Literal["blank", "document"] = "blank"
    locked_status: Literal[406, 422] = 422
    deleted: Literal["hidden", "shown"] = "hidden"
    list_scope: Literal["all", "own"] = "all"
    list_order: Literal["newest", "oldest"] = "newest"
    pagination: Literal["recorded", "elements", "results"] = "recorded"
    per_page: Annotated[int, Field(ge=1, le=1000)] = 10
    max_per_page: Annotated[int, Field(ge=1, le=1000)] = 30
    show_sequence_id: bool = False
    units: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    round_items_to: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.0001")

    @model_validator(mode="after")
    def _page_fits(self) -> DocumentSettings:
        if self.per_page > self.max_per_page:
            raise ValueError("per_page is above max_per_page")
        return self
