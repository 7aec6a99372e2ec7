"""Customers and products from before revision 0008, of stores, snapshots and files: they were found by fewer fields.

Their records get the form of today: a body without the id, and all values that the kind is found by. The version and the
moments stay, because nothing has changed for those who read them. Values of former fields are the same in both forms, so values
are only added.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final, TypeAlias

from gateway.core.catalogue_records import CUSTOMER, PRODUCT, item_of, record_of
from gateway.core.records import KindName, RecordUsage, number_of
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.record_rows import id_at, record_row, usage_row, value_rows
from gateway.stores.engine.record_rows import record_of as kept_in
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table, listed

Page: TypeAlias = tuple[Table, Sequence[Row]]

REVISION: Final = "0008"
FORMER: Final = frozenset({"0006", "0007"})
"""Revisions that kept such records in the former form."""
_KINDS: Final = {kind.name: kind for kind in (CUSTOMER, PRODUCT)}
_LIST: Final = ", ".join(f"'{name}'" for name in _KINDS)
AT_ONCE: Final = 1000
"""So many records are renewed with one question."""
FORMER_RECORDS: Final = (
    f"SELECT {listed(tables.records)} FROM records WHERE (tenant, kind, id) > ({{}}, {{}}, {{}}) "
    f"AND kind IN ({_LIST}) AND format = 1 ORDER BY tenant, kind, id LIMIT {AT_ONCE}"
)
"""The next ones behind a key."""
START: Final = ("", "", "")
FORMER_TOMBSTONES: Final = f"SELECT {listed(tables.record_tombstones)} FROM record_tombstones WHERE kind IN ({_LIST})"
FORMER_USAGES: Final = f"SELECT {listed(tables.record_usage)} FROM record_usage WHERE kind IN ({_LIST})"

_VALUES_AND_BEHIND: Final = frozenset(
    {
        tables.record_values,
        tables.record_usage,
        tables.ledger,
        tables.due_work,
        tables.tokens,
        tables.meta,
        tables.snapshots,
    }
)
"""The tables of a file from which on values that were added have their place."""


class Renewal:
    """Goes through the rows of such records once: records first, then their usage.

    values: rows of `record_values` that records need beside those that are there.
    """

    def __init__(self) -> None:
        self.values: list[Row] = []
        self._bytes: Counter[tuple[TenantId, KindName]] = Counter()
        self._last: dict[tuple[TenantId, KindName], int] = {}

    def record(self, row: Sequence[Any]) -> Row:
        """A row of `records` in the form of today. Raises ValueError, TypeError, KeyError for a body that is no such item."""
        kind = _KINDS.get(row[1])
        if kind is None:
            return tuple(row)
        before = kept_in(row)
        self._see(row)
        if before.format == kind.format:
            return tuple(row)
        now = record_of(before.tenant, item_of(before))
        after = replace(now, id=before.id, version=before.version, registered=before.registered, changed=before.changed)
        self.values += sorted(value_rows(after) - value_rows(before))
        self._bytes[before.tenant, before.kind] += after.size - before.size
        return record_row(after)

    def tombstone(self, row: Sequence[Any]) -> None:
        """Take note of a row of `record_tombstones`."""
        if row[1] in _KINDS:
            self._see(row)

    def _see(self, row: Sequence[Any]) -> None:
        own = row[0], row[1]
        self._last[own] = max(self._last.get(own, -1), number_of(id_at(row[2])))

    def rows(self, table: Table, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows of any table, as they are today; `values` come in addition."""
        if table is tables.records:
            return [self.record(row) for row in rows]
        if table is tables.record_tombstones:
            for row in rows:
                self.tombstone(row)
        if table is tables.record_usage:
            return [self.usage(row) for row in rows]
        return rows

    def usage(self, row: Sequence[Any]) -> Row:
        """A row of `record_usage` that is right for the records of today."""
        if row[1] not in _KINDS:
            return tuple(row)
        own, usage = (row[0], row[1]), RecordUsage(*row[2:])
        last = max(usage.last_id, self._last.get(own, -1))
        return usage_row(*own, usage._replace(bytes=usage.bytes + self._bytes[own], last_id=last))


def renewed_pages(pages: Iterable[Page], size: int) -> Iterator[Page]:
    """The pages of a tenant that an earlier version exported, as a store gives them out today.

    What customers and products are found by beside the former fields is in memory until its place has come.

    size: rows of a page.
    """
    renewal, added = Renewal(), False
    for table, own in itertools.groupby(pages, key=lambda page: page[0]):
        former = (rows for _, rows in own)
        if not added and table in _VALUES_AND_BEHIND:
            added = True
            values = chain.from_iterable(former) if table is tables.record_values else ()
            merged = heapq.merge(values, sorted(renewal.values))
            while page := list(itertools.islice(merged, size)):
                yield tables.record_values, page
        for rows in former:
            yield table, renewal.rows(table, rows)
