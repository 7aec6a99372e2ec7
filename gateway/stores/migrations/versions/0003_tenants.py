"""Tenants made at run time, and snapshots of tenants.

Frozen: later changes are revisions of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create both tables."""
    moment = "ISO 8601, UTC"
    op.create_table(
        "tenants",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False, comment="JSON object, credentials included"),
        sa.Column("created", sa.Text, nullable=False, comment=moment),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshots",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False, comment=moment),
        sa.Column("rows", sa.BigInteger, nullable=False, comment="how many rows the body holds"),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="what stores.contents packs"),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_snapshots"),
    )
