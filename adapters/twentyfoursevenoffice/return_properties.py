"""Which properties of an item an answer shows: those that a call names. Source: CO-27 to CO-29, PR-13 to PR-15."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from adapters.twentyfoursevenoffice.orders.properties import Properties

NEVER_SHOWN = frozenset({"APIException"})
"""It stands in answers to saves only."""


def shown_names(
    properties: Properties[Any],
    asked: Sequence[str | None] | None,
    default: Collection[str],
    always: Collection[str],
    never: Collection[str] = NEVER_SHOWN,
) -> tuple[str, ...]:
    """The names in the contract's order. Letter case counts, unknown names are ignored.

    default: what is shown when a call names nothing.
    always: what is shown whether a call names it or not.
    """
    named = {name for name in asked or () if name}
    wanted = ({*always} | (named or {*default})) - {*never}
    return tuple(name for name in properties.by_name if name in wanted)
