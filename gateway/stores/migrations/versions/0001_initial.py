"""The first schema: series, counters, issued numbers, ledger, tokens, meta.

Frozen: later changes are revisions of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create every table of the first release."""
    _create_series()
    _create_counters()
    _create_issued()
    _create_ledger()
    _create_tokens()
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
        sqlite_with_rowid=False,
    )


def _create_series() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("prefix", sa.Text),
        sa.Column("suffix", sa.Text),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("tenant", "name", name="uq_series_tenant_name"),
        sa.UniqueConstraint("tenant", "key", name="uq_series_tenant_key"),
    )
    only = sa.text("is_default")
    op.create_index("uq_series_default", "series", ["tenant"], unique=True, sqlite_where=only, postgresql_where=only)


def _create_counters() -> None:
    op.create_table(
        "counters",
        sa.Column("series", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("next_number", sa.BigInteger),
        sa.Column("issued", sa.BigInteger, nullable=False),
        sa.Column("highest_issued", sa.BigInteger),
        sa.PrimaryKeyConstraint("series", "kind", name="pk_counters"),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name="fk_counters_series"),
        sqlite_with_rowid=False,
    )


def _create_issued() -> None:
    op.create_table(
        "issued",
        sa.Column("series", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("voided", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("series", "kind", "number", name="pk_issued"),
        sa.UniqueConstraint("tenant", "key", name="uq_issued_tenant_key"),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name="fk_issued_series"),
        sqlite_with_rowid=False,
    )


def _create_ledger() -> None:
    texts = ("key", "dialect", "principal", "request_id", "reason", "at", "previous_hash", "hash")
    op.create_table(
        "ledger",
        sa.Column("series", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("index", sa.BigInteger, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("before", sa.BigInteger),
        sa.Column("after", sa.BigInteger),
        sa.Column("number", sa.BigInteger),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.PrimaryKeyConstraint("series", "kind", "index", name="pk_ledger"),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name="fk_ledger_series"),
        sqlite_with_rowid=False,
    )


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, comment="lower-case hex SHA-256 of the token"),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False, comment="JSON object"),
        sa.Column("expires_ms", sa.BigInteger, nullable=False, comment="milliseconds since 1970, UTC"),
        sa.PrimaryKeyConstraint("kind", "digest", name="pk_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tokens_tenant_expires_ms", "tokens", ["tenant", "expires_ms"])
