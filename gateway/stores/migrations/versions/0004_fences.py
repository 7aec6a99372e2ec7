"""Fences of tenants that move between stores.

A revision of its own also keeps out older programs, which would not look at the fences.
Frozen: later changes are revisions of their own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "fences",
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False, comment="JSON object: what stores.fences writes"),
        sa.PrimaryKeyConstraint("tenant", name="pk_fences"),
        sqlite_with_rowid=False,
    )
