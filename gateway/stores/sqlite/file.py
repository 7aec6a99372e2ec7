"""One SQLite file: opens it durably, reads the whole state, looks up numbers, writes a group's rows.

Blocking; each object belongs to one thread.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar
from urllib.parse import quote

from gateway.core.records import KindName, Record, RecordId, RecordKey, RecordUsage
from gateway.core.values import CounterKey, Issued, TenantId
from gateway.stores import migrations
from gateway.stores.engine import former_fields, former_items, tables
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.conditions import COMPARED, Condition, Facts, facts_of
from gateway.stores.engine.record_stage import UniqueValue
from gateway.stores.engine.rows import (
    KeptToken,
    notes_of,
)
from gateway.stores.engine.statements import Row, Statement, texts_for
from gateway.stores.engine.tables import listed
from gateway.stores.errors import StoreDamagedError, StoreOpenError, StoreVersionError
from gateway.stores.sqlite.connection import BUSY_SECONDS, READ, WRITE, Connection, connect
from gateway.stores.sqlite.documents import DocumentLookups
from gateway.stores.sqlite.loading import NOTES, load_committed
from gateway.stores.sqlite.log import log_of, make_log_durable, sync_directory
from gateway.stores.sqlite.numbers import first_free, number_of, numbers_under, reserved_under
from gateway.stores.sqlite.publication import MARKS
from gateway.stores.sqlite.records import (
    move_items,
    record_usage,
    record_with,
    records_by_key,
    records_of,
    renew_records,
)
from gateway.stores.sqlite.trouble import StoreChangedError, explained
from gateway.stores.sqlite.work import FileWork

T = TypeVar("T")

CHECKPOINT_PAGES: Final = 4000
"""When the log has so many pages, the commit that made it so long copies them into the file."""
PAGE_BYTES: Final = 4096
_TOKEN: Final = f"SELECT {listed(tables.tokens)} FROM tokens WHERE kind = ? AND digest = ?"
"""The last entry of each chain, found by one look into the index for each line and not by reading the ledger."""

Identity: TypeAlias = tuple[int, int]
"""Device and inode of a file."""
NOWHERE: Final[Identity] = (0, 0)

_VERSION: Final = "PRAGMA data_version"
"""Another number as soon as another connection than the one that asks has committed."""
_MARK: Final = "PRAGMA user_version"
"""The mark of the last commit that a transaction sees (see `publication`): a number in the head of the file."""


class Loaded(NamedTuple):
    """The whole state, and the mark of the last commit in it."""

    committed: Committed
    mark: int


class Writer(DocumentLookups):
    """The only connection that writes. Implements `Lookup` (inside the transaction).

    mark: of the last commit in the file.
    work: the items of work that is due.
    has_made: there was no store in the file before.
    """

    def __init__(self, path: Path, *, create: bool, migrate: bool) -> None:
        """Open a file, making an empty one a store if `create`, upgrading an older one if `migrate`.

        Raises StoreOpenError, StoreVersionError.
        """
        self.path = path
        is_new = is_empty(path)
        if is_new and not create:
            raise StoreOpenError(f"store {path} is gone")
        with contextlib.suppress(OSError):  # opening the file will fail, too, with a better message
            path.touch(mode=0o600)  # it may hold credentials; the log beside it takes over the mode
        with _opening(path, f"file:{quote(str(path))}", WRITE) as self._connection:
            with self._connection.transaction():
                _missing_revisions(self._connection, path)  # before anything in a stranger's file is changed
            self._go_durable()
            self.settle()
            self._bring_up_to_date(create, migrate)
            self.mark = self._next_mark = _mark(self._connection)
            if is_new:
                sync_directory(path.parent)
            self._identity = identity_of(path)
            self._version = self._connection.execute(_VERSION).fetchone()
            self.work = FileWork(self._connection)

    def _go_durable(self) -> None:
        (mode,) = self._pragma("journal_mode = WAL")
        if mode != "wal":
            raise StoreOpenError(f"store {self.path}: its file system does not allow write-ahead logging")
        self._pragma("synchronous = FULL")
        self._pragma("foreign_keys = ON")
        self._pragma("temp_store = MEMORY")  # what a statement of many rows keeps for its own undoing needs no file
        self._pragma(f"wal_autocheckpoint = {CHECKPOINT_PAGES}")
        # a reader that stays for long makes the log longer than this; after it the log becomes short again
        self._pragma(f"journal_size_limit = {2 * CHECKPOINT_PAGES * PAGE_BYTES}")

    def _pragma(self, text: str) -> Sequence[Any]:
        """Run a pragma outside any transaction, where alone it has an effect."""
        row: Sequence[Any] | None = self._connection.execute(f"PRAGMA {text}").fetchone()
        return row or ()

    def _bring_up_to_date(self, create: bool, migrate: bool) -> None:
        with self._connection.transaction():
            missing = _missing_revisions(self._connection, self.path)
            self.has_made = missing == migrations.REVISIONS
            allowed = create if self.has_made else migrate
            if missing and not allowed:
                raise _needs_migration(self.path, missing)
            if missing:
                migrations.upgrade_sqlite(self._connection, missing)
            if former_items.REVISION in missing:
                move_items(self._connection)
            if former_fields.REVISION in missing:
                renew_records(self._connection)

    def settle(self) -> None:
        """Make durable what can be seen now, before anybody is answered with it.

        Somebody's commit may have ended halfway: the process was killed before it synced the log, or the sync failed. SQLite
        shows the commit from then on if its frames are complete in the kernel's memory. So the log is made durable first.
        Readers do not prevent that. Copying the log into the main file comes second, because pages that were copied from
        frames which are then lost would damage the file. It is only good for a full disk: the log can then be begun anew.
        """
        with self._connection.transaction():  # the lock for writing: nobody begins the log anew meanwhile
            make_log_durable(self.path)
        with contextlib.suppress(sqlite3.Error):
            self._pragma("wal_checkpoint(PASSIVE)")

    def load(self) -> Loaded:
        """Read the whole state. Raises StoreDamagedError, sqlite3.Error."""
        with explained(self.path), self._connection.transaction():
            return Loaded(load_committed(self._connection), _mark(self._connection))

    def begin(self) -> None:
        """Start the group's transaction and take the file's write lock. Raises StoreOpenError, StoreChangedError.

        A file that somebody moved or deleted still takes commits, which nobody will find. So each group looks at the name.
        """
        if identity_of(self.path) != self._identity:
            raise StoreOpenError(f"store {self.path} was moved, removed or replaced while in use")
        self._connection.execute(WRITE)
        if self._connection.execute(_VERSION).fetchone() != self._version:
            raise StoreChangedError(self.path)

    def look(self) -> None:
        """What `begin` looks at, without a transaction. Raises StoreOpenError, StoreChangedError, sqlite3.Error."""
        if identity_of(self.path) != self._identity:
            raise StoreOpenError(f"store {self.path} was moved, removed or replaced while in use")
        if self._connection.execute(_VERSION).fetchone() != self._version:
            raise StoreChangedError(self.path)

    def fold(self) -> bool:
        """Copy the log into the file and cut it off, as far as no reader needs it, without waiting for anybody.

        True when no log is left. Raises sqlite3.Error.
        """
        self._pragma("busy_timeout = 0")
        try:
            (is_busy, *_) = self._pragma("wal_checkpoint(TRUNCATE)")
        finally:
            self._pragma(f"busy_timeout = {int(BUSY_SECONDS * 1000)}")
        return not is_busy

    def write(self, rows: Mapping[Statement, Sequence[Row]]) -> None:
        """Write a group's rows, in the order of `STATEMENTS`, and its mark."""
        for text, values in texts_for(rows):
            self._connection.executemany(text, values)
        self._next_mark = (self.mark + 1) % MARKS
        self._connection.execute(f"{_MARK} = {self._next_mark}")

    def commit(self) -> None:
        """Make it durable. When this raises, it is not known whether it took effect."""
        self._connection.commit()
        self.mark = self._next_mark

    def rollback(self) -> None:
        """Undo what the group has written."""
        self._connection.rollback()

    def under(self, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]:
        """The numbers that keys already got."""
        return numbers_under(self._connection, wanted)

    def number(self, counter: CounterKey, number: int) -> Issued | None:
        """Who has a number."""
        return number_of(self._connection, counter, number)

    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None:
        """The number that was reserved under a key."""
        return reserved_under(self._connection, tenant, reservation_key)

    def first_free(self, counter: CounterKey, number: int) -> int:
        """The first number from this one on that the file does not have."""
        return first_free(self._connection, counter, number)

    def records(self, keys: Iterable[RecordKey]) -> list[Record]:
        """Records by key, and tombstones."""
        return records_by_key(self._connection, keys)

    def record_with(self, wanted: UniqueValue) -> RecordId | None:
        """The record that has a unique value."""
        return record_with(self._connection, wanted)

    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage:
        """How much a tenant has of a kind."""
        return record_usage(self._connection, tenant, kind)

    def records_of(self, tenant: TenantId, kind: KindName) -> list[Record]:
        """Every record of a kind, without tombstones."""
        return records_of(self._connection, tenant, kind)

    def facts(self, condition: Condition) -> Facts | None:
        """What the row of a condition reads."""
        table = condition.table
        compared = ", ".join(f'"{name}"' for name in COMPARED[table])
        where = " AND ".join(f'"{name}" = ?' for name in table.key)
        row = self._connection.execute(f'SELECT {compared} FROM "{table.name}" WHERE {where}', condition.key).fetchone()
        return None if row is None else facts_of(table, row)

    def is_database_error(self, error: Exception) -> bool:
        """True when SQLite failed."""
        return isinstance(error, sqlite3.Error)

    def close(self) -> None:
        """Close the file; what was not committed is undone."""
        self._connection.close()


class Reader:
    """A connection that only reads, beside a running writer. All that one method reads is of one instant.

    seen: the mark of the last commit that the last method saw.
    """

    def __init__(self, path: Path) -> None:
        """Raises StoreOpenError when there is no store, StoreVersionError when its tables are of another version."""
        self.seen = 0
        self._path = path
        with _opening_to_read(path) as self._connection:
            missing = self.within(lambda connection: _missing_revisions(connection, path))
            if missing:
                raise _needs_migration(path, missing)

    def load(self) -> Committed:
        """Read the whole state."""
        return self.within(load_committed)

    def token(self, kind: str, digest: str) -> KeptToken | None:
        """A token."""
        row = self.within(lambda connection: connection.execute(_TOKEN, (kind, digest)).fetchone())
        return KeptToken(*row) if row else None

    def notes(self, prefix: str) -> dict[str, str]:
        """Texts by name, of names that begin so."""
        sql = f"{NOTES} WHERE substr(name, 1, ?) = ?"
        return self.within(lambda connection: notes_of(connection.execute(sql, (len(prefix), prefix))))

    def within(self, work: Callable[[Connection], T]) -> T:
        """Let `work` read; all of it is of one instant."""
        with self.instant():
            return work(self._connection)

    @contextlib.contextmanager
    def instant(self) -> Iterator[None]:
        """All that is read inside the block is of one instant; a block inside a block is of the same one."""
        with explained(self._path):
            if self._connection.in_transaction:
                yield
                return
            with self._connection.transaction():
                self.seen = _mark(self._connection)
                yield

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def is_empty(path: Path) -> bool:
    """Whether there is no file, or nothing in it. Raises StoreDamagedError when its log has something all the same.

    SQLite would delete that log, and with it what could still be saved.
    """
    if path.exists() and path.stat().st_size:
        return False
    with contextlib.suppress(FileNotFoundError):
        if path.exists() and log_of(path).stat().st_size:
            log = log_of(path)
            raise StoreDamagedError(
                path,
                f"the file is empty although its log is not; put the file back beside {log}, or delete that log to begin anew",
            )
    return True


def identity_of(path: Path) -> Identity:
    """Device and inode of the file that has this name; NOWHERE when there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - done for every group, and twice as fast
    except OSError:
        return NOWHERE
    return status.st_dev, status.st_ino


def pending_revisions(path: Path) -> tuple[str, ...]:
    """The revisions that a file lacks, oldest first; all of them when there is no file. Changes nothing."""
    if is_empty(path):
        return migrations.REVISIONS
    with _opening_to_read(path) as connection, contextlib.closing(connection), connection.transaction():
        return _missing_revisions(connection, path)


def _opening_to_read(path: Path) -> contextlib.AbstractContextManager[Connection]:
    if is_empty(path):
        raise StoreOpenError(f"store {path} {'is empty' if path.exists() else 'does not exist'}")
    return _opening(path, f"file:{quote(str(path))}?mode=ro", READ)


@contextlib.contextmanager
def _opening(path: Path, uri: str, how: str) -> Iterator[Connection]:
    """Connect, and close again when the block fails. Raises StoreOpenError instead of what the driver raises."""
    with contextlib.ExitStack() as stack:
        try:
            with explained(path):
                yield stack.enter_context(contextlib.closing(connect(uri, how)))
        except (sqlite3.Error, OSError) as error:
            raise StoreOpenError(f"cannot open store {path}: {error}") from error
        stack.pop_all()


def _mark(connection: Connection) -> int:
    return int(connection.execute(_MARK).fetchone()[0])


def _missing_revisions(connection: Connection, path: Path) -> tuple[str, ...]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    row = connection.execute(migrations.CURRENT).fetchone() if migrations.VERSION_TABLE in tables else None
    return migrations.pending(row and row[0], len(tables - {migrations.VERSION_TABLE}), str(path))


def _needs_migration(path: Path, missing: Sequence[str]) -> StoreVersionError:
    return StoreVersionError(
        f"store {path} lacks the schema revisions {', '.join(missing)}; upgrade it with `invoice-gateway migrate`"
    )
