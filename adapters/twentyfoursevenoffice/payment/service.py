"""PaymentService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.payment.register import register_invoice_payment, register_invoice_payments
from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.payment.contract import PAYMENT_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {"RegisterInvoicePayment": register_invoice_payment, "RegisterInvoicePayments": register_invoice_payments}
)
"""The handler of each operation; others are declined."""

PAYMENT: Final = Service(PAYMENT_SERVICE, HANDLERS, Evidence.INFERRED)
