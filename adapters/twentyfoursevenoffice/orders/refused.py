"""Why one order of a request cannot be saved."""

from __future__ import annotations

from typing import Any


class OrderRefused(Exception):  # noqa: N818 - becomes the order's APIException
    """One order of a request fails; the others do not.

    name: of `errors.BUSINESS`.
    facts: what the placeholders of its text stand for.
    """

    def __init__(self, name: str, **facts: Any) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts


def missing(name: str) -> OrderRefused:
    """A property that has to be set is not. Source: R-38."""
    return OrderRefused("property_missing", property=name)


def invalid(name: str) -> OrderRefused:
    """A property has a value that is not valid."""
    return OrderRefused("property_invalid", property=name)


def not_found(name: str, item_id: object) -> OrderRefused:
    """A property names something that does not exist. Source: R-39."""
    return OrderRefused("not_found", property=name, id=item_id)
