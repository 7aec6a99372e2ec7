"""A damaged file is said to be damaged, by everything that opens it, and nothing else ever comes out of it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.core.commands import ListSeries, SearchDocuments
from gateway.core.ports import StoreUnavailableError
from gateway.core.search import DocumentFilter
from gateway.stores import SqliteStore, migrate_store, open_store, open_transfer
from gateway.stores.errors import StoreDamagedError, StoreError, StoreOpenError
from tests.stores.commands import TENANT, number_for, peek, provide_main
from tests.until import until

SEEDS: Final = 40


@pytest.fixture(autouse=True)
def looked_after_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.stores.sqlite.store.LOOK_SECONDS", 0.05)


async def whole(path: Path) -> None:
    """Something of everything, over many pages."""
    store = open_store(f"sqlite:///{path}")
    await store.start()
    await provide_main(store)
    for number in range(150):
        await number_for(store, f"key {number}")
    await store.note("a note", "x" * 5000)
    await store.close()


async def served(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    try:
        await store.start()
        await store.read(SearchDocuments(TENANT, DocumentFilter(), 0, 10))
        await peek(store)
    finally:
        await store.close()


async def looked_at(path: Path) -> None:
    store = open_store(f"sqlite:///{path}", read_only=True)
    try:
        await store.start()
        await store.read(ListSeries(TENANT))
        await store.verify()
        async for _ in store.ledger():
            pass
    finally:
        await store.close()


async def taken_out(path: Path) -> None:
    transfer = await open_transfer(f"sqlite:///{path}", write=False)
    try:
        await transfer.presence(TENANT)
        async with transfer.reading(TENANT) as pages:
            async for _ in pages:
                pass
        await transfer.verify(TENANT)
    finally:
        await transfer.close()


async def migrated(path: Path) -> None:
    migrate_store(f"sqlite:///{path}")


def bytes_changed(data: bytes, seed: int) -> bytes:
    chance, found = random.Random(seed), bytearray(data)
    places = range(len(found)) if seed % 2 else range(100, 8192)  # every second time where it hurts most
    for place in chance.choices(places, k=200):
        found[place] = chance.randrange(256)
    return bytes(found)


async def test_random_damage_never_raises_anything_else(tmp_path: Path) -> None:
    path, damaged = tmp_path / "whole.db", tmp_path / "damaged.db"
    await whole(path)
    data, found = path.read_bytes(), list[str]()
    for seed in range(SEEDS):
        for use in (served, looked_at, taken_out, migrated):
            for beside in tmp_path.glob("damaged.db*"):
                beside.unlink()
            damaged.write_bytes(bytes_changed(data, seed))
            found += await outcome(use, damaged)
    texts = [text for text in found if text]
    assert all(str(damaged) in text for text in texts)
    assert sum("is damaged" in text for text in texts) > SEEDS


async def outcome(use: Callable[[Path], Awaitable[None]], path: Path) -> list[str]:
    """What is said of a file; nothing when it can be used."""
    try:
        await use(path)
    except (StoreError, StoreUnavailableError) as error:
        return [str(error)]
    return []


WAYS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "half of it": lambda data: data[: len(data) // 8192 * 4096],
    "a cut page": lambda data: data[:5000],
    "rubbish": lambda data: random.Random(1).randbytes(len(data)),
    "text": lambda _: b"this is not a database, although it is long enough to be one" * 50,
    "another page size": lambda data: data[:16] + b"\x02\x00" + data[18:],
    "no page size": lambda data: data[:16] + b"\x00\x03" + data[18:],
}


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_no_store_is_said_to_be_damaged(tmp_path: Path, way: str) -> None:
    path = tmp_path / "numbers.db"
    await whole(path)
    path.write_bytes(WAYS[way](path.read_bytes()))
    uses: list[Callable[[Path], Awaitable[Any]]] = [served, looked_at, taken_out]
    for use in uses:
        with pytest.raises((StoreDamagedError, StoreUnavailableError), match="is damaged, or is not a store"):
            await use(path)


async def test_an_empty_file_with_a_full_log_is_not_begun_anew(store: SqliteStore, tmp_path: Path) -> None:
    """SQLite would delete the log, and with it everything."""
    await provide_main(store)
    copy = tmp_path / "copy.db"
    copy.touch()
    shutil.copy(f"{store.path}-wal", f"{copy}-wal")
    for use in (served, looked_at, migrated):
        with pytest.raises(StoreOpenError, match="the file is empty although its log is not"):
            await use(copy)
    assert Path(f"{copy}-wal").stat().st_size


async def test_a_store_that_is_damaged_while_it_serves_is_down(store: SqliteStore) -> None:
    await provide_main(store)
    for number in range(20):
        await number_for(store, f"key {number}")
    await until(lambda: Path(f"{store.path}-wal").stat().st_size == 0)
    data = store.path.read_bytes()
    with store.path.open("r+b") as file:
        file.seek(4096)
        file.write(random.Random(1).randbytes(len(data) - 4096))
    with pytest.raises(StoreUnavailableError):
        await store.verify()
    assert not await store.ready()
    with pytest.raises(StoreUnavailableError):
        await peek(store)
