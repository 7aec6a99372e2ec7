"""Puts another file in the place of a SQLite store, so that a crash at any instant leaves one of the two whole (ADR-56).

The new file is made complete beside the store first (`Staged`). `replace` then exchanges them. The former store stays under
another name. The caller holds the store's lock all the time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from gateway.stores.errors import StoreError, StoreOpenError, StoreVersionError
from gateway.stores.migrations import REVISIONS
from gateway.stores.sqlite.backup import sync_file
from gateway.stores.sqlite.connection import WRITE, connect
from gateway.stores.sqlite.file import pending_revisions
from gateway.stores.sqlite.lock import holder
from gateway.stores.sqlite.log import log_of, sync_directory

_BESIDE: Final = ("-wal", "-shm")
_STAGED: Final = ".restoring"
_KEPT: Final = ".replaced-"
_MOST_FINDINGS: Final = 5

Step = Callable[[str], None]


class CopyRefusedError(StoreError):
    """The file cannot take the store's place; the text says why."""


@contextlib.contextmanager
def staged(file: Path, store: Path) -> Iterator[Path]:
    """A copy of `file` beside the store, checked, to be changed and then put in the store's place. Gone when the block ends.

    Raises CopyRefusedError, StoreError.
    """
    if not file.is_file():
        raise CopyRefusedError(f"{file} does not exist, or is no file")
    if store.exists() and file.samefile(store):
        raise CopyRefusedError(f"{file} is the store itself")
    pid = holder(file)
    if pid is not None:
        raise CopyRefusedError(
            f"{file} is in use by process {pid}; make a copy of it with `invoice-gateway store backup`"
        )
    path = store.with_name(store.name + _STAGED)
    _remove(path)  # what a restore that was killed has left
    try:
        try:
            _copy(file, path, store)
            _check(file, path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot copy {file} to {path}: {error}") from error
        yield path
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    for suffix in ("", *_BESIDE, "-journal", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _copy(file: Path, path: Path, store: Path) -> None:
    """Copy a file, and the log that a plain copy may have beside it."""
    for origin, copy in ((file, path), (log_of(file), log_of(path))):
        if not origin.exists():
            continue
        with origin.open("rb") as read, os.fdopen(_new_private(copy), "wb") as written:
            shutil.copyfileobj(read, written, 1 << 20)
        if store.exists():  # the gateway may run as another user than this command
            with contextlib.suppress(OSError):
                os.chown(copy, store.stat().st_uid, store.stat().st_gid)


def _new_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _check(file: Path, path: Path) -> None:
    """Refuse what is damaged, or no store of a schema that this version knows. Raises CopyRefusedError, sqlite3.Error."""
    try:
        missing = pending_revisions(path)
        with contextlib.closing(connect(f"file:{quote(str(path))}?mode=rw", WRITE)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_MOST_FINDINGS})")]
    except StoreVersionError as error:
        raise CopyRefusedError(str(error).replace(str(path), str(file))) from error
    except (StoreOpenError, sqlite3.DatabaseError) as error:
        raise CopyRefusedError(f"{file} is damaged, or no store: {error}".replace(str(path), str(file))) from error
    if found != ["ok"]:
        raise CopyRefusedError(f"{file} is damaged: {'; '.join(found)}")
    if missing == REVISIONS:
        raise CopyRefusedError(
            f"{file} holds no store. A plain copy of a store that was in use lacks what was in the log beside it"
        )


def kept_name(store: Path) -> Path:
    """A name for the store that is replaced, which no file has."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = [f"{store.name}{_KEPT}{stamp}{more}" for more in ("", *(f"-{number}" for number in range(2, 100)))]
    return next(path for path in map(store.with_name, names) if not os.path.lexists(path))


def replace(store: Path, path: Path, on_step: Step = lambda _: None) -> Path | None:
    """Put a staged file in the store's place; durable when it returns.

    on_step: called before each step; for tests.

    Returns where the former store is now; None when there was none. Raises StoreError.
    """
    try:
        on_step("sync the new file")
        sync_file(path)
        sync_directory(path.parent)
        kept = _set_aside(store, on_step)
        on_step("exchange")
        path.replace(store)
        on_step("sync the exchange")
        sync_directory(store.parent)
    except OSError as error:
        raise StoreError(f"cannot replace store {store}: {error}") from error
    return kept


def _set_aside(store: Path, on_step: Step) -> Path | None:
    """Give the former store a second name, and take its log away from the first one.

    What is in the log is copied into the file before. So the file alone is the whole store when its log goes, and the new file
    never stands beside the log of another one, which SQLite would take for its own. The log of a damaged file has its second
    name before SQLite sees it, because SQLite may delete it.
    """
    beside = [store.with_name(store.name + suffix) for suffix in _BESIDE]
    if not any(path.exists() and path.stat().st_size for path in (store, *beside)):
        return None  # nothing but the empty file that the lock has made
    _drop_second_names(store)
    is_there, kept = store.exists(), kept_name(store)
    for path in (store, *beside):
        if path.exists():
            on_step(f"keep {path.name}")
            _second_name(path, kept.with_name(kept.name + path.name.removeprefix(store.name)))
    sync_directory(store.parent)
    on_step("fold the former log")
    try:
        _fold(store)
    except StoreError:
        _drop_second_names(store)
        raise
    for path in beside:
        on_step(f"take away {path.name}")
        path.unlink(missing_ok=True)
    sync_directory(store.parent)
    return kept if is_there else None


def _second_name(path: Path, name: Path) -> None:
    try:
        os.link(path, name)
    except OSError:  # a file system without links
        shutil.copy2(path, name)
        sync_file(name)


def _drop_second_names(store: Path) -> None:
    """Take away the second names that a restore has given to files that are still in use, because it ended halfway."""
    for path in (store, *(store.with_name(store.name + suffix) for suffix in _BESIDE)):
        for other in store.parent.iterdir() if path.exists() else ():
            if other.name.startswith(f"{store.name}{_KEPT}") and other.samefile(path):
                other.unlink()


def _fold(store: Path) -> None:
    """Copy the log into the file. A file that is damaged, and so no store any more, stays as it is. Raises StoreError."""
    if not store.exists():
        return
    try:
        with contextlib.closing(connect(f"file:{quote(str(store))}?mode=rw", WRITE)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise StoreError(f"store {store}: {error}; is somebody reading it?") from error
    except sqlite3.DatabaseError:
        return
    if busy:
        raise StoreError(f"store {store} is being read by another program; try again when that has ended")
