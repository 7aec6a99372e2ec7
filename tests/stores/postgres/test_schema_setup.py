"""Tables are made once although many processes begin together, and upgraded only on request; foreign tables stay untouched."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.core.values import TenantId
from gateway.stores import migrate_store, migrations, open_store, store_name
from gateway.stores.errors import StoreError, StoreOpenError, StoreVersionError
from gateway.stores.postgres import PostgresStore, schema_setup
from tests import pg
from tests.stores.commands import TENANT, number_for, provide_main
from tests.stores.migrations import describe

BEGIN_TOGETHER = """
import asyncio, sys
from gateway.core.values import TenantId
from gateway.stores import open_store

async def run():
    store = open_store(sys.argv[1])
    await store.start()
    print((await store.provision(TenantId("demo"), [("main", "Main", None, None, True), ("side", "Side", "S", None, False)])))
    await store.close()

asyncio.run(run())
"""


async def start(url: str, **options: Any) -> PostgresStore:
    store = open_store(url, **options)
    assert isinstance(store, PostgresStore)
    try:
        await store.start()
    finally:
        await store.close()
    return store


def test_processes_that_begin_together_migrate_once(blank: str) -> None:
    command = [sys.executable, "-c", BEGIN_TOGETHER, blank]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert set(answers) == {"{'main': 1, 'side': 2}\n"}


async def test_stores_that_begin_together_migrate_once(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[tuple[str, ...]] = []
    true_upgrade = schema_setup.upgrade

    async def upgrade(hosts: Any) -> tuple[str, ...]:
        applied.append(await true_upgrade(hosts))
        return applied[-1]

    monkeypatch.setattr(schema_setup, "upgrade", upgrade)
    await asyncio.gather(*(start(blank) for _ in range(6)))
    assert sorted(applied, key=len)[-1] == migrations.REVISIONS
    assert applied.count(migrations.REVISIONS) == 1


async def test_new_stores_of_one_process_begin_together(cluster: pg.Cluster) -> None:
    names = [cluster.database() for _ in range(4)]
    try:
        await asyncio.gather(*(start(cluster.url(name)) for name in names * 2))
        for name in names:
            assert await describe.of_postgres(cluster, name) == describe.expected("postgres")
    finally:
        for name in names:
            cluster.drop(name)


async def test_new_stores_in_schemas_of_one_database_begin_together(cluster: pg.Cluster, blank: str) -> None:
    name = pg.name_of(blank)
    for schema in ("east", "west"):
        await cluster.ask(f"CREATE SCHEMA {schema}", database=name)
    urls = [cluster.url(name, search_path=schema) for schema in ("east", "west", "public")]
    await asyncio.gather(*(start(url) for url in urls * 2))
    rows = await cluster.ask("SELECT schemaname, count(*) FROM pg_stat_user_tables GROUP BY 1", database=name)
    assert dict(rows) == dict.fromkeys(("east", "west", "public"), len(describe.TABLES) + 1)
    for url in urls:
        assert migrate_store(url) == ()


def test_migrate_lists_and_then_does(blank: str) -> None:
    assert migrate_store(blank, dry_run=True) == migrations.REVISIONS
    assert migrate_store(blank, dry_run=True) == migrations.REVISIONS
    assert migrate_store(blank) == migrations.REVISIONS
    assert migrate_store(blank) == ()


async def test_migrate_inside_a_running_loop(blank: str) -> None:
    assert migrate_store(blank) == migrations.REVISIONS


async def test_nothing_is_made_unasked(blank: str, cluster: pg.Cluster) -> None:
    with pytest.raises(StoreVersionError, match=r"lacks the schema revisions 0001, .*invoice-gateway migrate"):
        await start(blank, auto_migrate=False)
    with pytest.raises(StoreVersionError, match="lacks the schema revisions"):
        await start(blank, read_only=True)
    assert migrate_store(blank, dry_run=True) == migrations.REVISIONS


async def test_a_newer_database_is_refused(cluster: pg.Cluster, database: str) -> None:
    await cluster.ask("UPDATE alembic_version SET version_num = '9999'", database=database)
    with pytest.raises(StoreVersionError, match="of revision 9999, which this version does not know"):
        await start(cluster.url(database))


async def test_somebody_elses_tables_are_left_alone(cluster: pg.Cluster, blank: str) -> None:
    name = pg.name_of(blank)
    await cluster.ask("CREATE TABLE orders (id int)", database=name)
    with pytest.raises(StoreOpenError, match="not one of invoice-gateway"):
        await start(blank)
    assert [
        row[0]
        for row in await cluster.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database=name)
    ] == ["orders"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("/postgres", "/no_such_database"), "no_such_database"),
        (("postgres@", "nobody:very-secret@"), "nobody"),
    ],
    ids=["database", "user"],
)
async def test_what_cannot_be_opened_is_said_at_once_and_without_secrets(
    cluster: pg.Cluster, change: tuple[str, str], text: str
) -> None:
    url = cluster.url().replace(*change)
    started = asyncio.get_running_loop().time()
    with pytest.raises(StoreOpenError) as refused:
        await start(url)
    assert text in str(refused.value)
    assert "very-secret" not in str(refused.value)
    assert asyncio.get_running_loop().time() - started < 60


async def test_nobody_listens() -> None:
    url = f"postgresql://u:very-secret@127.0.0.1:{pg.free_port()}/db?deadline_seconds=0.5"
    with pytest.raises(StoreOpenError, match="no primary at postgresql:") as refused:
        await start(url)
    assert "very-secret" not in str(refused.value)
    assert "very-secret" not in store_name(url)


async def test_a_role_that_commits_loosely_is_overruled(cluster: pg.Cluster, database: str) -> None:
    await cluster.ask(f'ALTER DATABASE "{database}" SET synchronous_commit = off')
    store = open_store(cluster.url(database))
    assert isinstance(store, PostgresStore)
    await store.start()
    try:
        await provide_main(store)
        connection = await store._committer.connection(asyncio.get_running_loop().time() + 5)
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
    finally:
        await store.close()


async def test_a_read_only_store_reads_what_is_there_now(cluster: pg.Cluster, database: str) -> None:
    writer, reader = open_store(cluster.url(database)), open_store(cluster.url(database), read_only=True)
    await writer.start()
    await reader.start()
    try:
        await provide_main(writer)
        await number_for(writer, "a")
        assert (await reader.verify()) == (2, [])
        with pytest.raises(Exception, match="reading only"):
            await number_for(reader, "b")
    finally:
        await writer.close()
        await reader.close()


async def test_a_name_that_is_taken_is_still_an_error(cluster: pg.Cluster, database: str) -> None:
    store = open_store(cluster.url(database))
    await store.start()
    try:
        await store.provision(TENANT, [("main", "Main", None, None, True)])
        with pytest.raises(StoreError, match="another series' already"):
            await store.provision(TENANT, [("other", "Main", None, None, False)])
        assert await store.provision(TenantId("other"), [("main", "Main", None, None, True)]) == {"main": 2}
    finally:
        await store.close()


async def test_passwords_come_from_the_environment_or_a_file(
    own_cluster: pg.Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = own_cluster.data / "pg_hba.conf"
    rules.write_text("host all guarded 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
    await own_cluster.ask("CREATE ROLE guarded SUPERUSER LOGIN PASSWORD 'very-secret'")
    await own_cluster.ask("SELECT pg_reload_conf()")
    url = own_cluster.url().replace("postgres@", "guarded@")
    for password in ("", "wrong-secret"):
        monkeypatch.setenv("PGPASSWORD", password)
        with pytest.raises(StoreOpenError) as refused:
            await start(url)
        assert "secret" not in str(refused.value)
    monkeypatch.setenv("PGPASSWORD", "very-secret")
    await start(url)
    monkeypatch.delenv("PGPASSWORD")
    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:{own_cluster.port}:*:guarded:very-secret\n")
    file.chmod(0o600)
    await start(f"{url}?passfile={file}")
