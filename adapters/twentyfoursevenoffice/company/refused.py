"""Why one item of a request to CompanyService cannot be saved or deleted."""

from __future__ import annotations

from adapters.twentyfoursevenoffice import items
from adapters.twentyfoursevenoffice.items import Failed, ItemRefused, check_list, not_found
from adapters.twentyfoursevenoffice.work import Work
from schemas.twentyfoursevenoffice.common import APIException

__all__ = ["Failed", "ItemRefused", "check_list", "exception_for", "missing", "not_found"]


def missing(name: str) -> ItemRefused:
    """A property that has to be set is not. Source: CO-61, CO-62."""
    return ItemRefused("company_property_missing", property=name)


def exception_for(work: Work, failed: Failed) -> APIException:
    """The APIException of an item that failed."""
    return items.exception_for(work, failed, "company_not_saved")
