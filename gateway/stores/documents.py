"""A document and its row, both ways, and reading rows by id or key over an open connection.

What is searched for has a column; lines and extras are JSON in `body`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from gateway.core import extras
from gateway.core.documents import Document, DocumentId, Line, LineKind, Status
from gateway.core.values import TenantId
from gateway.stores import schema
from gateway.stores.sqlite_connection import Connection
from gateway.stores.statements import Row

COLUMNS: Final = schema.listed(schema.documents)
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_STATUS: Final = {status.value: status for status in Status}
_LINE_KIND: Final = {kind.value: kind for kind in LineKind}


def microseconds(moment: dt.datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // _MICROSECOND


def document_row(document: Document) -> Row:
    """The row that keeps a document. Raises ValueError when its extras cannot be kept."""
    return (
        document.id,
        document.tenant,
        document.kind,
        document.status.value,
        document.stage,
        document.series,
        document.number,
        document.customer,
        document.external_status,
        None if document.document_date is None else document.document_date.isoformat(),
        document.key or None,
        document.version,
        microseconds(document.registered),
        microseconds(document.changed),
        _body(document),
    )


def _body(document: Document) -> str:
    lines = [
        (
            line.id,
            line.position,
            line.kind.value,
            line.product,
            line.description,
            str(line.quantity),
            str(line.unit_price),
            str(line.discount_percent),
            str(line.vat_rate),
            line.extras,
        )
        for line in document.lines
    ]
    return extras.encode({"last_line": document.last_line, "extras": document.extras, "lines": lines})


def document_of(row: Sequence[Any]) -> Document:
    """The document that a row of COLUMNS keeps."""
    (own, tenant, kind, status, stage, series, number, customer, external, date, key, version, first, last, text) = row
    body = extras.decode(text)
    return Document(
        tenant=tenant,
        kind=kind,
        status=_STATUS[status],
        stage=stage,
        series=series,
        customer=customer,
        external_status=external,
        document_date=None if date is None else dt.date.fromisoformat(date),
        lines=tuple([_line(item) for item in body["lines"]]),
        extras=body["extras"],
        id=own,
        number=number,
        key=key or "",
        version=version,
        last_line=body["last_line"],
        registered=EPOCH + first * _MICROSECOND,
        changed=EPOCH + last * _MICROSECOND,
    )


def _line(item: Sequence[Any]) -> Line:
    own, position, kind, product, description, quantity, price, discount, vat, more = item
    return Line(
        description,
        Decimal(quantity),
        Decimal(price),
        Decimal(discount),
        Decimal(vat),
        product,
        _LINE_KIND[kind],
        position,
        own,
        more,
    )


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
