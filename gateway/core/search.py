"""What documents can be found by. Conditions of different fields must all hold; within one field any value will do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.core.documents import DocumentId, Status
from gateway.core.values import DocumentKind, LineName, SeriesId

PAGE: Final = 1000
_INT64: Final = 2**63


class DateSpan(NamedTuple):
    """Days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Conditions on documents.

    An empty tuple and None are no condition at all. A caller whose list of wanted values is empty decides itself what that
    means.

    series, lines: where the number comes from, or shall come from; numbers are unique within a series and line.
    changed_after, registered_after: strictly later than this moment (aware).
    dated: the document's date lies in this span; documents without a date are not found.
    """

    ids: tuple[DocumentId, ...] = ()
    numbers: tuple[int, ...] = ()
    customers: tuple[int, ...] = ()
    statuses: tuple[Status, ...] = ()
    stages: tuple[str, ...] = ()
    kinds: tuple[DocumentKind, ...] = ()
    series: tuple[SeriesId, ...] = ()
    lines: tuple[LineName, ...] = ()
    external_statuses: tuple[int, ...] = ()
    changed_after: dt.datetime | None = None
    registered_after: dt.datetime | None = None
    dated: DateSpan | None = None

    def __post_init__(self) -> None:
        for moment in (self.changed_after, self.registered_after):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("a moment needs a time zone")
        for values in (self.ids, self.numbers, self.customers, self.series, self.external_statuses):
            _check_numbers(values)


def _check_numbers(values: Iterable[int]) -> None:
    for value in values:
        if not -_INT64 <= value < _INT64:
            raise ValueError(f"{value} is out of range")


EVERYTHING: Final = DocumentFilter()
