"""A store with many documents, made quickly: rows go straight into the table; their content is kept as plain values, too."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from gateway.core import document_body
from gateway.core.documents import Document, DocumentId, Line, LineId, Status
from gateway.core.search import DocumentFilter
from gateway.core.values import DocumentKind, SeriesId, TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.rows import document_row

OURS, THEIRS = TenantId("ours"), TenantId("theirs")
MAIN = SeriesId(1)
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
STAGES = ("Web", "Offer", "ForInvoicing", "Invoiced")
KINDS = (DocumentKind("order"), DocumentKind("invoice"))

_LINES = tuple(
    Line(
        f"Båtlakk nº {position}",
        Decimal(position),
        Decimal("899.50"),
        vat_rate=Decimal(25),
        product=position,
        id=LineId(position),
        extras={"dialect": {"Cost": Decimal("410.25"), "ProjectId": 7}},
    )
    for position in range(1, 4)
)
_EXTRAS = {"dialect": {f"Field{number}": f"value {number}" for number in range(12)}}


def moment(minutes: int) -> dt.datetime:
    """A moment in the library, which has one document a minute."""
    return START + dt.timedelta(minutes=minutes)


def made(index: int) -> Document:
    """Document `index + 1` of a library.

    One document in ten is another tenant's. There are 997 customers, one document in 500 waits for invoicing, and external
    status 3 is rare. A third of the documents was changed long after it was registered.
    """
    issued = index % 2 == 0
    stage = STAGES[2] if index % 500 == 7 else STAGES[3] if issued else STAGES[index % 4 // 2]
    return Document(
        tenant=THEIRS if index % 10 == 9 else OURS,
        kind=KINDS[issued],
        status=Status.ISSUED if issued else Status.OPEN if index % 3 else Status.DRAFT,
        stage=stage,
        series=MAIN if issued else None,
        customer=index * 31 % 997,
        external_status=None if index % 50 else 3 if index % 5000 == 0 else 1,
        document_date=moment(index).date(),
        lines=_LINES,
        extras=_EXTRAS,
        id=DocumentId(index + 1),
        number=index // 2 + 1 if issued else None,
        key=f"key-{index}" if index % 7 == 0 else "",
        version=1,
        last_line=LineId(3),
        registered=moment(index),
        changed=moment(index * 7 % 100_000) if index % 3 == 0 else moment(index),
    )


@dataclass(frozen=True)
class Library:
    """A store file and the documents in it, in order of ids."""

    path: Path
    documents: tuple[Document, ...]

    def find(self, tenant: TenantId, where: DocumentFilter) -> list[DocumentId]:
        """The documents that a search must find, found without an index."""
        meets = meeting(where)
        return [document.id for document in self.documents if document.tenant == tenant and meets(document)]


def meeting(where: DocumentFilter) -> Callable[[Document], bool]:
    """Whether a document meets every condition, checked one by one."""
    fields = {
        "id": where.ids,
        "number": where.numbers,
        "customer": where.customers,
        "status": where.statuses,
        "stage": where.stages,
        "kind": where.kinds,
        "series": where.series,
        "external_status": where.external_statuses,
    }
    listed = {name: frozenset(values) for name, values in fields.items() if values}

    def meets(document: Document) -> bool:
        return (
            all(getattr(document, name) in values for name, values in listed.items())
            and (where.changed_after is None or document.changed > where.changed_after)
            and (where.registered_after is None or document.registered > where.registered_after)
            and (
                where.dated is None
                or (document.document_date and where.dated[0] <= document.document_date <= where.dated[1])
            )
        )

    return meets


def build_library(path: Path, blank: Path, count: int) -> Library:
    """Fill a copy of a blank store."""
    shutil.copy(blank, path)
    documents = [made(index) for index in range(count)]
    body = document_body.written(documents[0])
    connection = sqlite3.connect(path)
    with connection:
        series = 'INSERT INTO series (id, tenant, "key", name, is_default) VALUES (1, ?, ?, ?, 1)'
        connection.execute(series, (OURS, "main", "main"))
        marks = ", ".join("?" * len(document_row(documents[0])))
        connection.executemany(
            f"INSERT INTO documents ({tables.listed(tables.documents)}) VALUES ({marks})", _rows(documents, body)
        )
    connection.close()
    return Library(path, tuple(documents))


def _rows(documents: Iterable[Document], body: str) -> Iterable[tuple[object, ...]]:
    for document in documents:  # all rows share the body, which is the slow part of a row
        row = document_row(replace(document, lines=(), extras={}))
        yield tuple(
            body if name == "body" else value for name, value in zip(tables.documents.columns, row, strict=True)
        )
