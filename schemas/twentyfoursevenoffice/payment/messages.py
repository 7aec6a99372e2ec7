"""The messages of PaymentService."""

from __future__ import annotations

from pydantic import Field

from schemas.twentyfoursevenoffice.payment.types import Payment
from schemas.twentyfoursevenoffice.primitives import Message


class RegisterInvoicePayment(Message):
    """Asks for RegisterInvoicePayment."""

    payment: Payment | None = Field(None, alias="payment")


class RegisterInvoicePaymentResponse(Message):
    """The answer to RegisterInvoicePayment."""

    result: Payment | None = Field(None, alias="RegisterInvoicePaymentResult")


class RegisterInvoicePayments(Message):
    """Asks for RegisterInvoicePayments."""

    payments: list[Payment | None] | None = Field(None, alias="payments")


class RegisterInvoicePaymentsResponse(Message):
    """The answer to RegisterInvoicePayments."""

    result: list[Payment | None] | None = Field(None, alias="RegisterInvoicePaymentsResult")
