"""RegisterInvoicePayment and RegisterInvoicePayments. Source: PA-01 to PA-10.

A payment is a record, and a change of its invoice in the same transaction. The change is made from the invoice as it is at
that moment, so payments that come at once lose nothing. The payments of one request are handed to the store in its order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from uuid import uuid4

from adapters.twentyfoursevenoffice.errors import OperationFault, api_exception, exception_of
from adapters.twentyfoursevenoffice.mapping.waves import AT_ONCE
from adapters.twentyfoursevenoffice.orders.paid import PaymentRules, with_payment
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused, missing
from adapters.twentyfoursevenoffice.payment.records import PAYMENT, KeptPayment
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Expect, SaveDocument, SearchDocuments
from gateway.core.document_commands import ChangeDocument, SeriesOf
from gateway.core.documents import Document, DocumentId
from gateway.core.record_commands import SaveRecord, SaveRecords
from gateway.core.refusals import Refused
from gateway.core.search import PAGE, DocumentFilter
from gateway.core.together import Build, Part, SoFar, Together
from gateway.core.values import INVOICE
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.common import APIException
from schemas.twentyfoursevenoffice.payment.messages import (
    RegisterInvoicePayment,
    RegisterInvoicePaymentResponse,
    RegisterInvoicePayments,
    RegisterInvoicePaymentsResponse,
)
from schemas.twentyfoursevenoffice.payment.types import Payment
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, INTMIN

Failed: TypeAlias = OrderRefused | Refused | StoreUnavailableError
_NOTHING: Final = Payment.model_construct()


async def register_invoice_payment(work: Work, message: RegisterInvoicePayment) -> RegisterInvoicePaymentResponse:
    """Register one payment. The answer is the payment, with its error if it failed. Source: PA-01, PA-06."""
    if message.payment is None:
        raise OperationFault("null_reference")
    (failed,) = await _Registering(work).register([message.payment])
    exception = None if failed is None else _exception(work, failed)
    return RegisterInvoicePaymentResponse(result=message.payment.model_copy(update={"api_exception": exception}))


async def register_invoice_payments(work: Work, message: RegisterInvoicePayments) -> RegisterInvoicePaymentsResponse:
    """Register every payment that can be. The answer has only those that failed. Source: PA-01, PA-06, G-24."""
    if message.payments is None:
        if work.settings.missing_array == "fault":
            raise OperationFault("null_reference")
        return RegisterInvoicePaymentsResponse(result=None)
    payments = [_NOTHING if payment is None else payment for payment in message.payments]
    outcomes = await _Registering(work).register(payments)
    failed: list[Payment | None] = [
        payment.model_copy(update={"api_exception": _exception(work, outcome)})
        for payment, outcome in zip(payments, outcomes, strict=True)
        if outcome is not None
    ]
    return RegisterInvoicePaymentsResponse.model_construct(result=failed)


@dataclass
class _Change:
    """What a payment does to its invoice, as ChangeDocument wants it.

    refused: why the invoice cannot be paid so, as of the last time that it was asked.
    """

    payment: KeptPayment
    rules: PaymentRules
    refused: OrderRefused | None = None

    def __call__(self, document: Document, _: SeriesOf) -> SaveDocument | None:
        payment = self.payment
        try:
            paid = with_payment(document, payment.invoice, payment.amount, payment.date, self.rules)
        except OrderRefused as refused:
            self.refused = refused
            return None
        self.refused = None
        return SaveDocument(paid, Expect.EXISTING, allow_issued=True)


@dataclass
class _Registering:
    """The payments of one request.

    token: makes their ids different from those of all other requests.
    """

    work: Work
    token: str = field(default_factory=lambda: uuid4().hex)

    async def register(self, payments: Sequence[Payment]) -> list[Failed | None]:
        """What each payment failed of; None for those that are registered. Raises StoreUnavailableError if all failed so."""
        checked = [_missing(payment) for payment in payments]
        invoices = await self._invoices({payment.invoice_id for payment in payments})
        outcomes: list[Failed | None] = []
        for start in range(0, len(payments), AT_ONCE):
            chunk = range(start, min(start + AT_ONCE, len(payments)))
            outcomes += await asyncio.gather(
                *(
                    self._registered(payments[at], checked[at], invoices.get(payments[at].invoice_id), at)
                    for at in chunk
                )
            )
        troubles = [outcome for outcome in outcomes if isinstance(outcome, StoreUnavailableError)]
        if troubles and len(troubles) == len(outcomes):
            raise troubles[0]
        return outcomes

    async def _invoices(self, numbers: set[int]) -> dict[int, Document]:
        """The company's invoices with these numbers, also those that other dialects made."""
        found: dict[int, Document] = {}
        ordered, series = sorted(numbers - {INTMIN}), (self.work.identity.series,)
        for start in range(0, len(ordered), PAGE):
            where = DocumentFilter(
                numbers=tuple(ordered[start : start + PAGE]), kinds=(INVOICE,), series=series, lines=(INVOICE,)
            )
            read = await self.work.context.service.read(SearchDocuments(self.work.identity.tenant, where))
            found |= {document.number: document for document in read.documents if document.number is not None}
        return found

    async def _registered(
        self, payment: Payment, refused: OrderRefused | None, invoice: Document | None, at: int
    ) -> Failed | None:
        """Register one payment.

        It hands the command to the store before it waits for anything, so that the payments keep their order.
        """
        if refused is not None:
            return refused
        if invoice is None:
            return OrderRefused("paid_invoice_unknown", id=payment.invoice_id)
        client = self.work.identity.client.id
        kept = KeptPayment(f"{self.token}-{at}", client, invoice.id, payment.invoice_id, payment.date, payment.amount)
        choices = self.work.settings
        change = _Change(kept, PaymentRules(choices.paid_when, choices.overpayment))
        try:
            await self._committed(self._command(kept, change))
        except (Refused, StoreUnavailableError) as failed:
            return failed
        return change.refused

    async def _committed(self, command: Together) -> None:
        """Execute a command, and again when nobody knows whether it was committed: the record tells (D-67)."""
        try:
            await self.work.context.service.execute(command)
        except StoreUnavailableError as error:
            if error.committed is not None:
                raise
            await self.work.context.service.execute(command)

    def _command(self, payment: KeptPayment, change: _Change) -> Together:
        """The payment and the change of its invoice. It does nothing where the payment is registered already."""
        tenant, by = self.work.identity.tenant, self.work.origin(self.work.call.operation or "payment")
        record = payment.record(tenant)
        changed = ChangeDocument(tenant, DocumentId(payment.document), change, by)

        def change_once(so_far: SoFar) -> ChangeDocument | None:
            return None if record.key in so_far.records else changed

        def keep(so_far: SoFar) -> SaveRecords | None:
            if so_far.results[0] is None or not so_far.results[0].saved:
                return None
            return SaveRecords(tenant, PAYMENT, (SaveRecord(record),), by)

        likely = SaveRecords(tenant, PAYMENT, (SaveRecord(record),), by)
        parts: tuple[Part, ...] = (Build(change_once, (record.key,), changed), Build(keep, like=likely))
        return Together(tenant, parts, by)


def _missing(payment: Payment) -> OrderRefused | None:
    """The first of the properties that every payment has, if one is missing. Source: PA-02, PA-06."""
    if payment.invoice_id == INTMIN:
        return missing("InvoiceId")
    if payment.date.replace(tzinfo=None) == DATEMIN:
        return missing("Date")
    return missing("Amount") if payment.amount == DECMIN else None


def _exception(work: Work, failed: Failed) -> APIException:
    if isinstance(failed, OrderRefused):
        return api_exception(failed.name, work.settings, work.method, **failed.facts)
    if isinstance(failed, Refused):
        return exception_of(failed.refusal, work.settings, work.method)
    return api_exception("payment_not_saved", work.settings, work.method)
