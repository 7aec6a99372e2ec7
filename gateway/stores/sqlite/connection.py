"""A connection to a SQLite file whose transactions begin and end where they are told to, and nowhere else."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Final

BUSY_SECONDS: Final = 5.0
READ: Final = "BEGIN"
WRITE: Final = "BEGIN IMMEDIATE"
"""Takes the file's write lock at once, so that nothing read before can be out of date at the first write."""


class Connection(sqlite3.Connection):
    """May be handed from thread to thread, and used by one at a time. how: READ or WRITE."""

    how = READ

    def begin(self) -> None:
        """Begin a transaction; `commit` or `rollback` ends it."""
        self.execute(self.how)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction around a block: committed at its end, rolled back when it fails."""
        self.begin()
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.commit()


def connect(uri: str, how: str) -> Connection:
    """Connect to a `file:` URI. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=Connection
    )
    connection.how = how
    return connection
