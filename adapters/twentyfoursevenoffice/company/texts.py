"""Texts of errors of CompanyService alone. No public source has those marked inferred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.wording import CORE, BusinessText

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
"""The last part of a fault's text, by name."""

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType(
    {
        # CO-61: the message word for word; CO-63: the type inferred
        "company_property_missing": BusinessText(f"{CORE}.PropertyMissingException", "Property {property} is missing."),
        "company_taken": BusinessText(f"{CORE}.DuplicateException", "Company {id} already exists."),  # CO-66, inferred
        # the type: R-38, recorded; the message inferred
        "company_not_saved": BusinessText(
            "Office24Seven.Library.Data.DataBaseServerException", "The item could not be saved."
        ),
    }
)
"""Errors of one item, by name."""
