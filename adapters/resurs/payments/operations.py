"""The operations of AfterShopFlowService on one payment. Source: P-80 to P-92."""

from __future__ import annotations

from adapters.resurs.operation import OperationCall
from adapters.resurs.payments import changes
from adapters.resurs.payments.commit import Change, change_payment, read_payment
from adapters.resurs.payments.model import Payment
from adapters.resurs.payments.numbering import whole_number
from adapters.resurs.payments.writing import payment_message
from schemas.resurs.aftershop import (
    AdditionalDebitOfPayment,
    AddMetaData,
    AnnulPayment,
    CreditPayment,
    FinalizePayment,
    GetPayment,
    GetPaymentResponse,
)


async def finalize_payment(call: OperationCall, message: FinalizePayment) -> None:
    """Debit a payment; its method may make that an invoice, which takes a number."""
    note_number(call, message.invoice_id)
    now = call.now()
    done = await change_payment(
        call, message.payment_id, lambda payment: changes.finalize(payment, message, call.settings, now)
    )
    note_number(call, done.diffs[-1].invoice_id)


async def credit_payment(call: OperationCall, message: CreditPayment) -> None:
    """Credit what was debited; its method may make that a credit note, which takes a number."""
    note_number(call, message.credit_note_id)
    now = call.now()
    done = await change_payment(
        call, message.payment_id, lambda payment: changes.credit(payment, message, call.settings, now)
    )
    note_number(call, done.diffs[-1].invoice_id)


def note_number(call: OperationCall, number: str | None) -> None:
    """Note a number for the journal, which knows whole numbers only."""
    call.call.number = None if number is None else whole_number(number)


async def annul_payment(call: OperationCall, message: AnnulPayment) -> None:
    """Release what is reserved."""
    now = call.now()
    await change_payment(call, message.payment_id, lambda payment: changes.annul(payment, message, call.settings, now))


async def additional_debit_of_payment(call: OperationCall, message: AdditionalDebitOfPayment) -> None:
    """Raise the order value."""
    now = call.now()
    await change_payment(
        call, message.payment_id, lambda payment: changes.debit_more(payment, message, call.settings, now)
    )


async def add_meta_data(call: OperationCall, message: AddMetaData) -> None:
    """Put an entry into the metadata."""

    def decide(payment: Payment) -> Change:
        return changes.add_meta_data(payment, message.key, message.value)

    await change_payment(call, message.payment_id, decide)


async def get_payment(call: OperationCall, message: GetPayment) -> GetPaymentResponse:
    """A payment and all that happened to it. Always current."""
    payment = await read_payment(call, message.payment_id)
    return GetPaymentResponse.model_construct(
        result=payment_message(payment, call.settings.decimals, call.settings.status_from, call.zone)
    )
