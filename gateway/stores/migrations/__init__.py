"""Schema revisions, oldest first, and how a database gets from one to the next.

Finding out where a database stands is one plain query, and a new SQLite file is made from `sqlite.sql`; SQLAlchemy and
Alembic are imported only when something must be migrated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from gateway.stores.errors import StoreOpenError, StoreVersionError
from gateway.stores.sqlite import connection as sqlite_connection

if TYPE_CHECKING:
    import sqlalchemy

REVISIONS: Final = ("0001", "0002", "0003", "0004")
"""Every revision there is; a test compares this with the scripts in `versions/`."""

_NEW_FILE: Final = Path(__file__).with_name("sqlite.sql")


def pending(tables: Collection[str], first_row: Callable[[str], Sequence[Any] | None], name: str) -> tuple[str, ...]:
    """The revisions that a database lacks, oldest first. `name` is for messages.

    tables: the names of those that it has. first_row: of a SELECT in it. Raises StoreOpenError when it holds somebody
    else's tables, StoreVersionError when it is newer than this program.
    """
    if "alembic_version" in tables:
        row = first_row("SELECT version_num FROM alembic_version")
        return revisions_after(str(row[0]) if row else None, name)
    if tables:
        raise StoreOpenError(f"{name} is a database, but not one of invoice-gateway")
    return REVISIONS


def revisions_after(current: str | None, name: str) -> tuple[str, ...]:
    """The revisions after one, oldest first; all of them for None. Raises StoreVersionError when it is not known."""
    if current is None:
        return REVISIONS
    if current not in REVISIONS:
        raise StoreVersionError(
            f"store {name} is of revision {current}, which this version does not know "
            f"(it knows up to {REVISIONS[-1]}); it was written by a newer invoice-gateway: run that one"
        )
    return REVISIONS[REVISIONS.index(current) + 1 :]


def create_file(connection: sqlite_connection.Connection) -> None:
    """Make the newest schema in an empty SQLite file, inside the transaction that the connection is in.

    At once and without what takes longer to import than all else that a new store needs; a test proves that it is what
    the revisions make.
    """
    for statement in filter(None, _NEW_FILE.read_text(encoding="utf-8").split(";\n")):
        connection.execute(statement)
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (REVISIONS[-1],))


def upgrade_file(path: Path) -> None:
    """Bring a SQLite file to the newest revision, in one transaction of its own."""
    from sqlalchemy import NullPool, create_engine, event  # noqa: PLC0415 - slow to import, and rarely needed

    def connect() -> sqlite_connection.Connection:
        return sqlite_connection.connect(f"file:{quote(str(path))}", sqlite_connection.WRITE)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(sqlite_connection.WRITE))
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()


def upgrade(connection: sqlalchemy.Connection) -> None:
    """Bring the database to the newest revision, inside the transaction that the connection is in."""
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
