"""Rows of documents that were read or saved a moment ago: the next request about a document mostly follows at once (ADR-64).

They are part of the committed state, so the same rules hold: rows that a commit wrote come in when it is published, and
rows that were read come in only if they show the last published commit. A document is made anew from its row each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.core.documents import DocumentId
from gateway.stores.engine.statements import Row

MOST_CHARACTERS: Final = 8 * 1024 * 1024
"""How many characters of bodies are kept at most."""
_REST: Final = 500
"""What a row costs besides its body, in characters."""
_LARGE: Final = MOST_CHARACTERS // 64
"""A row of so many characters is not kept."""


class RecentDocuments:
    """Rows by id, the oldest of which leave when there are too many.

    Only the event loop's thread changes it; the writer's thread may look up single rows meanwhile.
    """

    def __init__(self) -> None:
        self._rows: dict[DocumentId, Row] = {}
        self._characters = 0

    def row(self, document: DocumentId) -> Row | None:
        """The row of a document, None when it is not here."""
        return self._rows.get(document)

    def rows(self, documents: Iterable[DocumentId]) -> list[Row] | None:
        """The rows of documents by ascending id; None unless all of them are here."""
        found: list[Row] = []
        for document in sorted(set(documents)):
            row = self._rows.get(document)
            if row is None:
                return None
            found.append(row)
        return found

    def take(self, rows: Sequence[Row]) -> None:
        """Keep rows as they read now."""
        for row in rows:
            self._drop(row[0])
            size = len(row[-1]) + _REST
            if size < _LARGE:
                self._rows[row[0]] = row
                self._characters += size
        while self._characters > MOST_CHARACTERS:
            self._drop(next(iter(self._rows)))

    def clear(self) -> None:
        """Forget all rows."""
        self._rows.clear()
        self._characters = 0

    def _drop(self, document: DocumentId) -> None:
        row = self._rows.pop(document, None)
        if row is not None:
            self._characters -= len(row[-1]) + _REST
