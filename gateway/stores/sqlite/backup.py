"""A copy of a SQLite store that is of one instant and complete in itself, made while a gateway serves or not (ADR-56)."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from gateway.core.values import TenantId
from gateway.stores.engine.fences import ALL_FENCES, Fence
from gateway.stores.engine.rows import fences_of
from gateway.stores.errors import StoreError, StoreOpenError
from gateway.stores.migrations import REVISIONS
from gateway.stores.sqlite.connection import READ, WRITE, Connection, connect
from gateway.stores.sqlite.file import pending_revisions
from gateway.stores.sqlite.log import sync_directory

_EVERY_PAGE: Final = -1
_MOST_FINDINGS: Final = 5
_ENTRIES: Final = "SELECT count(*), max(at) FROM ledger"
_OWNERS: Final = "SELECT DISTINCT tenant FROM series"
_LINES: Final = (
    'SELECT s.tenant, s."key", c.line, c.next_number, c.issued FROM counters c JOIN series s ON s.id = c.series '
    'ORDER BY s.tenant, s."key", c.line'
)


class FileExistsAlreadyError(StoreError):
    """Nothing is ever written over."""


class HeldLine(NamedTuple):
    """A line in a copy.

    series: the series' key.
    next: its next number; None when it is unset.
    issued: how many numbers it has given out.
    """

    tenant: str
    series: str
    line: str
    next: int | None
    issued: int


class Held(NamedTuple):
    """What a copy holds.

    entries: of the ledger.
    last: when the last entry was made, ISO 8601, UTC; None without entries.
    lines: every number line.
    """

    entries: int
    last: str | None
    lines: list[HeldLine]


def back_up(source: Path, target: Path) -> Held:
    """Copy a store into a new file, durably, and say what the copy holds.

    The source is only read; a gateway that serves it goes on. The copy appears under its name when it is whole.

    Raises FileExistsAlreadyError, StoreOpenError; StoreError, also for a store that is damaged.
    """
    if pending_revisions(source) == REVISIONS:
        raise StoreOpenError(f"store {source} does not exist, or nothing was ever written to it")
    if os.path.lexists(target):
        raise FileExistsAlreadyError(f"{target} exists already, and a backup writes over nothing; give another name")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with _trouble(f"cannot back up store {source} to {target}"), _private(partial):
            _copy_pages(source, partial)
            _check(source, partial)
            held = what_is_held(partial)
            _publish(partial, target)
            return held
    finally:
        partial.with_name(f"{partial.name}-journal").unlink(missing_ok=True)


@contextlib.contextmanager
def _trouble(what: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{what}: {error}") from error


@contextlib.contextmanager
def _private(path: Path) -> Iterator[None]:
    """An empty file that nobody else can read, gone when the block ends under this name."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _copy_pages(source: Path, target: Path) -> None:
    """Copy all pages in one step, which is one read transaction: it sees one instant and stops nobody."""
    with (
        contextlib.closing(connect(f"file:{quote(str(source))}?mode=ro", READ)) as origin,
        contextlib.closing(connect(f"file:{quote(str(target))}?mode=rw", WRITE)) as copy,
    ):
        origin.backup(copy, pages=_EVERY_PAGE)
        copy.execute("PRAGMA journal_mode = DELETE")  # or the copy could not be read without files beside it
    sync_file(target)


def _check(source: Path, copy: Path) -> None:
    """Raises StoreError for a damaged store: its backups would take the place of good ones."""
    with contextlib.closing(connect(f"file:{quote(str(copy))}?mode=ro", READ)) as connection:
        try:
            found = [row[0] for row in connection.execute(f"PRAGMA quick_check({_MOST_FINDINGS})")]
        except sqlite3.DatabaseError as error:
            found = [str(error)]
    if found != ["ok"]:
        raise StoreError(f"store {source} is damaged, and was not backed up: {'; '.join(found)}")


def _publish(partial: Path, target: Path) -> None:
    """Give the copy its name, durably. Raises FileExistsAlreadyError when the name was taken meanwhile."""
    try:
        link_or_reserve(partial, target)
    except FileExistsError as error:
        raise FileExistsAlreadyError(f"{target} exists already, and a backup writes over nothing") from error
    sync_directory(target.parent)


def link_or_reserve(path: Path, name: Path) -> None:
    """Give a file another name that nobody has. Its former name may be gone then. Raises FileExistsError, OSError."""
    try:
        os.link(path, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        path.replace(name)


def sync_file(path: Path) -> None:
    """Make a file's content durable. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def what_is_held(path: Path) -> Held:
    """What a store file holds, whatever its schema revision. Raises sqlite3.Error."""
    with contextlib.closing(connect(f"file:{quote(str(path))}?mode=ro", READ)) as connection:
        return _held(connection)


class Former(NamedTuple):
    """What is known of a store that will be replaced; nothing when it cannot be read, because it is missing or damaged.

    owners: the tenants that have series in it.
    fences: of tenants that were moved or are being moved.
    """

    owners: set[TenantId]
    fences: dict[TenantId, Fence]


def read_former(path: Path) -> Former:
    """Read as much as can be read."""
    former = Former(set(), {})
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(connect(f"file:{quote(str(path))}?mode=ro", READ)) as own,
    ):
        former.owners.update(row[0] for row in own.execute(_OWNERS))
        former.fences.update(fences_of(own.execute(ALL_FENCES)))
    return former


def _held(connection: Connection) -> Held:
    with connection.transaction():
        entries, last = connection.execute(_ENTRIES).fetchone()
        return Held(entries, last, [HeldLine(*row) for row in connection.execute(_LINES)])
