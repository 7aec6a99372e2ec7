"""One SQLite file: opening it the durable way, reading the whole state, looking up numbers, writing a group's rows.

Blocking; each object belongs to one thread.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import RootTransaction
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.core.ledger import Entry, Head
from gateway.core.values import (
    SERIES_CHAIN,
    Counter,
    CounterKey,
    DocumentKind,
    Issued,
    Series,
    SeriesId,
    TenantId,
)
from gateway.stores import migrations
from gateway.stores.errors import StoreOpenError, StoreVersionError
from gateway.stores.memory import Committed
from gateway.stores.statements import STATEMENTS, Action, Row, Statement, sql_for

BUSY_SECONDS: Final = 5.0
CHECKPOINT_PAGES: Final = 4000
_BULK: Final = (128, 32, 8, 2, 1)
"""Rows in one statement, at most five texts for a table; SQLite lets go of the interpreter once a statement, not once a row."""

_ENVIRONMENT: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)

_ISSUED: Final = "i.series, i.kind, i.number, i.tenant, i.key, i.document, i.voided"
_ENTRY: Final = (
    'series, kind, "index", tenant, operation, "before", "after", number, key, dialect, principal, request_id, reason, '
    "at, previous_hash, hash"
)
_HEADS: Final = (
    'SELECT l.series, l.kind, l."index", l.hash FROM '
    "(SELECT series, kind FROM counters UNION ALL SELECT id, ? FROM series) c "
    "JOIN ledger l ON l.series = c.series AND l.kind = c.kind "
    'AND l."index" = (SELECT max("index") FROM ledger WHERE series = c.series AND kind = c.kind)'
)


def is_environmental(error: Exception) -> bool:
    """True when the file or the disk is the trouble, and not the command that met it."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _ENVIRONMENT


class Writer:
    """The only connection that writes. Implements `memory.IssuedLookup` (inside the transaction)."""

    def __init__(self, path: Path, *, migrate: bool) -> None:
        """Open, creating a new file. Raises StoreOpenError, StoreVersionError."""
        self.path = path
        is_new = not path.exists() or path.stat().st_size == 0
        self._engine = _engine(f"file:{_quoted(path)}", begin="BEGIN IMMEDIATE")
        self._connection = _connect(self._engine, path)
        self._transaction: RootTransaction | None = None
        try:
            self._prepare(may_migrate=migrate or is_new)
            if is_new:
                _sync_directory(path.parent)
        except BaseException as error:
            self.close()
            raise _open_error(path, error) from error

    def _prepare(self, *, may_migrate: bool) -> None:
        driver = self._connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - for the type checker: the connection is open
        (mode,) = driver.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreOpenError(f"store {self.path}: its file system does not allow write-ahead logging")
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        driver.execute("PRAGMA foreign_keys = ON")
        with self._connection.begin():
            missing = migrations.pending(self._connection)
            if missing and not may_migrate:
                raise _needs_migration(self.path, missing)
            if missing:
                migrations.upgrade(self._connection)
        self._driver: Any = driver

    def load(self) -> Committed:
        """Read the whole state."""
        with self._connection.begin():
            return _load(self._connection)

    def begin(self) -> None:
        """Start the group's transaction; takes the file's write lock."""
        self._transaction = self._connection.begin()

    def write(self, rows: Mapping[Statement, Sequence[Row]]) -> None:
        """Write a group's rows, in the order of `STATEMENTS`."""
        for statement in STATEMENTS:
            if statement in rows:
                self._write(statement, rows[statement])

    def _write(self, statement: Statement, rows: Sequence[Row]) -> None:
        if statement.action in (Action.DELETE, Action.DELETE_EXPIRED):
            self._connection.exec_driver_sql(sql_for(statement, 1), list(rows))
            return
        for chunk in _chunks(rows):
            values = tuple(value for row in chunk for value in row)
            self._connection.exec_driver_sql(sql_for(statement, len(chunk)), values)

    def commit(self) -> None:
        """Make it durable. When this raises, nobody knows."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.commit()

    def rollback(self) -> None:
        """Undo what the group has written."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.rollback()

    def under(self, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]:
        """The numbers that keys already got."""
        found: dict[tuple[TenantId, str], Issued] = {}
        for chunk in _chunks(list(wanted)):
            values = ", ".join(["(?, ?)"] * len(chunk))
            sql = (
                f"SELECT {_ISSUED} FROM (VALUES {values}) w "  # noqa: S608 - only question marks are put in
                "JOIN issued i ON i.tenant = w.column1 AND i.key = w.column2"
            )
            rows = self._connection.exec_driver_sql(sql, tuple(text for pair in chunk for text in pair))
            for issued in map(_issued, rows):
                found[issued.tenant, issued.key] = issued
        return found

    def number(self, counter: CounterKey, number: int) -> Issued | None:
        """Who has a number."""
        sql = f"SELECT {_ISSUED} FROM issued i WHERE i.series = ? AND i.kind = ? AND i.number = ?"  # noqa: S608
        row = self._connection.exec_driver_sql(sql, (counter.series, counter.kind, number)).fetchone()
        return _issued(row) if row else None

    def close(self) -> None:
        """Close the file; what was not committed is undone."""
        self._connection.close()
        self._engine.dispose()


class Reader:
    """A connection that only reads, each statement at its own instant. Works beside a running writer."""

    def __init__(self, path: Path) -> None:
        """Raises StoreOpenError when there is no store, StoreVersionError when its tables are of another version."""
        if not path.exists():
            raise StoreOpenError(f"store {path} does not exist")
        self._engine = _engine(f"file:{_quoted(path)}?mode=ro", begin="BEGIN")
        self._connection = _connect(self._engine, path)
        try:
            with self._connection.begin():
                missing = migrations.pending(self._connection)
            if missing:
                raise _needs_migration(path, missing)
        except BaseException as error:
            self.close()
            raise _open_error(path, error) from error

    def load(self) -> Committed:
        """Read the whole state."""
        with self._connection.begin():
            return _load(self._connection)

    def ledger_page(self, tenant: TenantId | None, after: Entry | None, limit: int) -> list[Entry]:
        """The next entries in chain and index order."""
        start = (after.chain.series, after.chain.kind, after.index) if after else (0, "", 0)
        sql = f'SELECT {_ENTRY} FROM ledger WHERE (series, kind, "index") > (?, ?, ?)'  # noqa: S608
        values: tuple[Any, ...] = start
        if tenant is not None:
            sql, values = sql + " AND tenant = ?", (*start, tenant)
        sql += ' ORDER BY series, kind, "index" LIMIT ?'
        with self._connection.begin():
            return [_entry(row) for row in self._connection.exec_driver_sql(sql, (*values, limit))]

    def token(self, kind: str, digest: str) -> tuple[str, str, int] | None:
        """A token's tenant, facts and end."""
        sql = "SELECT tenant, facts, expires_ms FROM tokens WHERE kind = ? AND digest = ?"
        with self._connection.begin():
            row = self._connection.exec_driver_sql(sql, (kind, digest)).fetchone()
        return (row[0], row[1], row[2]) if row else None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
        self._engine.dispose()


def pending_revisions(path: Path) -> tuple[str, ...]:
    """The revisions that a file lacks, oldest first; all of them when there is no file. Changes nothing."""
    if not path.exists() or path.stat().st_size == 0:
        return migrations.REVISIONS
    engine = _engine(f"file:{_quoted(path)}?mode=ro", begin="BEGIN")
    connection = _connect(engine, path)
    try:
        with connection.begin():
            return migrations.pending(connection)
    except SQLAlchemyError as error:
        raise _open_error(path, error) from error
    finally:
        connection.close()
        engine.dispose()


def _engine(uri: str, begin: str) -> Engine:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _connect(engine: Engine, path: Path) -> Connection:
    try:
        return engine.connect()
    except SQLAlchemyError as error:
        engine.dispose()
        raise _open_error(path, error) from error


def _quoted(path: Path) -> str:
    return quote(str(path))


def _open_error(path: Path, error: BaseException) -> BaseException:
    if isinstance(error, DBAPIError | OSError):
        return StoreOpenError(f"cannot open store {path}: {getattr(error, 'orig', None) or error}")
    return error


def _needs_migration(path: Path, missing: Sequence[str]) -> StoreVersionError:
    return StoreVersionError(
        f"store {path} lacks the schema revisions {', '.join(missing)}; upgrade it with `invoice-gateway migrate`"
    )


def _sync_directory(directory: Path) -> None:
    """Make the new file's name durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    position = 0
    for size in _BULK:
        while len(rows) - position >= size:
            yield rows[position : position + size]
            position += size


def _load(connection: Connection) -> Committed:
    committed = Committed()
    columns = "id, tenant, key, name, prefix, suffix, is_default"
    for row in connection.exec_driver_sql(f"SELECT {columns} FROM series ORDER BY id"):  # noqa: S608
        series_id, tenant, key, name, prefix, suffix, is_default = row
        committed.put_series(Series(series_id, tenant, key, name, prefix, suffix, bool(is_default)))
    lines: dict[SeriesId, dict[DocumentKind, Counter]] = {}
    for series, kind, *rest in connection.exec_driver_sql(
        "SELECT series, kind, next_number, issued, highest_issued FROM counters"
    ):
        lines.setdefault(series, {})[kind] = Counter(CounterKey(series, kind), *rest)
    for series, counters in lines.items():
        committed.put_counters(series, counters)
    for series, kind, index, digest in connection.exec_driver_sql(_HEADS, (SERIES_CHAIN,)):
        committed.heads[CounterKey(series, kind)] = Head(index, digest)
    return committed


def _issued(row: Sequence[Any]) -> Issued:
    series, kind, number, tenant, key, document, voided = row
    return Issued(tenant, CounterKey(series, kind), number, key, document, bool(voided))


def _entry(row: Sequence[Any]) -> Entry:
    series, kind, *rest = row
    return Entry(CounterKey(series, kind), *rest)
