"""Why one item of a request cannot be saved or deleted, and what the answer says of it. Shared by the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from adapters.twentyfoursevenoffice.errors import OperationFault, api_exception, exception_of
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.refusals import Refused
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.common import APIException


class ItemRefused(Exception):
    """One item of a request fails; the others do not.

    name: of `errors.BUSINESS`.
    facts: what the placeholders of its text stand for.
    """

    def __init__(self, name: str, **facts: Any) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts


Failed: TypeAlias = ItemRefused | Refused | StoreUnavailableError


def not_found(name: str, item_id: object) -> ItemRefused:
    """An item names something that does not exist. Source: R-39."""
    return ItemRefused("not_found", property=name, id=item_id)


def check_list(work: Work, items: Sequence[Any] | None) -> None:
    """Refuse a request without the list of what it is about; an empty one is no fault.

    Raises OperationFault, unless the setting `missing_array` says otherwise. Source: G-24.
    """
    if items is None and work.settings.missing_array == "fault":
        raise OperationFault("null_reference")


def exception_for(work: Work, failed: Failed, unsaved: str = "item_not_saved") -> APIException:
    """The APIException of an item that failed.

    unsaved: the business error of an item that the store could not save.
    """
    if isinstance(failed, ItemRefused):
        return api_exception(failed.name, work.settings, work.method, **failed.facts)
    if isinstance(failed, Refused):
        return exception_of(failed.refusal, work.settings, work.method)
    return api_exception(unsaved, work.settings, work.method)
