"""GetInvoices: which orders it finds, and which of their properties it shows. Source: R-80 to R-86."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.orders.properties import ORDER, ROW
from adapters.twentyfoursevenoffice.orders.view import Selection, selection
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import SearchDocuments
from gateway.core.documents import Document, DocumentId
from gateway.core.search import DocumentFilter
from gateway.core.values import INVOICE
from schemas.twentyfoursevenoffice.messages import (
    DATEMIN,
    GetInvoices,
    GetInvoicesResponse,
    InvoiceOrder,
    InvoiceSearchParameters,
)

AT_ONCE: Final = 200
"""With more rows a thread makes the answer, so that other requests do not wait."""
_NO_NAMES: Final[Sequence[str | None]] = ()


async def get_invoices(work: Work, message: GetInvoices) -> GetInvoicesResponse:
    """The orders that meet every filter, by ascending OrderId. Raises OperationFault."""
    where = _filter(work, message.search_params or InvoiceSearchParameters.model_construct())
    if where is None:
        return GetInvoicesResponse(result=[])
    limit = work.settings.orders.max_orders
    found = await work.context.service.read(SearchDocuments(work.identity.tenant, where, limit=limit))
    if found.more:
        raise OperationFault("timeout")
    shown = selection(
        _names(message.invoice_return_properties, ORDER.by_name),
        _names(message.row_return_properties, ROW.by_name),
        work.settings.orders,
    )
    return GetInvoicesResponse.model_construct(result=await _orders(shown, found.documents))


async def _orders(shown: Selection, documents: tuple[Document, ...]) -> list[InvoiceOrder | None]:
    rows = sum(len(document.lines) for document in documents)
    if rows + len(documents) <= AT_ONCE:
        return _all(shown, documents)
    return await asyncio.to_thread(_all, shown, documents)


def _all(shown: Selection, documents: Iterable[Document]) -> list[InvoiceOrder | None]:
    return [shown.order(document) for document in documents]


def _names(names: Sequence[str | None] | None, known: Iterable[str]) -> frozenset[str]:
    """The names of properties among those that were asked for. Letter case counts, other names are ignored. Source: R-81."""
    return frozenset(known).intersection(names or _NO_NAMES)


def _filter(work: Work, asked: InvoiceSearchParameters) -> DocumentFilter | None:
    """The conditions of the search; None when the answer is to be empty. An empty list is no filter. Source: R-84, R-85."""
    choices = work.settings.orders
    lists = [asked.order_ids, asked.customer_ids, asked.invoice_ids, asked.order_states, asked.external_status]
    changed_after = moment_of(asked.changed_after)
    if not any(lists) and changed_after is None:
        if choices.no_filter == "fault":
            raise OperationFault("no_filter")
        if choices.no_filter == "nothing":
            return None
    if choices.above_max_ids == "fault" and any(len(each or ()) > choices.max_ids for each in lists):
        raise OperationFault("too_many_ids", limit=choices.max_ids)
    return DocumentFilter(
        ids=tuple(DocumentId(order_id) for order_id in asked.order_ids or ()),
        numbers=tuple(asked.invoice_ids or ()),
        customers=tuple(asked.customer_ids or ()),
        stages=tuple(state.value for state in asked.order_states or ()),
        external_statuses=tuple(asked.external_status or ()),
        changed_after=changed_after,
        kinds=(INVOICE,),
        series=(work.identity.series,),
        lines=(INVOICE,) if asked.invoice_ids else (),
    )


def moment_of(moment: datetime) -> datetime | None:
    """A moment of a filter; None when it is not set. A moment without zone is UTC. Source: R-86."""
    if moment.replace(tzinfo=None) == DATEMIN:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
