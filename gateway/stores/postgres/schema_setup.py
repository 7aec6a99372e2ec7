"""Tables: what the database lacks, and bringing it up to date. Alembic and the engine are loaded only for that.

Processes that start at once migrate once: each waits for an advisory lock, and looks again when it has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from gateway.core.ports import StoreUnavailableError
from gateway.stores import migrations
from gateway.stores.errors import StoreOpenError, StoreVersionError
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection, Hosts, close_quietly
from gateway.stores.postgres.error_classes import brief
from gateway.stores.postgres.locking import advisory_lock
from gateway.stores.postgres.url import read_address

if TYPE_CHECKING:
    import sqlalchemy

_TABLES: Final = (
    "SELECT count(*), count(*) FILTER (WHERE relname = 'alembic_version') FROM pg_catalog.pg_class "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
)

_NOTE_TIMELINE: Final = (
    f"INSERT INTO meta (name, value) VALUES ('{queries.TIMELINE}', substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))"
)
"""Where there was no table a moment ago, nobody has a lease on a former primary."""


async def prepare_tables(hosts: Hosts, *, migrate: bool) -> None:
    """Make sure that the tables are of this version; make or upgrade them if allowed.

    Raises StoreUnavailableError, StoreOpenError, StoreVersionError.
    """
    missing = await missing_revisions(hosts)
    if not missing:
        return
    if not migrate:
        text = f"lacks the schema revisions {', '.join(missing)}; upgrade it with `invoice-gateway migrate`"
        raise StoreVersionError(f"store {hosts.address.name} {text}")
    await upgrade(hosts)


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
    tables, versioned = await connection.fetchrow(_TABLES)  # type: ignore[misc]
    if versioned:
        current = await connection.fetchval("SELECT version_num FROM alembic_version")
        return migrations.revisions_after(current, name)
    if tables:
        raise StoreOpenError(f"{name} is a database, but not one of invoice-gateway")
    return migrations.REVISIONS


async def _connect(hosts: Hosts) -> Connection:
    options = hosts.address.options
    return await hosts.connect(asyncio.get_running_loop().time() + options.deadline_seconds)


async def upgrade(hosts: Hosts) -> tuple[str, ...]:
    """Bring the tables up to date in one transaction; returns the revisions that this call applied."""
    from sqlalchemy import NullPool, inspect, text  # noqa: PLC0415 - slow to load, and rarely needed
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    def run(connection: sqlalchemy.Connection) -> tuple[str, ...]:
        def first_row(query: str) -> Sequence[Any] | None:
            return connection.exec_driver_sql(query).fetchone()

        missing = migrations.pending(inspect(connection).get_table_names(), first_row, hosts.address.name)
        if missing:
            migrations.upgrade(connection)
        if missing == migrations.REVISIONS:
            connection.execute(text(_NOTE_TIMELINE))
        return missing

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: _connect(hosts), poolclass=NullPool, hide_parameters=True
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": advisory_lock("migrations")})
            return await connection.run_sync(run)
    except SQLAlchemyError as error:
        raise StoreOpenError(f"cannot migrate store {hosts.address.name}: {brief(error.__cause__ or error)}") from error
    finally:
        await engine.dispose()


async def migrate(url: str, *, dry_run: bool = False) -> tuple[str, ...]:
    """Bring a database up to date; returns the revisions that it lacked. dry_run: only say which.

    Raises StoreOpenError, StoreVersionError.
    """
    hosts = Hosts(read_address(url))
    try:
        return await missing_revisions(hosts) if dry_run else await upgrade(hosts)
    except StoreUnavailableError as error:
        raise StoreOpenError(f"cannot open store: {error}") from error
