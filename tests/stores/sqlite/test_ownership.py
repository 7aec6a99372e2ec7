"""One process per file whatever its names are; what others do to the file is noticed; the log is folded into it (ADR-55)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.stores import SqliteStore, open_store
from gateway.stores.errors import StoreLockedError
from gateway.stores.sqlite.lock import FileLock, holder
from tests.stores.commands import number_for, peek, provide_main
from tests.stores.conftest import MakeStore
from tests.stores.sqlite.test_opening import HOLD, open_and_close
from tests.until import until


@pytest.fixture(autouse=True)
def looked_after_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.stores.sqlite.store.LOOK_SECONDS", 0.05)


def log_size(path: Path) -> int:
    log = path.with_name(f"{path.name}-wal")
    return log.stat().st_size if log.exists() else 0


async def numbers_in(path: Path) -> int | None:
    """The next number as a store file by itself has it."""
    store = open_store(f"sqlite:///{path}", read_only=True)
    await store.start()
    try:
        return await peek(store)
    finally:
        await store.close()


async def is_down(store: SqliteStore) -> bool:
    try:
        await peek(store)
    except StoreUnavailableError:
        return True
    return False


async def test_no_second_process_gets_in_by_another_name(store_path: Path) -> None:
    note, link, away = (
        store_path.with_name("numbers.db.lock"),
        store_path.with_name("b.db"),
        store_path.with_name("c.db"),
    )
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert note.stat().st_mode & 0o777 == 0o600
        note.unlink()
        os.link(store_path, link)
        for path in (store_path, link, store_path):
            with pytest.raises(StoreLockedError) as caught:
                await open_and_close(path)
            assert caught.value.pid == other.pid
            assert holder(path) == other.pid
        store_path.rename(away)
        with pytest.raises(StoreLockedError):
            await open_and_close(away)
        away.rename(store_path)
        assert await open_for_reading(store_path) == 0
        other.kill()
    await open_and_close(link)
    assert holder(store_path) is None


async def open_for_reading(path: Path) -> int:
    store = open_store(f"sqlite:///{path}", read_only=True)
    await store.start()
    try:
        return (await store.verify())[0]
    finally:
        await store.close()


async def test_a_file_is_locked_once_in_a_process_too(store: SqliteStore, store_path: Path) -> None:
    link = store_path.with_name("b.db")
    os.link(store_path, link)
    with pytest.raises(StoreLockedError):
        FileLock(link)


def update(path: Path) -> None:
    with sqlite3.connect(path) as stranger:
        stranger.execute("UPDATE counters SET next_number = 1")
    stranger.close()


def overwrite(path: Path) -> None:
    path.write_bytes(path.with_suffix(".older").read_bytes())


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def replace(path: Path) -> None:
    path.with_suffix(".copy").replace(path)


@pytest.mark.parametrize("harm", [update, overwrite, cut, replace, Path.unlink])
async def test_a_file_that_somebody_else_writes_is_not_served(
    store: SqliteStore, harm: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    await provide_main(store)
    await number_for(store, "a")
    await until(lambda: log_size(store.path) == 0)
    shutil.copy(store.path, store.path.with_suffix(".older"))
    await number_for(store, "z")
    await until(lambda: log_size(store.path) == 0)
    shutil.copy(store.path, store.path.with_suffix(".copy"))
    for _ in range(2):  # so that the store has seen the file without work, too
        await until(lambda seen=store._upkeep._seen: store._upkeep._seen is not seen)
    harm(store.path)
    await until(lambda: is_down(store))
    assert not await store.ready()
    with pytest.raises(StoreUnavailableError):
        await number_for(store, "b")
    with pytest.raises(StoreUnavailableError):
        await store.noted("x")
    assert "nothing is answered from now on" in capsys.readouterr().out


async def test_a_new_time_alone_is_no_foreign_write(store: SqliteStore) -> None:
    await provide_main(store)
    await number_for(store, "a")
    await until(lambda: log_size(store.path) == 0)
    for _ in range(3):
        await until(lambda seen=store._upkeep._seen: store._upkeep._seen is not seen)
        os.utime(store.path)
    assert await number_for(store, "b") == 2


async def test_what_a_stranger_wrote_is_noticed_by_the_next_commit(store: SqliteStore) -> None:
    await provide_main(store)
    await number_for(store, "a")
    update(store.path)
    with pytest.raises(StoreUnavailableError) as caught:
        await number_for(store, "b")
    assert caught.value.committed is False
    assert "another program has written" in str(caught.value)
    assert await is_down(store)


async def test_a_file_that_comes_back_is_served_again(store: SqliteStore) -> None:
    await provide_main(store)
    away = store.path.rename(store.path.with_suffix(".away"))
    await until(lambda: is_down(store))
    away.rename(store.path)
    await until(lambda: not_down(store))
    assert await number_for(store, "a") == 1


async def not_down(store: SqliteStore) -> bool:
    return not await is_down(store)


async def test_an_idle_store_has_everything_in_its_file(store: SqliteStore) -> None:
    await provide_main(store)
    await number_for(store, "a")
    assert log_size(store.path)
    await until(lambda: log_size(store.path) == 0)
    copy = store.path.with_name("copy.db")
    shutil.copy(store.path, copy)
    assert await numbers_in(copy) == 2
    assert await number_for(store, "b") == 2


async def test_a_reader_keeps_neither_commits_nor_the_end_waiting(make_store: MakeStore) -> None:
    store = await make_store()
    await provide_main(store)
    with sqlite3.connect(f"file:{store.path}?mode=ro", uri=True) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM ledger").fetchone()
        for key in ("a", "b"):
            await number_for(store, key)
        seen = store._upkeep._seen
        await until(lambda: store._upkeep._seen is not seen)
        reader.execute("ROLLBACK")
        await number_for(store, "c")
        # a program that has the file open is not the last one to close it, so the store folds the log by itself
        await store.close()
        copy = store.path.with_name("copy.db")
        shutil.copy(store.path, copy)
        assert await numbers_in(copy) == 4
    reader.close()
