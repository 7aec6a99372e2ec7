"""A line in the books, whatever it comes from, and how GetTransactions shows it. Source: TR-01, TR-13 to TR-19, G-13."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.twentyfoursevenoffice.account.vouchers import VoucherLine
from schemas.twentyfoursevenoffice.primitives import DATEMIN, DECMIN, EMPTYGUID, INTMIN, SHORTMIN
from schemas.twentyfoursevenoffice.transaction.types import Dimension, DimensionType, Transaction, TransactionSystemType

_INT: Final = 2**31
_SHORT: Final = 2**15
_SYSTEM_TYPES: Final = {each.value: each for each in TransactionSystemType}


@dataclass(frozen=True, slots=True)
class Booked:
    """A line of a voucher, or of an invoice.

    line: with its guid.
    number: TransactionNo. type: the TypeId; 0 when there is none.
    place: of the line in its voucher or invoice, from 0.
    registered, changed: when it was booked, and changed last; aware.
    may_be_open: it is about what somebody owes, so it is open until it is settled (TR-19).
    settled: its invoice is paid.
    """

    line: VoucherLine
    number: int
    type: int
    place: int
    registered: dt.datetime
    changed: dt.datetime
    may_be_open: bool = False
    settled: bool = False

    @property
    def order(self) -> tuple[dt.datetime, int, int, UUID]:
        """By this lines are answered: date, TransactionNo, place."""
        return self.line.moment, self.number, self.place, self.line.id


def vat_code(line: VoucherLine) -> int | None:
    """The number of the line's tax code, else its id; None without a code. The contract's short cannot show others."""
    if line.tax.isascii() and line.tax.isdecimal() and len(line.tax) <= len(str(_SHORT)):
        number = int(line.tax)
        if number < _SHORT:
            return number
    return line.tax_id if 0 < line.tax_id < _SHORT else None


def transaction_of(booked: Booked, currency: str, *, is_open: bool) -> Transaction:
    """The line as it is shown. Its dates are days of the books and have no zone; moments of booking are UTC.

    currency: the tenant's own, for lines without one.
    """
    line, code = booked.line, vat_code(booked.line)
    period = line.period or line.moment
    return Transaction.model_construct(
        date=line.moment,
        account_no=line.account if line.account < _SHORT else SHORTMIN,
        currency=line.currency or currency,
        currency_rate=line.rate,
        currency_unit=line.unit if 0 < line.unit < _SHORT else SHORTMIN,
        amount=line.amount if line.amount.copy_abs() < abs(DECMIN) else DECMIN,
        stamp_no=line.stamp or INTMIN,
        period=period.month,
        transaction_type_id=booked.type or INTMIN,
        comment=line.comment,
        transaction_no=booked.number if booked.number < _INT else INTMIN,
        vat_code=SHORTMIN if code is None else code,
        id=line.id or EMPTYGUID,
        link_id=line.link or INTMIN,
        invoice_no=line.invoice,
        sequence_no=min(booked.place + 1, _SHORT - 1),
        system_type=_SYSTEM_TYPES.get(line.system_type, TransactionSystemType.MISCELLANEOUS),
        due_date=line.due or DATEMIN,
        dimensions=_dimensions(line) or None,
        registration_date=booked.registered,
        date_changed=booked.changed,
        hidden=False,
        open=is_open,
        ocr=line.ocr or None,
        vat_dividend=DECMIN,
        has_vat_dividend=False,
        period_date=dt.date(period.year, period.month, 1),
    )


def _dimensions(line: VoucherLine) -> list[Dimension | None]:
    named = (
        (DimensionType.CUSTOMER, line.customer),
        (DimensionType.PROJECT, line.project),
        (DimensionType.DEPARTMENT, line.department),
    )
    found: list[Dimension | None] = [Dimension(type=kind, value=str(value)) for kind, value in named if value]
    found += [Dimension(type=DimensionType.USER_DEFINED, value=value, type_id=kind) for kind, value in line.dimensions]
    return found
