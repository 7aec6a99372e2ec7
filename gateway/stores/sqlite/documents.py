"""Reading documents by id or key over an open connection."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from gateway.core.documents import Document, DocumentId
from gateway.core.values import TenantId
from gateway.stores.engine.rows import COLUMNS, document_of
from gateway.stores.sqlite.connection import Connection


def documents_by_id(
    connection: Connection, ids: Iterable[DocumentId], tenant: TenantId | None = None
) -> list[Document]:
    """Documents by ascending id, of one tenant or of any; one statement whatever their number."""
    sql = (
        f"SELECT {COLUMNS} FROM documents NOT INDEXED "  # noqa: S608 - only the names of columns are put in
        "WHERE id IN (SELECT value FROM json_each(?)) AND (? IS NULL OR tenant = ?) ORDER BY id"
    )
    rows = connection.execute(sql, (json.dumps(list(ids)), tenant, tenant))
    return [document_of(row) for row in rows]


_FIRST_FREE: Final = (
    "SELECT coalesce((SELECT d.id + 1 FROM documents d WHERE d.id >= ?1 AND EXISTS (SELECT 1 FROM documents WHERE id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM documents n WHERE n.id = d.id + 1) ORDER BY d.id LIMIT 1), ?1)"
)


def first_free_id(connection: Connection, start: DocumentId) -> DocumentId:
    """The first id from `start` on that no document has."""
    return DocumentId(connection.execute(_FIRST_FREE, (start,)).fetchone()[0])


def document_under(connection: Connection, tenant: TenantId, key: str) -> Document | None:
    """The document that was created under a key."""
    sql = f"SELECT {COLUMNS} FROM documents WHERE tenant = ? AND key = ?"  # noqa: S608 - see above
    row = connection.execute(sql, (tenant, key)).fetchone()
    return None if row is None else document_of(row)
