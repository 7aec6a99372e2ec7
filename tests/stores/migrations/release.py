"""`python -m tests.stores.migrations.release` writes a store of the present revision as a release leaves it, for each database.

Run it when a release is made: from then on its stores are upgraded by every later version, and the tests hold that. The store
is the one of the release before, upgraded, with something in every table.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import asyncpg

from gateway.core.line_commands import Claim, OpenSeries, Reserve, SetBounds
from gateway.core.record_commands import Action, SaveRecord, SaveRecords
from gateway.core.records import Field, KindName, RecordKind
from gateway.core.values import INVOICE, CounterKey, SeriesId
from gateway.core.work import NewWork, ScheduleWork
from gateway.stores import migrate_store, migrations, open_store
from tests import pg
from tests.stores.commands import BY, TENANT
from tests.stores.migrations import released

NEWEST: Final = migrations.REVISIONS[-1]
THING: Final = RecordKind(KindName("test.thing"), {"name": Field()})
_NOT_KEPT: Final = re.compile(r"^(--|SET |SELECT pg_catalog\.set_config|\\|CREATE SCHEMA public|COMMENT ON SCHEMA|$)")
"""Lines of a dump that make no part of a store."""


async def use(url: str) -> None:
    """Put something into every table that the release before did not have."""
    store = open_store(url)
    await store.start()
    try:
        line = CounterKey(SeriesId(2), INVOICE)
        things = [THING.record(TENANT, own, b'{"a":1}', {"name": f"thing {own}"}) for own in ("1", "2")]
        for command in (
            SetBounds(TENANT, line, 10, 99, BY),
            Reserve(TENANT, line, "reserved", BY),
            Claim(TENANT, line, 20, "claimed", "by hand", BY),
            OpenSeries(TENANT, "stamp", "test", BY),
            SaveRecords(TENANT, THING, tuple(map(SaveRecord, things)), BY),
            SaveRecords(TENANT, THING, (SaveRecord(things[1], action=Action.DELETE),), BY),
            ScheduleWork(TENANT, (NewWork("call", "a"),), BY),
        ):
            await store.execute(command)
    finally:
        await store.close()


def of_sqlite(folder: Path) -> str:
    """The SQL that makes a SQLite store of the present revision."""
    path = folder / "store.db"
    released.make_file(path, released.OLDER[-1])
    migrate_store(f"sqlite:///{path}")
    asyncio.run(use(f"sqlite:///{path}"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def of_postgres(bin_directory: Path) -> str:
    """The SQL that makes a PostgreSQL store of the present revision."""
    cluster = pg.make_cluster(bin_directory)
    try:
        database = cluster.database()
        asyncio.run(_load(cluster.url(database)))
        migrate_store(cluster.url(database))
        asyncio.run(use(cluster.url(database)))
        command = [str(bin_directory / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", cluster.url(database)]
        dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    finally:
        pg.destroy(cluster)
    return "".join(f"{line}\n" for line in dump.splitlines() if not _NOT_KEPT.match(line))


async def _load(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(released.released("postgres", released.OLDER[-1]))
    finally:
        await connection.close()


def main() -> None:
    """Write both files."""
    with tempfile.TemporaryDirectory() as folder:
        _write("sqlite", of_sqlite(Path(folder)))
    bin_directory = pg.binaries()
    if bin_directory is not None:
        _write("postgres", of_postgres(bin_directory))


def _write(database: str, text: str) -> None:
    head = f"-- A store as revision {NEWEST} left it.\n"
    (released.HERE / database / f"{NEWEST}.sql").write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
