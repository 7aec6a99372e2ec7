"""Disk full, file locked, file gone, commit in doubt: no answer is false, and the store works again afterwards."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.stores import SqliteStore
from gateway.stores.sqlite import connection, file
from gateway.stores.sqlite.file import Writer
from gateway.stores.sqlite.log import log_of
from tests.stores.commands import issue, number_for, peek, provide_main, set_next
from tests.stores.conftest import MakeStore
from tests.stores.sqlite.commits import fail_commit


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
import asyncio, json, os, resource, signal, sqlite3, sys
from gateway.core.ports import StoreUnavailableError
from gateway.stores import open_store
from tests.stores.commands import number_for, peek, provide_main

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path, with_reader = sys.argv[1], sys.argv[2] == "reader"
store = open_store("sqlite:///" + path)

async def attempt(key):
    try:
        return await number_for(store, key)
    except StoreUnavailableError as error:
        return {"committed": error.committed}

async def run():
    await store.start()
    await provide_main(store)
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    if with_reader:  # like a copy of the file that takes long: it needs the log as it is
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM ledger").fetchone()
    size = os.path.getsize(path + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 60_000, resource.RLIM_INFINITY))
    during = {}
    for group in range(40):
        keys = [f"{group}-{i}" for i in range(5)]
        during.update(zip(keys, await asyncio.gather(*map(attempt, keys))))
    ready_when_full = [await store.ready() for _ in range(40)][-1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ready_again = await store.ready()
    after = {key: await attempt(key) for key in during}
    findings = (await store.verify())[1]
    reader.close()
    await store.close()
    print(json.dumps([during, after, ready_when_full, ready_again, [f.problem for f in findings], await peek(store)]))

asyncio.run(run())
"""


@pytest.mark.parametrize("beside", ["nobody", "reader"])
def test_a_file_system_that_takes_no_more(store_path: Path, beside: str) -> None:
    """The writes themselves fail, inside COMMIT: the process has a limit on the size of its files."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL_DISK, str(store_path), beside],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    during, after, ready_when_full, ready_again, findings, next_number = json.loads(done.stdout)
    given = {key: answer for key, answer in during.items() if isinstance(answer, int)}
    refused = [answer for answer in during.values() if not isinstance(answer, int)]
    assert given
    assert refused
    if beside == "reader":  # alone, the store may begin the log anew, which needs no more room
        assert not ready_when_full
    assert ready_again
    assert given.items() <= after.items()
    assert sorted(after.values()) == list(range(1, len(during) + 1))
    assert findings == []
    assert next_number == len(during) + 1


async def test_the_log_is_short_again_after_a_reader_that_stayed(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = 20
    monkeypatch.setattr(file, "CHECKPOINT_PAGES", pages)
    store = await make_store()
    await provide_main(store)
    bound = 2 * pages * file.PAGE_BYTES
    with closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM issued").fetchone() == (0,)
        numbers = 0
        while log_of(store.path).stat().st_size <= 4 * bound:
            numbers += 1
            assert await number_for(store, f"key-{numbers}") == numbers
        assert reader.execute("SELECT count(*) FROM issued").fetchone() == (0,)
        reader.execute("COMMIT")
    for more in range(3):
        assert await number_for(store, f"more-{more}") == numbers + more + 1
    assert log_of(store.path).stat().st_size <= bound
