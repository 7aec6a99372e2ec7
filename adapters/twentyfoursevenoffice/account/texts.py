"""Texts of errors of AccountService alone. No public source has those marked inferred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.account.answers import ANSWERS
from adapters.twentyfoursevenoffice.wording import ECONOMY, BusinessText

FAULT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # AC-44: the type is client-derived; the sentence around it is .NET's for an exception without a message
        "department_required": f"Exception of type '{ECONOMY}.Accounting.DepartmentIsRequiredException' was thrown.",
        "project_required": f"Exception of type '{ECONOMY}.Accounting.ProjectIsRequiredException' was thrown.",
        "link_unknown": "Link {id} was not found.",  # AC-51, inferred
        "line_unknown": "Transaction {id} was not found.",  # AC-51, inferred
        "line_changed": "Transaction {id} was changed by somebody else.",  # inferred
        "no_year": "There is no fiscal year for {day}.",  # N-13, inferred
        "unknown_series": "There is no entry series {id}.",  # N-13, inferred
        "locked": "Fiscal year {year} is locked.",  # N-13, inferred
        **{name: text for name, (_, text) in ANSWERS.items()},
    }
)
"""The last part of a fault's text, by name; also the Description of an answer of SaveBundleList."""

BUSINESS: Final[Mapping[str, BusinessText]] = MappingProxyType({})
"""Errors of one item, by name."""
