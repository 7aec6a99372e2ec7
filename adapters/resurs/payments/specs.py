"""Amounts and rows of requests: what is accepted, and what is kept of it. Pure. Source: P-40 to P-51.

A request names rows and their sum, a sum alone, or nothing at all, which means all that is left. The sum alone decides how
much money moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, Literal

from adapters.resurs import errors
from adapters.resurs.errors import Fault
from adapters.resurs.payments.model import DiffType, Payment, Spec, SpecLine
from schemas.resurs import common as messages

Rounding = Literal["vendor", "row"]

TOLERANCE: Final = Decimal("0.05")
"""In currency units. Source: P-43."""
PLACES: Final = 15
"""Decimal places that are kept; the setting `decimals` shows as many at most."""
_LARGEST: Final = Decimal(10) ** 13
"""No amount reaches this: with `PLACES` behind the point, 28 digits are what the wire's decimals hold."""
_SMALLEST: Final = Decimal(1).scaleb(-PLACES)
_EXACT: Final = Context(prec=90, rounding=ROUND_HALF_UP)
_ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)
_ONE: Final = Decimal(1)


def shown(value: Decimal, step: Decimal) -> Decimal:
    """A value in the one form that all answers have: equal values have equal texts. Source: P-46, P-47.

    step: of `step_of`.
    """
    return value.quantize(step, context=_EXACT)


def step_of(decimals: int) -> Decimal:
    """The last place that is shown."""
    return Decimal(1).scaleb(-decimals)


def kept(value: Decimal) -> Decimal:
    """A value with as many places as are kept."""
    exponent = value.as_tuple().exponent
    return value.quantize(_SMALLEST, context=_EXACT) if isinstance(exponent, int) and exponent < -PLACES else value


@dataclass(frozen=True, slots=True)
class Asked:
    """The specification of a request, not judged yet.

    total_amount: None asks for all that is left (P-49).
    total_vat_amount: None when the request has none.
    """

    total_amount: Decimal | None = None
    total_vat_amount: Decimal | None = None
    lines: tuple[SpecLine, ...] = ()


def asked_of(message: messages.PaymentSpec | None) -> Asked:
    """What a request asks for."""
    if message is None:
        return Asked()
    vat = message.total_vat_amount
    return Asked(
        kept(message.total_amount),
        None if vat is None else kept(vat),
        tuple(_line(line) for line in message.spec_lines),
    )


def _line(line: messages.SpecLine) -> SpecLine:
    return SpecLine(
        line.id,
        line.art_no,
        line.description,
        kept(line.quantity),
        line.unit_measure,
        kept(line.unit_amount_without_vat),
        kept(line.vat_pct),
        kept(line.total_vat_amount),
        kept(line.total_amount),
    )


# --- sums ---------------------------------------------------------------------------------------------------------------


def sums_fault(asked: Asked, rounding: Rounding) -> Fault | None:
    """What is wrong with the sums of a request: the first field beyond the tolerance; None when they agree.

    Source: P-41 to P-45; the error names the field (P-89).
    """
    field = _wrong_amount(asked) or (_wrong_sum(asked, rounding) if asked.lines else None)
    return None if field is None else Fault(errors.INVALID_FIELD, field=field)


def _wrong_amount(asked: Asked) -> str | None:
    """The first amount that is too large to be kept."""
    amounts = [("totalAmount", asked.total_amount or _ZERO), ("totalVatAmount", asked.total_vat_amount or _ZERO)]
    for line in asked.lines:
        amounts += (
            ("quantity", line.quantity),
            ("unitAmountWithoutVat", line.unit_amount_without_vat),
            ("totalVatAmount", line.total_vat_amount),
            ("totalAmount", line.total_amount),
        )
    return next((name for name, amount in amounts if abs(amount) >= _LARGEST), None)


def _wrong_sum(asked: Asked, rounding: Rounding) -> str | None:
    if rounding == "vendor":
        for line in asked.lines:
            field = _wrong_row(line)
            if field is not None:
                return field
    if asked.total_vat_amount is None:  # required with rows (P-41)
        return "totalVatAmount"
    if not _agree(sum((line.total_amount for line in asked.lines), _ZERO), asked.total_amount or _ZERO):
        return "totalAmount"
    if not _agree(sum((line.total_vat_amount for line in asked.lines), _ZERO), asked.total_vat_amount):
        return "totalVatAmount"
    return None


def _wrong_row(line: SpecLine) -> str | None:
    """The field of a row that is beyond the tolerance. Source: P-42, P-43, P-45."""
    if line.quantity == 0:
        nothing = _agree(line.total_amount, _ZERO) and _agree(line.total_vat_amount, _ZERO)
        return None if nothing else "quantity"
    unit, vat = _computed(line)
    if not _agree(line.unit_amount_without_vat, unit):
        return "unitAmountWithoutVat"
    return None if _agree(line.total_vat_amount, vat) else "totalVatAmount"


def _agree(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= TOLERANCE


def recomputed(line: SpecLine) -> SpecLine:
    """A row whose net price and VAT follow from its total, which stays as it was sent. Source: P-43.

    A row beyond the tolerance stays as it is, and so does one without quantity, which has no price of one.
    """
    if line.quantity == 0 or _wrong_row(line) is not None:
        return line
    unit, vat = _computed(line)
    return replace(
        line,
        unit_amount_without_vat=_plain(unit, line.unit_amount_without_vat),
        total_vat_amount=_plain(vat, line.total_vat_amount),
    )


def _computed(line: SpecLine) -> tuple[Decimal, Decimal]:
    """Net price of one, and VAT of the row, from the row's total. The quantity must not be 0."""
    rate = _EXACT.divide(line.vat_pct, _HUNDRED)
    unit = _EXACT.divide(line.total_amount, _EXACT.multiply(1 + rate, line.quantity))
    return unit, _EXACT.multiply(rate, _EXACT.multiply(unit, line.quantity))


def _plain(computed: Decimal, sent: Decimal) -> Decimal:
    """A computed value as it is kept; as it was sent when it is the same, so that nothing grows zeros."""
    rounded = computed.quantize(_SMALLEST, context=_EXACT)
    if rounded == sent:
        return sent
    short = rounded.normalize(_EXACT)
    exponent = short.as_tuple().exponent
    return short.quantize(_ONE) if isinstance(exponent, int) and exponent > 0 else short


# --- what is kept of a request ------------------------------------------------------------------------------------------


def order_spec(message: messages.PaymentSpec, rounding: Rounding) -> Spec:
    """The specification of an order. Raises Fault(INVALID_FIELD)."""
    asked = asked_of(message)
    fault = sums_fault(asked, rounding)
    if fault is not None:
        raise fault
    return whole_spec(asked)


def whole_spec(asked: Asked) -> Spec:
    """The specification of an order, whose sums agree. VAT that is not named is none."""
    total = asked.total_amount if asked.total_amount is not None else _ZERO
    vat = asked.total_vat_amount if asked.total_vat_amount is not None else _ZERO
    return Spec(total, vat, tuple(recomputed(line) for line in asked.lines))


def part_spec(payment: Payment, asked: Asked, left: Decimal, rows: tuple[SpecLine, ...] = ()) -> Spec:
    """What a change of a payment is about.

    left: what an unspecified request means.
    rows: those that remain, for a request without rows that takes all of it; empty for none (P-51).
    """
    amount = left if asked.total_amount is None else asked.total_amount
    if asked.lines:
        return whole_spec(asked)
    if rows and _agree(amount, left) and _agree(sum((row.total_amount for row in rows), _ZERO), amount):
        return Spec(amount, sum((row.total_vat_amount for row in rows), _ZERO), rows)
    vat = asked.total_vat_amount
    return Spec(amount, vat_in_proportion(payment, amount) if vat is None else vat)


def vat_in_proportion(payment: Payment, amount: Decimal) -> Decimal:
    """The VAT of an amount without rows: as much of it as the authorised VAT is of the authorised total. Source: P-49, P-50."""
    authorised = [diff.spec for diff in payment.diffs if diff.type is DiffType.AUTHORIZE]
    total = sum((spec.total_amount for spec in authorised), _ZERO)
    vat = sum((spec.total_vat_amount for spec in authorised), _ZERO)
    if total == 0:
        return _ZERO
    return _plain(_EXACT.divide(_EXACT.multiply(amount, vat), total), _ZERO)


def remaining_rows(payment: Payment, gained: DiffType, *spent: DiffType) -> tuple[SpecLine, ...]:
    """The rows of diffs of one type that those of other types leave, by quantity. Source: P-51.

    Rows are the same when article, description, unit, price and percent are.
    """
    quantities: dict[tuple[object, ...], Decimal] = {}
    first: dict[tuple[object, ...], SpecLine] = {}
    for diff in payment.diffs:
        sign = 1 if diff.type is gained else -1 if diff.type in spent else 0
        for line in diff.spec.lines if sign else ():
            key = _key(line)
            first.setdefault(key, line)
            quantities[key] = quantities.get(key, _ZERO) + sign * line.quantity
    return tuple(_rows(first, quantities))


def _key(line: SpecLine) -> tuple[object, ...]:
    return line.art_no, line.description, line.unit_measure, line.unit_amount_without_vat, line.vat_pct


def _rows(
    first: dict[tuple[object, ...], SpecLine], quantities: dict[tuple[object, ...], Decimal]
) -> Iterable[SpecLine]:
    for key, line in first.items():
        quantity = quantities[key]
        if quantity == line.quantity:
            yield line
        elif quantity != 0:
            net = _EXACT.multiply(line.unit_amount_without_vat, quantity)
            vat = _EXACT.divide(_EXACT.multiply(net, line.vat_pct), _HUNDRED)
            yield replace(
                line, quantity=quantity, total_vat_amount=_plain(vat, _ZERO), total_amount=_plain(net + vat, _ZERO)
            )
