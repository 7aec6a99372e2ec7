"""Documents by id, by key and by search, over an open connection. Call inside a transaction, so that all is of one instant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from gateway.core.commands import GetDocuments, Query, SearchDocumentIds, SearchDocuments
from gateway.core.documents import Document, DocumentId
from gateway.core.results import DocumentIdsFound, DocumentsFound, DocumentsRead
from gateway.core.values import TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.rows import document_of
from gateway.stores.sqlite.connection import Connection
from gateway.stores.sqlite.document_search import find_ids

_COLUMNS: Final = tables.listed(tables.documents)
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
    """Documents by ascending id, of one tenant or of any; one statement whatever their number."""
    sql = (
        f"SELECT {_COLUMNS} FROM documents NOT INDEXED "  # noqa: S608 - only the names of columns are put in
        "WHERE id IN (SELECT value FROM json_each(?)) AND (? IS NULL OR tenant = ?) ORDER BY id"
    )
    rows = connection.execute(sql, (json.dumps(list(ids)), tenant, tenant))
    return [document_of(row) for row in rows]


def first_free_id(connection: Connection, start: DocumentId) -> DocumentId:
    """The first id from `start` on that no document has."""
    return DocumentId(connection.execute(_FIRST_FREE, (start,)).fetchone()[0])


def document_under(connection: Connection, tenant: TenantId, key: str) -> Document | None:
    """The document that was created under a key."""
    sql = f"SELECT {_COLUMNS} FROM documents WHERE tenant = ? AND key = ?"  # noqa: S608 - see above
    row = connection.execute(sql, (tenant, key)).fetchone()
    return None if row is None else document_of(row)
