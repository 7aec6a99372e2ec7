"""SaveInvoices: saves each order of a request by itself and answers in their order. Source: R-62, R-88 to R-90.

The invoices of one request get ascending numbers in the order of its items. For that, all commands of a wave are handed
to the store in one turn of the event loop, in that order. Only an item whose order somebody else changes at the same time
is tried again, after the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import uuid4

from adapters.twentyfoursevenoffice.errors import api_exception, check_array, exception_of
from adapters.twentyfoursevenoffice.mapping.waves import Item, waves
from adapters.twentyfoursevenoffice.orders.context import Terms
from adapters.twentyfoursevenoffice.orders.named import named_by
from adapters.twentyfoursevenoffice.orders.plan import Plan, make_plan
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused
from adapters.twentyfoursevenoffice.orders.view import everything
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.catalogue import Catalogue
from gateway.core.catalogue_records import catalogue_naming
from gateway.core.commands import (
    Expect,
    GetDocuments,
    IssueRequest,
    PeekNext,
    SaveDocument,
    SaveDocuments,
    SearchDocumentIds,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.refusals import DocumentChanged, DocumentExists, DocumentUnknown, Refused
from gateway.core.results import Saved
from gateway.core.search import DocumentFilter
from gateway.core.values import INVOICE, CounterKey
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.messages import (
    INTMIN,
    APIException,
    InvoiceOrder,
    SaveInvoices,
    SaveInvoicesResponse,
)

ATTEMPTS: Final = 32
"""How often an order is planned again when somebody else changes it meanwhile."""
LARGEST_INVOICE_ID: Final = 2**31 - 1
PLANNED_AT_ONCE: Final = 100
"""With more rows a thread plans the orders, so that other requests do not wait."""

Failed: TypeAlias = OrderRefused | Refused | StoreUnavailableError
Outcome: TypeAlias = Saved | Failed
_MEANWHILE: Final = (DocumentChanged, DocumentExists, DocumentUnknown)


async def save_invoices(work: Work, message: SaveInvoices) -> SaveInvoicesResponse:
    """Save every order that can be saved. Without `invoices` it is a fault, or there is no result. Source: R-88, G-24."""
    check_array(message.invoices, work.settings)
    if message.invoices is None:
        return SaveInvoicesResponse(result=None)
    orders = [order for order in message.invoices if order is not None]
    outcomes = iter(await _Saving(work).save(orders))
    answers = [None if order is None else _answer(work, order, next(outcomes)) for order in message.invoices]
    return SaveInvoicesResponse.model_construct(result=answers)


@dataclass
class _Saving:
    """The saves of one request.

    token: makes its keys different from those of all other requests.
    """

    work: Work
    token: str = field(default_factory=lambda: uuid4().hex)

    async def save(self, orders: Sequence[InvoiceOrder]) -> list[Outcome]:
        """Return the outcome of each order. Raises StoreUnavailableError when the store failed them all."""
        outcomes: list[Outcome] = []
        for wave in waves(await self._items(orders)):
            outcomes += await self._wave([orders[index] for index in wave], wave)
        raise_if_all_failed(outcomes)
        return outcomes

    async def _items(self, orders: Sequence[InvoiceOrder]) -> list[Item]:
        sent = tuple({DocumentId(order.order_id) for order in orders if order.order_id > 0})
        known: frozenset[int] = frozenset()
        if sent:
            query = SearchDocumentIds(self.work.identity.tenant, DocumentFilter(ids=sent))
            known = frozenset((await self.work.context.service.read(query)).ids)
        return [_item(order, known) for order in orders]

    async def _wave(self, orders: Sequence[InvoiceOrder], numbers: Sequence[int]) -> list[Outcome]:
        plans = await self._plans(orders)
        outcomes = await all_settled(self._saved(plan, number) for plan, number in zip(plans, numbers, strict=True))
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, Refused) and isinstance(outcome.refusal, _MEANWHILE):
                outcomes[index] = await self._again(orders[index], numbers[index])
        return outcomes

    async def _again(self, order: InvoiceOrder, number: int) -> Outcome:
        """Plan and save an order again that somebody else has changed."""
        outcome: Outcome = OrderRefused("order_changed", order=order.order_id)
        for _ in range(ATTEMPTS):
            (plan,) = await self._plans([order])
            outcome = await self._saved(plan, number)
            if not (isinstance(outcome, Refused) and isinstance(outcome.refusal, _MEANWHILE)):
                return outcome
        if isinstance(outcome, Refused) and isinstance(outcome.refusal, DocumentExists):
            # Another tenant has the id, so no read of this tenant finds it.
            return OrderRefused("order_id_taken", order=order.order_id)
        return outcome

    # --- planning ---

    async def _plans(self, orders: Sequence[InvoiceOrder]) -> list[Plan | OrderRefused]:
        stored = await self._stored(orders)
        terms = _terms(self.work, await self._catalogue(orders, stored))
        if sum(len(order.invoice_rows or ()) for order in orders) + len(orders) <= PLANNED_AT_ONCE:
            plans = _planned(orders, stored, terms)
        else:
            plans = await asyncio.to_thread(_planned, orders, stored, terms)
        return await self._with_numbers_left(plans)

    async def _catalogue(self, orders: Sequence[InvoiceOrder], stored: Mapping[int, Document]) -> Catalogue:
        """The catalogue with the customers and products that the orders name: one question for all of them."""
        named = named_by(orders, stored)
        return await catalogue_naming(
            self.work.context.service, self.work.identity.tenant, named.customers, named.products
        )

    async def _stored(self, orders: Iterable[InvoiceOrder]) -> Mapping[int, Document]:
        ids = tuple(DocumentId(order.order_id) for order in orders if order.order_id > 0)
        if not ids:
            return {}
        read = await self.work.context.service.read(GetDocuments(self.work.identity.tenant, ids))
        return {document.id: document for document in read.documents}

    async def _with_numbers_left(self, plans: list[Plan | OrderRefused]) -> list[Plan | OrderRefused]:
        """Refuse invoices whose number the vendor's InvoiceId could not show, before they take one. Source: R-90."""
        invoices = [index for index, plan in enumerate(plans) if isinstance(plan, Plan) and plan.invoiced]
        if not invoices:
            return plans
        line = CounterKey(self.work.identity.series, INVOICE)
        peeked = await self.work.context.service.read(PeekNext(self.work.identity.tenant, line, DIALECT))
        room = LARGEST_INVOICE_ID + 1 - (peeked.counter.next_number or 0)
        for index in invoices[max(room, 0) :]:
            plans[index] = OrderRefused("number_exhausted")
        return plans

    # --- saving ---

    async def _saved(self, plan: Plan | OrderRefused, number: int) -> Outcome:
        """Save one order.

        It hands the command to the store before it waits for anything, so that orders of one wave keep their order.
        """
        if isinstance(plan, OrderRefused):
            return plan
        command = self._command(plan, f"{self.token}/{number}")
        try:
            return await self._committed(command, repeatable=plan.before is None or plan.invoiced is not None)
        except (Refused, StoreUnavailableError) as failed:
            return failed

    async def _committed(self, command: SaveDocuments, *, repeatable: bool) -> Saved:
        """Execute a command, and again under the same keys when nobody knows whether it was committed (D-16).

        repeatable: the command has keys, so that the repetition does nothing twice.
        """
        try:
            return (await self.work.context.service.execute(command)).saved[0]
        except StoreUnavailableError as error:
            if error.committed is not None or not repeatable:
                raise
        return (await self.work.context.service.execute(command)).saved[0]

    def _command(self, plan: Plan, key: str) -> SaveDocuments:
        """The command that saves the order, its number and its rest order in one transaction.

        Each save has a key of its own.
        """
        work = self.work
        issue = None
        if plan.invoiced is not None:
            start = work.settings.orders.first_invoice_id
            issue = IssueRequest(f"{key}/invoice", work.identity.series, INVOICE, start, plan.invoiced)
        if plan.before is None:
            saves = [SaveDocument(plan.document, Expect.NEW, key=key, issue=issue)]
        else:
            saves = [SaveDocument(plan.document, Expect.EXISTING, plan.before.version, issue=issue)]
        if plan.rest is not None:
            saves.append(SaveDocument(plan.rest, Expect.NEW, key=f"{key}/rest"))
        return SaveDocuments(work.identity.tenant, tuple(saves), work.origin("SaveInvoices"))


def _item(order: InvoiceOrder, known: frozenset[int]) -> Item:
    rests = any(row is not None and row.quantity_rest > 0 for row in order.invoice_rows or ())
    if order.order_id == INTMIN:
        return Item(None, makes_up=True)
    return Item(order.order_id, makes_up=rests, unknown=order.order_id not in known)


async def all_settled(saves: Iterable[Coroutine[Any, Any, Outcome]]) -> list[Outcome]:
    """Run saves together. An error that is no outcome is raised after all of them are done."""
    settled = await asyncio.gather(*saves, return_exceptions=True)
    outcomes: list[Outcome] = []
    for outcome in settled:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Failed):
            raise outcome
        outcomes.append(outcome)
    return outcomes


def raise_if_all_failed(outcomes: Sequence[Outcome]) -> None:
    """Fail the call when the store failed every item. Raises StoreUnavailableError."""
    troubles = [outcome for outcome in outcomes if isinstance(outcome, StoreUnavailableError)]
    if troubles and len(troubles) == len(outcomes):
        raise troubles[0]


def _terms(work: Work, catalogue: Catalogue) -> Terms:
    identity = work.identity
    return Terms(
        identity.tenant,
        identity.series,
        catalogue,
        work.settings.orders,
        identity.client.resting,
        work.now(),
    )


def _planned(orders: Sequence[InvoiceOrder], stored: Mapping[int, Document], terms: Terms) -> list[Plan | OrderRefused]:
    return [_plan(order, stored.get(order.order_id), terms) for order in orders]


def _plan(order: InvoiceOrder, stored: Document | None, terms: Terms) -> Plan | OrderRefused:
    try:
        return make_plan(order, stored, terms)
    except OrderRefused as refused:
        return refused


# --- the answer -------------------------------------------------------------------------------------------------------


def _answer(work: Work, order: InvoiceOrder, outcome: Outcome) -> InvoiceOrder:
    """What was sent, with the ids or with the error. Source: R-88, R-89."""
    if not isinstance(outcome, Saved):
        return order.model_copy(update={"api_exception": item_exception(work, outcome)})
    document = outcome.document
    if document.number is not None:
        work.call.number = document.number
    if work.settings.orders.answer == "stored":
        return everything(work.settings.orders).order(document)
    shown = document.number if document.number is not None and document.number <= LARGEST_INVOICE_ID else INTMIN
    return order.model_copy(update={"order_id": document.id, "invoice_id": shown, "api_exception": None})


def item_exception(work: Work, failed: Failed) -> APIException:
    """The APIException of an item that failed."""
    if isinstance(failed, OrderRefused):
        return api_exception(failed.name, work.settings, work.method, **failed.facts)
    if isinstance(failed, Refused):
        return exception_of(failed.refusal, work.settings, work.method)
    return api_exception("database", work.settings, work.method)
