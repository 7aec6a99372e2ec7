"""Opens a journal's file: nobody but its owner can read it, and a file that is no journal is left as it is.

A journal holds the messages of customers. So the file, its log and its lock have the mode 0600 from their first byte,
whatever the umask is. SQLite gives its `-wal` and `-shm` files the mode of the file itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import stat
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog

from gateway.journal.models import JournalError

log = structlog.get_logger("journal")

VERSION: Final = 1
APPLICATION: Final = 0x696E766A
"""What SQLite keeps in the head of a journal, so that a damaged journal is still known as one: "invj" in ASCII."""
_MODE: Final = 0o600
_TABLES: Final = frozenset({"entries", "gaps", "state"})
_SCHEMA: Final = """
CREATE TABLE entries (
  id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, request_id TEXT NOT NULL, tenant TEXT NOT NULL, dialect TEXT NOT NULL,
  operation TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL, number TEXT NOT NULL, user_agent TEXT NOT NULL,
  near_miss TEXT NOT NULL, strict INTEGER NOT NULL, findings TEXT NOT NULL, size INTEGER NOT NULL, document TEXT NOT NULL
);
CREATE INDEX entries_of_tenant ON entries (tenant, id);
CREATE INDEX entries_by_request ON entries (request_id);
CREATE TABLE gaps (
  reason TEXT NOT NULL, tenant TEXT, since_us INTEGER NOT NULL, until_us INTEGER, count INTEGER, through_id INTEGER
);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class JournalBusyError(JournalError):
    """Another process has the file open."""


def opened(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Open or create a journal, and say whether it was damaged. Raises JournalError.

    A damaged journal is renamed to `<name>.damaged`, and a new one begins.
    """
    try:
        return connect(path), False
    except sqlite3.DatabaseError as error:
        # A folder that cannot be written to is no damage: there is nothing to rename, and an administrator must act.
        if isinstance(error, sqlite3.OperationalError) and not path.is_file():
            raise JournalError(f"cannot open journal {path}: {error}") from error
        for name in _files(path):
            if name.exists():
                name.replace(name.with_name(name.name + ".damaged"))
        return connect(path), True


def connect(path: Path) -> sqlite3.Connection:
    """Open or create a file of this version. Raises JournalError, sqlite3.DatabaseError.

    A file that is no journal is refused before anything in it is changed.
    """
    _make_private(path)
    known = _is_known(path)
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, VERSION}:
            raise JournalError(f"journal {path} is of version {version}, this program writes {VERSION}; move it away")
        if not known:  # before the log is begun, so that the mark stands in the file itself
            db.execute(f"PRAGMA application_id={APPLICATION}")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA cache_size=-256")  # 256 KiB are enough: the file grows at its end, and is seldom read
        if version == 0:
            db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
        db.execute("SELECT count(*) FROM state").fetchone()  # a damaged file often opens; reading a table shows it
    except BaseException:
        db.close()
        raise
    return db


def _files(path: Path) -> tuple[Path, ...]:
    return (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")))


def _make_private(path: Path) -> None:
    """Make the file if there is none, and take it and its log away from everybody but their owner. Raises JournalError."""
    try:
        # A file of this process is never opened and closed here: that would let go of SQLite's locks on it.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE))
        for file in _files(path):
            with contextlib.suppress(FileNotFoundError):
                _narrow(file)
    except OSError as error:
        raise JournalError(f"cannot open journal {path}: {error.strerror}") from error


def _mode_of(path: Path) -> int:
    """The mode of a regular file. Raises JournalError for anything else, FileNotFoundError."""
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        what = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        raise JournalError(f"journal {path} is {what}; set journal.path to a file of its own")
    return stat.S_IMODE(mode)


def _narrow(path: Path) -> None:
    if _mode_of(path) & ~_MODE:
        try:
            path.chmod(_MODE)
        except PermissionError:  # it belongs to another user, who has let this one write to it
            log.warning("others may be able to read a file of the journal", file=str(path))
        else:
            log.warning("others could read a file of the journal; now only its owner can", file=str(path))


def _is_known(path: Path) -> bool:
    """True for a journal that is marked as one; False for a journal of an earlier version, and for an empty file.

    Raises JournalError for every other file, and sqlite3.DatabaseError when it cannot be read now.
    """
    uri = f"file:{quote(str(path))}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as db:
        try:
            if db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION:
                return True
            found = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            raise _foreign(path) from error
    if found and not found >= _TABLES:
        raise _foreign(path)
    return False


def _refuse_foreign(path: Path) -> None:
    """Raises JournalError for a file that is no journal, before its lock is tried: a store has one of the same name."""
    with contextlib.suppress(FileNotFoundError, sqlite3.OperationalError):
        _mode_of(path)
        _is_known(path)


def _foreign(path: Path) -> JournalError:
    return JournalError(f"{path} is not a journal, and it was left as it is; set journal.path to another file")


def lock_of(path: Path, journal: Path | None = None) -> int:
    """Take the lock of a file, for as long as the descriptor is open. Raises JournalError, JournalBusyError.

    journal: the path for people, if it is another one.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(path)
        lock, flags = path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(lock, flags, _MODE)
    except OSError as error:
        raise JournalError(f"cannot open journal {path}: {error.strerror}") from error
    try:
        _narrow(lock)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        text = f"journal {journal or path} is in use by another process; give each its own journal.path"
        raise JournalBusyError(text) from None
    return descriptor
