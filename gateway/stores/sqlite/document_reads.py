"""Reads of single documents. Those that wait at the same time are one SELECT, because each row costs a turn of the lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from gateway.core.commands import GetDocuments
from gateway.core.documents import DocumentId
from gateway.core.results import DocumentsRead
from gateway.stores.engine.recent_documents import RecentDocuments
from gateway.stores.engine.statements import Row
from gateway.stores.sqlite.documents import rows_by_id
from gateway.stores.sqlite.file import Reader
from gateway.stores.sqlite.read_thread import Outcome, ReadingThread

FEW: Final = 20
"""Up to so many documents by id are looked for in memory, and decoded in the event loop's thread."""


class DocumentReads(ReadingThread):
    """A reading thread that also takes questions about few documents by their ids."""

    async def few(self, query: GetDocuments, recent: Callable[[], RecentDocuments]) -> Any:
        """Documents by id, from memory if all of them were read or saved a moment ago. Raises as `ask` does.

        recent: those in memory, as of the moment when it is called.
        """
        found = recent().documents(query.ids)
        if found is None:
            rows, seen = await self.rows(query.ids)
            if seen == self._publication.mark:
                recent().take(rows)
            found = [recent().made(row) for row in rows]
        return DocumentsRead(tuple([document for document in found if document.tenant == query.tenant]))

    async def rows(self, ids: Sequence[DocumentId]) -> tuple[list[Row], int]:
        """The rows of documents by ascending id, of any tenant, and the mark of the last commit that they show.

        Raises as `ask` does.
        """
        return await self.asked(_ById(ids))

    def _answers(self, reader: Reader, works: Sequence[Callable[[Reader], Any]]) -> list[Outcome]:
        together = [work for work in works if isinstance(work, _ById)]
        if len(together) > 1:
            wanted = sorted({own for work in together for own in work.ids})
            found = {row[0]: row for row in reader.within(lambda connection: rows_by_id(connection, wanted))}
            for work in together:
                work.found = [found[own] for own in sorted(set(work.ids)) if own in found]
        return super()._answers(reader, works)


class _ById:
    """A question for the rows of few documents.

    found: the answer, when it was read together with others.
    """

    def __init__(self, ids: Sequence[DocumentId]) -> None:
        self.ids = ids
        self.found: list[Row] | None = None

    def __call__(self, reader: Reader) -> list[Row]:
        if self.found is not None:
            return self.found
        return reader.within(lambda connection: rows_by_id(connection, self.ids))
