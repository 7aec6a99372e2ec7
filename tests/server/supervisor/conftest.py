"""The PostgreSQL of the store tests."""

from __future__ import annotations

from tests.stores.postgres.conftest import cluster, database

__all__ = ["cluster", "database"]
