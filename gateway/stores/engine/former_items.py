"""Customers and products from before revision 0006, of stores, snapshots and files: they were items of the catalogue."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gateway.core.catalogue import SECTIONS, Customer, Product
from gateway.core.catalogue_records import decoded, record_of
from gateway.core.records import KindName, RecordUsage, number_of
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.record_rows import record_row, usage_row, value_rows
from gateway.stores.engine.rows import EPOCH, MICROSECOND
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table, listed

_SECTIONS: Final = {SECTIONS[kind]: kind for kind in (Customer, Product)}
_LIST: Final = ", ".join(f"'{section}'" for section in _SECTIONS)
REVISION: Final = "0006"
FORMER_ITEMS: Final = f"SELECT {listed(tables.catalogue)} FROM catalogue WHERE list IN ({_LIST})"
DROP_FORMER_ITEMS: Final = f"DELETE FROM catalogue WHERE list IN ({_LIST})"


def is_former(row: Sequence[Any]) -> bool:
    """Whether a row of the catalogue holds what is a record now."""
    return row[1] in _SECTIONS


def pages_with_records(pages: Iterable[tuple[Table, Sequence[Row]]], at: str) -> Iterator[tuple[Table, Sequence[Row]]]:
    """The pages of an exported tenant, with records in place of such rows, as a store gives them out.

    at: when the file was written, ISO 8601; so each reading gives the same.
    """
    moment = _moment(at)
    former: list[Row] = []
    for table, rows in pages:
        if table is tables.catalogue:
            former += filter(is_former, rows)
            others = [row for row in rows if not is_former(row)]
            if others:
                yield table, others
            continue
        yield from _in_order(rows_of_items(former, moment))
        former = []
        yield table, rows
    yield from _in_order(rows_of_items(former, moment))


def _moment(text: str) -> dt.datetime:
    with contextlib.suppress(ValueError):
        found = dt.datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return EPOCH  # the file says something else; nobody needs it to be right


def _in_order(found: Mapping[Table, list[Row]]) -> Iterator[tuple[Table, Sequence[Row]]]:
    for table, rows in found.items():
        if rows:
            yield table, sorted(rows, key=lambda row: row[: len(table.key)])


def rows_of_items(items: Sequence[Sequence[Any]], at: dt.datetime | None = None) -> Mapping[Table, list[Row]]:
    """The rows of records that take the place of rows of the catalogue.

    at: when they were registered; None for now.
    """
    now = EPOCH + time.time_ns() // 1000 * MICROSECOND if at is None else at
    rows: dict[Table, list[Row]] = {tables.records: [], tables.record_values: [], tables.record_usage: []}
    usages: dict[tuple[TenantId, KindName], RecordUsage] = {}
    for tenant, section, _, body in items:
        item = record_of(tenant, decoded(_SECTIONS[section], body))
        record = replace(item, version=1, registered=now, changed=now)
        rows[tables.records].append(record_row(record))
        rows[tables.record_values] += sorted(value_rows(record))
        usage = usages.get((tenant, record.kind), RecordUsage())
        last_id = max(usage.last_id, number_of(record.id))
        counted = usage._replace(records=usage.records + 1, bytes=usage.bytes + record.size, last_id=last_id)
        usages[tenant, record.kind] = counted
    rows[tables.record_usage] = [usage_row(*kind, usage) for kind, usage in usages.items()]
    return rows
