"""Documents that were read or saved a moment ago are answered and decided from memory, which is never out of date."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.core import document_body, extras
from gateway.core.commands import GetDocuments, IssueRequest, SaveDocument, SaveDocuments
from gateway.core.document_commands import ChangeDocument, SeriesOf
from gateway.core.documents import Document, DocumentId, Line
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores import SqliteStore
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.rows import document_row
from gateway.stores.engine.statements import SAVE_DOCUMENT, Row, sql_for
from gateway.stores.sqlite import document_reads, documents
from gateway.stores.sqlite.document_reads import DocumentReads
from gateway.stores.sqlite.file import Writer
from tests.stores.commands import BY, TENANT, provide_main
from tests.stores.conftest import MakeStore
from tests.stores.sqlite.commits import HeldCommit, fail_commit
from tests.until import until

ONE = DocumentId(1)


async def save(store: SqliteStore, document: Document, **more: Any) -> Document:
    return (await store.execute(SaveDocuments(TENANT, (SaveDocument(document, **more),), BY))).saved[0].document


async def read(store: SqliteStore, own: int = ONE) -> Document:
    (found,) = (await store.read(GetDocuments(TENANT, (DocumentId(own),)))).documents
    return found


async def test_a_saved_document_is_read_and_changed_without_the_file(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provide_main(store)
    lines = (Line("a", Decimal(1)),)
    await save(store, Document(TENANT, lines=lines, extras={"x": {"both": (1, Decimal("2.0"))}}))
    for room in (documents, document_reads):
        monkeypatch.setattr(room, "rows_by_id", None)
    first = await read(store)
    assert first.extras == {"x": {"both": [1, Decimal("2.0")]}}  # a tuple comes back as a list, as from the file
    issue = IssueRequest("key", start_if_unset=1)
    await save(store, first.with_fields(stage="final"), expected_version=1, issue=issue)
    assert ((await read(store)).number, (await read(store)).lines) == (1, first.lines)
    assert (await store.read(GetDocuments(TenantId("other"), (ONE,)))).documents == ()


async def test_reads_that_wait_are_one_look_into_the_file(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        await save(store, Document(TENANT))
    store._committed.recent.clear()  # as after a restart
    asked: list[Sequence[DocumentId]] = []
    true_rows = documents.rows_by_id
    monkeypatch.setattr(document_reads, "rows_by_id", lambda c, ids: asked.append(ids) or true_rows(c, ids))
    found = await asyncio.gather(*(store.read(GetDocuments(TENANT, (DocumentId(own), ONE))) for own in (3, 2, 9)))
    assert [[document.id for document in each.documents] for each in found] == [[1, 3], [1, 2], [1]]
    assert asked == [[1, 2, 3, 9]]


async def test_changes_that_are_decided_together_are_one_look_into_the_file(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await save(store, Document(TENANT))
    store._committed.recent.clear()
    asked: list[Sequence[DocumentId]] = []
    true_documents = Writer.documents
    monkeypatch.setattr(Writer, "documents", lambda w, ids: asked.append(list(ids)) or true_documents(w, ids))

    def moved(document: Document, _: SeriesOf) -> SaveDocument:
        return SaveDocument(document.with_fields(stage="moved"), expected_version=document.version)

    changes = (ChangeDocument(TENANT, DocumentId(own), moved, BY) for own in (3, 1))
    done = await asyncio.gather(*map(store.execute, changes))
    assert [(each.saved[0].document.id, each.saved[0].document.stage) for each in done] == [(3, "moved"), (1, "moved")]
    assert asked == [[3, 1]]


async def test_a_read_that_shows_an_older_commit_is_not_kept(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save(store, Document(TENANT, stage="old"))
    store._committed.recent.clear()
    true_rows = DocumentReads.rows

    async def slow(reads: DocumentReads, ids: Sequence[DocumentId]) -> tuple[list[Row], int]:
        answer = await true_rows(reads, ids)
        await save(store, Document(TENANT, id=ONE, stage="new"), expected_version=1)
        store._committed.recent.clear()
        return answer

    monkeypatch.setattr(DocumentReads, "rows", slow)
    assert (await read(store)).stage == "old"  # it was asked before the change was answered
    monkeypatch.undo()
    assert (await read(store)).stage == "new"


async def test_memory_shows_a_change_when_the_commit_is_published(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save(store, Document(TENANT, stage="old"))
    held = HeldCommit(monkeypatch, before=False)
    saving = asyncio.ensure_future(save(store, Document(TENANT, id=ONE, stage="new"), expected_version=1))
    await until(held.stopped.is_set)
    try:
        assert (await read(store)).stage == "old"
    finally:
        held.go_on()
    await saving
    assert (await read(store)).stage == "new"


async def test_after_a_doubt_documents_are_read_from_the_file(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save(store, Document(TENANT, stage="old"))
    fail_commit(monkeypatch, before=False, times=1)
    with pytest.raises(StoreUnavailableError):
        await save(store, Document(TENANT, id=ONE, stage="new"), expected_version=1)
    assert (await read(store)).stage == "new"
    await save(store, Document(TENANT, id=ONE, stage="newer"), expected_version=2)


def test_what_is_in_memory_goes_with_the_tenant() -> None:
    committed = Committed()
    committed.recent.take([document_row(Document(TENANT, id=ONE))])
    committed.forget(TENANT)
    assert committed.recent.document(ONE) is None


async def test_a_body_of_the_first_form_is_read_and_replaced(make_store: MakeStore) -> None:
    store = await make_store()
    await provide_main(store)
    made = await save(store, Document(TENANT, lines=(Line("a", Decimal("1.5")),), extras={"x": {"d": Decimal("0.10")}}))
    await store.close()
    lines = [[1, 0, "normal", None, "a", "1.5", "0", "0", "0", {}]]
    first_form = extras.encode({"last_line": 1, "extras": made.extras, "lines": lines})
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE documents SET body = ?", (first_form,))
    store = await make_store()
    assert await read(store) == made
    issued = await save(store, made, expected_version=1, issue=IssueRequest("key", start_if_unset=1))
    with closing(sqlite3.connect(store.path)) as connection:
        ((body,),) = connection.execute("SELECT body FROM documents")
    assert json.loads(first_form)["last_line"] == document_body.read(body).last_line
    assert body.startswith("2 1 ")
    assert await read(store) == issued == replace(made, **_issued(issued))


def _issued(document: Document) -> dict[str, Any]:
    names = ("status", "series", "number", "version", "changed", "line")
    return {name: getattr(document, name) for name in names}


async def test_new_ids_below_a_proposed_one_are_looked_for_once(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save(store, Document(TENANT, id=DocumentId(4)))
    asked: list[int] = []
    true_next = Writer.next_taken_id
    monkeypatch.setattr(Writer, "next_taken_id", lambda writer, start: asked.append(start) or true_next(writer, start))
    made = await asyncio.gather(*(save(store, Document(TENANT)) for _ in range(5)))
    assert [document.id for document in made] == [1, 2, 3, 5, 6]
    assert asked.count(1) == 1


def test_a_save_leaves_alone_what_never_changes() -> None:
    changes = sql_for(SAVE_DOCUMENT, 1).partition("DO UPDATE SET ")[2]
    assert '"status" = excluded."status"' in changes
    assert not any(f'"{name}" =' in changes for name in ("id", "tenant", "key", "registered"))
