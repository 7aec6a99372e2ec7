"""UpdateInvoices: a new InvoiceTitle or ReferenceNumber for orders that are invoices already. Source: R-91."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from adapters.twentyfoursevenoffice.errors import check_array
from adapters.twentyfoursevenoffice.mapping.save import (
    ATTEMPTS,
    Outcome,
    all_settled,
    item_exception,
    raise_if_all_failed,
)
from adapters.twentyfoursevenoffice.mapping.waves import Item, waves
from adapters.twentyfoursevenoffice.orders.checks import check_lengths
from adapters.twentyfoursevenoffice.orders.plan import is_own
from adapters.twentyfoursevenoffice.orders.properties import ORDER, Values
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused, missing, not_found
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.commands import Expect, GetDocuments, SaveDocument, SaveDocuments, SearchDocuments
from gateway.core.documents import Document, DocumentId, Status
from gateway.core.refusals import DocumentChanged, Refused
from gateway.core.results import Saved
from gateway.core.search import DocumentFilter
from gateway.core.values import INVOICE
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.messages import INTMIN, InvoiceOrder, UpdateInvoices, UpdateInvoicesResponse

UPDATABLE: Final = frozenset({"InvoiceTitle", "ReferenceNumber"})
"""All other properties of the message are ignored."""


async def update_invoices(work: Work, message: UpdateInvoices) -> UpdateInvoicesResponse:
    """Update every invoice that can be updated. The answer holds what was sent, in its order. Source: R-91, G-24."""
    check_array(message.invoices, work.settings)
    if message.invoices is None:
        return UpdateInvoicesResponse(result=None)
    orders = [order for order in message.invoices if order is not None]
    outcomes = iter(await _update(work, orders))
    answers = [None if order is None else _answer(work, order, next(outcomes)) for order in message.invoices]
    return UpdateInvoicesResponse.model_construct(result=answers)


async def _update(work: Work, orders: Sequence[InvoiceOrder]) -> list[Outcome]:
    numbered = await _by_invoice_id(work, orders)
    ids = [_id(order, numbered) for order in orders]
    outcomes: list[Outcome] = []
    for wave in waves([Item(found) for found in ids]):
        stored = await _read(work, [found for index in wave if (found := ids[index]) is not None])
        documents = [stored.get(ids[index]) for index in wave]
        outcomes += await all_settled(
            _updated(work, orders[index], document) for index, document in zip(wave, documents, strict=True)
        )
    raise_if_all_failed(outcomes)
    return outcomes


async def _by_invoice_id(work: Work, orders: Iterable[InvoiceOrder]) -> Mapping[int, DocumentId]:
    """The orders that items name by InvoiceId alone."""
    wanted = tuple({order.invoice_id for order in orders if order.order_id == INTMIN and order.invoice_id != INTMIN})
    if not wanted:
        return {}
    where = DocumentFilter(numbers=wanted, kinds=(INVOICE,), series=(work.identity.series,), lines=(INVOICE,))
    query = SearchDocuments(work.identity.tenant, where, limit=len(wanted))
    found = await work.context.service.read(query)
    return {document.number: document.id for document in found.documents if document.number is not None}


def _id(order: InvoiceOrder, numbered: Mapping[int, DocumentId]) -> DocumentId | None:
    """The order that an item means: that of its OrderId, else that of its InvoiceId. Inferred."""
    return DocumentId(order.order_id) if order.order_id != INTMIN else numbered.get(order.invoice_id)


async def _read(work: Work, ids: Sequence[DocumentId]) -> Mapping[DocumentId | None, Document]:
    if not ids:
        return {}
    read = await work.context.service.read(GetDocuments(work.identity.tenant, tuple(ids)))
    return {document.id: document for document in read.documents}


async def _updated(work: Work, order: InvoiceOrder, document: Document | None) -> Outcome:
    """Save one item. When somebody else changed the document meanwhile, read it and save again."""
    outcome: Outcome
    for _ in range(ATTEMPTS):
        try:
            save = _save(work, order, document)
            command = SaveDocuments(work.identity.tenant, (save,), work.origin("UpdateInvoices"))
            return (await work.context.service.execute(command)).saved[0]
        except (OrderRefused, StoreUnavailableError) as failed:
            return failed
        except Refused as refused:
            outcome = refused
            if not isinstance(refused.refusal, DocumentChanged):
                return outcome
            document = (await _read(work, [refused.refusal.document])).get(refused.refusal.document)
    return outcome


def _save(work: Work, order: InvoiceOrder, document: Document | None) -> SaveDocument:
    """The invoice with the changes. They may be made after it has its number (ADR-13). Raises OrderRefused."""
    sent = {name: value for name, value in ORDER.given(order).items() if name in UPDATABLE}
    check_lengths(ORDER, sent)
    if document is None or not is_own(document, work.identity.series):
        raise _unknown(order)
    if document.status is Status.VOID:
        raise OrderRefused("order_void", order=document.id)
    if document.status is not Status.ISSUED and work.settings.orders.update_orders == "refuse":
        raise OrderRefused("order_not_invoiced", order=document.id)
    own: Values = {**document.extras.get(DIALECT, {}), **sent}
    changed = replace(document, extras={**document.extras, DIALECT: own})
    return SaveDocument(changed, Expect.EXISTING, document.version, allow_issued=True)


def _unknown(order: InvoiceOrder) -> OrderRefused:
    if order.order_id != INTMIN:
        return not_found("OrderId", order.order_id)
    return missing("OrderId") if order.invoice_id == INTMIN else not_found("InvoiceId", order.invoice_id)


def _answer(work: Work, order: InvoiceOrder, outcome: Outcome) -> InvoiceOrder:
    failed = None if isinstance(outcome, Saved) else item_exception(work, outcome)
    return order.model_copy(update={"api_exception": failed})
