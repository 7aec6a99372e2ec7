"""Everything one tenant has in a store, as rows: how they are found, taken out for a snapshot and put back.

That is series, lines, issued numbers, ledger, documents, catalogue, records, work that is due and tokens; neither the
tenant's credentials nor its clock. In the texts `{}` stands for a value.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.ledger import Head
from gateway.core.values import Counter, CounterKey, Origin, Series, SeriesId, TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.former_fields import Renewal
from gateway.stores.engine.former_items import is_former, rows_of_items
from gateway.stores.engine.former_rows import SNAPSHOT_COLUMNS, reshaping
from gateway.stores.engine.rows import chain_of, counter_of, head_of, series_of
from gateway.stores.engine.statements import (
    ADD_DOCUMENT,
    ADD_SERIES,
    ADD_VALUE,
    ADD_WORK,
    APPEND_ENTRY,
    GIVE_NUMBER,
    OF_SERIES,
    SAVE_COUNTER,
    SAVE_ITEM,
    SAVE_META,
    SAVE_RECORD,
    SAVE_TOKEN,
    SAVE_TOMBSTONE,
    SAVE_USAGE,
    Row,
    Statement,
)
from gateway.stores.engine.tables import Table, listed

FORMAT: Final = 2
"""Of snapshots. 1: the columns are not named, and customers and products are rows of the catalogue."""
SEED: Final = "catalogue-seed:"
"""Before a tenant's id: the name in `meta` of the digest of the catalogue seed that was applied last."""
_OF_TENANT: Final = '"tenant" = {}'

CONDITIONS: Final[dict[Table, str]] = {
    tables.series: _OF_TENANT,
    tables.counters: OF_SERIES,
    tables.issued: OF_SERIES,
    tables.documents: _OF_TENANT,
    tables.catalogue: _OF_TENANT,
    tables.records: _OF_TENANT,
    tables.record_tombstones: _OF_TENANT,
    tables.record_values: _OF_TENANT,
    tables.record_usage: _OF_TENANT,
    tables.ledger: OF_SERIES,
    tables.due_work: _OF_TENANT,
    tables.tokens: _OF_TENANT,
    tables.meta: f"\"name\" = '{SEED}' || {{}}",
    tables.snapshots: _OF_TENANT,
}
"""Which rows of each table are a tenant's, in an order of writing that meets references."""
NO_TENANTS: Final[Mapping[Table, str]] = {
    tables.tenants: "who a tenant is and its credentials, which do not travel with what it has",
    tables.fences: "whether a store may serve a tenant; each store has its own",
}
"""Tables that are the store's own, and why. A table is either here or in CONDITIONS; a test holds that."""
NOT_PUT: Final[Mapping[Table, str]] = {
    tables.snapshots: "a snapshot does not hold other snapshots",
}
"""Tables of a tenant that are no part of a snapshot, and why."""
PUT: Final[Mapping[Table, Statement]] = {
    tables.series: ADD_SERIES,
    tables.counters: SAVE_COUNTER,
    tables.issued: GIVE_NUMBER,
    tables.documents: ADD_DOCUMENT,
    tables.catalogue: SAVE_ITEM,
    tables.records: SAVE_RECORD,
    tables.record_tombstones: SAVE_TOMBSTONE,
    tables.record_values: ADD_VALUE,
    tables.record_usage: SAVE_USAGE,
    tables.ledger: APPEND_ENTRY,
    tables.due_work: ADD_WORK,
    tables.tokens: SAVE_TOKEN,
    tables.meta: SAVE_META,
}
"""How rows of a snapshot are put back."""


def select(table: Table, collate: str = "") -> str:
    """The SELECT of a tenant's rows in the order of their primary key; the tenant is its only value.

    collate: SQL behind each text of the key, to put texts in the order of their code points.
    """
    key = ", ".join(f'"{name}"{collate if table.types[name] == "TEXT" else ""}' for name in table.key)
    return f'SELECT {listed(table)} FROM "{table.name}" WHERE {CONDITIONS[table]} ORDER BY {key}'


def count(table: Table) -> str:
    """The SELECT of how many rows a tenant has; the tenant is its only value."""
    return f'SELECT count(*) FROM "{table.name}" WHERE {CONDITIONS[table]}'


def deletions() -> Iterator[str]:
    """The statements that take a tenant away, in an order that meets references; each has the tenant as its only value."""
    for table in reversed(CONDITIONS):
        yield f'DELETE FROM "{table.name}" WHERE {CONDITIONS[table]}'


def insert(table: Table) -> str:
    """The INSERT of one row."""
    values = ", ".join(["{}"] * len(table.columns))
    return f'INSERT INTO "{table.name}" ({listed(table)}) VALUES ({values})'


@dataclass(frozen=True, slots=True)
class Contents:
    """Rows by the name of their table, each with the values of the table's columns in their order."""

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(len(rows) for rows in self.rows.values())

    def of(self, table: Table) -> Sequence[Row]:
        """The rows of one table."""
        return self.rows.get(table.name, ())

    def pack(self) -> bytes:
        """As bytes for keeping. Takes time in proportion to the rows: not for the event loop."""
        columns = {table.name: table.columns for table in PUT if table.name in self.rows}
        rows = {name: list(rows) for name, rows in self.rows.items()}
        text = json.dumps({"format": FORMAT, "columns": columns, "rows": rows}, default=_text_of_bytes)
        return zlib.compress(text.encode(), level=3)

    @staticmethod
    def unpack(body: bytes) -> Contents:
        """What `pack` packed, or an earlier version. Raises ValueError for another format."""
        kept: dict[str, Any] = json.loads(zlib.decompress(body))
        if kept["format"] not in {1, FORMAT}:
            raise ValueError(f"a snapshot of format {kept['format']}, which this version cannot read")
        columns = kept.get("columns", SNAPSHOT_COLUMNS)
        known = {table.name: table for table in PUT}
        found: dict[str, Sequence[Row]] = {}
        for name, rows in kept["rows"].items():
            reshape = reshaping(known[name], columns[name]) or tuple
            found[name] = _with_bytes(known[name], [reshape(row) for row in rows])
        return Contents(found).with_records().with_fields()

    def with_records(self) -> Contents:
        """The same contents, with customers and products as records (ADR-16)."""
        items = self.of(tables.catalogue)
        former = [row for row in items if is_former(row)]
        if not former:
            return self
        moved = {table.name: rows for table, rows in rows_of_items(former).items()}
        return Contents({**self.rows, **moved, tables.catalogue.name: [row for row in items if not is_former(row)]})

    def with_fields(self) -> Contents:
        """The same contents, with customers and products found by all that they are found by today (ADR-78)."""
        if not self.of(tables.records):
            return self
        renewal = Renewal()
        rows = {table.name: renewal.rows(table, self.of(table)) for table in PUT if table.name in self.rows}
        values = [*rows.get(tables.record_values.name, ()), *renewal.values]
        return Contents({**rows, tables.record_values.name: values})

    def series(self) -> list[Series]:
        """The series among the rows."""
        return [series_of(row) for row in self.of(tables.series)]

    def counters(self) -> list[Counter]:
        """The lines among the rows."""
        return [counter_of(row) for row in self.of(tables.counters)]

    def heads(self) -> dict[CounterKey, Head]:
        """The ends of the chains among the rows."""
        heads: dict[CounterKey, Head] = {}
        for row in self.of(tables.ledger):
            chain, head = chain_of(row), head_of(row)
            if head.index > heads.get(chain, Head()).index:
                heads[chain] = head
        return heads


def _text_of_bytes(value: Any) -> str:
    return base64.b64encode(value).decode()


def _with_bytes(table: Table, rows: Sequence[Row]) -> Sequence[Row]:
    """Rows of a snapshot, with bytes where their table has bytes."""
    places = [place for place, kind in enumerate(table.types.values()) if kind == "BYTEA"]
    if not places:
        return rows
    return [
        tuple(base64.b64decode(value) if place in places else value for place, value in enumerate(row)) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class TenantReplaced:
    """From now on the tenant has exactly these contents. Must be the only change of its group (ADR-25).

    series: those that the tenant has now, as far as the asker knows; where several processes write, they are locked first.
    restored_by: recorded on each series' own chain, unless None.
    begun: noted as the moment since when the tenant's chains are these (see `chain_ends`), or the next one after the former.
    """

    tenant: TenantId
    contents: Contents
    series: frozenset[SeriesId] = frozenset()
    restored_by: Origin | None = None
    begun: int = 0
