"""Saves, issues and voids at the same time, in any groups: the store answers as a plain model does that runs them one by one,
and number, document and ledger always agree.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.commands import (
    Command,
    CreateSeries,
    Expect,
    GetDocuments,
    IssueRequest,
    SaveDocument,
    SaveDocuments,
    SearchDocumentIds,
    SetNext,
    SetPolicy,
    Void,
)
from gateway.core.document_commands import ChangeDocument, SeriesOf
from gateway.core.documents import Document, DocumentId, Line, Status, referred_document
from gateway.core.refusals import Refused
from gateway.core.results import DocumentsSaved
from gateway.core.values import CREDIT_NOTE, INVOICE, DocumentKind, SeriesId, TenantId
from gateway.stores import SqliteStore, open_store
from tests.core.memory_state import MOMENT, MemoryState
from tests.stores.commands import BY, LINE, TENANT, issue
from tests.stores.test_interleavings import modelled, outcome

LATE, EARLY = dt.date(2024, 2, 29), dt.date(2024, 2, 28)
KEYS = st.sampled_from(["a", "b", "c", "d", "e", "f"])
IDS = st.integers(1, 5).map(DocumentId)
DATES = st.sampled_from([None, EARLY, LATE])
KINDS = st.sampled_from([INVOICE, CREDIT_NOTE, DocumentKind("order")])
CONTENT = st.builds(
    Document,
    tenant=st.just(TENANT),
    kind=KINDS,
    status=st.sampled_from([Status.DRAFT, Status.OPEN, Status.OPEN, Status.ISSUED]),
    stage=st.sampled_from(["", "Web", "Invoiced"]),
    series=st.sampled_from([None, SeriesId(1), SeriesId(2)]),
    customer=st.sampled_from([None, 1]),
    document_date=DATES,
    lines=st.lists(st.builds(Line, st.just("x")), max_size=2).map(tuple),
)
REQUESTS = st.builds(
    IssueRequest,
    key=KEYS,
    series=st.sampled_from([None, None, SeriesId(1), SeriesId(2)]),
    kind=st.sampled_from([None, INVOICE]),
    start_if_unset=st.sampled_from([1, 1, 1, None]),
    date=st.sampled_from([None, EARLY, LATE, LATE]),
    dates_must_not_go_back=st.sampled_from([True, True, False]),
)
CREATES = st.builds(
    SaveDocument, CONTENT, key=st.sampled_from(["", "", "k", "l"]), issue=st.one_of(st.none(), REQUESTS)
)
UPDATES = st.builds(
    lambda content, own, **options: SaveDocument(replace(content, id=own), **options),
    CONTENT,
    IDS,
    expect=st.sampled_from(Expect),
    expected_version=st.sampled_from([None, None, 1, 2]),
    issue=st.one_of(st.none(), REQUESTS),
    allow_issued=st.booleans(),
)
FREE = SetPolicy(allow_lower=True, allow_clear=True)


@dataclass(frozen=True)
class Reread:
    """A change to a document as it stood before the wave, made like a client that reads first and then writes."""

    id: DocumentId
    changes: dict[str, Any]
    options: dict[str, Any]

    def bound(self, model: MemoryState) -> SaveDocuments:
        before = model.documents.get(self.id) or Document(TENANT, id=self.id)
        return SaveDocuments(TENANT, (SaveDocument(replace(before, **self.changes), **self.options),), BY)


VOIDED = {"expect": Expect.EXISTING, "void": "why"}
AMENDED = {"expect": Expect.EXISTING, "allow_issued": True}
REREADS = st.one_of(
    st.builds(Reread, IDS, st.just({"stage": "gone"}), st.just(VOIDED)),
    st.builds(Reread, IDS, st.just({"external_status": 1}), st.just(AMENDED)),
    st.builds(
        Reread,
        IDS,
        st.fixed_dictionaries({"document_date": DATES}),
        st.fixed_dictionaries({"expect": st.just(Expect.EXISTING), "issue": REQUESTS}),
    ),
)


def _issued_at_once(document: Document, series: SeriesOf, request: IssueRequest) -> SaveDocument | None:
    """The document with a number, and with the name of its series as its stage; nothing when it has a number."""
    if document.number is not None:
        return None
    return SaveDocument(replace(document, stage=series().name), expected_version=document.version, issue=request)


CHANGES = st.builds(
    lambda own, request, hint: ChangeDocument(
        TENANT, own, partial(_issued_at_once, request=request), BY, request.key if hint else ""
    ),
    IDS,
    REQUESTS,
    st.booleans(),
)
COMMANDS: st.SearchStrategy[Command | Reread] = st.one_of(
    REREADS,
    st.lists(st.one_of(CREATES, UPDATES), min_size=1, max_size=3).map(lambda it: SaveDocuments(TENANT, tuple(it), BY)),
    CREATES.map(lambda item: SaveDocuments(TENANT, (item,), BY)),
    REREADS,
    CHANGES,
    st.builds(Void, st.just(TENANT), st.just(LINE), st.integers(1, 4), st.just(BY)),
    KEYS.map(issue),
    st.builds(SetNext, st.just(TENANT), st.just(LINE), st.sampled_from([None, 1, 3, 9]), st.just(FREE), st.just(BY)),
)
WAVES = st.lists(st.lists(COMMANDS, min_size=1, max_size=8), min_size=1, max_size=6)
GROUP_LIMITS = st.sampled_from([1, 2, 3, 1024])
OPEN = SaveDocument(Document(TENANT, status=Status.OPEN))
START: list[Command | Reread] = [
    CreateSeries(TENANT, "Main", BY),
    CreateSeries(TENANT, "Side", BY),
    SaveDocuments(TENANT, (OPEN,) * 4, BY),
]
PROPERTY = settings(max_examples=120, deadline=None, derandomize=True)


class StandingClock:
    """A clock that always shows the model's moment."""

    def now(self, tenant: TenantId | None = None) -> dt.datetime:
        return MOMENT


async def with_store(path: Path, group_limit: int, work: Callable[[SqliteStore], Any]) -> None:
    store = open_store(f"sqlite:///{path}", clock=StandingClock())
    store._groups.group_limit = group_limit
    await store.start()
    try:
        await work(store)
    finally:
        await store.close()


def on_a_copy(blank_store: Path, group_limit: int, work: Callable[[SqliteStore], Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.db"
        shutil.copy(blank_store, path)
        asyncio.run(with_store(path, group_limit, work))


async def documents_of(store: SqliteStore) -> list[Document]:
    ids = (await store.read(SearchDocumentIds(TENANT))).ids
    return list((await store.read(GetDocuments(TENANT, ids))).documents)


async def assert_never_parted(store: SqliteStore) -> list[Document]:
    """Documents, numbers given out and ledger agree about each number. Returns the documents with numbers."""
    assert (await store.verify())[1] == []
    numbered = [document for document in await documents_of(store) if document.number is not None]
    recorded: dict[Any, DocumentId | None] = {}
    async for entry in store.ledger():
        if entry.operation == "issue":
            recorded[entry.chain, entry.number] = referred_document(entry.reason)
    held = {(document.counter, document.number): document.id for document in numbered}
    assert held == {line: own for line, own in recorded.items() if own is not None}
    assert all(document.status in {Status.ISSUED, Status.VOID} for document in numbered)
    return numbered


@PROPERTY
@given(waves=WAVES, group_limit=GROUP_LIMITS)
def test_any_interleaving_is_some_order(
    blank_store: Path, waves: list[list[Command | Reread]], group_limit: int
) -> None:
    model = MemoryState()

    async def work(store: SqliteStore) -> None:
        for given_wave in [START, *waves]:
            wave = [item.bound(model) if isinstance(item, Reread) else item for item in given_wave]
            answers = await asyncio.gather(*map(store.execute, wave), return_exceptions=True)
            assert [outcome(answer) for answer in answers] == [modelled(model, command) for command in wave]
            assert await documents_of(store) == [document for _, document in sorted(model.documents.items())]
        await assert_never_parted(store)

    on_a_copy(blank_store, group_limit, work)


ISSUES = st.lists(
    st.builds(
        SaveDocument,
        st.just(Document(TENANT, status=Status.OPEN)),
        issue=st.builds(IssueRequest, st.integers(0, 30).map("key-{}".format), start_if_unset=st.just(1)),
    ),
    min_size=1,
    max_size=4,
)
UNKNOWN = SaveDocument(Document(TENANT, id=DocumentId(9999)), expect=Expect.EXISTING)
SPOILED = ISSUES.map(lambda items: [*items, UNKNOWN])
NOISY = st.lists(st.one_of(ISSUES, ISSUES, SPOILED), min_size=1, max_size=25)


def keys_of(items: Sequence[SaveDocument]) -> set[str]:
    return {item.issue.key for item in items if item.issue is not None}


@PROPERTY
@given(requests=NOISY, group_limit=GROUP_LIMITS, cancelled=st.sets(st.integers(0, 24), max_size=5))
def test_numbers_of_documents_are_one_to_n(
    blank_store: Path, requests: list[list[SaveDocument]], group_limit: int, cancelled: set[int]
) -> None:
    """Retries, commands that fail at their last save, callers that give up: no hole, no number twice, one document per key."""

    async def work(store: SqliteStore) -> None:
        await store.execute(CreateSeries(TENANT, "Main", BY))
        tasks = [asyncio.ensure_future(store.execute(SaveDocuments(TENANT, tuple(items), BY))) for items in requests]
        await asyncio.sleep(0)  # every command is queued now
        for position in cancelled & set(range(len(tasks))):
            tasks[position].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        wanted = set().union(*(keys_of(items) for items in requests if UNKNOWN not in items))
        await store.ready()  # behind all queued commands
        numbered = await assert_never_parted(store)
        assert sorted(document.number or 0 for document in numbered) == list(range(1, len(wanted) + 1))
        assert len(await documents_of(store)) == len(wanted)
        for items, answer in zip(requests, answers, strict=True):
            assert isinstance(answer, Refused | asyncio.CancelledError | DocumentsSaved)
            assert not (isinstance(answer, DocumentsSaved) and UNKNOWN in items)

    on_a_copy(blank_store, group_limit, work)
