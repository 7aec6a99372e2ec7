"""Texts of errors of PaymentService alone. No public source has those marked inferred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.wording import ECONOMY, NOT_FOUND, BusinessText

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
"""The last part of a fault's text, by name."""

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType(
    {
        "paid_invoice_unknown": BusinessText(NOT_FOUND, "Invoice {id} was not found."),  # PA-06, inferred
        "overpaid": BusinessText(
            f"{ECONOMY}.PaymentException", "The amount {amount} is more than what is left of invoice {id}: {left}."
        ),
        "payment_not_saved": BusinessText(
            "Office24Seven.Library.Data.DataBaseServerException", "The payment could not be registered."
        ),
    }
)
"""Errors of one item, by name."""
