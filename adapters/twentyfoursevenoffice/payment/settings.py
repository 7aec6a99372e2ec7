"""The choices that the facts leave open about PaymentService."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from adapters.twentyfoursevenoffice.choices import STRICT


class PaymentChoices(BaseModel):
    """A part of the dialect's settings.

    paid_when: whether an invoice is Paid once payments reach its total, or after any payment (PA-07).
    overpayment: what becomes of a payment above what is left (PA-08).
    """

    model_config = STRICT

    paid_when: Literal["settled", "any"] = "settled"
    overpayment: Literal["accept", "refuse"] = "accept"
