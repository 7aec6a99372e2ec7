"""SIGKILL between any two statements of the transaction: number and document are both there, or neither is."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.core.commands import (
    GetDocuments,
    IssueRequest,
    PeekNext,
    SaveDocument,
    SaveDocuments,
    SearchDocumentIds,
)
from gateway.core.documents import Document, DocumentId, Status
from gateway.core.results import DocumentsSaved
from gateway.stores import SqliteStore, open_store
from gateway.stores.sqlite import file
from gateway.stores.sqlite.file import Writer
from tests.stores.commands import BY, LINE, TENANT, provide_main

STATEMENTS = 6
"""The statements of the transaction below: line, numbers, two for the documents, ledger entries, last id. One more cut comes
before COMMIT and one after it.
"""

processes = multiprocessing.get_context("forkserver")


def order_and_rest() -> SaveDocuments:
    """Document 1 gets a number; its rest order is a new document; a third document is made with a number at once."""
    order = Document(TENANT, id=DocumentId(1), status=Status.OPEN, stage="Invoiced")
    rest = Document(TENANT, status=Status.OPEN, stage="Rest")
    return SaveDocuments(
        TENANT,
        (
            SaveDocument(order, expected_version=1, issue=IssueRequest("order-1", start_if_unset=445)),
            SaveDocument(rest, key="order-1/rest"),
            SaveDocument(rest, issue=IssueRequest("cash", start_if_unset=445)),
        ),
        BY,
    )


def die_at(cut: int) -> None:
    """Count the statements and die before the one numbered `cut`; behind the last statement come COMMIT and its return."""
    true_texts, true_commit, count = file.texts_for, Writer.commit, [0]

    def die_if_due() -> None:
        if count[0] == cut:
            os.kill(os.getpid(), signal.SIGKILL)
        count[0] += 1

    def texts(rows: Any) -> Iterator[tuple[str, Any]]:
        for text in true_texts(rows):
            die_if_due()
            yield text

    def commit(writer: Writer) -> None:
        die_if_due()
        true_commit(writer)
        die_if_due()

    file.texts_for, Writer.commit = texts, commit  # type: ignore[assignment, method-assign]


def save_and_die(path: str, cut: int) -> None:
    """The process that is killed."""

    async def run() -> None:
        store = open_store(f"sqlite:///{path}")
        await store.start()
        die_at(cut)
        await store.execute(order_and_rest())

    asyncio.run(run())


async def prepare(path: Path) -> None:
    store = open_store(f"sqlite:///{path}")
    await store.start()
    await provide_main(store)
    await store.execute(SaveDocuments(TENANT, (SaveDocument(Document(TENANT, status=Status.OPEN)),), BY))
    await store.close()


async def state_of(store: SqliteStore) -> tuple[list[tuple[str, int | None]], int | None, int]:
    """Stage and number of each document, the next number, and how many numbers the ledger has."""
    ids = (await store.read(SearchDocumentIds(TENANT))).ids
    documents = (await store.read(GetDocuments(TENANT, ids))).documents
    next_number = (await store.read(PeekNext(TENANT, LINE))).counter.next_number
    entries = [entry async for entry in store.ledger() if entry.operation == "issue"]
    return [(document.stage, document.number) for document in documents], next_number, len(entries)


NOTHING = ([("", None)], None, 0)
EVERYTHING = ([("Invoiced", 445), ("Rest", None), ("Rest", 446)], 447, 2)


@pytest.mark.parametrize("cut", range(STATEMENTS + 2))
async def test_both_or_neither(tmp_path: Path, blank_store: Path, cut: int) -> None:
    path = tmp_path / "numbers.db"
    shutil.copy(blank_store, path)
    await prepare(path)
    process = processes.Process(target=save_and_die, args=(str(path), cut))
    process.start()
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == -signal.SIGKILL
    store = open_store(f"sqlite:///{path}")
    await store.start()
    try:
        assert await state_of(store) == (EVERYTHING if cut == STATEMENTS + 1 else NOTHING)
        retry = await store.execute(order_and_rest())
        assert isinstance(retry, DocumentsSaved)
        assert [item.replayed for item in retry.saved] == [cut == STATEMENTS + 1] * 3
        assert await state_of(store) == EVERYTHING
        assert (await store.verify())[1] == []
    finally:
        await store.close()
