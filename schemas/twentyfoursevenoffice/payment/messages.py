"""The messages of PaymentService."""

from __future__ import annotations

from pydantic import Field

from schemas.twentyfoursevenoffice.payment.types import Payment
from schemas.twentyfoursevenoffice.primitives import Message


class RegisterInvoicePayment(Message):
    """A payment to be registered."""

    payment: Payment | None = Field(None, alias="payment")


class RegisterInvoicePaymentResponse(Message):
    """The payment, with an error if it was not registered."""

    result: Payment | None = Field(None, alias="RegisterInvoicePaymentResult")


class RegisterInvoicePayments(Message):
    """Payments to be registered."""

    payments: list[Payment | None] | None = Field(None, alias="payments")


class RegisterInvoicePaymentsResponse(Message):
    """The payments that were not registered, with their errors."""

    result: list[Payment | None] | None = Field(None, alias="RegisterInvoicePaymentsResult")
