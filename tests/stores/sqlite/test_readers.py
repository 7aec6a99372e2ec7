"""Reading a store beside its writer, after a crash and after tampering."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from gateway.core.commands import CreateSeries
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores import SqliteStore, open_store
from tests.stores.commands import BY, TENANT, issue, number_for, peek, provide_main, set_next
from tests.stores.conftest import MakeStore


async def test_a_reader_beside_a_writer(store: SqliteStore, make_store: MakeStore) -> None:
    await provide_main(store)
    await store.execute(set_next(445))
    reader = await make_store(read_only=True)
    await asyncio.gather(*(number_for(store, f"key-{i}") for i in range(50)))
    assert await peek(reader) == 445  # the state at its start
    assert await peek(await make_store(read_only=True)) == 495
    entries = [entry async for entry in reader.ledger()]
    assert [entry.number for entry in entries if entry.operation == "issue"] == list(range(445, 495))
    assert await reader.verify() == (len(entries), [])
    assert await number_for(store, "afterwards") == 495


async def test_verifying_while_numbers_are_given_out_sees_one_instant(
    store: SqliteStore, make_store: MakeStore
) -> None:
    await provide_main(store)
    reader = await make_store(read_only=True)

    async def give_out(client: int) -> None:
        for i in range(60):
            await number_for(store, f"{client}-{i}")

    writing = asyncio.gather(*(give_out(client) for client in range(8)))
    looks = 0
    while not writing.done():
        assert (await reader.verify())[1] == []
        looks += 1
    await writing
    assert looks > 1


async def test_a_reader_cannot_write(make_store: MakeStore) -> None:
    reader = await make_store(read_only=True)
    with pytest.raises(StoreUnavailableError, match="reading only"):
        await reader.execute(issue("a"))
    assert not await reader.ready()


async def test_a_reader_works_on_a_store_that_was_shut_down(store: SqliteStore, make_store: MakeStore) -> None:
    await provide_main(store)
    await number_for(store, "a")
    await store.close()
    assert await peek(await make_store(read_only=True)) == 2


async def test_a_reader_works_on_what_a_crash_left(store: SqliteStore, tmp_path: Path) -> None:
    await provide_main(store)
    await number_for(store, "a")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for part in ("numbers.db", "numbers.db-wal"):
        shutil.copy(store.path.with_name(part), crashed / part)
    reader = open_store(f"sqlite:///{crashed / 'numbers.db'}", read_only=True)
    await reader.start()
    assert await peek(reader) == 2
    await reader.close()


async def test_the_ledger_of_one_tenant_or_all_in_pages(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.stores.engine.ledger_pages.PAGE", 3)
    await provide_main(store)
    await store.execute(CreateSeries(TenantId("other"), "Main", BY))
    await asyncio.gather(*(number_for(store, f"key-{i}") for i in range(7)))
    everything = [entry async for entry in store.ledger()]
    own = [entry async for entry in store.ledger(TENANT)]
    assert [(e.chain.series, e.chain.line, e.index) for e in everything] == [
        *((1, "invoice", i) for i in range(1, 8)),
        (1, "series", 1),
        (2, "series", 1),
    ]
    assert own == everything[:-1]
    assert await store.verify(TenantId("other")) == (1, [])
    assert await store.verify(TenantId("nobody")) == (0, [])
