"""The transfer of tenants into and out of a PostgreSQL database, while gateways work on it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg

from gateway.core.ledger import Finding
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores.engine.committed_state import LAST_DOCUMENT, LAST_SERIES
from gateway.stores.engine.statements import NOTE, Row, with_placeholders
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_rows import CONDITIONS, select
from gateway.stores.engine.transfer import (
    PAGE_ROWS,
    LastIds,
    OccupiedError,
    Pages,
    Session,
    TenantTransfer,
    notes,
)
from gateway.stores.errors import StoreError, StoreOpenError
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection, Hosts, close_quietly
from gateway.stores.postgres.consistency import verify
from gateway.stores.postgres.decided_group import CATALOGUE_VERSION
from gateway.stores.postgres.error_classes import brief
from gateway.stores.postgres.lease import WRITE_SECONDS
from gateway.stores.postgres.locking import advisory_lock
from gateway.stores.postgres.schema_setup import prepare_tables
from gateway.stores.postgres.url import read_address

T = TypeVar("T")
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_LOCK: Final = "SELECT pg_advisory_xact_lock({})"
_LAST_SERIES: Final = queries.LAST_SERIES.replace("$1", "{}")
_RUNNING: Final = (
    "SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid() "
    "AND a.datname = current_database() AND a.application_name = 'invoice-gateway'"
)
"""The transactions that gateways have open now; not those of other programs, because a backup may take hours."""
_SETTLE_PAUSE_SECONDS: Final = 0.02
_SETTLE_MARGIN_SECONDS: Final = 20.0
_UNLIMITED: Final = "SET LOCAL lock_timeout = 0"


class _Loading:
    """The connection that a tenant comes in through. Implements `LoadingSession`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def run(self, text: str, *values: Any) -> Sequence[Sequence[Any]]:
        """See `Session`."""
        return await self._connection.run(text, *values)

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """See `LoadingSession`."""
        await self._connection.copy_records_to_table(table.name, columns=table.columns, records=rows)


class PostgresTransfer(TenantTransfer):
    """See `TenantTransfer`. Short questions have one connection, each long stream one of its own."""

    collate = ' COLLATE "C"'

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._connection: Connection | None = None

    @classmethod
    async def open(cls, url: str, *, migrate: bool) -> PostgresTransfer:
        """Raises StoreOpenError, StoreVersionError."""
        hosts = Hosts(read_address(url))
        try:
            await prepare_tables(hosts, migrate=migrate)
        except StoreUnavailableError as error:
            raise StoreOpenError(f"cannot open store: {error}") from error
        return cls(hosts)

    async def _connect(self) -> Connection:
        return await self._hosts.connect(
            asyncio.get_running_loop().time() + self._hosts.address.options.deadline_seconds
        )

    async def _ask(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run on the connection for short questions. Raises StoreError, StoreUnavailableError."""
        if self._connection is None or not self._connection.is_usable:
            self._connection = await self._connect()
        try:
            return await work(self._connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            self._connection.terminate()
            raise StoreError(f"store {self._hosts.address.name}: {brief(error)}") from error
        except BaseException:
            self._connection.terminate()
            raise

    async def _change(self, work: Callable[[Session], Awaitable[None]], *, patiently: bool = False) -> None:
        """See `TenantTransfer`."""

        async def changing(connection: Connection) -> None:
            await connection.execute(_BEGIN)
            if patiently:
                await connection.execute(_UNLIMITED)
            await work(connection)
            await _commit(connection)

        await self._ask(changing)

    async def _lock(self, session: Session, *names: str) -> None:
        """See `TenantTransfer`. Everybody takes these locks in one order, so that no two wait for each other."""
        for key in sorted(map(advisory_lock, names)):
            await session.run(_LOCK, key)

    async def _note_change(self, session: Session, tenant: TenantId) -> None:
        """See `TenantTransfer`. Only the catalogue is remembered (ADR-30)."""
        await session.run(NOTE, CATALOGUE_VERSION + tenant, secrets.token_hex(12))

    async def _last_ids(self, session: Session) -> LastIds:
        """See `TenantTransfer`."""
        ((series, *_),) = await session.run(_LAST_SERIES, LAST_SERIES)
        noted = await notes(session, LAST_DOCUMENT)
        return LastIds(int(series), int(noted.get(LAST_DOCUMENT, 0)))

    @asynccontextmanager
    async def _loading(self, tenant: TenantId, past: LastIds) -> AsyncIterator[_Loading]:
        """See `TenantTransfer`. Other tenants' series and documents are made meanwhile, with ids behind those of `past`."""
        await self._change(lambda session: self._make_room(session, past))
        connection = await self._connect()
        try:
            await connection.execute(_BEGIN)
            await connection.execute(_UNLIMITED)
            await self._lock(connection, f"tenant/{tenant}")
            yield _Loading(connection)
            await _commit(connection)
        except asyncpg.UniqueViolationError as error:
            raise OccupiedError(f"{error.table_name}: an id is another tenant's already ({error.detail})") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise StoreError(f"store {self._hosts.address.name}: {brief(error)}") from error
        finally:
            connection.terminate()

    async def _make_room(self, session: Session, past: LastIds) -> None:
        """From now on series and documents get ids behind these."""
        await self._lock(session, "new-series", "new-document")
        own = await self._last_ids(session)
        if past.series > own.series:
            await session.run(NOTE, LAST_SERIES, str(past.series))
        if past.document > own.document:
            await session.run(NOTE, LAST_DOCUMENT, str(past.document))

    @asynccontextmanager
    async def reading(self, tenant: TenantId) -> AsyncIterator[Pages]:
        """See `TenantTransfer`."""
        connection = await self._connect()
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield self._pages(connection, tenant)
            await connection.prove()  # what was read must not vanish in a failover (ADR-48)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise StoreError(f"store {self._hosts.address.name}: {brief(error)}") from error
        finally:
            await close_quietly(connection)

    async def taken(self, table: Table, ids: Sequence[int]) -> list[int]:
        """See `TenantTransfer`."""
        sql = f'SELECT id FROM "{table.name}" WHERE id = ANY($1::bigint[]) ORDER BY id'
        return [row[0] for row in await self._ask(lambda connection: connection.rows(sql, list(ids)))]

    async def settle(self) -> None:
        """See `TenantTransfer`. A transaction that has not seen the fences began before this call; wait for each of those.

        Writers take no lock for fences, so this is what makes a fence safe (ADR-38). If the primary is new, wait for the
        leases on the former one, too: it may still answer (ADR-29).
        """
        options = self._hosts.address.options
        limit = (
            asyncio.get_running_loop().time()
            + options.deadline_seconds
            + options.commit_seconds
            + _SETTLE_MARGIN_SECONDS
        )

        async def running(connection: Connection) -> set[str]:
            return {row[0] for row in await connection.rows(_RUNNING)}

        async def is_new(connection: Connection) -> bool:
            return bool(await connection.fetchval(queries.NOTED, queries.TIMELINE) != connection.timeline)

        if await self._ask(is_new):
            await asyncio.sleep(WRITE_SECONDS)
        before = await self._ask(running)
        while before:
            if asyncio.get_running_loop().time() > limit:
                raise StoreError(
                    f"store {self._hosts.address.name}: transactions that began before the fence do not end; run it again"
                )
            await asyncio.sleep(_SETTLE_PAUSE_SECONDS)
            before &= await self._ask(running)

    async def verify(self, tenant: TenantId) -> tuple[int, list[Finding]]:
        """See `TenantTransfer`."""
        connection = await self._connect()
        try:
            return await verify(connection, tenant)
        finally:
            await close_quietly(connection)

    async def close(self) -> None:
        """See `TenantTransfer`."""
        await close_quietly(self._connection)

    async def _pages(self, connection: Connection, tenant: TenantId) -> Pages:
        for table in CONDITIONS:
            cursor = await connection.cursor(with_placeholders(select(table, self.collate), "$", 1), tenant)
            while True:
                rows = await cursor.fetch(PAGE_ROWS)
                if not rows:
                    break
                yield table, [tuple(row) for row in rows]


async def _commit(connection: Connection) -> None:
    """COMMIT. Raises StoreError when it is not certain that it is durable; the command must then be run again."""
    try:
        await connection.commit()
    except ConnectionError as error:
        raise StoreError(f"{error}; run it again") from error
