"""The tables, once, for every database: SQLAlchemy Core metadata. Rules are in the core; constraints here are backstops.

Numbers are 64-bit. Times that a hash covers are kept as the text that was hashed.

A change here goes with a revision in `versions`, with the columns in `gateway.stores.engine.tables`, and with `sqlite.sql`,
from which new files are made; tests hold the four against each other.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
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
    Column("latest_date", Text, comment="ISO 8601 date"),
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

documents: Final = Table(
    "documents",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("series", BigInteger, ForeignKey("series.id")),
    Column("number", BigInteger),
    Column("customer", BigInteger),
    Column("external_status", BigInteger),
    Column("document_date", Text, comment="ISO 8601 date"),
    Column("key", Text, comment="that it was created under"),
    Column("version", BigInteger, nullable=False),
    Column("registered", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    Column("changed", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    Column("body", Text, nullable=False, comment="JSON object: lines, extras, the highest line id"),
    Index("ix_documents_status", "tenant", "status"),
    Index("ix_documents_stage", "tenant", "stage"),
    Index("ix_documents_registered", "tenant", "registered"),
    Index("ix_documents_changed", "tenant", "changed"),
)
"""On SQLite every index ends with the id, so each gives ids in order within one value."""
Index(
    "ix_documents_walk",
    *(documents.c[name] for name in ("tenant", "id", "kind", "status", "stage", "series", "number", "customer")),
    *(documents.c[name] for name in ("external_status", "registered", "changed")),
)
for _name, _unique in (("number", False), ("customer", False), ("external_status", False), ("key", True)):
    Index(
        f"ix_documents_{_name}",
        documents.c.tenant,
        documents.c[_name],
        unique=_unique,
        sqlite_where=documents.c[_name].is_not(None),
        postgresql_where=documents.c[_name].is_not(None),
    )

catalogue: Final = Table(
    "catalogue",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("body", Text, nullable=False, comment="JSON object"),
    PrimaryKeyConstraint("tenant", "section", "id"),
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

tenants: Final = Table(
    "tenants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("body", Text, nullable=False, comment="JSON object, credentials included"),
    Column("created", Text, nullable=False, comment="ISO 8601, UTC"),
    sqlite_with_rowid=False,
)
"""Tenants made while a gateway runs; those of the configuration are not here."""

snapshots: Final = Table(
    "snapshots",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created", Text, nullable=False, comment="ISO 8601, UTC"),
    Column("rows", BigInteger, nullable=False, comment="how many rows the body holds"),
    Column("body", LargeBinary, nullable=False, comment="what stores.contents packs"),
    PrimaryKeyConstraint("tenant", "name"),
)

fences: Final = Table(
    "fences",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("body", Text, nullable=False, comment="JSON object: what stores.fences writes"),
    sqlite_with_rowid=False,
)
"""Tenants that this store must not serve, because they are at another one or on their way."""

meta: Final = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
