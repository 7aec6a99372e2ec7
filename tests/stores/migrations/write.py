"""`python -m tests.stores.migrations.write` makes a new store of each database and writes down its tables.

Run it after a new revision, and read the difference: it is what the revision changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
import tempfile
from pathlib import Path

from gateway.stores import migrate_store
from tests import pg
from tests.stores.migrations import describe


def main() -> None:
    """Write both files beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        migrate_store(f"sqlite:///{path}")
        with contextlib.closing(sqlite3.connect(path)) as connection:
            _write("sqlite", describe.of_sqlite(connection))
    bin_directory = pg.binaries()
    if bin_directory is None:
        sys.exit("postgres.txt stays as it is: this machine has no PostgreSQL")
    cluster = pg.make_cluster(bin_directory)
    try:
        database = cluster.database()
        migrate_store(cluster.url(database))
        _write("postgres", asyncio.run(describe.of_postgres(cluster, database)))
    finally:
        pg.destroy(cluster)


def _write(database: str, text: str) -> None:
    (describe.HERE / f"{database}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
