"""Everything one tenant has in a store, as rows: taken out for a snapshot, put back in one transaction.

Series, lines, numbers given out, ledger, documents, catalogue and tokens; not the tenant's credentials, nor its clock.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.ledger import Head
from gateway.core.values import Counter, CounterKey, Origin, Series, SeriesId, TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.statements import (
    ADD_DOCUMENT,
    ADD_SERIES,
    APPEND_ENTRY,
    GIVE_NUMBER,
    SAVE_COUNTER,
    SAVE_ITEM,
    SAVE_META,
    SAVE_TOKEN,
    Row,
    Statement,
)
from gateway.stores.engine.tables import Table, listed

FORMAT: Final = 1
SEED: Final = "catalogue-seed:"
"""Before a tenant's id: the name in `meta` of the digest of the catalogue seed that was applied last."""
_OF_SERIES: Final = '"series" IN (SELECT id FROM series WHERE tenant = {tenant})'
_OF_TENANT: Final = '"tenant" = {tenant}'
"""Conditions; `{tenant}` stands for the database's own placeholder."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table that belong to a tenant: how they are found, and how they are put back."""

    table: Table
    condition: str
    put: Statement

    def select(self, placeholder: str) -> str:
        """The SELECT for one tenant, with the database's placeholder for it."""
        key = ", ".join(f'"{name}"' for name in self.table.key)
        condition = self.condition.format(tenant=placeholder)
        return f'SELECT {listed(self.table)} FROM "{self.table.name}" WHERE {condition} ORDER BY {key}'  # noqa: S608 - own texts


PARTS: Final = (
    Part(tables.series, _OF_TENANT, ADD_SERIES),
    Part(tables.counters, _OF_SERIES, SAVE_COUNTER),
    Part(tables.issued, _OF_SERIES, GIVE_NUMBER),
    Part(tables.documents, _OF_TENANT, ADD_DOCUMENT),
    Part(tables.catalogue, _OF_TENANT, SAVE_ITEM),
    Part(tables.ledger, _OF_SERIES, APPEND_ENTRY),
    Part(tables.tokens, _OF_TENANT, SAVE_TOKEN),
    Part(tables.meta, f"\"name\" = '{SEED}' || {{tenant}}", SAVE_META),
)


CONDITIONS: Final[dict[Table, str]] = {
    **{part.table: part.condition for part in PARTS},
    tables.snapshots: _OF_TENANT,
}
"""Which rows of each table are a tenant's, in the order in which they are written; `{tenant}` is a placeholder."""


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
        text = json.dumps({"format": FORMAT, "rows": {name: list(rows) for name, rows in self.rows.items()}})
        return zlib.compress(text.encode(), level=3)

    @staticmethod
    def unpack(body: bytes) -> Contents:
        """What `pack` packed. Raises ValueError for another format."""
        kept: dict[str, Any] = json.loads(zlib.decompress(body))
        if kept["format"] != FORMAT:
            raise ValueError(f"a snapshot of format {kept['format']}, which this version cannot read")
        return Contents({name: [tuple(row) for row in rows] for name, rows in kept["rows"].items()})

    def series(self) -> list[Series]:
        """The series among the rows."""
        return [_series(row) for row in self.of(tables.series)]

    def counters(self) -> list[Counter]:
        """The lines among the rows."""
        return [_counter(row) for row in self.of(tables.counters)]

    def heads(self) -> dict[CounterKey, Head]:
        """The ends of the chains among the rows."""
        names = tables.ledger.columns
        series, kind, index, digest = (names.index(name) for name in ("series", "kind", "index", "hash"))
        heads: dict[CounterKey, Head] = {}
        for row in self.of(tables.ledger):
            key = CounterKey(row[series], row[kind])
            if row[index] > heads.get(key, Head()).index:
                heads[key] = Head(row[index], row[digest])
        return heads


def _series(row: Row) -> Series:
    own, tenant, key, name, prefix, suffix, is_default = row
    return Series(own, tenant, key, name, prefix, suffix, bool(is_default))


def _counter(row: Row) -> Counter:
    series, kind, next_number, issued, highest, latest = row
    date = None if latest is None else dt.date.fromisoformat(latest)
    return Counter(CounterKey(series, kind), next_number, issued, highest, date)


@dataclass(frozen=True, slots=True)
class TenantReplaced:
    """From now on the tenant has exactly these contents. Must be the only change of its group.

    series: those it has now, as far as the asker knows; where several processes write, they are locked first.
    restored_by: recorded on each series' own chain, unless None.
    """

    tenant: TenantId
    contents: Contents
    series: frozenset[SeriesId] = frozenset()
    restored_by: Origin | None = None


def select(table: Table, placeholder: str, collate: str = "") -> str:
    """The SELECT of a tenant's rows by primary key; texts in the order of their code points by `collate`."""
    key = ", ".join(f'"{name}"{collate if table.types[name] == "TEXT" else ""}' for name in table.key)
    condition = CONDITIONS[table].format(tenant=placeholder)
    return f'SELECT {listed(table)} FROM "{table.name}" WHERE {condition} ORDER BY {key}'  # noqa: S608 - own texts


def insert(table: Table) -> str:
    """The INSERT of one row, with a question mark for each value."""
    values = ", ".join("?" * len(table.columns))
    return f'INSERT INTO "{table.name}" ({listed(table)}) VALUES ({values})'  # noqa: S608 - own texts


def booleans(table: Table) -> list[int]:
    """The places of the columns that are true or false; some databases give 0 and 1 for them."""
    return [place for place, kind in enumerate(table.types.values()) if kind == "BOOLEAN"]


def settled(rows: Sequence[Any], places: Sequence[int]) -> list[Row]:
    """Rows with the same values whatever the database."""
    if not places:
        return [tuple(row) for row in rows]
    return [tuple(bool(value) if place in places else value for place, value in enumerate(row)) for row in rows]


def deletions(placeholder: str) -> Iterator[str]:
    """The statements that take a tenant away, in an order that meets references; each has the tenant as its only value."""
    for table in reversed(CONDITIONS):
        yield f'DELETE FROM "{table.name}" WHERE {CONDITIONS[table].format(tenant=placeholder)}'  # noqa: S608 - own texts
