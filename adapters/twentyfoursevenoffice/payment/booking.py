"""The voucher of a payment: where its number comes from, and its two lines. Source: PA-09.

The number is drawn from the series of the type titled `Bank`, in the fiscal year of the payment's date. A payment whose year is
missing or locked is registered without a voucher: the money has come, whatever the books say (D-68).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from adapters.twentyfoursevenoffice.account.books import books_of
from adapters.twentyfoursevenoffice.account.vouchers import Voucher, VoucherLine
from adapters.twentyfoursevenoffice.lines import OwnLine, voucher_line
from adapters.twentyfoursevenoffice.payment.records import KeptPayment
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.documents import Document

BANK: Final = "Bank"
"""A word in the title of the type that payments are booked as; clients look for it, too (AC-13)."""
PAYMENT: Final = "Payment"
"""The system type of both lines (TR-13)."""
_COMMENT: Final = "Innbetaling faktura {}"


@dataclass(frozen=True, slots=True)
class Booking:
    """Where the voucher of one payment goes.

    line: its number line. series: the EntrySeriesId. year: the fiscal year's number. type: the TypeId.
    """

    line: OwnLine
    series: int
    year: int
    type: int


def booking_of(work: Work, payment: KeptPayment) -> Booking | None:
    """Where the payment is booked; None when it has no voucher."""
    if not work.settings.post_invoices:
        return None
    books = books_of(work)
    kind = books.type_called(BANK)
    year = books.year_of(books.local(payment.date).date())
    if kind is None or year is None or year.locked:
        return None
    line = voucher_line(work, kind.series, year.id, books.starts.get(kind.series, 1))
    return Booking(line, kind.series, year.id, kind.id)


def voucher_of_payment(work: Work, booking: Booking, payment: KeptPayment, invoice: Document, number: int) -> Voucher:
    """The voucher: the bank has the amount, the customer owes that much less.

    number: its TransactionNo.
    """
    moment, choices = books_of(work).local(payment.date), work.settings
    own = invoice.extras.get(DIALECT, {})
    bank, receivable = (
        VoucherLine(
            moment,
            account,
            amount,
            customer=max(invoice.customer or 0, 0),
            invoice=str(payment.invoice),
            ocr=own.get("OCR", ""),
            comment=_COMMENT.format(payment.invoice),
            system_type=PAYMENT,
        )
        for account, amount in (
            (choices.bank_account, payment.amount),
            (choices.receivable_account, payment.amount.copy_negate()),
        )
    )
    return Voucher(
        payment.client, booking.series, booking.year, number, booking.type, (bank, receivable), call=payment.id
    )
