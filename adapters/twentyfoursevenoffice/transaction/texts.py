"""Texts of errors of TransactionService alone. No public source has those marked inferred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.wording import BusinessText

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "search_date_missing": "{property} is required.",  # TR-10, inferred
    }
)
"""The last part of a fault's text, by name."""

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType({})
"""Errors of one item, by name."""
