"""Documents by id, by key and by search, over an open connection. Call inside a transaction, so that all is of one instant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.core.commands import GetDocuments, Query, SearchDocumentIds, SearchDocuments
from gateway.core.documents import MAX_DOCUMENT_ID, Document, DocumentId
from gateway.core.results import DocumentIdsFound, DocumentsFound, DocumentsRead
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.rows import document_of
from gateway.stores.engine.statements import Row, chunks
from gateway.stores.sqlite.connection import Connection
from gateway.stores.sqlite.document_search import find_ids

_COLUMNS: Final = tables.listed(tables.documents)
_COLUMNS_OF_D: Final = tables.listed(tables.documents, "d")
_NEXT_TAKEN: Final = "SELECT min(id) FROM documents WHERE id >= ?"
TENANT: Final = tables.documents.columns.index("tenant")
"""The place of the tenant in a row."""
_BY_ID: Final = f"SELECT {_COLUMNS} FROM documents WHERE id = ?"
_BY_IDS: Final = (
    f"SELECT {_COLUMNS} FROM documents NOT INDEXED WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
)
_FIRST_FREE: Final = (
    "SELECT coalesce((SELECT d.id + 1 FROM documents d WHERE d.id >= ?1 AND EXISTS (SELECT 1 FROM documents WHERE id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM documents n WHERE n.id = d.id + 1) ORDER BY d.id LIMIT 1), ?1)"
)


def answer_documents(connection: Connection, query: Query[Any]) -> Any:
    """Answer a question about documents."""
    match query:
        case GetDocuments():
            return DocumentsRead(tuple(documents_by_id(connection, query.ids, query.tenant)))
        case SearchDocuments():
            ids, more = find_ids(connection, query)
            documents = documents_by_id(connection, ids, query.tenant) if ids else []
            return DocumentsFound(tuple(documents), more)
        case SearchDocumentIds():
            ids, more = find_ids(connection, query)
            return DocumentIdsFound(tuple(ids), more)
    raise TypeError(f"not a query about documents: {type(query).__name__}")


def documents_by_id(
    connection: Connection, ids: Iterable[DocumentId], tenant: TenantId | None = None
) -> list[Document]:
    """Documents by ascending id, of one tenant or of any."""
    rows = rows_by_id(connection, list(ids))
    return [document_of(row) for row in rows if tenant is None or row[TENANT] == tenant]


def rows_by_id(connection: Connection, ids: Sequence[DocumentId]) -> list[Row]:
    """The rows of documents by ascending id, of any tenant; one statement whatever their number."""
    if len(ids) == 1:
        return connection.execute(_BY_ID, ids).fetchall()
    return connection.execute(_BY_IDS, (json.dumps(ids),)).fetchall()


class DocumentLookups:
    """Implements `DocumentLookup` over the connection that a group is written with."""

    _connection: Connection

    def documents(self, ids: Iterable[DocumentId]) -> list[Document]:
        """Documents by id, of any tenant."""
        return documents_by_id(self._connection, ids)

    def created_under(self, keys: Iterable[tuple[TenantId, str]]) -> list[Document]:
        """The documents that were created under keys."""
        found: list[Document] = []
        for chunk in chunks(list(keys)):
            values = ", ".join(["(?, ?)"] * len(chunk))
            sql = (
                f"SELECT {_COLUMNS_OF_D} FROM (VALUES {values}) w JOIN documents d INDEXED BY ix_documents_key "
                "ON d.tenant = w.column1 AND d.key = w.column2"
            )
            found += map(document_of, self._connection.execute(sql, tuple(text for pair in chunk for text in pair)))
        return found

    def first_free_id(self, start: DocumentId) -> DocumentId:
        """The first id from `start` on that no document has."""
        return DocumentId(self._connection.execute(_FIRST_FREE, (start,)).fetchone()[0])

    def next_taken_id(self, start: DocumentId) -> DocumentId:
        """The first id from `start` on that a document has; the one behind the last id when there is none."""
        found = self._connection.execute(_NEXT_TAKEN, (start,)).fetchone()[0]
        return DocumentId(MAX_DOCUMENT_ID + 1 if found is None else found)
