"""Durable stores behind `gateway.core.ports.Store`, chosen by URL.

router        one or several stores behind the ports of one
watermark     how far each ledger chain was, outside of the stores
placement     in which store a tenant's numbers are
export_file   a tenant as a file
sqlite        the store in one SQLite file
postgres      the store in a PostgreSQL database
engine        what both databases share
migrations    schema revisions as SQL
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.config.paths import SQLITE
from gateway.core.ports import Clock
from gateway.core.records import DEFAULT_QUOTA, RecordQuota
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.engine.group_commit import MAX_QUEUED
from gateway.stores.engine.provisioning import SeriesSpec
from gateway.stores.errors import StoreOpenError
from gateway.stores.sqlite.file import Writer, pending_revisions
from gateway.stores.sqlite.lock import FileLock
from gateway.stores.sqlite.store import SqliteStore

if TYPE_CHECKING:
    from gateway.stores.engine.transfer import TenantTransfer

__all__ = [
    "SQLITE",
    "DatabaseStore",
    "SeriesSpec",
    "SqliteStore",
    "check_store",
    "gateway_connections",
    "migrate_store",
    "open_store",
    "open_transfer",
    "sqlite_path",
    "store_name",
]

POSTGRES: Final = ("postgresql://", "postgresql+asyncpg://", "postgres://")


def open_store(
    url: str,
    *,
    clock: Clock | None = None,
    auto_migrate: bool = True,
    read_only: bool = False,
    max_queued: int = MAX_QUEUED,
    record_quota: RecordQuota = DEFAULT_QUOTA,
    on_commit: Callable[[int, float], None] | None = None,
) -> DatabaseStore:
    """The store at a URL, not started yet.

    url: `sqlite:///path` is relative to the working directory (a configuration file's was made relative to its folder before),
        `sqlite:////path` is absolute;
    `postgresql://user@host1,host2/database` as libpq reads it (see `gateway.stores.postgres.url`).

    Raises StoreOpenError for any other URL, and for PostgreSQL where its driver is not installed.
    """
    if _is_postgres(url):
        from gateway.stores.postgres import PostgresStore

        return PostgresStore(
            url,
            clock=clock,
            auto_migrate=auto_migrate,
            read_only=read_only,
            max_queued=max_queued,
            record_quota=record_quota,
            on_commit=on_commit,
        )
    return SqliteStore(
        sqlite_path(url),
        clock=clock,
        auto_migrate=auto_migrate,
        read_only=read_only,
        max_queued=max_queued,
        record_quota=record_quota,
        on_commit=on_commit,
    )


def check_store(url: str) -> None:
    """Check all that a URL says, and that its driver is installed, without opening the store.

    Raises StoreOpenError; its text holds no secret.
    """
    if _is_postgres(url):
        from gateway.stores.postgres.url import check_url

        check_url(url)
    else:
        sqlite_path(url)


async def open_transfer(url: str, *, write: bool, migrate: bool = True) -> TenantTransfer:
    """Open the store at a URL, to take a tenant out or put one in.

    write: a SQLite file is locked, and made when there is none.
    migrate: with `write`, an older schema is upgraded.

    Raises StoreLockedError, StoreOpenError, StoreVersionError.
    """
    if _is_postgres(url):
        from gateway.stores.postgres.transfer import PostgresTransfer

        return await PostgresTransfer.open(url, migrate=write and migrate)
    from gateway.stores.sqlite.transfer import SqliteTransfer

    return await SqliteTransfer.open(sqlite_path(url), write=write, migrate=migrate)


def migrate_store(url: str, *, dry_run: bool = False) -> tuple[str, ...]:
    """Bring a store to the newest schema; returns the revisions that it lacked, oldest first. Blocking.

    dry_run: only find out which they are.

    Raises StoreLockedError, StoreOpenError, StoreVersionError.
    """
    if _is_postgres(url):
        from gateway.stores.postgres.schema_setup import migrate

        with ThreadPoolExecutor(1) as thread:  # this one may have an event loop running already
            return thread.submit(asyncio.run, migrate(url, dry_run=dry_run)).result()
    path = sqlite_path(url).resolve()
    missing = pending_revisions(path)
    if missing and not dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            Writer(path, create=True, migrate=True).close()
        finally:
            lock.release()
    return missing


async def gateway_connections(url: str) -> int:
    """How many connections gateways, or other commands of this program, have to a PostgreSQL store. Raises StoreOpenError."""
    from gateway.stores.postgres.users import gateway_connections as connections

    return await connections(url)


def _is_postgres(url: str) -> bool:
    """True for a URL of PostgreSQL. Raises StoreOpenError when the driver, which is an extra, is not installed."""
    if not url.startswith(POSTGRES):
        return False
    if find_spec("asyncpg") is None:
        raise StoreOpenError(
            "PostgreSQL needs asyncpg, which is not installed: pip install 'invoice-gateway[postgres]'"
        )
    return True


def store_name(url: str) -> str:
    """A store's URL in a form that may be shown: without user, password and options."""
    if not url.startswith(POSTGRES):
        return url
    from gateway.stores.postgres.url import read_address

    return read_address(url).name


def sqlite_path(url: str) -> Path:
    """The file that a store URL names. Raises StoreOpenError."""
    name = url.removeprefix(SQLITE)
    if name == url or not name or name.startswith(":") or "?" in name:
        raise StoreOpenError("not a store address; give sqlite:///path/to/file.db or postgresql://…")
    if "\0" in name:
        raise StoreOpenError("not a store address: the name of the file holds a NUL")
    return Path(name)
