"""The choices that the facts leave open about TransactionService."""

from __future__ import annotations

from pydantic import BaseModel

from adapters.twentyfoursevenoffice.choices import STRICT


class TransactionChoices(BaseModel):
    """A part of the dialect's settings.

    post_invoices: whether invoices are shown as lines of vouchers (TR-18).
    """

    model_config = STRICT

    post_invoices: bool = True
