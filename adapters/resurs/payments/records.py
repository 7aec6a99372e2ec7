"""How payments are kept: one record each, whose id and unique values keep two representatives of a tenant apart (ADR-62)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Final

from pydantic import TypeAdapter

from adapters.resurs.payments.model import Payment
from adapters.resurs.payments.status import StatusFrom, statuses_of, sums_of
from gateway.core.records import Field, FieldType, Given, KindName, Record, RecordId, RecordKey, RecordKind, can_be_id
from gateway.core.values import TenantId

PAYMENT: Final = RecordKind(
    KindName("resurs.payment"),
    {
        "account": Field(),
        "number": Field(several=True, unique=True),
        "any": Field(several=True),
        "method": Field(),
        "status": Field(several=True),
        "government_id": Field(),
        "name": Field(folded=True),
        "booked": Field(FieldType.MOMENT),
        "modified": Field(FieldType.MOMENT),
        "finalized": Field(FieldType.MOMENT),
        "amount": Field(FieldType.NUMBER),
        "frozen": Field(FieldType.FLAG),
        "meta": Field(several=True),
    },
    max_body=1024 * 1024,
    tombstones=False,
)
"""The values are those that findPayments looks at.

number: invoice and credit note numbers, with the account in front: unique for a representative (P-65).
amount: the present total, in hundred-thousandths of the currency unit.
"""

_BODY: Final = TypeAdapter(Payment)
_SCALE: Final = 100_000


def record_id(*parts: str) -> RecordId:
    """The id of what has these names together. User names hold no colon, ids of payments neither."""
    plain = ":".join(parts)
    return RecordId(plain if can_be_id(plain) else hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest())


def payment_key(tenant: TenantId, account: str, payment_id: str) -> RecordKey:
    """Names the record of a payment."""
    return PAYMENT.key(tenant, record_id(account, payment_id))


def own_number(account: str, number: str) -> str:
    """A number as it is unique for a representative: exact text, whatever its length."""
    return record_id(account, number)


def payment_record(tenant: TenantId, payment: Payment, status_from: StatusFrom = "any") -> Record:
    """The record of a payment.

    status_from: of the dialect's choices; it decides what a search by status finds.
    """
    body = _BODY.dump_json(replace(payment, version=0), exclude_defaults=True)
    return PAYMENT.record(tenant, record_id(payment.account, payment.id), body, _values(payment, status_from))


def payment_of(record: Record) -> Payment:
    """The payment that a record holds."""
    return replace(_BODY.validate_json(record.body), version=record.version)


def _values(payment: Payment, status_from: StatusFrom) -> dict[str, Given]:
    numbers = [diff.invoice_id for diff in payment.diffs if diff.invoice_id is not None]
    others = (value for diff in payment.diffs for value in (diff.transaction_id, diff.order_id) if value is not None)
    return {
        "account": payment.account,
        "number": [own_number(payment.account, number) for number in numbers],
        "any": [payment.id, *numbers, *others],
        "method": payment.method.id,
        "status": [status.value for status in statuses_of(payment, status_from)],
        "government_id": payment.customer.government_id,
        "name": payment.customer.address.full_name,
        "booked": payment.booked,
        "modified": payment.modified,
        "finalized": payment.finalized,
        "amount": scaled(sums_of(payment).total),
        "frozen": payment.frozen,
        "meta": [key for key, _ in payment.meta_data],
    }


def scaled(amount: Decimal) -> int:
    """An amount as the index holds it."""
    return max(-(2**62), min(2**62, int((amount * _SCALE).to_integral_value())))
