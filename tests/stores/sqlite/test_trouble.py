"""Disk full, file locked, file gone, commit in doubt: no answer is false, and the store works again afterwards."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.stores import SqliteStore
from gateway.stores.sqlite import connection
from gateway.stores.sqlite.file import Writer
from tests.stores.commands import issue, number_for, peek, provide_main, set_next
from tests.stores.conftest import MakeStore


async def unavailable(store: SqliteStore, *keys: str) -> set[bool | None]:
    """Issue under each key at once; all must fail. Returns what each error says about the commit."""
    results = await asyncio.gather(*(number_for(store, key) for key in keys), return_exceptions=True)
    assert all(isinstance(result, StoreUnavailableError) for result in results), results
    return {result.committed for result in results}  # type: ignore[union-attr]


def limit_pages(store: SqliteStore, pages: int) -> None:
    assert store._writer is not None
    store._writer._pragma(f"max_page_count = {pages}")


async def fill_up(store: SqliteStore, numbers: list[int]) -> None:
    while len(numbers) < 5000:
        number = await number_for(store, f"key-{len(numbers)}")
        numbers.append(number)


async def test_a_full_database_refuses_and_recovers(store: SqliteStore) -> None:
    await provide_main(store)
    limit_pages(store, 1)  # SQLite takes the present size as the limit
    numbers: list[int] = []
    with pytest.raises(StoreUnavailableError) as caught:
        await fill_up(store, numbers)
    assert caught.value.committed is False
    assert "full" in str(caught.value)
    assert await peek(store) == len(numbers) + 1
    assert await unavailable(store, *(f"more-{i}" for i in range(400))) == {False}
    limit_pages(store, 2**30)
    assert await number_for(store, f"key-{len(numbers)}") == len(numbers) + 1
    assert numbers == list(range(1, len(numbers) + 1))
    assert (await store.verify())[1] == []


async def test_a_file_locked_by_a_stranger_refuses_and_recovers(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.05)
    store = await make_store()
    await provide_main(store)
    stranger = sqlite3.connect(store.path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    assert await unavailable(store, "a", "b") == {False}
    assert not await store.ready()
    assert await peek(store) is None
    stranger.execute("ROLLBACK")
    stranger.close()
    assert await store.ready()
    assert await number_for(store, "b") == 1


async def test_a_file_that_was_removed_is_noticed(store: SqliteStore, tmp_path: Path) -> None:
    await provide_main(store)
    away = store.path.rename(tmp_path / "away.db")
    assert await unavailable(store, "a") == {False}
    assert not await store.ready()
    away.rename(store.path)
    assert await number_for(store, "a") == 1


async def test_a_file_that_was_removed_is_not_made_anew_after_doubt(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh, empty store under a running gateway would give out every number a second time."""
    await provide_main(store)
    await number_for(store, "a")
    fail_commit(monkeypatch, before=False, times=1)
    store.path.rename(store.path.with_suffix(".away"))
    monkeypatch.setattr(Writer, "begin", begin_unchecked)
    assert await unavailable(store, "b") == {None}
    assert await unavailable(store, "c") == {False}
    assert not store.path.exists()


def begin_unchecked(writer: Writer) -> None:
    writer._connection.begin()


def fail_commit(monkeypatch: pytest.MonkeyPatch, *, before: bool, times: int) -> None:
    """The next commits fail with an I/O error, before or after they take effect."""
    left = [times]
    true_commit = Writer.commit

    def commit(writer: Writer) -> None:
        if left[0] == 0:
            true_commit(writer)
            return
        left[0] -= 1
        if not before:
            true_commit(writer)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Writer, "commit", commit)


@pytest.mark.parametrize("before", [True, False], ids=["did not take effect", "took effect"])
async def test_a_commit_in_doubt_is_said_to_be_and_settled_by_a_retry(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    await provide_main(store)
    assert await number_for(store, "first") == 1
    fail_commit(monkeypatch, before=before, times=1)
    assert await unavailable(store, "a", "b", "c") == {None}
    assert await peek(store) == (2 if before else 5)
    answers = await asyncio.gather(*(number_for(store, key) for key in ("c", "b", "new", "a")))
    assert answers == ([2, 3, 4, 5] if before else [4, 3, 5, 2])
    assert (await store.verify())[1] == []


async def test_after_doubt_what_is_read_again_is_made_durable_first(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replayed number writes nothing, so nothing would sync it: the main file must hold it before the answer goes out."""
    await provide_main(store)
    fail_commit(monkeypatch, before=False, times=1)
    assert await unavailable(store, "a") == {None}
    assert await number_for(store, "a") == 1
    connection = sqlite3.connect(f"file:{store.path}?immutable=1", uri=True)  # the main file alone, without its log
    assert connection.execute("SELECT number FROM issued").fetchall() == [(1,)]
    connection.close()


async def test_doubt_that_cannot_be_settled_yet_keeps_refusing(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provide_main(store)
    fail_commit(monkeypatch, before=False, times=1)
    true_settle = Writer.settle

    def settle(writer: Writer) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Writer, "settle", settle)
    assert await unavailable(store, "a") == {None}
    assert await unavailable(store, "a", "b") == {False}
    monkeypatch.setattr(Writer, "settle", true_settle)
    assert await asyncio.gather(*(number_for(store, key) for key in ("b", "a"))) == [2, 1]


async def test_neighbours_of_a_full_disk_are_not_tried_one_by_one(store: SqliteStore) -> None:
    await provide_main(store)
    limit_pages(store, 1)
    big = "x" * 100_000
    results = await asyncio.gather(
        *(store.execute(issue(f"key-{i}", document=big)) for i in range(50)), return_exceptions=True
    )
    assert all(isinstance(result, StoreUnavailableError) for result in results)
    assert store.stats.replays == 0
    limit_pages(store, 2**30)
    await store.execute(set_next(9))
    assert await peek(store) == 9


FULL_DISK = """
import asyncio, json, os, resource, signal, sys
from gateway.core.ports import StoreUnavailableError
from gateway.stores import open_store
from tests.stores.commands import number_for, peek, provide_main

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = sys.argv[1]
store = open_store("sqlite:///" + path)

async def attempt(key):
    try:
        return await number_for(store, key)
    except StoreUnavailableError as error:
        return {"committed": error.committed}

async def run():
    await store.start()
    await provide_main(store)
    size = os.path.getsize(path + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 60_000, resource.RLIM_INFINITY))
    during = {}
    for group in range(40):
        keys = [f"{group}-{i}" for i in range(5)]
        during.update(zip(keys, await asyncio.gather(*map(attempt, keys))))
    ready_when_full = await store.ready()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ready_again = await store.ready()
    after = {key: await attempt(key) for key in during}
    findings = (await store.verify())[1]
    await store.close()
    print(json.dumps([during, after, ready_when_full, ready_again, [f.problem for f in findings], await peek(store)]))

asyncio.run(run())
"""


def test_a_file_system_that_takes_no_more(store_path: Path) -> None:
    """The writes themselves fail, inside COMMIT: the process has a limit on the size of its files."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL_DISK, str(store_path)],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    during, after, ready_when_full, ready_again, findings, next_number = json.loads(done.stdout)
    given = {key: answer for key, answer in during.items() if isinstance(answer, int)}
    refused = [answer for answer in during.values() if not isinstance(answer, int)]
    assert given
    assert refused
    assert (ready_when_full, ready_again) == (False, True)
    assert given.items() <= after.items()
    assert sorted(after.values()) == list(range(1, len(during) + 1))
    assert findings == []
    assert next_number == len(during) + 1
