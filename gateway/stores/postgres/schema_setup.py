"""Tables: what the database lacks, and bringing it up to date.

Processes that start at once migrate once: each waits for an advisory lock, and looks again when it has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg

from gateway.core.ports import StoreUnavailableError
from gateway.stores import migrations
from gateway.stores.engine import former_fields, former_items, tables
from gateway.stores.engine.former_fields import Renewal
from gateway.stores.engine.former_items import DROP_FORMER_ITEMS, FORMER_ITEMS, rows_of_items
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table
from gateway.stores.errors import StoreOpenError, StoreVersionError
from gateway.stores.postgres import queries
from gateway.stores.postgres.committer import BEGIN
from gateway.stores.postgres.connection import Connection, Hosts, close_quietly
from gateway.stores.postgres.error_classes import brief
from gateway.stores.postgres.locking import advisory_lock
from gateway.stores.postgres.url import read_address

_TABLES: Final = (
    f"SELECT bool_or(relname = '{migrations.VERSION_TABLE}'), count(*) FILTER (WHERE relname <> '{migrations.VERSION_TABLE}') "
    "FROM pg_catalog.pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
)

_NOTE_TIMELINE: Final = (
    f"INSERT INTO meta (name, value) VALUES ('{queries.TIMELINE}', substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))"
)
"""Where there was no table a moment ago, nobody has a lease on a former primary."""


async def prepare_tables(hosts: Hosts, *, migrate: bool) -> bool:
    """Make sure that the tables are of this version; make or upgrade them if allowed. True when this call has made them.

    Raises StoreUnavailableError, StoreOpenError, StoreVersionError.
    """
    missing = await missing_revisions(hosts)
    if not missing:
        return False
    if not migrate:
        text = f"lacks the schema revisions {', '.join(missing)}; upgrade it with `invoice-gateway migrate`"
        raise StoreVersionError(f"store {hosts.address.name} {text}")
    return await upgrade(hosts) == migrations.REVISIONS


async def missing_revisions(hosts: Hosts) -> tuple[str, ...]:
    """The revisions that the database lacks, oldest first. Raises as `prepare_tables` does."""
    connection = await _connect(hosts)
    try:
        return await _missing(connection, hosts.address.name)
    except asyncpg.PostgresError as error:
        raise StoreOpenError(f"cannot open store {hosts.address.name}: {brief(error)}") from error
    finally:
        await close_quietly(connection)


async def _missing(connection: Connection, name: str) -> tuple[str, ...]:
    versioned, others = await connection.fetchrow(_TABLES)  # type: ignore[misc]
    current = await connection.fetchval(migrations.CURRENT) if versioned else None
    return migrations.pending(current, others, name)


async def _connect(hosts: Hosts) -> Connection:
    options = hosts.address.options
    return await hosts.connect(asyncio.get_running_loop().time() + options.deadline_seconds)


async def upgrade(hosts: Hosts) -> tuple[str, ...]:
    """Bring the tables up to date in one transaction; returns the revisions that this call applied."""
    connection = await _connect(hosts)
    try:
        await connection.execute(BEGIN)
        await connection.execute("SET LOCAL lock_timeout = 0")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", advisory_lock("migrations"))
        missing = await _missing(connection, hosts.address.name)
        if missing:
            await migrations.upgrade_postgres(connection, missing)
        if former_items.REVISION in missing:
            await _move_items(connection)
        if former_fields.REVISION in missing:
            await _renew_records(connection)
        if missing == migrations.REVISIONS:
            await connection.execute(_NOTE_TIMELINE)
        await connection.commit()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise StoreOpenError(f"cannot migrate store {hosts.address.name}: {brief(error)}") from error
    finally:
        await close_quietly(connection)
    return missing


async def _move_items(connection: Connection) -> None:
    """Make records of customers and products that were items of the catalogue."""
    for table, rows in rows_of_items(await connection.rows(FORMER_ITEMS)).items():
        await _copy(connection, table, rows)
    await connection.execute(DROP_FORMER_ITEMS)


async def _renew_records(connection: Connection) -> None:
    """Give customers and products the values that they are found by since revision 0008."""
    renewal, last = Renewal(), former_fields.START
    while former := await connection.run(former_fields.FORMER_RECORDS, *last):
        last = tuple(former[-1][:3])
        await _update(connection, tables.records, [renewal.record(row) for row in former])
        await _copy(connection, tables.record_values, renewal.values)
        renewal.values.clear()
    for row in await connection.rows(former_fields.FORMER_TOMBSTONES):
        renewal.tombstone(row)
    usages = await connection.rows(former_fields.FORMER_USAGES)
    await _update(connection, tables.record_usage, [renewal.usage(row) for row in usages])


async def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    await connection.copy_records_to_table(table.name, columns=table.columns, records=rows)


async def _update(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Replace the rows of these keys."""
    changes = ", ".join(f'"{name}" = ${table.columns.index(name) + 1}' for name in table.changing)
    key = " AND ".join(f'"{name}" = ${table.columns.index(name) + 1}' for name in table.key)
    await connection.executemany(f'UPDATE "{table.name}" SET {changes} WHERE {key}', rows)


async def migrate(url: str, *, dry_run: bool = False) -> tuple[str, ...]:
    """Bring a database up to date; returns the revisions that it lacked. dry_run: only say which.

    Raises StoreOpenError, StoreVersionError.
    """
    hosts = Hosts(read_address(url))
    try:
        return await missing_revisions(hosts) if dry_run else await upgrade(hosts)
    except StoreUnavailableError as error:
        raise StoreOpenError(f"cannot open store: {error}") from error
