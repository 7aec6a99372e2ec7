"""Documents and catalogue; lines remember the latest date of a document.

Frozen: later changes are revisions of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the tables of documents and catalogue, and widen the lines."""
    op.add_column("counters", sa.Column("latest_date", sa.Text, comment="ISO 8601 date"))
    _create_documents()
    _index_documents()
    op.create_table(
        "catalogue",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False, comment="JSON object"),
        sa.PrimaryKeyConstraint("tenant", "section", "id", name="pk_catalogue"),
        sqlite_with_rowid=False,
    )


def _create_documents() -> None:
    moment = "microseconds since 1970, UTC"
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("series", sa.BigInteger),
        sa.Column("number", sa.BigInteger),
        sa.Column("customer", sa.BigInteger),
        sa.Column("external_status", sa.BigInteger),
        sa.Column("document_date", sa.Text, comment="ISO 8601 date"),
        sa.Column("key", sa.Text, comment="that it was created under"),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("registered", sa.BigInteger, nullable=False, comment=moment),
        sa.Column("changed", sa.BigInteger, nullable=False, comment=moment),
        sa.Column("body", sa.Text, nullable=False, comment="JSON object: lines, extras, the highest line id"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name="fk_documents_series"),
    )


def _index_documents() -> None:
    for name in ("status", "stage", "registered", "changed"):
        op.create_index(f"ix_documents_{name}", "documents", ["tenant", name])
    identity = ["tenant", "id", "kind", "status", "stage", "series", "number", "customer"]
    op.create_index("ix_documents_walk", "documents", [*identity, "external_status", "registered", "changed"])
    for name, unique in (("number", False), ("customer", False), ("external_status", False), ("key", True)):
        given = sa.column(name).is_not(None)
        op.create_index(
            f"ix_documents_{name}",
            "documents",
            ["tenant", name],
            unique=unique,
            sqlite_where=given,
            postgresql_where=given,
        )
