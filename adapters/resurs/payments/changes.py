"""What each operation does to a payment: pure functions from the payment and the request to a `Change`.

They raise Fault. The checks are in the vendor's order: frozen, method, status, amount, number, sums (P-92). That a number is
used is found when the change is made, so wrong sums wait in the change until then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from adapters.resurs import errors
from adapters.resurs.errors import Business, Fault
from adapters.resurs.payments.commit import Change, Draw
from adapters.resurs.payments.model import Diff, DiffType, InvoiceWish, Payment, SpecLine
from adapters.resurs.payments.specs import TOLERANCE, Asked, asked_of, part_spec, remaining_rows, sums_fault
from adapters.resurs.payments.status import room_of, sums_of
from adapters.resurs.settings import Settings
from schemas.resurs.aftershop import AdditionalDebitOfPayment, AnnulPayment, CreditPayment, FinalizePayment

_NOTHING_OVER: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which rows remain for an operation: those of one type of diff, less those of others."""

    gained: DiffType
    spent: tuple[DiffType, ...]


_DEBITABLE: Final = _Rows(DiffType.AUTHORIZE, (DiffType.DEBIT, DiffType.ANNUL))
_CREDITABLE: Final = _Rows(DiffType.DEBIT, (DiffType.CREDIT,))


def finalize(payment: Payment, request: FinalizePayment, settings: Settings, now: dt.datetime) -> Change:
    """Debit a payment. Source: P-61 to P-68, P-81 to P-83, P-87 to P-90."""
    left = sums_of(payment).debitable
    asked = asked_of(request.part_payment_spec)
    if payment.frozen:
        raise Fault(errors.FROZEN)
    _check_method_finalizes(payment, asked, left, settings)
    if not payment.method.invoices:
        _refuse_given(request.invoice_id, errors.NUMBER_NOT_ALLOWED)
        _refuse_given(request.invoice_date, errors.INVALID_FIELD, "invoiceDate")
        if settings.order_date_non_invoice == "refuse":
            _refuse_given(request.order_date, errors.INVALID_FIELD, "orderDate")
    _check_left(left)
    _check_amount(asked, left, errors.OVER_FINALIZE, settings)
    diff = Diff(
        DiffType.DEBIT,
        now,
        part_spec(payment, asked, left, _rows_left(payment, asked, _DEBITABLE, settings)),
        created_by=request.created_by,
        transaction_id=_transaction_id(payment, request.preferred_transaction_id),
        order_id=request.order_id,
        document_date=request.invoice_date,
        delivery=request.invoice_delivery_type.value,
        order_date=request.order_date,
    )
    draw = _draw(payment, request.invoice_id) if payment.method.invoices else None
    return _changed(payment, diff, draw, asked, settings)


def credit(payment: Payment, request: CreditPayment, settings: Settings, now: dt.datetime) -> Change:
    """Credit what was debited. Source: P-66, P-69, P-84, P-87, P-88."""
    left = sums_of(payment).creditable
    asked = asked_of(request.part_payment_spec)
    if not payment.method.invoices:
        _refuse_given(request.credit_note_id, errors.NUMBER_NOT_ALLOWED)
        _refuse_given(request.credit_note_date, errors.INVALID_FIELD, "creditNoteDate")
    _check_left(left)
    _check_amount(asked, left, errors.OVER_CREDIT, settings)
    diff = Diff(
        DiffType.CREDIT,
        now,
        part_spec(payment, asked, left, _rows_left(payment, asked, _CREDITABLE, settings)),
        created_by=request.created_by,
        transaction_id=_transaction_id(payment, request.preferred_transaction_id),
        document_date=request.credit_note_date,
        delivery=request.invoice_delivery_type.value,
    )
    draws = payment.method.invoices and (request.credit_note_id is not None or settings.credit_notes_draw)
    return _changed(payment, diff, _draw(payment, request.credit_note_id) if draws else None, asked, settings)


def annul(payment: Payment, request: AnnulPayment, settings: Settings, now: dt.datetime) -> Change:
    """Release what is reserved; no number. A frozen payment of which nothing is left is not frozen any more.

    Source: P-85, P-90.
    """
    left = sums_of(payment).debitable
    asked = asked_of(request.part_payment_spec)
    if payment.method.settles_itself or (payment.method.is_external_card and _is_part(asked, left)):
        raise Fault(errors.METHOD_FORBIDS)
    _check_left(left)
    _check_amount(asked, left, errors.OVER_ANNUL, settings)
    spec = part_spec(payment, asked, left, _rows_left(payment, asked, _DEBITABLE, settings))
    change = _changed(payment, Diff(DiffType.ANNUL, now, spec, created_by=request.created_by), None, asked, settings)
    frozen = payment.frozen and sums_of(change.after).debitable > 0
    return replace(change, after=replace(change.after, frozen=frozen))


def debit_more(payment: Payment, request: AdditionalDebitOfPayment, settings: Settings, now: dt.datetime) -> Change:
    """Raise the order value; no number. Source: P-86, P-90."""
    if payment.method.is_external:
        raise Fault(errors.METHOD_FORBIDS)
    sums = sums_of(payment)
    if sums.debitable <= 0 and sums.creditable <= 0:
        raise Fault(errors.PAYMENT_STATE)
    asked = asked_of(request.payment_spec)
    if asked.total_amount is None:
        raise Fault(errors.INVALID_FIELD, field="paymentSpec")
    if asked.total_amount > room_of(payment):
        raise _over(errors.OVER_LIMIT, settings)
    spec = part_spec(payment, asked, _NOTHING_OVER)
    return _changed(payment, Diff(DiffType.AUTHORIZE, now, spec, created_by=request.created_by), None, asked, settings)


def add_meta_data(payment: Payment, key: str, value: str | None) -> Change:
    """Put an entry into the metadata; it replaces the one of the same key, in its place. Source: P-33."""
    if not key:
        raise Fault(errors.INVALID_FIELD, field="key")
    entries = tuple((own, value if own == key else old) for own, old in payment.meta_data)
    if key not in dict(payment.meta_data):
        entries = (*entries, (key, value))
    return Change(replace(payment, meta_data=entries), payment)


def debit_whole(payment: Payment, wish: InvoiceWish, settings: Settings, now: dt.datetime) -> Change:
    """The bank debits by itself all that is left, with the rows that are left. Source: P-72, P-136, P-145.

    wish: what the booking said about the invoice; it counts only for methods that invoice.
    """
    left = sums_of(payment).debitable
    diff = Diff(
        DiffType.DEBIT,
        now,
        part_spec(payment, Asked(), left, _rows(payment, _DEBITABLE)),
        transaction_id=_transaction_id(payment, wish.transaction_id),
        document_date=wish.invoice_date,
        delivery=wish.delivery,
    )
    draw = _draw(payment, wish.invoice_id) if payment.method.invoices else None
    return replace(_changed(payment, diff, draw, Asked(), settings), automatic=True)


# --- checks, in their order ---------------------------------------------------------------------------------------------


def _check_method_finalizes(payment: Payment, asked: Asked, left: Decimal, settings: Settings) -> None:
    """Raises Fault(METHOD_FORBIDS). Source: P-90."""
    method = payment.method
    partial_card = method.is_external_card and settings.partial_card_finalize == "refuse" and _is_part(asked, left)
    if method.settles_itself or partial_card:
        raise Fault(errors.METHOD_FORBIDS)


def _is_part(asked: Asked, left: Decimal) -> bool:
    return asked.total_amount is not None and asked.total_amount < left - TOLERANCE


def _refuse_given(value: object, business: Business, field: str = "") -> None:
    """Raises Fault for a value that this method may not have. A nil one is absent. Source: P-66, P-67."""
    if value is not None:
        raise Fault(business, field=field) if field else Fault(business)


def _check_left(left: Decimal) -> None:
    """Raises Fault(PAYMENT_STATE). Source: P-26, P-82."""
    if left <= 0:
        raise Fault(errors.PAYMENT_STATE)


def _check_amount(asked: Asked, left: Decimal, business: Business, settings: Settings) -> None:
    """Raises Fault for more than is left. Source: P-83 to P-85."""
    if asked.total_amount is not None and asked.total_amount > left + TOLERANCE:
        raise _over(business, settings)


def _over(business: Business, settings: Settings) -> Fault:
    return Fault(business if settings.over_amount_errors == "specific" else errors.PAYMENT_STATE)


def _draw(payment: Payment, chosen: str | None) -> Draw:
    """The draw of the new diff. Raises Fault(NUMBER_USED) for a number that the payment itself has already. Source: P-65."""
    if chosen is not None and any(diff.invoice_id == chosen for diff in payment.diffs):
        raise Fault(errors.NUMBER_USED, id=chosen)
    return Draw(chosen)


def _changed(payment: Payment, diff: Diff, draw: Draw | None, asked: Asked, settings: Settings) -> Change:
    """The change by one diff. Raises Fault for wrong sums when no number can be wrong before them."""
    fault = sums_fault(asked, settings.rounding)
    if fault is not None and draw is None:
        raise fault
    return Change(payment.with_diff(diff), payment, draw, fault=fault)


# --- rows, and ids ------------------------------------------------------------------------------------------------------


def _rows_left(payment: Payment, asked: Asked, rows: _Rows, settings: Settings) -> tuple[SpecLine, ...]:
    """The rows for a request without any, if the choices want some. Source: P-51."""
    return () if asked.lines or settings.unspecified_lines == "none" else _rows(payment, rows)


def _rows(payment: Payment, rows: _Rows) -> tuple[SpecLine, ...]:
    return remaining_rows(payment, rows.gained, *rows.spent)


def _transaction_id(payment: Payment, preferred: str | None) -> str | None:
    """External providers do not support one; it is ignored. Source: P-90."""
    return None if payment.method.is_external else preferred
