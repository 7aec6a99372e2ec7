"""Documents that were read or saved a moment ago: the next request about a document mostly follows at once (ADR-64).

They are part of the committed state, so the same rules hold: what a commit wrote comes in when it is published, and what was
read comes in only if it shows the last published commit. A document is always made from its row, so it is the same whether
it was here or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.core.documents import Document, DocumentId
from gateway.stores.engine import tables
from gateway.stores.engine.rows import document_of
from gateway.stores.engine.statements import Row

_BODY: Final = tables.documents.columns.index("body")
MOST_CHARACTERS: Final = 8 * 1024 * 1024
"""How many characters of bodies are kept at most."""
_REST: Final = 500
"""What a row costs besides its body, in characters."""
_LARGE: Final = MOST_CHARACTERS // 64
"""A row of so many characters is not kept."""


class RecentDocuments:
    """Documents by id, the oldest of which leave when there are too many.

    Only the event loop's thread changes it; the writer's thread may ask for single documents meanwhile.
    """

    def __init__(self) -> None:
        self._rows: dict[DocumentId, Row] = {}
        self._made: dict[DocumentId, Document] = {}
        self._characters = 0

    def document(self, document: DocumentId) -> Document | None:
        """A document, None when it is not here."""
        found = self._made.get(document)
        if found is None:
            row = self._rows.get(document)
            found = None if row is None else document_of(row)
        return found

    def documents(self, wanted: Iterable[DocumentId]) -> list[Document] | None:
        """Documents by ascending id; None unless all of them are here."""
        found: list[Document] = []
        for own in sorted(set(wanted)):
            row = self._rows.get(own)
            if row is None:
                return None
            found.append(self.made(row))
        return found

    def made(self, row: Row) -> Document:
        """The document of a row; the same one each time while the row is kept."""
        own = row[0]
        if self._rows.get(own) is not row:
            return document_of(row)
        if own not in self._made:
            self._made[own] = document_of(row)
        return self._made[own]

    def take(self, rows: Iterable[Row]) -> None:
        """Keep rows as they read now."""
        for row in rows:
            self._drop(row[0])
            size = len(row[_BODY]) + _REST
            if size < _LARGE:
                self._rows[row[0]] = row
                self._characters += size
        while self._characters > MOST_CHARACTERS:
            self._drop(next(iter(self._rows)))

    def clear(self) -> None:
        """Forget all documents."""
        self._rows.clear()
        self._made.clear()
        self._characters = 0

    def _drop(self, document: DocumentId) -> None:
        row = self._rows.pop(document, None)
        if row is not None:
            self._characters -= len(row[_BODY]) + _REST
            self._made.pop(document, None)
