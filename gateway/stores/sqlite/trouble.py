"""What errors of SQLite and of its file mean."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.stores.engine.tenant_records import Conflict
from gateway.stores.errors import StoreDamagedError, StoreError, StoreOpenError

_ENVIRONMENT: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)

_GARBAGE: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What values raise that no store writes."""

FILE_TROUBLE: Final = (sqlite3.Error, OSError, StoreError)


class StoreChangedError(StoreOpenError):
    """Another program has written to the file that this process owns."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another program has written to store {path}: what is in memory may be out of date; restart the gateway"
        )


def is_environmental(error: Exception) -> bool:
    """True when the file or the disk is the trouble, and not the command that met it."""
    if isinstance(error, StoreError):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _ENVIRONMENT


def is_damage(error: Exception) -> bool:
    """True when what SQLite has read is no whole store."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # the driver's own
        return isinstance(error, StoreDamagedError) or (isinstance(error, sqlite3.Error) and "UTF-8" in str(error))
    return isinstance(code, int) and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Values that no store writes mean that the file is damaged. Raises StoreDamagedError.

    A question that the driver cannot put to SQLite says nothing about the file: UnicodeEncodeError, OverflowError.
    """
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            raise StoreDamagedError(path, error) from error
        raise
    except _GARBAGE as error:
        if _is_of_the_question(error):
            raise
        raise StoreDamagedError(path, f"{type(error).__name__}: {error}") from error


def _is_of_the_question(error: Exception) -> bool:
    """True for half a surrogate pair and for a number of more than 64 bits: the driver did not ask."""
    return isinstance(error, UnicodeEncodeError) or (isinstance(error, OverflowError) and "SQLite" in str(error))


def conflict_of(error: Exception) -> Conflict | None:
    """What a refusal of SQLite's constraints means; None for any other error."""
    if not isinstance(error, sqlite3.IntegrityError):
        return None
    return Conflict.REFERENCE if "FOREIGN KEY" in str(error) else Conflict.TAKEN
