"""Times of documents: saves, reads and searches on 100,000 documents, as a table. Run: python -m tests.bench.documents"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gateway.core.commands import (
    GetDocuments,
    IssueRequest,
    SaveDocument,
    SaveDocuments,
    SearchDocumentIds,
    SearchDocuments,
)
from gateway.core.documents import Document, DocumentId, Status
from gateway.core.ports import Store
from gateway.core.values import Origin
from gateway.stores import migrate_store, open_store
from tests.stores.document_library import OURS, Library, build_library, made
from tests.stores.test_documents_search import MANY, WHERE

BY = Origin("bench", "bench", "")
REPEATS = 15


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, float, Any]:
    """Median and worst time in milliseconds, and the last answer."""
    times, answer = [], None
    for _ in range(REPEATS):
        started = time.perf_counter()
        answer = await work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), max(times), answer


async def searches(store: Store, library: Library) -> None:
    print(f"| search on {len(library.documents):,} documents | found | 1,000 ids | all ids | 1,000 documents |")
    print("|---|---|---|---|---|")
    for name, where in WHERE.items():
        page, _, _ = await timed(lambda: store.read(SearchDocumentIds(OURS, where, limit=1000)))
        every, _, found = await timed(lambda: store.read(SearchDocumentIds(OURS, where)))
        whole, _, _ = await timed(lambda: store.read(SearchDocuments(OURS, where)))
        print(f"| {name} | {len(found.ids):,} | {page:.1f} ms | {every:.1f} ms | {whole:.0f} ms |")


async def by_id(store: Store) -> None:
    for count in (1, 100, 1000):
        ids = tuple(DocumentId(own) for own in range(1, count + 1))
        median, worst, _ = await timed(lambda: store.read(GetDocuments(OURS, ids)))
        print(f"get {count} by id: {median:.1f} ms (worst {worst:.1f})")


def with_ten_lines(index: int) -> Document:
    """A document of about the size of a vendor's order with ten rows."""
    document = made(2 * index + 1)
    lines = tuple(document.lines[position % 3] for position in range(10))
    fresh = tuple(type(line)(line.description, line.quantity, line.unit_price, extras=line.extras) for line in lines)
    return Document(OURS, status=Status.OPEN, customer=index, lines=fresh, extras=document.extras)


async def saves(store: Store) -> None:
    for label, issued in (("orders", False), ("invoices", True)):
        started = time.perf_counter()
        commands = [
            SaveDocuments(
                OURS,
                (SaveDocument(with_ten_lines(i), issue=IssueRequest(f"k{i}", start_if_unset=1) if issued else None),),
                BY,
            )
            for i in range(1000)
        ]
        made_at = time.perf_counter()
        await asyncio.gather(*map(store.execute, commands))
        spent = time.perf_counter() - made_at
        print(
            f"save 1,000 {label} of 10 lines at once: {spent * 1000:.0f} ms (making the commands: {made_at - started:.2f} s)"
        )


async def main() -> None:
    """Run everything on one new store."""
    with tempfile.TemporaryDirectory() as folder:
        blank = Path(folder) / "blank.db"
        migrate_store(f"sqlite:///{blank}")
        started = time.perf_counter()
        library = build_library(Path(folder) / "library.db", blank, MANY)
        size = library.path.stat().st_size / 1e6
        print(
            f"library: {time.perf_counter() - started:.1f} s, {size:.0f} MB, {size * 1e6 / MANY:.0f} bytes a document"
        )
        store = open_store(f"sqlite:///{library.path}")
        started = time.perf_counter()
        await store.start()
        print(f"start: {(time.perf_counter() - started) * 1000:.0f} ms")
        try:
            await searches(store, library)
            await by_id(store)
            await saves(store)
        finally:
            await store.close()


if __name__ == "__main__":
    asyncio.run(main())
