"""No answer shows a commit that a failover would take back: one that no standby has confirmed (ADR-48)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import pytest

from gateway.core.catalogue import Customer, Project
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.commands import (
    Expect,
    GetDocuments,
    GetSeries,
    ListSeries,
    SaveCatalogue,
    SaveDocument,
    SaveDocuments,
    SearchDocumentIds,
    SearchDocuments,
    SetPolicy,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.ports import StoreUnavailableError
from gateway.core.record_commands import SearchRecords
from gateway.core.refusals import Refused
from gateway.core.values import TenantId
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.postgres import PostgresStore, queries
from gateway.stores.postgres.durability import MOST_KNOWN, ROW_BITS, DurableTransactions
from tests import pg
from tests.long_form import short_or_long
from tests.stores.commands import BY, TENANT, number_for, peek, provide_main, set_next
from tests.stores.postgres.conftest import TEMPLATE, MakePostgres, Time
from tests.stores.postgres.test_doubt import WAITING, wait_for_standby
from tests.stores.postgres.test_read_batches import statements_of

pytestmark = pytest.mark.long_form

CANCEL_WAITING = f"SELECT pg_cancel_backend(pid) FROM ({WAITING}) waiting"
END = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


# What one process knows


def test_what_had_ended_before_a_commit_is_durable() -> None:
    known = DurableTransactions()
    assert not known.covers_rows([100])
    known.learn(101, 105)
    assert known.covers_rows([3, 99, 100, 105])
    assert not known.covers_rows([100, 101])
    assert not known.covers_rows([104])
    known.learn_rows([104])
    assert known.covers_rows([104, 105])


def test_a_commit_that_was_sent_earlier_takes_nothing_away() -> None:
    known = DurableTransactions()
    known.learn(200, 205)
    known.learn(150, 160)
    assert known.horizon == 200
    assert known.covers_rows([199, 160, 205])
    assert not known.covers_rows([200])


def test_everything_below_an_end_is_durable_when_each_single_one_is() -> None:
    known = DurableTransactions()
    known.learn(10, 11)
    assert known.covers_until(10)
    assert not known.covers_until(11), "number 10 may be committed without confirmation"
    known.learn_rows([10])
    assert known.covers_until(12)
    assert not known.covers_until(13)


@pytest.mark.parametrize("era", [0, 1, 7])
def test_rows_know_only_half_of_a_number(era: int) -> None:
    known = DurableTransactions()
    horizon = era * ROW_BITS + 1000
    known.learn(horizon, horizon + 2)
    assert known.covers_rows([999, 1002])
    assert not known.covers_rows([1000, 1001, 1003])
    if era:  # written before the numbers began anew
        assert known.covers_rows([ROW_BITS - 5])
    assert known.covers_rows([1, 2]), "what has always been there"


def test_numbers_that_begin_anew_are_newer() -> None:
    known = DurableTransactions()
    known.learn(ROW_BITS - 2, ROW_BITS - 1)
    assert known.covers_rows([ROW_BITS - 3, ROW_BITS - 1])
    assert not known.covers_rows([5])
    known.learn_rows([5])
    assert known.covers_rows([5])


def test_memory_is_bounded_and_forgetting_is_safe() -> None:
    known = DurableTransactions()
    known.learn(3, 3)
    for transaction in range(10, 10 + 3 * MOST_KNOWN, 2):
        known.learn_rows([transaction])
        assert not known.covers_rows([transaction + 1])
    assert len(known._known) <= MOST_KNOWN


# What is read beside a commit that nobody confirms


Store = PostgresStore
OLD, NEW = (Project(1, "Old"), Customer(1, "Old")), (Project(1, "New"), Customer(1, "New"))


async def _refreshed(store: Store) -> Any:
    await store._refresh_catalogues()
    return store.catalogue(TENANT)


async def _customers(store: Store) -> Any:
    return (await store.read(SearchRecords(TENANT, CUSTOMER))).records


USUAL = (
    "peek",
    "documents",
    "search",
    "dropped token",
    "notes",
    "ledger",
    "catalogue",
    "records",
    "tenants",
    "refusal",
)
"""One case for each way to read. The others read in the same ways."""


async def refusal_of(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except Refused as refused:
        return refused.refusal


async def _saved(store: Store, own: int, version: int = 0) -> Any:
    """Save a document. version: the one that it has now."""
    document = Document(TENANT, id=DocumentId(own), version=version, stage=f"stage {version}")
    expect = Expect.EXISTING if version else Expect.NEW
    return await store.execute(SaveDocuments(TENANT, (SaveDocument(document, expect),), BY))


async def _ledger(store: Store) -> Any:
    return [entry async for entry in store.ledger(TENANT)]


async def _token(store: Store) -> Any:
    store._tokens.forget(TENANT)  # what is in the cache may be old
    return await store.get("code", "spent")


CASES: dict[str, tuple[Callable[[Store], Awaitable[Any]], Callable[[Store], Awaitable[Any]]]] = {
    "peek": (lambda store: store.execute(set_next(200)), peek),
    "series": (lambda store: store.execute(set_next(200)), lambda store: store.read(GetSeries(TENANT, None))),
    "all series": (lambda store: store.execute(set_next(200)), lambda store: store.read(ListSeries(TENANT))),
    "documents": (lambda store: _saved(store, 1, 1), lambda store: store.read(GetDocuments(TENANT, (DocumentId(1),)))),
    "absent document": (
        lambda store: _saved(store, 2),
        lambda store: store.read(GetDocuments(TENANT, (DocumentId(2),))),
    ),
    "many documents": (
        lambda store: _saved(store, 1, 1),
        lambda store: store.read(GetDocuments(TENANT, tuple(map(DocumentId, range(1, 40))))),
    ),
    "search": (lambda store: _saved(store, 2), lambda store: store.read(SearchDocuments(TENANT))),
    "search for ids": (lambda store: _saved(store, 2), lambda store: store.read(SearchDocumentIds(TENANT))),
    "token": (
        lambda store: store.put("code", "spent", TENANT, {"a": 2}, END),
        _token,
    ),
    "dropped token": (lambda store: store.drop("code", "spent"), _token),
    "notes": (lambda store: store.note("note:a", "new"), lambda store: store.noted("note:")),
    "ledger": (lambda store: store.execute(set_next(200)), _ledger),
    "catalogue": (lambda store: store.execute(SaveCatalogue(TENANT, BY, items=NEW[:1])), _refreshed),
    "records": (lambda store: store.execute(SaveCatalogue(TENANT, BY, items=NEW[1:])), _customers),
    "tenants": (
        lambda store: store.tenant_records.add_tenant(KeptTenant(TenantId("late"), "{}", "now")),
        lambda store: store.tenant_records.tenants(),
    ),
    "version of tenants": (
        lambda store: store.tenant_records.add_tenant(KeptTenant(TenantId("late"), "{}", "now")),
        lambda store: store.tenant_records.version(),
    ),
    "contents": (lambda store: store.execute(set_next(200)), lambda store: store.tenant_records.contents(TENANT)),
    "snapshots": (
        lambda store: store.tenant_records.keep_snapshot(TENANT, "late", Contents(), END),
        lambda store: store.tenant_records.snapshots(TENANT),
    ),
    "refusal": (
        lambda store: store.execute(set_next(200)),
        lambda store: refusal_of(store.execute(set_next(100, SetPolicy()))),
    ),
}
"""For each kind of read: a write that changes its answer, and the read."""


@asynccontextmanager
async def two_stores(server: pg.Cluster) -> AsyncIterator[tuple[Store, Store]]:
    """One that writes and one that reads, on a database with something of everything."""
    name = server.database(TEMPLATE)
    url = server.url(name, commit_seconds=0.4, deadline_seconds=0.4, connect_timeout=0.4)
    writer, reader = PostgresStore(url), PostgresStore(url)
    try:
        for store in (writer, reader):
            await store.start()
            assert store._watching is not None
            store._watching.cancel()  # it makes a commit now and then
        await provide_main(writer)
        await _saved(writer, 1)
        await writer.execute(set_next(50))
        await writer.put("code", "spent", TENANT, {"a": 1}, END)
        await writer.note("note:a", "old")
        await writer.execute(SaveCatalogue(TENANT, BY, items=OLD))
        yield writer, reader
    finally:
        server.sql("ALTER SYSTEM RESET synchronous_standby_names")
        server.sql("SELECT pg_reload_conf()")
        await writer.close()
        await reader.close()
        server.drop(name)


async def cancel_commit(server: pg.Cluster, work: Awaitable[Any]) -> None:
    """Send a write, and cancel its COMMIT as soon as that waits for the standby: from then on it is visible, but only here."""
    writing = asyncio.ensure_future(work)  # type: ignore[arg-type]
    while not await server.ask(CANCEL_WAITING):
        await asyncio.sleep(0.005)
    with suppress(StoreUnavailableError):
        await writing


async def until(ask: Callable[[], Awaitable[Any]]) -> Any:
    """The answer, as soon as there is one."""
    while True:
        with suppress(StoreUnavailableError):
            return await ask()


@pytest.mark.parametrize("case", short_or_long(USUAL, [*CASES]))
async def test_what_no_standby_has_confirmed_is_not_shown(server: pg.Cluster, time: Time, case: str) -> None:
    write, read = CASES[case]
    async with two_stores(server) as (writer, reader):
        before = await read(reader)
        await peek(reader)
        await wait_for_standby(server, "nobody")
        await cancel_commit(server, write(writer))
        with pytest.raises(StoreUnavailableError):
            await read(reader)
        await wait_for_standby(server, "")
        assert await until(lambda: read(reader)) != before, "the write was there to be seen"


async def test_a_proof_that_somebody_cancels_is_no_proof(server: pg.Cluster) -> None:
    """The server answers it like any other, and warns that no standby has it."""
    async with two_stores(server) as (_, reader):
        connection = await reader._hosts.connect(asyncio.get_running_loop().time() + 10)
        await wait_for_standby(server, "nobody")
        proving = asyncio.ensure_future(connection.prove())
        while not await server.ask(CANCEL_WAITING):
            await asyncio.sleep(0.005)
        with pytest.raises(ConnectionError, match="synchronous replication"):
            await proving
        connection.terminate()


async def test_a_line_that_nobody_touched_is_still_shown(server: pg.Cluster, time: Time) -> None:
    """One commit without confirmation does not take everything out of service."""
    async with two_stores(server) as (writer, reader):
        assert await peek(reader) == 50
        await wait_for_standby(server, "nobody")
        await cancel_commit(server, writer.note("note:a", "new"))
        assert await peek(reader) == 50


# What it costs


async def test_a_processs_own_commits_need_no_proof(
    make_store: MakePostgres, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await make_store()
    await provide_main(store)
    sent = statements_of(store, monkeypatch)
    for number in range(5):
        await number_for(store, f"key {number}")
        await _saved(store, 1, number)
        await store.put("code", f"token {number}", TENANT, {}, END)
        assert await peek(store) == number + 2
        store._tokens.forget(TENANT)
        assert await store.get("code", f"token {number}")
        assert (await store.read(GetDocuments(TENANT, (DocumentId(1),)))).documents
        assert (await store.read(SearchDocuments(TENANT))).documents
        assert (await store.read(ListSeries(TENANT))).views
    assert queries.PROOF not in sent


async def test_what_another_process_commits_is_proved_once(
    make_store: MakePostgres, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, reader = await make_store(), await make_store()
    await provide_main(writer)
    assert writer._watching is not None
    writer._watching.cancel()
    await peek(reader)
    sent = statements_of(reader, monkeypatch)
    for number in range(3):
        await number_for(writer, f"key {number}")
        sent.clear()
        assert await asyncio.gather(*(peek(reader) for _ in range(50))) == [number + 2] * 50
        assert [await peek(reader) for _ in range(5)] == [number + 2] * 5
        assert sent.count(queries.PROOF) == 1


async def test_an_open_transaction_does_not_make_every_read_dear(
    make_store: MakePostgres, cluster: pg.Cluster, database: str, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the horizon back. So rows that a proof has covered are remembered one by one."""
    writer, reader = await make_store(), await make_store()
    await provide_main(writer)
    holding = await asyncpg.connect(cluster.url(database))
    try:
        await holding.execute("BEGIN; SELECT txid_current()")
        await number_for(writer, "a")
        await peek(reader)
        sent = statements_of(reader, monkeypatch)
        assert [await peek(reader) for _ in range(5)] == [2] * 5
        assert sent.count(queries.PROOF) == 0
    finally:
        await holding.close()
