"""Schema revisions, oldest first, and how a database gets from one to the next.

Finding out where a database stands is one plain query; Alembic is imported only when something must be migrated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect

from gateway.stores.errors import StoreOpenError, StoreVersionError
from gateway.stores.schema import metadata

REVISIONS: Final = ("0001", "0002", "0003", "0004")
"""Every revision there is; a test compares this with the scripts in `versions/`."""

_versions: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As Alembic itself makes it."""


def current_revision(connection: Connection, name: str) -> str | None:
    """The revision of a database, None when it is empty. Raises StoreOpenError when it holds somebody else's tables."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
    if tables:
        raise StoreOpenError(f"{name} is a database, but not one of invoice-gateway")
    return None


def pending(connection: Connection, name: str) -> tuple[str, ...]:
    """The revisions that the database lacks, oldest first; `name` is for messages.

    Raises StoreVersionError when the database is newer than this program.
    """
    return revisions_after(current_revision(connection, name), name)


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


def create(connection: Connection) -> None:
    """Make the newest schema in an empty database, inside the transaction that the connection is in.

    At once and without Alembic, which takes longer to import than all else that a new store needs; a test proves that it
    is what the revisions make.
    """
    metadata.create_all(connection)
    _versions.create(connection)
    connection.execute(_versions.insert().values(version_num=REVISIONS[-1]))


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest revision, inside the transaction that the connection is in."""
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
