"""Many numbers, documents and series at once: rows go straight into the tables, just as the store would write them.

The chains of the ledger are made by `core.ledger`, so `ledger verify` finds nothing wrong with such a store.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import asyncpg

from gateway.core.changes import Recorded
from gateway.core.ledger import Entry, Head, append
from gateway.core.values import (
    INVOICE,
    SERIES_CHAIN,
    Counter,
    CounterKey,
    Issued,
    Origin,
    Series,
    SeriesId,
    TenantId,
)
from gateway.stores.engine.rows import counter_row, issued_row, series_row

Values = Sequence[Any]
TENANT: Final = TenantId("demo")
FIRST_SERIES: Final = 1000
"""The first id of the added series."""

_BY: Final = Origin("twentyfoursevenoffice", "demo@example.com", "bulk", "bulk")


class Tables(Protocol):
    """The tables of a store in either database."""

    async def ask(self, sql: str) -> list[Values]:
        """The rows of a query."""

    async def put(self, table: str, rows: Iterator[Values]) -> None:
        """Insert many rows of all columns."""

    async def run(self, sql: str) -> None:
        """Run one statement."""


@dataclass(frozen=True)
class _Last:
    """The end of the line `billing`: its series, the ledger's head, the next number, the last made-up document id."""

    series: SeriesId
    head: Head
    number: int
    document: int
    at: datetime


async def add_issued(tables: Tables, count: int) -> None:
    """Give out `count` more numbers on `billing`: each with its document, its ledger entry and its row in `issued`."""
    last = await _last(tables)
    (template,) = await tables.ask("SELECT * FROM documents WHERE status = 'issued' ORDER BY id LIMIT 1")
    await tables.put("ledger", (_ledger_row(entry) for entry in _issues(last, count)))
    await tables.put("issued", (_issued_row(last, position) for position in range(count)))
    await tables.put("documents", (_document_row(template, last, position) for position in range(count)))
    end = last.number + count
    await tables.run(
        f"UPDATE counters SET next_number = {end}, issued = issued + {count}, highest_issued = {end - 1} "
        f"WHERE series = {last.series} AND line = '{INVOICE}'"
    )
    await tables.run(f"UPDATE meta SET value = '{last.document + count}' WHERE name = 'last-document-id'")


async def _last(tables: Tables) -> _Last:
    line = f"line = '{INVOICE}' AND series = (SELECT id FROM series WHERE key = 'billing')"
    (entry,) = await tables.ask(
        f'SELECT series, "index", hash, "after", at FROM ledger WHERE {line} ORDER BY 2 DESC LIMIT 1'
    )
    ((document,),) = await tables.ask("SELECT value FROM meta WHERE name = 'last-document-id'")
    series, index, digest, number, at = entry
    return _Last(SeriesId(series), Head(index, digest), number, int(document), datetime.fromisoformat(at))


def _key(position: int) -> str:
    return f"bulk-{position}/0"


def _issues(last: _Last, count: int) -> Iterator[Entry]:
    chain, head = CounterKey(last.series, INVOICE), last.head
    for position in range(count):
        number, key = last.number + position, f"{_key(position)}/{INVOICE}"
        fact = Recorded(TENANT, chain, "issue", number, number + 1, _BY, number, key)
        entry = append(head, fact, last.at + timedelta(milliseconds=position))
        head = Head(entry.index, entry.hash)
        yield entry


def _ledger_row(entry: Entry) -> Values:
    first = (
        entry.chain.series,
        entry.chain.line,
        entry.index,
        entry.tenant,
        entry.operation,
        entry.before,
        entry.after,
    )
    by = (entry.number, entry.key, entry.dialect, entry.principal, entry.request_id, entry.reason)
    return (*first, *by, entry.at, entry.previous_hash, entry.hash)


def _issued_row(last: _Last, position: int) -> Values:
    document = f"document:{last.document + 1 + position}"
    line = CounterKey(last.series, INVOICE)
    return issued_row(Issued(TENANT, line, last.number + position, f"{_key(position)}/{INVOICE}", document))


def _document_row(template: Values, last: _Last, position: int) -> Values:
    """A copy of an issued document with its own id, number and key; columns in the order of the schema."""
    row = list(template)
    row[0], row[6], row[10] = last.document + 1 + position, last.number + position, _key(position)
    return row


async def add_series(tables: Tables, count: int) -> None:
    """Add `count` series, each with a line that was set once."""
    numbers = range(FIRST_SERIES, FIRST_SERIES + count)
    ((at,),) = await tables.ask("SELECT max(at) FROM ledger")
    moment = datetime.fromisoformat(at)
    await tables.put("series", map(_series_row, numbers))
    await tables.put(
        "counters", (counter_row(Counter(CounterKey(SeriesId(number), INVOICE), 101)) for number in numbers)
    )
    entries = (entry for number in numbers for entry in _set_once(SeriesId(number), moment))
    await tables.put("ledger", map(_ledger_row, entries))


def _series_row(number: int) -> Values:
    return series_row(Series(SeriesId(number), TENANT, f"k{number}", f"n{number}"))


def _set_once(series: SeriesId, at: datetime) -> Iterator[Entry]:
    lines = CounterKey(series, INVOICE), CounterKey(series, SERIES_CHAIN)
    yield append(Head(), Recorded(TENANT, lines[0], "set", None, 101, _BY), at)
    yield append(Head(), Recorded(TENANT, lines[1], "create", None, None, _BY), at)


class SqliteTables:
    """A file that no gateway has open. The indices of `documents` are rebuilt at the end, because that is quicker."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = OFF")

    async def ask(self, sql: str) -> list[Values]:
        """The rows of a query."""
        return self._connection.execute(sql).fetchall()

    async def put(self, table: str, rows: Iterator[Values]) -> None:
        """Insert many rows of all columns."""
        indices = self._connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", (table,)
        ).fetchall()
        width = len(self._connection.execute(f"PRAGMA table_info({table})").fetchall())
        self._connection.execute("BEGIN")
        for name, _ in indices:
            self._connection.execute(f"DROP INDEX {name}")
        self._connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)
        for _, sql in indices:
            self._connection.execute(sql)
        self._connection.execute("COMMIT")

    async def run(self, sql: str) -> None:
        """Run one statement."""
        self._connection.execute(sql)

    def close(self) -> None:
        """Copy the log into the file and close it."""
        with contextlib.closing(self._connection):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgresTables:
    """A database that no gateway has open."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def ask(self, sql: str) -> list[Values]:
        """The rows of a query."""
        return [tuple(row) for row in await self._connection.fetch(sql)]

    async def put(self, table: str, rows: Iterator[Values]) -> None:
        """Insert many rows of all columns."""
        await self._connection.copy_records_to_table(table, records=rows)

    async def run(self, sql: str) -> None:
        """Run one statement."""
        await self._connection.execute(sql)
