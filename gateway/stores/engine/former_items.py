"""Customers and products of stores and snapshots from before revision 0006, where they were items of the catalogue."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from gateway.core.catalogue import SECTIONS
from gateway.core.catalogue_records import KINDS, decoded, record_of
from gateway.core.records import KindName, RecordUsage
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.record_rows import record_row, usage_row, value_rows
from gateway.stores.engine.rows import EPOCH, MICROSECOND
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table, listed

_SECTIONS: Final = {SECTIONS[kind]: kind for kind in KINDS}
_LIST: Final = ", ".join(f"'{section}'" for section in _SECTIONS)
REVISION: Final = "0006"
FORMER_ITEMS: Final = f"SELECT {listed(tables.catalogue)} FROM catalogue WHERE list IN ({_LIST})"
DROP_FORMER_ITEMS: Final = f"DELETE FROM catalogue WHERE list IN ({_LIST})"


def is_former(row: Sequence[Any]) -> bool:
    """Whether a row of the catalogue holds what is a record now."""
    return row[1] in _SECTIONS


def rows_of_items(items: Sequence[Sequence[Any]]) -> Mapping[Table, list[Row]]:
    """The rows of records that take the place of rows of the catalogue; registered now."""
    now = EPOCH + time.time_ns() // 1000 * MICROSECOND
    rows: dict[Table, list[Row]] = {tables.records: [], tables.record_values: [], tables.record_usage: []}
    usages: dict[tuple[TenantId, KindName], RecordUsage] = {}
    for tenant, section, _, body in items:
        item = record_of(tenant, decoded(_SECTIONS[section], body))
        record = replace(item, version=1, registered=now, changed=now)
        rows[tables.records].append(record_row(record))
        rows[tables.record_values] += sorted(value_rows(record))
        usage = usages.get((tenant, record.kind), RecordUsage())
        counted = usage._replace(records=usage.records + 1, bytes=usage.bytes + record.size)
        usages[tenant, record.kind] = counted
    rows[tables.record_usage] = [usage_row(*kind, usage) for kind, usage in usages.items()]
    return rows
