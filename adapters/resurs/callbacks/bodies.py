"""The JSON bodies of callbacks that are sent by POST. Pure. Source: P-160 to P-162."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any, Final

from adapters.resurs.payments.model import Diff, Spec, SpecLine

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND: Final = dt.timedelta(milliseconds=1)

BOOKED: Final = json.dumps({"addedPaymentSpecificationLines": []}).encode()
"""Rows that the bank has added, such as a fee. This bank adds none. Source: P-160."""


def update(diff: Diff | None, totals: str) -> bytes:
    """The body of an UPDATE.

    diff: None writes null, for an UPDATE that somebody simulates for a payment that does not exist (inferred).
    totals: net or gross (P-162).
    """
    return json.dumps({"paymentDiff": None if diff is None else _diff(diff, totals)}).encode()


def _diff(diff: Diff, totals: str) -> dict[str, Any]:
    return {
        "type": diff.type.value,
        "transactionId": diff.transaction_id,
        "created": (diff.created - _EPOCH) // _MILLISECOND,
        "createdBy": diff.created_by,
        "paymentSpecification": {
            "paymentSpecificationLines": [_line(line, totals) for line in diff.spec.lines] or None,
            "totalAmount": _total(diff.spec, totals),
            "totalVatAmount": _number(diff.spec.total_vat_amount),
            "bonusPoints": 0,
        },
        "orderId": diff.order_id,
        "invoiceId": diff.invoice_id,
    }


def _line(line: SpecLine, totals: str) -> dict[str, Any]:
    return {
        "id": line.id,
        "artNo": line.art_no,
        "description": line.description,
        "quantity": _number(line.quantity),
        "unitMeasure": line.unit_measure,
        "unitAmountWithoutVat": _number(line.unit_amount_without_vat),
        "vatPct": _number(line.vat_pct),
        "totalVatAmount": _number(line.total_vat_amount),
        "totalAmount": _total(line, totals),
    }


def _total(part: Spec | SpecLine, totals: str) -> int | float:
    """The samples' totals are net, of rows and of the whole: 24 beside a VAT of 6. Source: P-162."""
    net = part.total_amount - part.total_vat_amount
    return _number(net if totals == "net" else part.total_amount)


def _number(amount: Decimal) -> int | float:
    """As in the samples: whole numbers without a point."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
