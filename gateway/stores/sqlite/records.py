"""Records over an open connection. Call inside a transaction, so that all is of one instant."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.core.record_commands import RecordQuery
from gateway.core.records import KindName, Record, RecordId, RecordKey, RecordUsage
from gateway.core.values import TenantId
from gateway.stores.engine import former_fields, record_search, tables
from gateway.stores.engine.former_fields import Renewal
from gateway.stores.engine.former_items import DROP_FORMER_ITEMS, FORMER_ITEMS, rows_of_items
from gateway.stores.engine.record_rows import id_at, place_of, record_of, tombstone_of, usages_of
from gateway.stores.engine.record_stage import UniqueValue
from gateway.stores.engine.statements import ADD_VALUE, SAVE_RECORD, SAVE_USAGE, sql_for, with_placeholders
from gateway.stores.engine.tables import listed
from gateway.stores.engine.tenant_rows import insert
from gateway.stores.sqlite.connection import Connection

_AT_ONCE: Final = 500
_OF_KIND: Final = "WHERE tenant = ? AND kind = ?"
_WITH: Final = f"SELECT id FROM record_values {_OF_KIND} AND field = ? AND value = ? LIMIT 1"
_USAGE: Final = f"SELECT {listed(tables.record_usage)} FROM record_usage {_OF_KIND}"
_ALL: Final = f"SELECT {listed(tables.records)} FROM records {_OF_KIND} ORDER BY id"


def answer_records(connection: Connection, query: RecordQuery[Any]) -> Any:
    """Answer a question about records."""
    steps = record_search.answer(query)
    rows: Sequence[Sequence[Any]] | None = None
    while True:
        try:
            text, values = steps.send(rows)  # type: ignore[arg-type]
        except StopIteration as end:
            return end.value
        rows = connection.run(text, *values).fetchall()


def records_by_key(connection: Connection, keys: Iterable[RecordKey]) -> list[Record]:
    """Those that are there, and tombstones."""
    found: list[Record] = []
    for (tenant, kind), own in itertools.groupby(sorted(keys), key=lambda key: (key.tenant, key.kind)):
        places = [place_of(key.id) for key in own]
        for start in range(0, len(places), _AT_ONCE):
            chunk = places[start : start + _AT_ONCE]
            where = f"{_OF_KIND} AND id IN ({', '.join('?' * len(chunk))})"
            for table, made in ((tables.records, record_of), (tables.record_tombstones, tombstone_of)):
                sql = f"SELECT {listed(table)} FROM {table.name} {where}"
                found += map(made, connection.execute(sql, (tenant, kind, *chunk)))
    return found


def record_with(connection: Connection, wanted: UniqueValue) -> RecordId | None:
    """The record that has a unique value."""
    row = connection.execute(_WITH, wanted).fetchone()
    return None if row is None else id_at(row[0])


def record_usage(connection: Connection, tenant: TenantId, kind: KindName) -> RecordUsage:
    """How much a tenant has of a kind."""
    rows = connection.execute(_USAGE, (tenant, kind)).fetchall()
    return usages_of(rows).get((tenant, kind), RecordUsage())


def records_of(connection: Connection, tenant: TenantId, kind: KindName) -> list[Record]:
    """Every record of a kind, without tombstones."""
    return [record_of(row) for row in connection.execute(_ALL, (tenant, kind))]


def move_items(connection: Connection) -> None:
    """Make records of customers and products that were items of the catalogue."""
    for table, rows in rows_of_items(connection.execute(FORMER_ITEMS).fetchall()).items():
        connection.executemany(with_placeholders(insert(table), "?", len(table.columns)), rows)
    connection.execute(DROP_FORMER_ITEMS)


def renew_records(connection: Connection) -> None:
    """Give customers and products the values that they are found by since revision 0008."""
    renewal, last = Renewal(), former_fields.START
    while former := connection.run(former_fields.FORMER_RECORDS, *last).fetchall():
        last = former[-1][:3]
        connection.executemany(sql_for(SAVE_RECORD, 1), [renewal.record(row) for row in former])
        connection.executemany(sql_for(ADD_VALUE, 1), renewal.values)
        renewal.values.clear()
    for row in connection.execute(former_fields.FORMER_TOMBSTONES):
        renewal.tombstone(row)
    usages = connection.execute(former_fields.FORMER_USAGES).fetchall()
    connection.executemany(sql_for(SAVE_USAGE, 1), [renewal.usage(row) for row in usages])
