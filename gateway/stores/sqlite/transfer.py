"""The transfer of tenants into and out of a SQLite file. Blocking work runs in a thread, one thing at a time.

A file that a gateway uses can be read beside the gateway, but not written: the file's lock prevents that. So a transfer that
writes is alone with the file. It has nobody to wait for and nothing to lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from gateway.core.ledger import Finding
from gateway.core.values import TenantId
from gateway.stores.engine.committed_state import LAST_DOCUMENT, LAST_SERIES, OWN_IDS, own_ids
from gateway.stores.engine.statements import NOTE, Row, with_placeholders
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_rows import CONDITIONS, insert, select
from gateway.stores.engine.transfer import (
    PAGE_ROWS,
    LastIds,
    OccupiedError,
    Page,
    Pages,
    Session,
    TenantTransfer,
    notes,
)
from gateway.stores.errors import StoreError, StoreOpenError, StoreVersionError
from gateway.stores.migrations import REVISIONS
from gateway.stores.sqlite.connection import READ, WRITE, Connection, connect
from gateway.stores.sqlite.consistency import verify
from gateway.stores.sqlite.file import Reader, Writer, pending_revisions
from gateway.stores.sqlite.lock import FileLock, make_directory
from gateway.stores.sqlite.trouble import explained

T = TypeVar("T")


class _FileSession:
    """A connection whose statements run in a thread. Implements `LoadingSession`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run(self, text: str, *values: Any) -> Sequence[Sequence[Any]]:
        """See `Session`."""
        return await self.do(lambda connection: connection.run(text, *values).fetchall())

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a thread."""
        return await asyncio.to_thread(work, self._connection)

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """See `LoadingSession`."""
        text = with_placeholders(insert(table), "?", len(table.columns))
        try:
            await self.do(lambda connection: connection.executemany(text, rows))
        except sqlite3.IntegrityError as error:
            raise OccupiedError(f"{table.name}: an id is another tenant's already ({error})") from error


class _NoFile:
    """A store that does not exist yet: nothing is in it. Implements `Session`."""

    async def run(self, text: str, *values: Any) -> Sequence[Sequence[Any]]:  # noqa: ARG002 - part of the protocol
        """See `Session`."""
        return ()


class SqliteTransfer(TenantTransfer):
    """See `TenantTransfer`. A file that does not exist yet, opened for reading, is an empty store."""

    def __init__(self, path: Path, connection: Connection | None, lock: FileLock | None) -> None:
        self._path = path
        self._connection = connection
        self._lock_of_file = lock
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, *, write: bool, migrate: bool) -> SqliteTransfer:
        """Raises StoreLockedError, StoreOpenError, StoreVersionError."""
        return await asyncio.to_thread(cls._open_to_write if write else cls._open_to_read, path, migrate)

    @classmethod
    def _open_to_read(cls, path: Path, _: bool) -> SqliteTransfer:
        path = path.resolve()
        missing = pending_revisions(path)
        if missing == REVISIONS:
            return cls(path, None, None)
        if missing:
            lacks = ", ".join(missing)
            raise StoreVersionError(
                f"store {path} lacks the schema revisions {lacks}; upgrade it with `invoice-gateway migrate`"
            )
        return cls(path, connect(f"file:{quote(str(path))}?mode=ro", READ), None)

    @classmethod
    def _open_to_write(cls, path: Path, migrate: bool) -> SqliteTransfer:
        path = path.resolve()
        make_directory(path.parent)
        lock = FileLock(path)
        try:
            Writer(path, create=True, migrate=migrate).close()
            connection = connect(f"file:{quote(str(path))}?mode=rw", WRITE)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            lock.release()
            raise
        return cls(path, connection, lock)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[_FileSession]:
        """The connection, for one user at a time. Raises StoreError."""
        if self._connection is None:
            raise StoreOpenError(f"store {self._path} does not exist")
        async with self._turn:
            try:
                with explained(self._path):
                    yield _FileSession(self._connection)
            except sqlite3.Error as error:
                raise StoreError(f"store {self._path}: {error}") from error

    async def _ask(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """See `TenantTransfer`."""
        if self._connection is None:
            return await work(_NoFile())
        async with self._alone() as session:
            return await work(session)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[_FileSession]:
        async with self._alone() as session:
            await session.do(lambda connection: connection.begin())
            try:
                yield session
                await session.do(lambda connection: connection.commit())
            except BaseException:
                await session.do(lambda connection: connection.rollback())
                raise

    async def _change(self, work: Callable[[Session], Awaitable[None]], *, patiently: bool = False) -> None:  # noqa: ARG002 - nobody else writes
        """See `TenantTransfer`."""
        async with self._transaction() as session:
            await work(session)

    async def _lock(self, session: Session, *names: str) -> None:
        """The file's lock keeps everybody else out."""

    async def _note_change(self, session: Session, tenant: TenantId) -> None:
        """No gateway has the file."""

    async def settle(self) -> None:
        """No gateway has the file."""

    @asynccontextmanager
    async def reading(self, tenant: TenantId) -> AsyncIterator[Pages]:
        """See `TenantTransfer`."""
        if self._connection is None:
            yield _nothing()
            return
        async with self._alone() as session:
            await session.do(lambda connection: connection.begin())
        try:
            yield self._pages(tenant)
        finally:
            async with self._alone() as session:
                await session.do(lambda connection: connection.rollback())

    async def _pages(self, tenant: TenantId) -> Pages:
        for table in CONDITIONS:
            text = select(table)
            async with self._alone() as session:
                cursor = await session.do(lambda connection, text=text: connection.run(text, tenant))  # type: ignore[misc]
            while True:
                async with self._alone():
                    rows = await asyncio.to_thread(cursor.fetchmany, PAGE_ROWS)
                if not rows:
                    break
                yield table, _with_booleans(table, rows)

    async def taken(self, table: Table, ids: Sequence[int]) -> list[int]:
        """See `TenantTransfer`."""
        sql = f'SELECT id FROM "{table.name}" WHERE id IN (SELECT value FROM json_each({{}})) ORDER BY id'
        return [row[0] for row in await self._ask(lambda session: session.run(sql, json.dumps(list(ids))))]

    async def _last_ids(self, session: Session) -> LastIds:
        """See `TenantTransfer`."""
        noted = await notes(session, LAST_SERIES, LAST_DOCUMENT, OWN_IDS)
        ids = own_ids(noted)
        highest = await session.run("SELECT max(id) FROM series WHERE id >= {} AND id < {}", ids.start, ids.stop)
        last = int(noted.get(LAST_SERIES, 0))
        used = [own for row in highest for own in row if own]
        return LastIds(max([*used, last if last in ids else 0]), int(noted.get(LAST_DOCUMENT, 0)))

    @asynccontextmanager
    async def _loading(self, tenant: TenantId, past: LastIds) -> AsyncIterator[_FileSession]:  # noqa: ARG002 - nobody else writes
        """See `TenantTransfer`."""
        async with self._transaction() as session:
            own = await self._last_ids(session)
            await session.run(NOTE, LAST_SERIES, str(max(own.series, past.series)))
            await session.run(NOTE, LAST_DOCUMENT, str(max(own.document, past.document)))
            yield session

    async def verify(self, tenant: TenantId) -> tuple[int, list[Finding]]:
        """See `TenantTransfer`."""

        def work() -> tuple[int, list[Finding]]:
            with contextlib.closing(Reader(self._path)) as reader:
                return reader.within(lambda connection: verify(connection, tenant))

        return await asyncio.to_thread(work)

    async def close(self) -> None:
        """See `TenantTransfer`."""
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)
        if self._lock_of_file is not None:
            self._lock_of_file.release()


async def _nothing() -> Pages:
    empty: list[Page] = []
    for page in empty:
        yield page


def _with_booleans(table: Table, rows: Sequence[Row]) -> Sequence[Row]:
    """Rows with the values that PostgreSQL gives: SQLite has 0 and 1 for false and true."""
    places = [place for place, kind in enumerate(table.types.values()) if kind == "BOOLEAN"]
    if not places:
        return rows
    return [tuple(bool(value) if place in places else value for place, value in enumerate(row)) for row in rows]
