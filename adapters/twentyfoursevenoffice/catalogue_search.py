"""Finding customers, products, categories, persons: items of the catalogue that are records."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.twentyfoursevenoffice.catalogue_saves import stored
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.record_commands import MAX_RECORDS_PAGE, RecordCursor, SearchRecords
from gateway.core.records import MAX_PATTERN, Condition, Record, RecordKind

MOST_FOUND: Final = 100_000
"""The most items of one answer. Above it the call times out, as wide searches do. Inferred."""
LARGEST_ID: Final = 2**31 - 1
"""Items with a larger id are not shown: the vendor's 32 bits do not hold it."""


ANY: Final = "%"
"""The wildcard for any characters. Source: CO-23, PR-12."""


def text_condition(kind: RecordKind, field: str, text: str, name: str) -> Condition | None:
    """The whole text, letter case ignored, or what it stands for with `%` in it; None for every text.

    An underscore alone makes no pattern, because it stands in many names and addresses (inferred).
    name: of the property, for the fault about a pattern that is too long.
    """
    if ANY not in text:
        return kind.is_one_of(field, text)
    if not text.strip(ANY):
        return None
    if len(text) > MAX_PATTERN:
        raise OperationFault("property_too_long", property=name, limit=MAX_PATTERN)
    return kind.is_like(field, text)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Conditions that must all hold.

    ids: None for any; empty for none.
    changed_after: only those changed strictly later.
    """

    where: tuple[Condition, ...] = ()
    ids: Collection[int] | None = None
    changed_after: datetime | None = None

    def takes(self, record: Record) -> bool:
        """Whether a record meets the conditions but that on ids."""
        if self.changed_after is not None and record.changed <= self.changed_after:
            return False
        return all(condition.meets(record.values) for condition in self.where)


async def find_items(work: Work, kind: RecordKind, wanted: ItemFilter) -> list[Record]:
    """The records by ascending id. Items that are named by id are read, others are searched for. Raises OperationFault."""
    if wanted.ids is not None:
        known = await stored(work, kind, wanted.ids)
        return [known[own] for own in sorted(known) if own <= LARGEST_ID and wanted.takes(known[own])]
    found: list[Record] = []
    after: RecordCursor | None = None
    while True:
        query = SearchRecords(
            work.identity.tenant, kind, wanted.where, wanted.changed_after, after=after, limit=MAX_RECORDS_PAGE
        )
        page = await work.context.service.read(query)
        found += [record for record in page.records if int(record.id) <= LARGEST_ID]
        if len(found) > MOST_FOUND:
            raise OperationFault("timeout")
        if not page.more:
            return found
        after = page.end
