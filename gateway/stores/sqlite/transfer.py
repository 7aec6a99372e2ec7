"""A SQLite file as a transfer. Blocking work runs in a thread; one thing at a time.

A file that a gateway has can be read beside it, but not written: the lock says so. So whoever writes is the only one, and
nobody has to be waited for.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from gateway.core.ledger import Finding
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.committed_state import LAST_DOCUMENT, LAST_SERIES, OWN_IDS, own_ids
from gateway.stores.engine.fences import ALL_FENCES, FENCES_OF, Fence
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_records import VERSION
from gateway.stores.engine.tenant_rows import CONDITIONS, booleans, deletions, insert, select, settled
from gateway.stores.engine.transfer import (
    COUNTED,
    PAGE_ROWS,
    LastIds,
    OccupiedError,
    Page,
    Pages,
    Presence,
    check_fence,
)
from gateway.stores.errors import StoreError, StoreOpenError, StoreVersionError
from gateway.stores.migrations import REVISIONS
from gateway.stores.sqlite.connection import READ, WRITE, Connection, connect
from gateway.stores.sqlite.file import Reader, Writer, pending_revisions
from gateway.stores.sqlite.lock import FileLock, make_directory

T = TypeVar("T")
_JSON_IDS: Final = 'SELECT id FROM "{}" WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id'


class SqliteTransfer:
    """Implements `TenantTransfer`. A file that is not there yet, opened for reading, is an empty store."""

    def __init__(self, path: Path, connection: Connection | None, lock: FileLock | None) -> None:
        self._path = path
        self._connection = connection
        self._lock = lock
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

    async def _run(self, work: Callable[[Connection], T], empty: T | None = None) -> T:
        """Run in a thread, alone. empty: the answer of a file that is not there."""
        if self._connection is None:
            if empty is None:
                raise StoreOpenError(f"store {self._path} does not exist")
            return empty
        async with self._turn:
            try:
                return await asyncio.to_thread(work, self._connection)
            except sqlite3.Error as error:
                raise StoreError(f"store {self._path}: {error}") from error

    @asynccontextmanager
    async def reading(self, tenant: TenantId) -> AsyncIterator[Pages]:
        """See `TenantTransfer`."""
        if self._connection is None:
            yield _nothing()
            return
        await self._run(lambda connection: connection.begin())
        try:
            yield self._pages(tenant)
        finally:
            await self._run(lambda connection: connection.rollback())

    async def _pages(self, tenant: TenantId) -> Pages:
        for table in CONDITIONS:
            places = booleans(table)
            text = select(table, "?")
            cursor = await self._run(lambda connection, text=text: connection.execute(text, (tenant,)))  # type: ignore[misc]
            while True:
                rows = await self._run(lambda _, cursor=cursor: cursor.fetchmany(PAGE_ROWS))  # type: ignore[misc]
                if not rows:
                    break
                yield table, settled(rows, places)

    async def presence(self, tenant: TenantId) -> Presence:
        """See `TenantTransfer`."""

        def work(connection: Connection) -> Presence:
            rows = {table.name: _count(connection, table, tenant) for table in COUNTED}
            return Presence({name: count for name, count in rows.items() if count}, _fence(connection, tenant))

        return await self._run(work, Presence({}, None))

    async def tenants(self) -> dict[TenantId, int]:
        """See `TenantTransfer`."""
        sql = "SELECT tenant, count(*) FROM series GROUP BY tenant ORDER BY tenant"
        return await self._run(lambda connection: dict(connection.execute(sql)), {})

    async def fences(self) -> dict[TenantId, Fence]:
        """See `TenantTransfer`."""
        return await self._run(
            lambda connection: {tenant: Fence.of(body) for tenant, body in connection.execute(ALL_FENCES)}, {}
        )

    async def kept(self) -> dict[TenantId, str]:
        """See `TenantTransfer`."""
        return await self._run(lambda connection: dict(connection.execute("SELECT id, body FROM tenants")), {})

    async def keep(self, tenant: TenantId, body: str) -> None:
        """See `TenantTransfer`."""

        def work(connection: Connection) -> None:
            with connection.transaction():
                connection.execute("UPDATE tenants SET body = ? WHERE id = ?", (body, tenant))
                _note(connection, VERSION, secrets.token_hex(8))

        await self._run(work)

    async def taken(self, table: Table, ids: Sequence[int]) -> list[int]:
        """See `TenantTransfer`."""
        sql, given = _JSON_IDS.format(table.name), f"[{','.join(map(str, ids))}]"
        return await self._run(lambda connection: [row[0] for row in connection.execute(sql, (given,))], [])

    async def set_fence(self, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
        """See `TenantTransfer`."""

        def work(connection: Connection) -> None:
            with connection.transaction():
                _put_fence(connection, tenant, expected, fence)

        await self._run(work)

    async def settle(self) -> None:
        """Nobody else has the file."""

    async def load(self, tenant: TenantId, pages: Pages, expected: Fence | None, fence: Fence, past: LastIds) -> None:
        """See `TenantTransfer`."""
        await self._run(lambda connection: connection.begin())
        try:
            await self._run(lambda connection: _begin_load(connection, tenant, expected, fence, past))
            async for table, rows in pages:
                await self._run(lambda connection, table=table, rows=rows: _insert(connection, table, rows))  # type: ignore[misc]
            await self._run(lambda connection: connection.commit())
        except BaseException:
            await self._run(lambda connection: connection.rollback())
            raise

    async def clear(self, tenant: TenantId, expected: Fence, fence: Fence | None) -> None:
        """See `TenantTransfer`."""

        def work(connection: Connection) -> None:
            with connection.transaction():
                _put_fence(connection, tenant, expected, fence)
                _keep_last_series(connection)
                for sql in deletions("?"):
                    connection.execute(sql, (tenant,))

        await self._run(work)

    async def last_ids(self) -> LastIds:
        """See `TenantTransfer`."""
        return await self._run(_last_ids, LastIds())

    async def verify(self, tenant: TenantId) -> tuple[int, list[Finding]]:
        """See `TenantTransfer`."""

        def work() -> tuple[int, list[Finding]]:
            reader = Reader(self._path)
            try:
                return reader.verify(tenant)
            finally:
                reader.close()

        return await asyncio.to_thread(work)

    async def close(self) -> None:
        """See `TenantTransfer`."""
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)
        if self._lock is not None:
            self._lock.release()


async def _nothing() -> Pages:
    empty: list[Page] = []
    for page in empty:
        yield page


def _count(connection: Connection, table: Table, tenant: TenantId) -> int:
    sql = f'SELECT count(*) FROM "{table.name}" WHERE {CONDITIONS[table].format(tenant="?")}'  # noqa: S608 - own texts
    return int(connection.execute(sql, (tenant,)).fetchone()[0])


def _fence(connection: Connection, tenant: TenantId) -> Fence | None:
    row = connection.execute(FENCES_OF.format("?"), (tenant,)).fetchone()
    return Fence.of(row[1]) if row else None


def _put_fence(connection: Connection, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
    check_fence(tenant, _fence(connection, tenant), expected)
    connection.execute("DELETE FROM fences WHERE tenant = ?", (tenant,))
    if fence is not None:
        connection.execute(insert(tables.fences), (tenant, fence.body()))


def _begin_load(connection: Connection, tenant: TenantId, expected: Fence | None, fence: Fence, past: LastIds) -> None:
    _put_fence(connection, tenant, expected, fence)
    there = {table.name: count for table in COUNTED if (count := _count(connection, table, tenant))}
    if there:
        raise OccupiedError(f"tenant {tenant}: the store has {Presence(there, None).text()} of it already")
    own = _last_ids(connection)
    for name, last in ((LAST_SERIES, max(own.series, past.series)), (LAST_DOCUMENT, max(own.document, past.document))):
        _note(connection, name, last)


def _keep_last_series(connection: Connection) -> None:
    """Ids of series are never used again."""
    _note(connection, LAST_SERIES, _last_ids(connection).series)


def _note(connection: Connection, name: str, value: object) -> None:
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, str(value)))


def _last_ids(connection: Connection) -> LastIds:
    names = (LAST_SERIES, LAST_DOCUMENT, OWN_IDS)
    noted = dict(connection.execute("SELECT name, value FROM meta WHERE name IN (?, ?, ?)", names))
    ids = own_ids(noted)
    (highest,) = connection.execute(
        "SELECT max(id) FROM series WHERE id >= ? AND id < ?", (ids.start, ids.stop)
    ).fetchone()
    last = int(noted.get(LAST_SERIES, 0))
    return LastIds(max(highest or 0, last if last in ids else 0), int(noted.get(LAST_DOCUMENT, 0)))


def _insert(connection: Connection, table: Table, rows: Sequence[Any]) -> None:
    try:
        connection.executemany(insert(table), rows)
    except sqlite3.IntegrityError as error:
        raise OccupiedError(f"{table.name}: an id is another tenant's already ({error})") from error
