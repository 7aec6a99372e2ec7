"""A payment of an invoice as it is kept: one record, found by the invoice's document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from gateway.core.records import Field, FieldType, KindName, Record, RecordKind
from gateway.core.values import TenantId

PAYMENT: Final = RecordKind(
    KindName("twentyfoursevenoffice.payment"),
    {"document": Field(FieldType.NUMBER), "client": Field(FieldType.NUMBER)},
)
"""document: the id of the invoice's document. client: of the company that registered the payment."""


@dataclass(frozen=True, slots=True)
class KeptPayment:
    """One payment.

    id: made up for the request and the place in it, so that a repetition of a command is noticed.
    document: the id of the invoice's document. invoice: its InvoiceId.
    date: as it was sent; without zone it is a day and time as people write it.
    voucher: the TransactionNo of its voucher; None when there is none.
    """

    id: str
    client: int
    document: int
    invoice: int
    date: datetime
    amount: Decimal
    voucher: int | None = None

    def record(self, tenant: TenantId) -> Record:
        """The record that keeps it."""
        body = {
            "client": self.client,
            "document": self.document,
            "invoice": self.invoice,
            "date": self.date.isoformat(),
            "amount": str(self.amount),
            "voucher": self.voucher,
        }
        values = {"document": self.document, "client": self.client}
        return PAYMENT.record(tenant, self.id, json.dumps(body).encode(), values)


def payment_of(record: Record) -> KeptPayment:
    """The payment that a record keeps."""
    body = json.loads(record.body)
    date, amount = datetime.fromisoformat(body["date"]), Decimal(body["amount"])
    return KeptPayment(record.id, body["client"], body["document"], body["invoice"], date, amount, body["voucher"])
