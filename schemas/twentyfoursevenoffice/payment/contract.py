"""The operations of PaymentService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.payment import messages as m

PAYMENT_SERVICE: Final = ServiceContract(
    "PaymentService",
    "/Economy/InvoiceOrder/V001/PaymentService.asmx",
    (
        Operation(
            "RegisterInvoicePayment",
            "Registers a payment of an invoice, and returns it.",
            m.RegisterInvoicePayment,
            m.RegisterInvoicePaymentResponse,
        ),
        Operation(
            "RegisterInvoicePayments",
            "Registers payments of invoices. The answer holds only those that failed.",
            m.RegisterInvoicePayments,
            m.RegisterInvoicePaymentsResponse,
        ),
    ),
    documentation="Registers payments of invoices. No copy of the vendor's contract is public: this one is inferred.",
)
