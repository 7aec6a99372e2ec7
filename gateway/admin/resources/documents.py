"""Documents: read and search them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from gateway.admin.problems import DOCUMENT_UNKNOWN, SERIES_UNKNOWN, TENANT_UNKNOWN, Problem
from gateway.admin.resources.series import find_series, views_of
from gateway.admin.routing import Ask, Moment, Page, Paging, Route, View, read_cursor, write_cursor
from gateway.core.commands import GetDocuments, SearchDocuments
from gateway.core.documents import MAX_DOCUMENT_ID, UNASSIGNED, Document, DocumentId, Line, LineKind, Status
from gateway.core.extras import plain
from gateway.core.search import DocumentFilter
from gateway.core.values import DocumentKind, LineName, SeriesId, TenantId

Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]


class LineView(View):
    """A line of a document. Amounts are decimal numbers as text.

    product: its id in the catalogue.
    """

    id: int
    position: int
    kind: LineKind
    product: int | None
    description: str
    quantity: str
    unit_price: str
    discount_percent: str
    vat_rate: str
    extras: dict[str, Any]


class DocumentView(View):
    """A document.

    series: the id of the series; null while it has none.
    line: the number line within the series; null while it has no number and asks for no certain line.
    number: null while it has none.
    extras: vendor-only fields, by dialect; decimals and dates in them have the form {"$decimal": "1.5"}.
    """

    id: int
    kind: str
    status: Status
    stage: str
    series: int | None
    line: str | None
    number: int | None
    customer: int | None
    external_status: int | None
    document_date: dt.date | None
    key: str
    version: int
    registered: dt.datetime
    changed: dt.datetime
    lines: list[LineView]
    extras: dict[str, Any]


class DocumentQuery(Paging):
    """Conditions. All of them must hold. When one is repeated, any of its values is enough.

    series: key or id.
    line: the number line that the document's number is of.
    changed_after: strictly later than this moment, with a time zone.
    registered_after: strictly later than this moment, with a time zone.
    """

    status: list[Status] = Field(default_factory=list)
    kind: list[str] = Field(default_factory=list)
    stage: list[str] = Field(default_factory=list)
    series: list[str] = Field(default_factory=list)
    line: list[str] = Field(default_factory=list)
    number: list[Int64] = Field(default_factory=list)
    customer: list[Int64] = Field(default_factory=list)
    external_status: list[Int64] = Field(default_factory=list)
    changed_after: Moment | None = None
    registered_after: Moment | None = None


def document_view(document: Document) -> DocumentView:
    """A document as shown."""
    return DocumentView(
        id=document.id,
        kind=document.kind,
        status=document.status,
        stage=document.stage,
        series=document.series,
        line=document.line,
        number=document.number,
        customer=document.customer,
        external_status=document.external_status,
        document_date=document.document_date,
        key=document.key,
        version=document.version,
        registered=document.registered,
        changed=document.changed,
        lines=[_line_view(line) for line in document.lines],
        extras=plain(document.extras),
    )


def _line_view(line: Line) -> LineView:
    return LineView(
        id=line.id,
        position=line.position,
        kind=line.kind,
        product=line.product,
        description=line.description,
        quantity=str(line.quantity),
        unit_price=str(line.unit_price),
        discount_percent=str(line.discount_percent),
        vat_rate=str(line.vat_rate),
        extras=plain(line.extras),
    )


async def search(ask: Ask) -> Page[DocumentView]:
    """Documents by id."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    after = read_cursor(ask.query.cursor, int)
    query = SearchDocuments(
        tenant.id,
        await _filter(ask, ask.query),
        DocumentId(min(max(after[0], 0), MAX_DOCUMENT_ID)) if after else UNASSIGNED,
        ask.query.limit,
    )
    found = await ask.services.numbers.read(query)
    following = write_cursor(found.documents[-1].id) if found.more else None
    return Page[DocumentView](items=[document_view(own) for own in found.documents], next=following)


async def _filter(ask: Ask, query: DocumentQuery) -> DocumentFilter:
    views = await views_of(ask) if query.series else []
    return DocumentFilter(
        numbers=tuple(query.number),
        customers=tuple(query.customer),
        statuses=tuple(query.status),
        stages=tuple(query.stage),
        kinds=tuple(DocumentKind(LineName(kind)) for kind in query.kind),
        series=tuple(SeriesId(find_series(views, name).series.id) for name in query.series),
        lines=tuple(map(LineName, query.line)),
        external_statuses=tuple(query.external_status),
        changed_after=_utc(query.changed_after),
        registered_after=_utc(query.registered_after),
    )


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    """A moment; without a zone it is UTC."""
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment


async def get(ask: Ask) -> DocumentView:
    """One document."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    text = ask.path["document"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    found = await ask.services.numbers.read(GetDocuments(tenant.id, (DocumentId(number),)))
    if not found.documents:
        raise Problem(DOCUMENT_UNKNOWN, f"no document {text}")
    return document_view(found.documents[0])


_DOCUMENTS = "/v1/tenants/{tenant}/documents"

ROUTES = (
    Route(
        "GET",
        _DOCUMENTS,
        "searchDocuments",
        "documents",
        "Documents that meet conditions",
        search,
        query=DocumentQuery,
        answer=Page[DocumentView],
        problems=(TENANT_UNKNOWN, SERIES_UNKNOWN),
    ),
    Route(
        "GET",
        _DOCUMENTS + "/{document}",
        "getDocument",
        "documents",
        "One document",
        get,
        answer=DocumentView,
        problems=(TENANT_UNKNOWN, DOCUMENT_UNKNOWN),
    ),
)
