"""Running gateways see a fence at once: what was decided before it is in the copy, and what comes after it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from gateway.core.catalogue import Customer, Project
from gateway.core.catalogue_records import CUSTOMER
from gateway.core.commands import (
    ANYTHING,
    CreateSeries,
    GetDocuments,
    GetSeries,
    Issue,
    ListSeries,
    PeekNext,
    SaveCatalogue,
    SaveDocument,
    SaveDocuments,
    SearchDocumentIds,
    SearchDocuments,
    SetDefault,
    SetNext,
    UpdateSeries,
    Void,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.record_commands import CountRecords, GetRecords, SearchRecords
from gateway.core.refusals import Refused
from gateway.core.search import DocumentFilter
from gateway.core.together import Together
from gateway.core.values import INVOICE, CounterKey, SeriesId
from gateway.stores import DatabaseStore, open_store, open_transfer
from gateway.stores.engine.fences import Fence, TenantFencedError
from gateway.stores.engine.tenant_rows import Contents
from gateway.stores.engine.transfer import TenantTransfer
from gateway.stores.postgres import PostgresStore
from tests.multi_store.places import LATER, OTHER, lively, opened
from tests.stores.commands import BY, FREE, TENANT

FENCE = Fence("moving", "west", "m", "now")
LINE = CounterKey(SeriesId(1), INVOICE)
Ask = Callable[[DatabaseStore], Awaitable[Any]]


def _save(**fields: Any) -> SaveDocuments:
    return SaveDocuments(TENANT, (SaveDocument(Document(TENANT, **fields)),), BY)


ASKED: dict[str, Ask] = {
    "peek": lambda store: store.read(PeekNext(TENANT, LINE)),
    "peek at nothing": lambda store: store.read(PeekNext(TENANT, CounterKey(SeriesId(99), INVOICE))),
    "series": lambda store: store.read(GetSeries(TENANT, SeriesId(1))),
    "default series": lambda store: store.read(GetSeries(TENANT, None)),
    "list": lambda store: store.read(ListSeries(TENANT)),
    "documents": lambda store: store.read(GetDocuments(TENANT, (DocumentId(1),))),
    "no documents": lambda store: store.read(GetDocuments(TENANT, (DocumentId(99),))),
    "search": lambda store: store.read(SearchDocuments(TENANT, DocumentFilter())),
    "search ids": lambda store: store.read(SearchDocumentIds(TENANT, DocumentFilter(customers=(77,)))),
    "contents": lambda store: store.tenant_records.contents(TENANT),
    "ledger page": lambda store: store.tenant_records.ledger_page(TENANT),
    "snapshots": lambda store: store.tenant_records.snapshots(TENANT),
    "issue": lambda store: store.execute(Issue(TENANT, LINE, "new", "new", BY)),
    "issue again": lambda store: store.execute(Issue(TENANT, LINE, "a", "document a", BY)),
    "issue on a new line": lambda store: store.execute(
        Issue(TENANT, CounterKey(SeriesId(2), INVOICE), "n", "n", BY, 1)
    ),
    "set": lambda store: store.execute(SetNext(TENANT, LINE, 500, FREE, BY)),
    "set to what it is": lambda store: store.execute(SetNext(TENANT, LINE, 90, FREE, BY)),
    "void": lambda store: store.execute(Void(TENANT, LINE, 1, BY)),
    "create": lambda store: store.execute(CreateSeries(TENANT, "New", BY)),
    "rename": lambda store: store.execute(UpdateSeries(TENANT, SeriesId(1), ANYTHING, BY, name="Other")),
    "default": lambda store: store.execute(SetDefault(TENANT, SeriesId(2), BY)),
    "draft": lambda store: store.execute(_save(customer=7)),
    "save": lambda store: store.execute(_save(id=DocumentId(1))),
    "catalogue": lambda store: store.execute(SaveCatalogue(TENANT, BY, (Project(9, "x"),))),
    "records": lambda store: store.read(GetRecords(TENANT, (CUSTOMER.key(TENANT, 1),), (CUSTOMER.name,))),
    "no records": lambda store: store.read(GetRecords(TENANT, (CUSTOMER.key(TENANT, 99),))),
    "search records": lambda store: store.read(SearchRecords(TENANT, CUSTOMER)),
    "count records": lambda store: store.read(CountRecords(TENANT, CUSTOMER)),
    "customer": lambda store: store.execute(SaveCatalogue(TENANT, BY, (Customer(1, "y"),))),
    "together": lambda store: store.execute(Together(TENANT, (Issue(TENANT, LINE, "a", "document a", BY),), BY)),
    "token": lambda store: store.put("session", "new", TENANT, {}, LATER),
    "token prolonged": lambda store: store.prolong("session", f"secret {TENANT}", LATER + timedelta(1), timedelta()),
    "token used up": lambda store: store.drop("session", f"secret {TENANT}"),
    "replace": lambda store: store.tenant_records.replace(TENANT, Contents()),
    "provision": lambda store: store.provision(TENANT, [("fresh", "Fresh", None, None, False)]),
    "seed": lambda store: store.seed_catalogue(TENANT, [Project(3, "new")]),
}

CHANGING = {"replace", "void", "seed", "token used up"}
"""What has another answer the second time."""


@pytest.fixture
async def running(urls: dict[str, str]) -> AsyncIterator[tuple[DatabaseStore, TenantTransfer]]:
    """The store as a gateway opens it, and the transfer that an operator opens."""
    await lively(urls["east"])
    await lively(urls["east"], OTHER)
    store, transfer = await opened(urls["east"]), await open_transfer(urls["east"], write=True)
    yield store, transfer
    await transfer.close()
    await store.close()


async def _outcome(ask: Awaitable[Any]) -> str:
    try:
        await ask
    except TenantFencedError as error:
        return "fenced" if error.committed is False else "in doubt"
    except Refused:
        return "refused"
    return "answered"


async def test_a_running_gateway_refuses_everything_of_a_fenced_tenant(
    running: tuple[DatabaseStore, TenantTransfer],
) -> None:
    store, transfer = running
    before = [await _outcome(ask(store)) for name, ask in ASKED.items() if name not in CHANGING]
    assert set(before) <= {"answered", "refused"}
    contents = await store.tenant_records.contents(TENANT)
    await transfer.set_fence(TENANT, None, FENCE)
    assert {name: await _outcome(ask(store)) for name, ask in ASKED.items()} == dict.fromkeys(ASKED, "fenced")
    together = await asyncio.gather(*(_outcome(ask(store)) for ask in ASKED.values()))
    assert set(together) == {"fenced"}
    assert (await store.execute(Issue(OTHER, CounterKey(SeriesId(5), INVOICE), "z", "z", BY))).issued.number == 5  # type: ignore[union-attr]
    assert len((await store.read(ListSeries(OTHER))).views) == 4

    await transfer.set_fence(TENANT, FENCE, None)
    assert await store.tenant_records.contents(TENANT) == contents
    assert await _outcome(ASKED["issue"](store)) == "answered"


async def _show_for_ever(store: DatabaseStore) -> None:
    while True:
        store.catalogue(TENANT)
        await asyncio.sleep(0.01)


async def test_the_catalogue_in_memory_is_not_shown_for_long(running: tuple[DatabaseStore, TenantTransfer]) -> None:
    store, transfer = running
    assert set(store.catalogue(TENANT).projects) == {1, 2}
    await transfer.set_fence(TENANT, None, FENCE)
    with pytest.raises(TenantFencedError):
        await _show_for_ever(store)


async def test_neighbours_in_a_group_are_not_harmed(running: tuple[DatabaseStore, TenantTransfer]) -> None:
    store, transfer = running
    await transfer.set_fence(TENANT, None, FENCE)
    line = CounterKey(SeriesId(5), INVOICE)
    jobs = [
        _outcome(store.execute(Issue(tenant, own, f"g{number}", "d", BY)))
        for number in range(20)
        for tenant, own in ((TENANT, LINE), (OTHER, line))
    ]
    assert (await asyncio.gather(*jobs)) == ["fenced", "answered"] * 20
    assert store.stats.replays == 0


@pytest.mark.parametrize("url", ["default", "file"])
async def test_a_file_with_a_fence_refuses_it_from_the_start(urls: dict[str, str], url: str) -> None:
    await lively(urls[url])
    transfer = await open_transfer(urls[url], write=True)
    await transfer.set_fence(TENANT, None, FENCE)
    await transfer.close()
    store = await opened(urls[url])
    found = {name: await _outcome(ask(store)) for name, ask in ASKED.items()}
    assert found == dict.fromkeys(ASKED, "fenced")
    with pytest.raises(TenantFencedError):
        store.catalogue(TENANT)
    await store.close()


@pytest.mark.parametrize("kind", ["issue", "draft", "catalogue", "token"])
async def test_a_transaction_that_has_not_seen_the_fence_is_waited_for(
    urls: dict[str, str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A group is held up after it has read the fences and before it writes; the fence is set; the group still commits."""
    from gateway.stores.postgres import committer

    await lively(urls["east"])
    store = open_store(urls["east"])
    assert isinstance(store, PostgresStore)
    await store.start()
    transfer = await open_transfer(urls["east"], write=True)
    decided, proceed = asyncio.Event(), asyncio.Event()
    write = committer.write_rows

    async def slowly(connection: Any, rows: Any) -> None:
        decided.set()
        await proceed.wait()
        await write(connection, rows)

    monkeypatch.setattr(committer, "write_rows", slowly)
    job = asyncio.ensure_future(ASKED[kind](store))
    await decided.wait()
    await transfer.set_fence(TENANT, None, FENCE)
    looks, ask = 0, transfer._ask  # type: ignore[attr-defined]

    async def counted(work: Any) -> Any:
        nonlocal looks
        looks += 1
        return await ask(work)

    monkeypatch.setattr(transfer, "_ask", counted)
    settling = asyncio.ensure_future(transfer.settle())
    while looks < 5 and not settling.done():
        await asyncio.sleep(0)
    assert not settling.done()
    proceed.set()
    await job
    await settling
    monkeypatch.undo()
    assert await _outcome(ASKED[kind](store)) == "fenced"
    await transfer.close()
    await store.close()


async def test_others_transactions_are_not_waited_for(urls: dict[str, str]) -> None:
    """Another transaction, such as a backup, may take hours, and it decides nothing."""
    transfer = await open_transfer(urls["east"], write=True)
    backup = await asyncpg.connect(urls["east"], server_settings={"application_name": "pg_dump"})
    async with backup.transaction(isolation="repeatable_read"):
        await backup.fetch("SELECT 1 FROM series")
        await transfer.set_fence(TENANT, None, FENCE)
        await transfer.settle()
    await backup.close()
    await transfer.close()
