"""Where numbers are kept: durable stores behind `gateway.core.ports.Store`, chosen by URL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.core.ports import Clock
from gateway.stores.errors import StoreOpenError
from gateway.stores.lock import FileLock
from gateway.stores.provisioning import SeriesSpec
from gateway.stores.sqlite import MAX_QUEUED, SqliteStore
from gateway.stores.sqlite_file import Writer, pending_revisions

__all__ = ["SeriesSpec", "SqliteStore", "migrate_store", "open_store", "sqlite_path"]

SQLITE: Final = "sqlite:///"


def open_store(
    url: str,
    *,
    clock: Clock | None = None,
    auto_migrate: bool = True,
    read_only: bool = False,
    max_queued: int = MAX_QUEUED,
    on_commit: Callable[[int, float], None] | None = None,
) -> SqliteStore:
    """The store at a URL, not started yet. `sqlite:///path` is relative, `sqlite:////path` absolute.

    Raises StoreOpenError for any other URL.
    """
    return SqliteStore(
        sqlite_path(url),
        clock=clock,
        auto_migrate=auto_migrate,
        read_only=read_only,
        max_queued=max_queued,
        on_commit=on_commit,
    )


def migrate_store(url: str, *, dry_run: bool = False) -> tuple[str, ...]:
    """Bring a store to the newest schema; returns the revisions that it lacked, oldest first. Blocking.

    dry_run: only say which. Raises StoreLockedError, StoreOpenError, StoreVersionError.
    """
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


def sqlite_path(url: str) -> Path:
    """The file that a store URL names. Raises StoreOpenError."""
    name = url.removeprefix(SQLITE)
    if name == url or not name or name.startswith(":") or "?" in name:
        scheme = url.partition(":")[0]
        raise StoreOpenError(f"not a store address: a {scheme!r} URL; give sqlite:///path/to/file.db")
    return Path(name)
