"""Everything one tenant has in a store, as rows: taken out for a snapshot, put back in one transaction.

Series, lines, numbers given out, ledger, documents, catalogue and tokens; not the tenant's credentials, nor its clock.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.ledger import Head
from gateway.core.values import Counter, CounterKey, Origin, Series, SeriesId, TenantId
from gateway.stores import schema
from gateway.stores.schema import Table, listed
from gateway.stores.statements import (
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
    Part(schema.series, _OF_TENANT, ADD_SERIES),
    Part(schema.counters, _OF_SERIES, SAVE_COUNTER),
    Part(schema.issued, _OF_SERIES, GIVE_NUMBER),
    Part(schema.documents, _OF_TENANT, ADD_DOCUMENT),
    Part(schema.catalogue, _OF_TENANT, SAVE_ITEM),
    Part(schema.ledger, _OF_SERIES, APPEND_ENTRY),
    Part(schema.tokens, _OF_TENANT, SAVE_TOKEN),
    Part(schema.meta, f"\"name\" = '{SEED}' || {{tenant}}", SAVE_META),
)


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
        return [_series(row) for row in self.of(schema.series)]

    def counters(self) -> list[Counter]:
        """The lines among the rows."""
        return [_counter(row) for row in self.of(schema.counters)]

    def heads(self) -> dict[CounterKey, Head]:
        """The ends of the chains among the rows."""
        names = schema.ledger.columns
        series, kind, index, digest = (names.index(name) for name in ("series", "kind", "index", "hash"))
        heads: dict[CounterKey, Head] = {}
        for row in self.of(schema.ledger):
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
