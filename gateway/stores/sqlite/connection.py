"""A connection to a SQLite file whose transactions begin and end where the program says so, and nowhere else."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from gateway.stores.engine.statements import with_placeholders

BUSY_SECONDS: Final = 5.0
READ: Final = "BEGIN"
WRITE: Final = "BEGIN IMMEDIATE"
"""Takes the file's write lock at once, so that nothing that the transaction reads can be out of date when it writes."""


class Connection(sqlite3.Connection):
    """May go from thread to thread; one at a time uses it.

    how: how its transactions begin, READ or WRITE.
    """

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

    def run(self, text: str, *values: Any) -> sqlite3.Cursor:
        """Run a text that both databases use, where `{}` stands for each value; its rows can be read one by one."""
        return self.execute(with_placeholders(text, "?", len(values)), values)


def connect(uri: str, how: str) -> Connection:
    """Connect to a `file:` URI. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=Connection
    )
    connection.how = how
    return connection
