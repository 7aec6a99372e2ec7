"""Whether a document meets a filter: what every store must answer."""

from __future__ import annotations

from datetime import date

from gateway.core.documents import Document
from gateway.core.search import DateSpan, DocumentFilter


def meets(document: Document, where: DocumentFilter) -> bool:
    """Whether a document meets every condition."""
    listed = {
        "id": where.ids,
        "number": where.numbers,
        "customer": where.customers,
        "status": where.statuses,
        "stage": where.stages,
        "kind": where.kinds,
        "series": where.series,
        "line": where.lines,
        "external_status": where.external_statuses,
    }
    return (
        all(getattr(document, name) in values for name, values in listed.items() if values)
        and (where.changed_after is None or document.changed > where.changed_after)
        and (where.registered_after is None or document.registered > where.registered_after)
        and (where.dated is None or _lies_in(document.document_date, where.dated))
    )


def _lies_in(day: date | None, span: DateSpan) -> bool:
    return day is not None and span.first <= day <= span.last
