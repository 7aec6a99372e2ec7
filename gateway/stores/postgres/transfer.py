"""A PostgreSQL database as a transfer, while gateways work on it."""

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
from gateway.stores.engine.fences import ALL_FENCES, FENCES_OF, Fence
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_records import VERSION
from gateway.stores.engine.tenant_rows import CONDITIONS, deletions, select
from gateway.stores.engine.transfer import COUNTED, PAGE_ROWS, LastIds, OccupiedError, Pages, Presence, check_fence
from gateway.stores.errors import StoreError, StoreOpenError
from gateway.stores.postgres import queries
from gateway.stores.postgres.committer import CATALOGUE_VERSION
from gateway.stores.postgres.connection import Connection, Hosts, close_quietly
from gateway.stores.postgres.consistency import audit
from gateway.stores.postgres.error_classes import brief
from gateway.stores.postgres.lease import WRITE_SECONDS
from gateway.stores.postgres.locking import advisory_lock
from gateway.stores.postgres.schema_setup import prepare_tables
from gateway.stores.postgres.url import read_address

T = TypeVar("T")
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_CODE_POINTS: Final = ' COLLATE "C"'
_SET_NOTE: Final = (
    "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_RUNNING: Final = (
    "SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid() "
    "AND a.datname = current_database() AND a.application_name = 'invoice-gateway'"
)
"""The transactions that gateways have open right now. Not those of others: a backup or a vacuum may take hours."""
_SETTLE_PAUSE_SECONDS: Final = 0.02
_SETTLE_MARGIN_SECONDS: Final = 20.0
_UNLOCKED: Final = "SET LOCAL lock_timeout = 0"


class PostgresTransfer:
    """Implements `TenantTransfer`. Short questions and the long stream have a connection each."""

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

    @asynccontextmanager
    async def reading(self, tenant: TenantId) -> AsyncIterator[Pages]:
        """See `TenantTransfer`."""
        connection = await self._connect()
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield _pages(connection, tenant)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise StoreError(f"store {self._hosts.address.name}: {brief(error)}") from error
        finally:
            await close_quietly(connection)

    async def presence(self, tenant: TenantId) -> Presence:
        """See `TenantTransfer`."""

        async def work(connection: Connection) -> Presence:
            return Presence(await _counts(connection, tenant), await _fence(connection, tenant))

        return await self._ask(work)

    async def tenants(self) -> dict[TenantId, int]:
        """See `TenantTransfer`."""
        sql = f"SELECT tenant, count(*) FROM series GROUP BY tenant ORDER BY tenant{_CODE_POINTS}"
        return {row[0]: row[1] for row in await self._ask(lambda connection: connection.rows(sql))}

    async def fences(self) -> dict[TenantId, Fence]:
        """See `TenantTransfer`."""
        rows = await self._ask(lambda connection: connection.rows(ALL_FENCES))
        return {row[0]: Fence.of(row[1]) for row in rows}

    async def kept(self) -> dict[TenantId, str]:
        """See `TenantTransfer`."""
        rows = await self._ask(lambda connection: connection.rows("SELECT id, body FROM tenants"))
        return {row[0]: row[1] for row in rows}

    async def keep(self, tenant: TenantId, body: str) -> None:
        """See `TenantTransfer`."""

        async def work(connection: Connection) -> None:
            await connection.execute(_BEGIN)
            await connection.execute("UPDATE tenants SET body = $1 WHERE id = $2", body, tenant)
            await connection.execute(_SET_NOTE, VERSION, secrets.token_hex(8))
            await _commit(connection)

        await self._ask(work)

    async def taken(self, table: Table, ids: Sequence[int]) -> list[int]:
        """See `TenantTransfer`."""
        sql = f'SELECT id FROM "{table.name}" WHERE id = ANY($1::bigint[]) ORDER BY id'
        return [row[0] for row in await self._ask(lambda connection: connection.rows(sql, list(ids)))]

    async def set_fence(self, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
        """See `TenantTransfer`."""

        async def work(connection: Connection) -> None:
            await connection.execute(_BEGIN)
            await _put_fence(connection, tenant, expected, fence)
            await _commit(connection)

        await self._ask(work)

    async def settle(self) -> None:
        """Each transaction that may not have seen the fences began before this call, and is waited for.

        Also for the leases on a former primary, which may still answer with what was.
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
                    f"store {self._hosts.address.name}: transactions of before the fence do not end; run it again"
                )
            await asyncio.sleep(_SETTLE_PAUSE_SECONDS)
            before &= await self._ask(running)

    async def load(self, tenant: TenantId, pages: Pages, expected: Fence | None, fence: Fence, past: LastIds) -> None:
        """See `TenantTransfer`. Other tenants' series and documents are made meanwhile, with ids beyond those of `past`."""
        await self._ask(lambda connection: _make_room(connection, past))
        connection = await self._connect()
        try:
            await connection.execute(_BEGIN)
            await connection.execute(_UNLOCKED)
            await connection.fetchval("SELECT pg_advisory_xact_lock($1)", advisory_lock(f"tenant/{tenant}"))
            await _put_fence(connection, tenant, expected, fence)
            there = await _counts(connection, tenant)
            if there:
                raise OccupiedError(f"tenant {tenant}: the store has {Presence(there, None).text()} of it already")
            await _copy(connection, pages)
            await connection.execute(_SET_NOTE, CATALOGUE_VERSION + tenant, secrets.token_hex(12))
            await _commit(connection)
        except asyncpg.UniqueViolationError as error:
            raise OccupiedError(f"{error.table_name}: an id is another tenant's already ({error.detail})") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise StoreError(f"store {self._hosts.address.name}: {brief(error)}") from error
        finally:
            connection.terminate()

    async def clear(self, tenant: TenantId, expected: Fence, fence: Fence | None) -> None:
        """See `TenantTransfer`."""

        async def work(connection: Connection) -> None:
            await connection.execute(_BEGIN)
            await connection.execute(_UNLOCKED)
            locks = sorted(map(advisory_lock, (f"tenant/{tenant}", "new-series")))
            await connection.rows(queries.LOCK_NAMES, locks)
            await _put_fence(connection, tenant, expected, fence)
            last = await connection.fetchval(queries.LAST_SERIES, LAST_SERIES)
            await connection.execute(_SET_NOTE, LAST_SERIES, str(last))
            for sql in deletions("$1"):
                await connection.execute(sql, tenant)
            await connection.execute(_SET_NOTE, CATALOGUE_VERSION + tenant, secrets.token_hex(12))
            await _commit(connection)

        await self._ask(work)

    async def last_ids(self) -> LastIds:
        """See `TenantTransfer`."""
        return await self._ask(_last_ids)

    async def verify(self, tenant: TenantId) -> tuple[int, list[Finding]]:
        """See `TenantTransfer`."""
        connection = await self._connect()
        try:
            return await audit(connection, tenant)
        finally:
            await close_quietly(connection)

    async def close(self) -> None:
        """See `TenantTransfer`."""
        await close_quietly(self._connection)


async def _pages(connection: Connection, tenant: TenantId) -> Pages:
    for table in CONDITIONS:
        cursor = await connection.cursor(select(table, "$1", _CODE_POINTS), tenant)
        while True:
            rows = await cursor.fetch(PAGE_ROWS)
            if not rows:
                break
            yield table, [tuple(row) for row in rows]


async def _copy(connection: Connection, pages: Pages) -> None:
    async for table, rows in pages:
        await connection.copy_records_to_table(table.name, columns=table.columns, records=rows)


async def _make_room(connection: Connection, past: LastIds) -> None:
    """From now on series and documents get ids beyond these."""
    await connection.execute(_BEGIN)
    await connection.rows(queries.LOCK_NAMES, sorted(map(advisory_lock, ("new-series", "new-document"))))
    own = await _last_ids(connection)
    if past.series > own.series:
        await connection.execute(_SET_NOTE, LAST_SERIES, str(past.series))
    if past.document > own.document:
        await connection.execute(_SET_NOTE, LAST_DOCUMENT, str(past.document))
    await _commit(connection)


async def _last_ids(connection: Connection) -> LastIds:
    series = await connection.fetchval(queries.LAST_SERIES, LAST_SERIES)
    document = await connection.fetchval("SELECT value FROM meta WHERE name = $1", LAST_DOCUMENT)
    return LastIds(int(series), int(document or 0))


async def _counts(connection: Connection, tenant: TenantId) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in COUNTED:
        sql = f'SELECT count(*) FROM "{table.name}" WHERE {CONDITIONS[table].format(tenant="$1")}'
        count = await connection.fetchval(sql, tenant)
        if count:
            found[table.name] = count
    return found


async def _fence(connection: Connection, tenant: TenantId) -> Fence | None:
    row = await connection.fetchrow(FENCES_OF.format("$1"), tenant)
    return Fence.of(row[1]) if row else None


async def _put_fence(connection: Connection, tenant: TenantId, expected: Fence | None, fence: Fence | None) -> None:
    await connection.fetchval("SELECT pg_advisory_xact_lock($1)", advisory_lock(f"fence/{tenant}"))
    check_fence(tenant, await _fence(connection, tenant), expected)
    await connection.execute("DELETE FROM fences WHERE tenant = $1", tenant)
    if fence is not None:
        await connection.execute("INSERT INTO fences (tenant, body) VALUES ($1, $2)", tenant, fence.body())


async def _commit(connection: Connection) -> None:
    """COMMIT, durable on the standbys, too. Raises StoreError when that is not certain; then it has to be looked at again."""
    connection.warnings.clear()
    outcome: Any = await connection.execute("COMMIT")
    if outcome != "COMMIT":
        raise StoreError("the transaction was rolled back")
    if connection.warnings:
        raise StoreError(
            f"it is not known whether the commit is durable: {'; '.join(connection.warnings)}; run it again"
        )
