"""RegisterInvoicePayment and RegisterInvoicePayments. Source: PA-01 to PA-10.

A payment is a record, and a change of its invoice in the same transaction. The change is made from the invoice as it is at
that moment, so payments that come at once lose nothing. The payments of one request are handed to the store in its order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias
from uuid import uuid4

from adapters.twentyfoursevenoffice.account.vouchers import VOUCHER, voucher_record
from adapters.twentyfoursevenoffice.errors import OperationFault, api_exception, check_array, exception_of
from adapters.twentyfoursevenoffice.mapping.waves import AT_ONCE
from adapters.twentyfoursevenoffice.orders.paid import PaymentRules, with_payment
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused, missing
from adapters.twentyfoursevenoffice.payment.booking import Booking, booking_of, voucher_of_payment
from adapters.twentyfoursevenoffice.payment.records import PAYMENT, KeptPayment
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Expect, Issue, SaveDocument, SearchDocuments
from gateway.core.document_commands import ChangeDocument, SeriesOf
from gateway.core.documents import Document, DocumentId
from gateway.core.record_commands import SaveRecord, SaveRecords
from gateway.core.refusals import Refused
from gateway.core.search import PAGE, DocumentFilter
from gateway.core.together import Build, Part, SoFar, Together
from gateway.core.values import INVOICE, CounterKey, OnHeld, Origin
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
_OPENED, _NUMBER = 1, 2
"""The places of the parts that open the series of the voucher and draw its number."""


async def register_invoice_payment(work: Work, message: RegisterInvoicePayment) -> RegisterInvoicePaymentResponse:
    """Register one payment. The answer is the payment, with its error if it failed. Source: PA-01, PA-06."""
    if message.payment is None:
        raise OperationFault("null_reference")
    (failed,) = await _Registering(work).register([message.payment])
    exception = None if failed is None else _exception(work, failed)
    return RegisterInvoicePaymentResponse(result=message.payment.model_copy(update={"api_exception": exception}))


async def register_invoice_payments(work: Work, message: RegisterInvoicePayments) -> RegisterInvoicePaymentsResponse:
    """Register every payment that can be. The answer has only those that failed. Source: PA-01, PA-06, G-24."""
    check_array(message.payments, work.settings)
    if message.payments is None:
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
        """Execute a command, and again when nobody knows whether it was committed: the record shows it (D-67)."""
        try:
            done = await self.work.context.service.execute(command)
        except StoreUnavailableError as error:
            if error.committed is not None:
                raise
            done = await self.work.context.service.execute(command)
        if len(done.results) > _NUMBER and done.results[_NUMBER] is not None:
            self.work.call.number = done.results[_NUMBER].issued.number

    def _command(self, payment: KeptPayment, change: _Change) -> Together:
        """The payment and the change of its invoice. It does nothing where the payment is registered already."""
        tenant, by = self.work.identity.tenant, self.work.origin(self.work.call.operation or "payment")
        key = PAYMENT.key(tenant, payment.id)
        changed = ChangeDocument(tenant, DocumentId(payment.document), change, by)

        def change_once(so_far: SoFar) -> ChangeDocument | None:
            return None if key in so_far.records else changed

        parts: list[Part] = [Build(change_once, (key,), changed)]
        booking = booking_of(self.work, payment)
        if booking is not None:
            parts += self._booked(booking, payment, by)

        def keep(so_far: SoFar) -> SaveRecords | None:
            number = None if booking is None or not _changed(so_far) else so_far.results[_NUMBER].issued.number
            return _kept(replace(payment, voucher=number)) if _changed(so_far) else None

        def _kept(done: KeptPayment) -> SaveRecords:
            return SaveRecords(tenant, PAYMENT, (SaveRecord(done.record(tenant)),), by)

        return Together(tenant, (*parts, Build(keep, like=_kept(payment))), by)

    def _booked(self, booking: Booking, payment: KeptPayment, by: Origin) -> list[Part]:
        """The parts that draw the number of the payment's voucher and save it."""
        tenant, own = self.work.identity.tenant, booking.line
        opening = own.opening(self.work)

        def draw(counter: CounterKey) -> Issue:
            named = f"payment of invoice {payment.invoice}"
            return Issue(tenant, counter, f"{payment.id}/voucher", named, by, own.start, OnHeld.PASS_OVER)

        def book(invoice: Document, number: int) -> SaveRecords:
            voucher = voucher_of_payment(self.work, booking, payment, invoice, number)
            return SaveRecords(tenant, VOUCHER, (SaveRecord(voucher_record(tenant, voucher)),), by)

        return [
            Build(lambda so_far: opening if _changed(so_far) else None, like=opening),
            Build(
                lambda so_far: draw(own.of(so_far, _OPENED)) if _changed(so_far) else None,
                like=draw(own.hint(self.work)),
            ),
            Build(
                lambda so_far: (
                    book(so_far.results[0].saved[0].document, so_far.results[_NUMBER].issued.number)
                    if _changed(so_far)
                    else None
                ),
                like=book(Document(tenant), own.start),
            ),
        ]


def _changed(so_far: SoFar) -> bool:
    """Whether the first part has changed the invoice: it can be paid so, and the payment was not registered before."""
    return so_far.results[0] is not None and bool(so_far.results[0].saved)


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
