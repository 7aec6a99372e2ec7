"""The tables, once, for every database: SQLAlchemy Core metadata. Rules are in the core; constraints here are backstops.

Numbers are 64-bit. Times that a hash covers are kept as the text that was hashed. Migrations create what this describes;
a test compares the two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

series: Final = Table(
    "series",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text),
    Column("suffix", Text),
    Column("is_default", Boolean, nullable=False),
    UniqueConstraint("tenant", "name"),
    UniqueConstraint("tenant", "key"),
)
Index(
    "uq_series_default",
    series.c.tenant,
    unique=True,
    sqlite_where=text("is_default"),
    postgresql_where=text("is_default"),
)

counters: Final = Table(
    "counters",
    metadata,
    Column("series", BigInteger, ForeignKey("series.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("next_number", BigInteger),
    Column("issued", BigInteger, nullable=False),
    Column("highest_issued", BigInteger),
    PrimaryKeyConstraint("series", "kind"),
    sqlite_with_rowid=False,
)

issued: Final = Table(
    "issued",
    metadata,
    Column("series", BigInteger, ForeignKey("series.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("voided", Boolean, nullable=False),
    PrimaryKeyConstraint("series", "kind", "number"),
    UniqueConstraint("tenant", "key"),
    sqlite_with_rowid=False,
)

ledger: Final = Table(
    "ledger",
    metadata,
    Column("series", BigInteger, ForeignKey("series.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("index", BigInteger, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("before", BigInteger),
    Column("after", BigInteger),
    Column("number", BigInteger),
    Column("key", Text, nullable=False),
    Column("dialect", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("series", "kind", "index"),
    sqlite_with_rowid=False,
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False, comment="lower-case hex SHA-256 of the token"),
    Column("tenant", Text, nullable=False),
    Column("facts", Text, nullable=False, comment="JSON object"),
    Column("expires_ms", BigInteger, nullable=False, comment="milliseconds since 1970, UTC"),
    PrimaryKeyConstraint("kind", "digest"),
    Index(None, "tenant", "expires_ms"),
    sqlite_with_rowid=False,
)

meta: Final = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
