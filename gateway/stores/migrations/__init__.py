"""Schema revisions, oldest first, and how a database gets from one to the next.

Each revision is one numbered file of SQL for each database. The table `alembic_version` holds the revision that a database
has; the name stays because stores of earlier releases have it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.stores.errors import StoreOpenError, StoreVersionError

if TYPE_CHECKING:
    import asyncpg

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""Every revision there is; a test compares this with the files."""
VERSION_TABLE: Final = "alembic_version"
CURRENT: Final = "SELECT version_num FROM alembic_version"

_FORGET: Final = "DELETE FROM alembic_version"
_FOLDER: Final = Path(__file__).parent


def pending(current: str | None, other_tables: int, name: str) -> tuple[str, ...]:
    """The revisions that a database lacks, oldest first.

    current: what `CURRENT` gives; None without `VERSION_TABLE`, and when it is empty.
    other_tables: how many tables there are besides `VERSION_TABLE`.
    name: of the database, for messages.

    Raises StoreOpenError when it holds somebody else's tables, StoreVersionError when it is newer than this program.
    """
    if current is None:
        if other_tables:
            raise StoreOpenError(f"{name} is a database, but not one of invoice-gateway")
        return REVISIONS
    if current not in REVISIONS:
        raise StoreVersionError(
            f"store {name} is of revision {current}, which this version does not know "
            f"(it knows up to {REVISIONS[-1]}); it was written by a newer invoice-gateway: run that one"
        )
    return REVISIONS[REVISIONS.index(current) + 1 :]


def upgrade_sqlite(connection: sqlite3.Connection, revisions: Sequence[str]) -> None:
    """Apply pending revisions inside the transaction that the connection is in. Raises sqlite3.Error, OSError."""
    for revision in revisions:
        for statement in _statements(_script("sqlite", revision)):
            connection.execute(statement)
    connection.execute(_FORGET)
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (revisions[-1],))


async def upgrade_postgres(connection: asyncpg.Connection[asyncpg.Record], revisions: Sequence[str]) -> None:
    """Apply pending revisions inside the transaction that the connection is in. Raises what the driver does, OSError."""
    for revision in revisions:
        await connection.execute(_script("postgres", revision))
    await connection.execute(_FORGET)
    await connection.execute("INSERT INTO alembic_version (version_num) VALUES ($1)", revisions[-1])


def _script(database: str, revision: str) -> str:
    (path,) = (_FOLDER / database).glob(f"{revision}_*.sql")
    return path.read_text(encoding="utf-8")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script for SQLite, whose own way to run a script would commit the transaction first."""
    statement = ""
    for piece in re.split("(?<=;)", script):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    yield statement  # comments, or what the database will refuse
