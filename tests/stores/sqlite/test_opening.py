"""Opening a store: one process per file, clear messages for every problem, versions, and reading beside a writer."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.core.commands import CreateSeries, GetSeries, ListSeries, UpdateSeries
from gateway.core.refusals import Refused, SeriesUnknown
from gateway.core.values import SeriesId
from gateway.stores import SqliteStore, migrate_store, migrations, open_store
from gateway.stores.errors import StoreError, StoreLockedError, StoreOpenError, StoreVersionError
from tests.stores.commands import BY, FREE, TENANT, provide_main
from tests.stores.conftest import MakeStore

HOLD = """
import asyncio, sys
from gateway.stores import open_store

async def hold():
    store = open_store("sqlite:///" + sys.argv[1])
    await store.start()
    print("held", flush=True)
    sys.stdin.read()
    await store.close()

asyncio.run(hold())
"""


def url(path: Path) -> str:
    return f"sqlite:///{path}"


async def open_and_close(path: Path, **options: bool) -> None:
    store = open_store(url(path), **options)
    try:
        await store.start()
    finally:
        await store.close()


async def test_a_second_process_is_refused_by_name_and_pid(store_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreLockedError) as caught:
            await open_and_close(store_path)
        assert caught.value.pid == other.pid
        assert caught.value.path == store_path
        assert str(other.pid) in str(caught.value)
        assert str(store_path) in str(caught.value)
        other.kill()
    await open_and_close(store_path)


async def test_the_same_file_by_another_name_is_refused_too(store: SqliteStore, tmp_path: Path) -> None:
    alias = tmp_path / "alias.db"
    alias.symlink_to(store.path)
    with pytest.raises(StoreLockedError) as caught:
        await open_and_close(alias)
    assert caught.value.pid == os.getpid()


async def test_closing_lets_the_next_one_in(store: SqliteStore, make_store: MakeStore) -> None:
    await provide_main(store)
    await store.close()
    again = await make_store()
    assert [view.series.key for view in (await again.read(ListSeries(TENANT))).views] == ["main"]


async def test_closing_folds_the_log_into_the_file(store: SqliteStore, store_path: Path) -> None:
    await provide_main(store)
    assert await store.get("kind", "unknown") is None  # this opens the reading connection as well
    await store.close()
    assert {path.name for path in store_path.parent.glob("numbers.db*")} == {"numbers.db", "numbers.db.lock"}


async def test_a_new_store_makes_its_folders_and_syncs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    true_fsync = os.fsync

    def fsync(fd: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
        true_fsync(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    path = tmp_path / "a" / "b" / "new.db"
    await open_and_close(path)
    assert str(path.parent) in synced
    synced.clear()
    await open_and_close(path)
    assert synced == []


@pytest.mark.parametrize(
    "bad", ["", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///x.db?mode=ro", "mysql://h/db", "x.db"]
)
def test_addresses_that_are_not_understood(bad: str) -> None:
    with pytest.raises(StoreOpenError, match="sqlite:///path"):
        open_store(bad)


@pytest.mark.parametrize("name", ["with space.db", "percent%41.db", "question?.db", "hash#.db", "ünïcode.db"])
async def test_file_names_are_taken_as_they_are(tmp_path: Path, name: str) -> None:
    store = SqliteStore(tmp_path / name)
    await store.start()
    await store.close()
    assert (tmp_path / name).exists()


def make_directory(path: Path) -> None:
    path.mkdir()


def make_text(path: Path) -> None:
    path.write_text("This is not a database. " * 100)


def make_foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER)")
    connection.close()


@pytest.mark.parametrize("make", [make_directory, make_text, make_foreign])
@pytest.mark.parametrize("read_only", [False, True])
async def test_what_is_no_store_is_left_alone(tmp_path: Path, make: object, read_only: bool) -> None:
    path = tmp_path / "thing.db"
    make(path)  # type: ignore[operator]
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(StoreOpenError, match=r"thing\.db"):
        await open_and_close(path, read_only=read_only)
    assert path.is_dir() or path.read_bytes() == before
    with pytest.raises(StoreOpenError, match=r"thing\.db"):
        migrate_store(url(path))


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreOpenError, match="file"):
        await open_and_close(tmp_path / "file" / "numbers.db")


async def test_reading_a_store_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreOpenError, match="does not exist"):
        await open_and_close(tmp_path / "none.db", read_only=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
async def test_the_writer_is_set_up_for_durability(store: SqliteStore, pragma: str, value: object) -> None:
    assert store._writer is not None
    assert store._writer._pragma(pragma) == (value,)


# Versions


def stamp(path: Path, revision: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.commit()
    connection.close()


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_newer_store_is_refused(store_path: Path, read_only: bool) -> None:
    stamp(store_path, "9999")
    with pytest.raises(StoreVersionError, match="9999"):
        await open_and_close(store_path, read_only=read_only)
    with pytest.raises(StoreVersionError, match="newer"):
        migrate_store(url(store_path), dry_run=True)


@pytest.mark.parametrize("options", [{"read_only": True}, {"auto_migrate": False}])
async def test_an_older_store_is_not_upgraded_unasked(
    store_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, bool]
) -> None:
    monkeypatch.setattr(migrations, "REVISIONS", (*migrations.REVISIONS, "9998"))
    assert migrate_store(url(store_path), dry_run=True) == ("9998",)
    with pytest.raises(StoreVersionError, match=r"9998.*invoice-gateway migrate"):
        await open_and_close(store_path, **options)


async def test_a_new_file_needs_no_permission_to_migrate(tmp_path: Path) -> None:
    await open_and_close(tmp_path / "new.db", auto_migrate=False)
    assert migrate_store(url(tmp_path / "new.db")) == ()


def test_migrate_lists_and_then_does(tmp_path: Path) -> None:
    address = url(tmp_path / "sub" / "new.db")
    assert migrate_store(address, dry_run=True) == migrations.REVISIONS
    assert not (tmp_path / "sub").exists()
    assert migrate_store(address) == migrations.REVISIONS
    assert migrate_store(address) == ()


async def test_migrate_is_refused_while_a_server_runs(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "REVISIONS", (*migrations.REVISIONS, "9998"))
    with pytest.raises(StoreLockedError):
        migrate_store(url(store.path))


# Series that the configuration wants


async def test_provision_creates_once_and_leaves_what_was_changed_since(
    store: SqliteStore, make_store: MakeStore
) -> None:
    wanted = [("main", "Main", "A-", None, False), ("side", "Side", None, "/x", True)]
    assert await store.provision(TENANT, wanted) == {"main": 1, "side": 2}
    await store.execute(UpdateSeries(TENANT, SeriesId(1), FREE, BY, name="Renamed", prefix=None))
    await store.close()
    again = await make_store()
    assert await again.provision(TENANT, [*wanted, ("third", "Main", None, None, False)]) == {
        "main": 1, "side": 2, "third": 3,
    }  # fmt: skip
    main, side, third = (view.series for view in (await again.read(ListSeries(TENANT))).views)
    assert (main.name, main.prefix, side.suffix, side.is_default, third.name) == ("Renamed", None, "/x", True, "Main")
    assert (await again.verify())[1] == []


async def test_provision_says_which_name_is_taken(store: SqliteStore) -> None:
    await store.execute(CreateSeries(TENANT, "Main", BY))
    with pytest.raises(StoreError, match=r"'main'.*'Main'"):
        await store.provision(TENANT, [("main", "Main", None, None, False)])


async def test_reading_refuses_what_is_unknown(store: SqliteStore) -> None:
    for query in (GetSeries(TENANT, None), GetSeries(TENANT, SeriesId(1))):
        with pytest.raises(Refused) as caught:
            await store.read(query)
        assert caught.value.refusal == SeriesUnknown(query.series)
    assert (await store.read(ListSeries(TENANT))).views == ()
