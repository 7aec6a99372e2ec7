"""Numbered files of SQL build the tables of every store, from nothing or from an earlier release; a failure changes nothing."""

from __future__ import annotations

import subprocess
import sys

import asyncpg
import pytest

from gateway.stores import migrate_store, migrations
from gateway.stores.errors import StoreOpenError
from tests import pg
from tests.stores.migrations import aged, describe, released

COLUMNS = """
SELECT relname, array_agg(attname || ' ' || upper(format_type(atttypid, atttypmod)) ORDER BY attnum)
FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' GROUP BY relname
"""
KEYS = """
SELECT relname, array_agg(attname::text ORDER BY array_position(indkey::int2[], attnum))
FROM pg_index JOIN pg_class c ON c.oid = indrelid JOIN pg_attribute ON attrelid = c.oid AND attnum = ANY(indkey)
WHERE relnamespace = 'public'::regnamespace AND indisprimary GROUP BY relname
"""
NAMES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


async def make(cluster: pg.Cluster, name: str, revision: str) -> None:
    """Fill a database with what a release left."""
    connection = await asyncpg.connect(cluster.url(name))
    await connection.execute(released.released("postgres", revision))
    await connection.close()


async def all_rows(cluster: pg.Cluster, name: str) -> released.Rows:
    found: released.Rows = {}
    for (table,) in await cluster.ask(NAMES, database=name):
        answer = await cluster.ask(f'SELECT * FROM "{table}"', database=name)
        found[table] = released.rows(answer[0].keys() if answer else (), answer)
    return found


async def state(cluster: pg.Cluster, name: str) -> tuple[released.Rows, str]:
    return await all_rows(cluster, name), await describe.of_postgres(cluster, name)


async def test_a_new_database_has_the_tables_that_are_written_down(cluster: pg.Cluster, database: str) -> None:
    assert await describe.of_postgres(cluster, database) == describe.expected("postgres")


async def test_the_stores_use_the_tables_and_columns_that_there_are(cluster: pg.Cluster, database: str) -> None:
    columns, keys = [dict(await cluster.ask(query, database=database)) for query in (COLUMNS, KEYS)]
    assert columns.pop(migrations.VERSION_TABLE) == ["version_num CHARACTER VARYING(32)"]
    assert columns == {table.name: [" ".join(column) for column in table.types.items()] for table in describe.TABLES}
    assert {name: tuple(keys[name]) for name in columns} == {table.name: table.key for table in describe.TABLES}


@pytest.mark.parametrize("revision", released.OLDER)
async def test_an_older_database_is_upgraded_and_keeps_what_is_in_it(
    cluster: pg.Cluster, blank: str, revision: str
) -> None:
    name = pg.name_of(blank)
    await make(cluster, name, revision)
    before = await all_rows(cluster, name)
    missing = migrations.REVISIONS[migrations.REVISIONS.index(revision) + 1 :]
    assert migrate_store(blank, dry_run=True) == missing
    assert await all_rows(cluster, name) == before
    assert migrate_store(blank) == missing
    after, tables = await state(cluster, name)
    assert tables == describe.expected("postgres")
    released.assert_kept(before, after)
    assert migrate_store(blank) == ()


@pytest.mark.parametrize("revision", released.RELEASED)
async def test_a_database_of_any_revision_is_opened_and_goes_on(cluster: pg.Cluster, blank: str, revision: str) -> None:
    await make(cluster, pg.name_of(blank), revision)
    await released.assert_alive(blank)
    assert await describe.of_postgres(cluster, pg.name_of(blank)) == describe.expected("postgres")


async def test_customers_and_products_are_found_by_what_they_are_found_by_today(
    cluster: pg.Cluster, blank: str
) -> None:
    await make(cluster, pg.name_of(blank), "0007")
    connection = await asyncpg.connect(blank)
    for table, rows in aged.former_rows().items():
        await connection.copy_records_to_table(table.name, columns=table.columns, records=rows)
    await connection.close()
    await aged.assert_renewed(blank)


@pytest.mark.parametrize("at", migrations.REVISIONS[2:])
async def test_a_crash_in_the_middle_leaves_the_old_revision(cluster: pg.Cluster, blank: str, at: str) -> None:
    name = pg.name_of(blank)
    await make(cluster, name, "0001")
    before = await state(cluster, name)
    assert subprocess.run([sys.executable, "-c", released.CRASH, blank, at], check=False).returncode == 9
    assert await state(cluster, name) == before
    assert migrate_store(blank) == migrations.REVISIONS[1:]
    released.assert_kept(before[0], await all_rows(cluster, name))


async def test_a_crash_while_tables_are_made_leaves_none(cluster: pg.Cluster, blank: str) -> None:
    assert subprocess.run([sys.executable, "-c", released.CRASH, blank, "0004"], check=False).returncode == 9
    assert await describe.of_postgres(cluster, pg.name_of(blank)) == ""
    assert migrate_store(blank) == migrations.REVISIONS
    assert await describe.of_postgres(cluster, pg.name_of(blank)) == describe.expected("postgres")


@pytest.mark.parametrize("revision", released.OLDER)
async def test_a_revision_that_fails_changes_nothing(
    cluster: pg.Cluster, blank: str, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = pg.name_of(blank)
    await make(cluster, name, revision)
    before = await state(cluster, name)
    with monkeypatch.context() as patch:
        released.break_newest(patch)
        with pytest.raises(StoreOpenError, match=r"cannot migrate store postgresql://.*nowhere.* \(SQLSTATE 42P01\)"):
            migrate_store(blank)
    assert await state(cluster, name) == before
    migrate_store(blank)
    released.assert_kept(before[0], await all_rows(cluster, name))


async def test_a_version_table_without_a_version_is_nobodys(cluster: pg.Cluster, blank: str) -> None:
    name = pg.name_of(blank)
    await cluster.ask("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)", database=name)
    await cluster.ask("CREATE TABLE customers (id int)", database=name)
    with pytest.raises(StoreOpenError, match="not one of invoice-gateway"):
        migrate_store(blank)
    await cluster.ask("DROP TABLE customers", database=name)
    assert migrate_store(blank) == migrations.REVISIONS
