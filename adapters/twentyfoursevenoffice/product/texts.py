"""Texts of errors of ProductService alone. No public source has those marked inferred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.wording import CORE, BusinessText

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
"""The last part of a fault's text, by name."""

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType(
    {
        # PR-23: as in CompanyService, inferred
        "product_property_missing": BusinessText(f"{CORE}.PropertyMissingException", "Property {property} is missing."),
        "item_not_saved": BusinessText(
            "Office24Seven.Library.Data.DataBaseServerException", "The item could not be saved."
        ),
    }
)
"""Errors of one item, by name."""
