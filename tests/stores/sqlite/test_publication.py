"""Reads of the file and answers from memory agree: nobody who saw a commit in the file is answered from an older memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.commands import GetDocuments, SaveDocument, SaveDocuments, SearchDocumentIds, SearchDocuments
from gateway.core.documents import Document, DocumentId, Status
from gateway.core.ports import StoreUnavailableError
from gateway.core.search import DocumentFilter
from gateway.core.values import INVOICE
from gateway.stores import SqliteStore
from gateway.stores.sqlite.document_reads import FEW
from gateway.stores.sqlite.file import Writer
from gateway.stores.sqlite.publication import MARKS, Publication, is_newer
from tests.stores.commands import BY, TENANT, issue, number_for, peek, provide_main, void
from tests.stores.conftest import MakeStore
from tests.stores.sqlite.commits import HeldCommit, fail_commit
from tests.until import until

LATER = datetime(2100, 1, 1, tzinfo=UTC)
DOCUMENT = SaveDocuments(TENANT, (SaveDocument(Document(TENANT, INVOICE, Status.DRAFT)),), BY)

READS: dict[str, Callable[[SqliteStore], Awaitable[Any]]] = {
    "documents by id": lambda store: store.read(GetDocuments(TENANT, tuple(map(DocumentId, range(1, FEW + 2))))),
    "search": lambda store: store.read(SearchDocuments(TENANT, DocumentFilter(), limit=10)),
    "search for ids": lambda store: store.read(SearchDocumentIds(TENANT, DocumentFilter(), limit=10)),
    "ledger": lambda store: _all(store.ledger(TENANT)),
    "ledger page of a tenant": lambda store: store.tenant_records.ledger_page(TENANT),
    "verification": lambda store: store.verify(),
    "token": lambda store: store.get("kind", "never saved"),
    "notes": lambda store: store.noted(""),
    "tenants made at run time": lambda store: store.tenant_records.tenants(),
    "version of the tenants": lambda store: store.tenant_records.version(),
    "owners": lambda store: store.tenant_records.owners(),
    "standing": lambda store: store.tenant_records.standing(TENANT),
    "contents": lambda store: store.tenant_records.contents(TENANT),
    "snapshots": lambda store: store.tenant_records.snapshots(TENANT),
    "snapshot": lambda store: store.tenant_records.snapshot(TENANT, "none"),
}


async def _all(entries: AsyncIterator[Any]) -> list[Any]:
    return [entry async for entry in entries]


@asynccontextmanager
async def reading(
    store: SqliteStore, held: HeldCommit, read: Callable[[SqliteStore], Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[asyncio.Future[Any], asyncio.Future[Any]]]:
    """A commit that is held, and a read whose look into the file is over."""
    has_looked = asyncio.Event()
    true_reached = Publication.reached

    async def reached(publication: Publication, mark: int) -> None:
        has_looked.set()
        await true_reached(publication, mark)

    monkeypatch.setattr(Publication, "reached", reached)
    writing = asyncio.ensure_future(number_for(store, "held"))
    await until(held.stopped.is_set)
    found = asyncio.ensure_future(read(store))
    await until(lambda: has_looked.is_set() or found.done())
    for _ in range(5):  # enough turns of the event loop for an answer that does not wait
        await asyncio.sleep(0)
    try:
        yield writing, found
    finally:
        held.go_on()
        await asyncio.gather(writing, found, return_exceptions=True)


@pytest.fixture
async def started(store: SqliteStore) -> SqliteStore:
    """A store with a series, a number and a document."""
    await provide_main(store)
    await number_for(store, "first")
    await store.execute(DOCUMENT)
    return store


@pytest.mark.parametrize("name", READS)
async def test_a_read_that_saw_a_commit_waits_until_memory_shows_it(
    name: str, started: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldCommit(monkeypatch, before=False)
    async with reading(started, held, READS[name], monkeypatch) as (_, found):
        assert not found.done()
        assert await peek(started) == 2
        held.go_on()
        await found
        assert await peek(started) == 3


async def test_a_read_does_not_wait_for_a_commit_that_it_has_not_seen(
    started: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldCommit(monkeypatch, before=True)
    async with reading(started, held, READS["ledger"], monkeypatch) as (writing, found):
        entries = await found
        assert not writing.done()
        assert await peek(started) == 2
    assert [entry.number for entry in entries if entry.operation == "issue"] == [1]
    assert await peek(started) == 3


async def test_a_read_is_not_answered_with_a_commit_in_doubt(
    started: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_settle = Writer.settle
    monkeypatch.setattr(Writer, "settle", _fail)
    held = HeldCommit(monkeypatch, before=False, fails=True)
    async with reading(started, held, READS["ledger"], monkeypatch) as (writing, found):
        assert not found.done()
        held.go_on()
        for waiting in (writing, found):
            with pytest.raises(StoreUnavailableError):
                await waiting
    with pytest.raises(StoreUnavailableError, match="in doubt"):
        await READS["ledger"](started)
    assert await peek(started) == 2
    monkeypatch.setattr(Writer, "settle", true_settle)
    assert await started.ready()
    assert [entry.number for entry in await READS["ledger"](started) if entry.number] == [1, 2]
    assert await peek(started) == 3


async def test_a_read_is_answered_when_doubt_is_settled_at_once(
    started: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldCommit(monkeypatch, before=False, fails=True)
    async with reading(started, held, READS["ledger"], monkeypatch) as (_, found):
        held.go_on()
        assert [entry.number for entry in await found if entry.number] == [1, 2]
        assert await peek(started) == 3


async def test_a_commit_that_did_not_take_effect_keeps_no_read_waiting(
    started: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_commit(monkeypatch, before=True, times=1)
    with pytest.raises(StoreUnavailableError):
        await number_for(started, "a")
    assert [entry.number for entry in await READS["ledger"](started) if entry.number] == [1]
    assert await number_for(started, "b") == 2
    assert [entry.number for entry in await READS["ledger"](started) if entry.number] == [1, 2]


async def test_a_store_that_closes_answers_the_reads_that_wait(
    started: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldCommit(monkeypatch, before=False)
    async with reading(started, held, READS["documents by id"], monkeypatch) as (writing, found):
        closing_store = asyncio.ensure_future(started.close())
        await asyncio.sleep(0)
        held.go_on()
        assert await writing == 2
        assert (await found).documents
        await closing_store


async def test_a_cancelled_read_disturbs_nobody(started: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldCommit(monkeypatch, before=False)
    async with reading(started, held, READS["ledger"], monkeypatch) as (writing, found):
        other = asyncio.ensure_future(READS["notes"](started))
        found.cancel()
        held.go_on()
        assert await writing == 2
        assert await other
        assert found.cancelled()


async def test_jobs_tried_one_by_one_are_each_shown(started: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    true_write = Writer.write

    def write(writer: Writer, rows: Any) -> None:
        if "poison" in str(rows):
            raise ValueError("cannot be written")
        true_write(writer, rows)

    monkeypatch.setattr(Writer, "write", write)
    jobs = [started.execute(issue("a")), started.execute(issue("poison")), started.execute(void(1))]
    assert [type(found).__name__ for found in await asyncio.gather(*jobs, return_exceptions=True)][1] == "ValueError"
    entries = await READS["ledger"](started)
    assert [entry.number for entry in entries if entry.number] == [1, 2, 1]
    assert await peek(started) == 3


async def test_what_writes_nothing_has_no_mark(started: SqliteStore) -> None:
    mark = started._publication.mark
    assert await number_for(started, "first") == 1
    assert started._publication.mark == mark
    assert await number_for(started, "second") == 2
    assert started._publication.mark != mark


async def test_marks_begin_anew(make_store: MakeStore) -> None:
    store = await make_store()
    await provide_main(store)
    await store.close()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute(f"PRAGMA user_version = {2**31 - 2}")
    store = await make_store()
    for number in range(1, 5):
        assert await number_for(store, f"key-{number}") == number
        assert len(await READS["ledger"](store)) == number + 1
    assert store._publication.mark == 2


@given(mark=st.integers(0, 2**31 - 1), steps=st.integers(1, 1000))
def test_marks_follow_one_another(mark: int, steps: int) -> None:
    later = (mark + steps) % MARKS
    assert is_newer(later, mark)
    assert not is_newer(mark, later)
    assert not is_newer(mark, mark)


def _fail(_: Writer) -> None:
    raise sqlite3.OperationalError("disk I/O error")
