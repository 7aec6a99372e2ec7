"""Documents in the store: durable with their numbers, read back exactly, visible at once, and never blocking the event loop."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.commands import (
    Expect,
    GetDocuments,
    IssueRequest,
    PeekNext,
    SaveDocument,
    SaveDocuments,
    SearchDocumentIds,
    SearchDocuments,
)
from gateway.core.documents import MAX_DOCUMENT_ID, Document, DocumentId, Line, LineId, LineKind, Status
from gateway.core.ports import StoreUnavailableError
from gateway.core.refusals import DateBehind, DocumentChanged, Refused
from gateway.core.results import DocumentsSaved, Saved
from gateway.core.search import DocumentFilter
from gateway.core.values import CREDIT_NOTE, INVOICE, SeriesId, TenantId
from gateway.stores import SqliteStore
from gateway.stores.engine.rows import document_of, document_row
from gateway.stores.sqlite import documents
from gateway.stores.sqlite import store as sqlite_store
from gateway.stores.sqlite.connection import Connection
from gateway.stores.sqlite.file import Writer
from tests.stores.commands import BY, LINE, TENANT, provide_main
from tests.stores.conftest import MakeStore

LATE, EARLY = dt.date(2024, 2, 29), dt.date(2024, 2, 28)


def document(**fields: Any) -> Document:
    return Document(TENANT, **{"status": Status.OPEN, **fields})


def saves(*items: SaveDocument) -> SaveDocuments:
    return SaveDocuments(TENANT, items, BY)


def invoiced(key: str, **fields: Any) -> SaveDocuments:
    return saves(SaveDocument(document(**fields), issue=IssueRequest(key, start_if_unset=1)))


async def saved(store: SqliteStore, *items: SaveDocument) -> tuple[Saved, ...]:
    result = await store.execute(saves(*items))
    assert isinstance(result, DocumentsSaved)
    return result.saved


async def read(store: SqliteStore, *ids: int) -> tuple[Document, ...]:
    return (await store.read(GetDocuments(TENANT, tuple(map(DocumentId, ids))))).documents


# A row and back

AMOUNTS = st.decimals(min_value=-(10**20), max_value=10**20, allow_nan=False, places=6)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = TEXTS.filter(lambda text: not text.startswith("$"))
VALUES = st.one_of(AMOUNTS, st.none(), st.integers(), TEXTS)
EXTRAS = st.dictionaries(st.sampled_from(["a", "b"]), st.dictionaries(NAMES, VALUES, max_size=3))
INT64 = st.integers(-(2**63), 2**63 - 1)
LINES = st.builds(
    Line,
    TEXTS,
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    AMOUNTS,
    st.one_of(st.none(), INT64),
    st.sampled_from(LineKind),
    st.integers(-(2**31), 2**31),
    st.integers(1, 99).map(LineId),
    EXTRAS,
)
MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9999, 1, 1), timezones=st.just(dt.UTC))
DOCUMENTS = st.builds(
    Document,
    tenant=st.just(TENANT),
    kind=st.sampled_from([INVOICE, CREDIT_NOTE]),
    status=st.sampled_from(Status),
    stage=TEXTS,
    series=st.one_of(st.none(), st.just(SeriesId(1))),
    customer=st.one_of(st.none(), INT64),
    external_status=st.one_of(st.none(), INT64),
    document_date=st.one_of(st.none(), st.dates()),
    lines=st.lists(LINES, max_size=3).map(tuple),
    extras=EXTRAS,
    id=st.integers(1, MAX_DOCUMENT_ID).map(DocumentId),
    number=st.one_of(st.none(), st.integers(0, 2**63 - 2)),
    key=TEXTS,
    version=st.integers(1, 10**9),
    last_line=st.integers(0, 99).map(LineId),
    registered=MOMENTS,
    changed=MOMENTS,
)


@settings(deadline=None)
@given(DOCUMENTS)
def test_a_row_reads_as_the_document_it_was_made_from(given_document: Document) -> None:
    again = document_of(document_row(given_document))
    assert again == given_document
    assert repr(again.lines) == repr(given_document.lines)  # 1.0 and 1.00 are equal, but not the same


# Durable


async def test_number_and_document_are_there_after_a_restart(make_store: MakeStore) -> None:
    store = await make_store()
    await provide_main(store)
    lines = (Line("Smørrebrød", Decimal("2.50"), Decimal("45.00"), extras={"x": {"When": dt.datetime.now(dt.UTC)}}),)
    answer = (await saved(store, *invoiced("a", lines=lines, customer=3, document_date=LATE, extras={"x": {}}).saves))[
        0
    ]
    await store.close()
    again = await make_store()
    assert await read(again, 1) == (answer.document,)
    assert (answer.document.number, answer.document.status) == (1, Status.ISSUED)
    retry = (await saved(again, *invoiced("a").saves))[0]
    assert retry == replace(answer, replayed=True)
    assert (await again.verify())[1] == []


async def test_the_latest_date_of_a_line_survives(make_store: MakeStore) -> None:
    store = await make_store()
    await provide_main(store)
    await store.execute(invoiced("a", document_date=LATE))
    await store.close()
    again = await make_store()
    assert (await again.read(PeekNext(TENANT, LINE))).counter.latest_date == LATE
    request = IssueRequest("b", dates_must_not_go_back=True)
    with pytest.raises(Refused) as caught:
        await saved(again, SaveDocument(document(document_date=EARLY), issue=request))
    assert caught.value.refusal == DateBehind(LINE, EARLY, LATE)


async def test_ids_go_on_after_a_restart_whatever_was_proposed(make_store: MakeStore) -> None:
    store = await make_store()
    await provide_main(store)
    await saved(store, *(SaveDocument(document(id=DocumentId(own))) for own in (0, 0, MAX_DOCUMENT_ID, 4)))
    await store.close()
    again = await make_store()
    answers = await saved(again, *(SaveDocument(document()) for _ in range(3)))
    assert [answer.document.id for answer in answers] == [3, 5, 6]


async def test_a_long_run_of_proposed_ids_is_passed_in_one_step(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This happens after a client has brought its own documents with their ids."""
    await saved(store, *(SaveDocument(document(id=DocumentId(own))) for own in [*range(1, 500), *range(501, 700), 900]))
    asked: list[Any] = []
    true_documents = Writer.documents
    monkeypatch.setattr(Writer, "documents", lambda writer, ids: asked.append(ids) or true_documents(writer, ids))
    answers = await saved(store, *(SaveDocument(document()) for _ in range(3)))
    assert [answer.document.id for answer in answers] == [500, 700, 701]
    assert len(asked) < 10


async def test_keys_of_creation_survive(make_store: MakeStore) -> None:
    store = await make_store()
    before = await saved(store, SaveDocument(document(), key="k"), SaveDocument(document()))
    await saved(store, SaveDocument(replace(before[0].document, stage="x"), expected_version=1))
    await store.close()
    again = await make_store()
    (answer,) = await saved(again, SaveDocument(document(), key="k"))
    assert (answer.replayed, answer.document.id, answer.document.version) == (True, 1, 2)


async def test_a_refused_command_leaves_nothing(store: SqliteStore) -> None:
    await provide_main(store)
    bad = SaveDocument(document(id=DocumentId(99)), expect=Expect.EXISTING)
    with pytest.raises(Refused):
        await saved(store, *invoiced("a").saves, bad)
    assert (await store.read(SearchDocumentIds(TENANT))).ids == ()
    assert (await store.read(PeekNext(TENANT, LINE))).counter.next_number is None
    assert [entry.operation async for entry in store.ledger()] == ["create"]


async def test_what_cannot_be_kept_fails_alone(store: SqliteStore) -> None:
    """In a group of three the middle document has extras that no row can hold."""
    await provide_main(store)
    commands = [invoiced("a"), invoiced("b", extras={"x": {"y": object()}}), invoiced("c")]
    first, bad, last = await asyncio.gather(*map(store.execute, commands), return_exceptions=True)
    assert isinstance(bad, ValueError)
    numbers = [answer.saved[0].document.number for answer in (first, last)]  # type: ignore[union-attr]
    assert numbers == [1, 2]
    assert (await store.verify())[1] == []


async def test_many_saves_share_a_commit(store: SqliteStore) -> None:
    await provide_main(store)
    commits = store.stats.commits
    answers = await asyncio.gather(*(store.execute(invoiced(f"key-{i}")) for i in range(500)))
    found = [answer.saved[0].document for answer in answers]  # type: ignore[union-attr]
    assert [(d.id, d.number) for d in found] == [(i, i) for i in range(1, 501)]
    assert store.stats.commits == commits + 1


async def test_two_that_change_one_document_at_once(store: SqliteStore) -> None:
    (answer,) = await saved(store, SaveDocument(document()))
    update = saves(SaveDocument(replace(answer.document, stage="x"), expected_version=1))
    outcomes = await asyncio.gather(store.execute(update), store.execute(update), return_exceptions=True)
    assert isinstance(outcomes[0], DocumentsSaved)
    assert isinstance(outcomes[1], Refused)
    assert outcomes[1].refusal == DocumentChanged(DocumentId(1), 2)


async def test_what_changes_nothing_commits_nothing(store: SqliteStore) -> None:
    await provide_main(store)
    await store.execute(invoiced("a"))
    commits = store.stats.commits
    await store.execute(invoiced("a"))
    assert store.stats.commits == commits


# Reading


async def test_a_read_sees_what_was_acknowledged(store: SqliteStore) -> None:
    await provide_main(store)
    for number in range(1, 30):
        await store.execute(invoiced(f"key-{number}"))
        assert [d.number for d in await read(store, number)] == [number]
        assert (await store.read(SearchDocumentIds(TENANT, DocumentFilter(numbers=(number,))))).ids == (number,)


async def test_reads_do_not_hold_up_the_loop_or_each_other(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a search is stuck, other requests get numbers, peek, and read the ledger."""
    await provide_main(store)
    stuck, go_on = threading.Event(), threading.Event()
    true_find = documents.find_ids

    def slow(connection: Connection, query: SearchDocuments) -> Any:
        stuck.set()
        go_on.wait(30)
        return true_find(connection, query)

    monkeypatch.setattr(documents, "find_ids", slow)
    searching = asyncio.ensure_future(store.read(SearchDocuments(TENANT)))
    try:
        assert await asyncio.to_thread(stuck.wait, 30)
        await store.execute(invoiced("a"))
        assert (await store.read(PeekNext(TENANT, LINE))).counter.next_number == 2
        assert {entry.operation async for entry in store.ledger()} == {"create", "issue"}
        assert not searching.done()
    finally:
        go_on.set()
    assert (await searching).documents == ()  # as it was when the search began
    assert [d.id for d in (await store.read(SearchDocuments(TENANT))).documents] == [1]


async def test_a_long_verification_holds_up_nobody(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await provide_main(store)
    stuck, go_on = threading.Event(), threading.Event()
    true_verify = sqlite_store.verify

    def slow(connection: Connection, tenant: TenantId | None) -> Any:
        stuck.set()
        go_on.wait(30)
        return true_verify(connection, tenant)

    monkeypatch.setattr(sqlite_store, "verify", slow)
    verifying = asyncio.ensure_future(store.verify())
    try:
        assert await asyncio.to_thread(stuck.wait, 30)
        await store.execute(invoiced("a"))
        assert await store.get("kind", "unknown token") is None
        assert [entry async for entry in store.ledger()]
        assert await read(store, 1)
        assert not verifying.done()
    finally:
        go_on.set()
    assert await verifying == (1, [])  # as it was when the verification began


async def test_documents_are_the_tenants_own(store: SqliteStore) -> None:
    await saved(store, SaveDocument(document()))
    other = TenantId("other")
    assert (await store.read(GetDocuments(other, (DocumentId(1),)))).documents == ()
    assert (await store.read(SearchDocumentIds(other))).ids == ()
    assert (await store.read(SearchDocuments(other, DocumentFilter(ids=(DocumentId(1),))))).documents == ()


async def test_every_query_finds_what_was_saved(store: SqliteStore) -> None:
    await provide_main(store)
    (answer,) = (await store.execute(invoiced("a"))).saved
    assert (await store.read(GetDocuments(TENANT, (DocumentId(1),)))).documents == (answer.document,)
    assert (await store.read(SearchDocuments(TENANT))).documents == (answer.document,)
    assert (await store.read(SearchDocumentIds(TENANT))).ids == (1,)


async def test_a_store_that_cannot_be_read_says_so(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await read(store, 1)
    reader = store._document_reading._reader
    assert reader is not None
    reader._connection.close()
    with pytest.raises(StoreUnavailableError, match="cannot read"):
        await read(store, 1)
