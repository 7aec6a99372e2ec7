"""How payments are kept: one record each (ADR-62), of a kind that each representative has of its own (`index`)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from pydantic import TypeAdapter

from adapters.resurs.payments.index import payment_kind, values_of
from adapters.resurs.payments.model import Payment
from gateway.core.records import Record, RecordId, RecordKey, can_be_id
from gateway.core.values import TenantId

_BODY: Final = TypeAdapter(Payment)


def record_id(*parts: str) -> RecordId:
    """The id of what has these names together. User names hold no colon, ids of payments neither."""
    plain = ":".join(parts)
    return RecordId(plain if can_be_id(plain) else hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest())


def payment_key(tenant: TenantId, account: str, payment_id: str) -> RecordKey:
    """Names the record of a payment."""
    return payment_kind(account).key(tenant, record_id(payment_id))


def payment_record(tenant: TenantId, payment: Payment) -> Record:
    """The record of a payment."""
    body = _BODY.dump_json(replace(payment, version=0), exclude_defaults=True)
    return payment_kind(payment.account).record(tenant, record_id(payment.id), body, values_of(payment))


def payment_of(record: Record) -> Payment:
    """The payment that a record holds."""
    return replace(_BODY.validate_json(record.body), version=record.version)
