"""What a document comes to: net, VAT and gross per line, per VAT rate and in all. Pure functions in exact decimals.

Products on the way are exact. Only results are rounded, half away from zero, so that a credit note mirrors its invoice.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Final

from gateway.core.documents import Line, LineKind

CENT: Final = Decimal("0.01")
ROUND_FACTORS: Final = (Decimal("0.1"), Decimal("0.5"), Decimal("1.0"))
_ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)
_EXACT: Final = Context(prec=200, rounding=ROUND_HALF_UP)
"""Precise enough for the product of three amounts of `documents.MAX_DIGITS` on each side of the point: nothing is lost."""


class VatBy(enum.Enum):
    """Where VAT is rounded.

    LINE: on each line, so that the lines add up to the total.
    RATE: once on the sum of each rate.
    """

    LINE = enum.auto()
    RATE = enum.auto()


@dataclass(frozen=True, slots=True)
class Rounding:
    """How amounts are rounded.

    unit: the smallest amount.
    vat_by: where VAT is rounded.
    factor: the gross total is rounded to a multiple of it (0.1, 0.5 or 1.0; None = not). The difference is
        `Totals.rounding`.
    """

    unit: Decimal = CENT
    vat_by: VatBy = VatBy.LINE
    factor: Decimal | None = None

    def __post_init__(self) -> None:
        if not (self.unit.is_finite() and self.unit > 0):
            raise ValueError(f"cannot round to {self.unit}")
        if self.factor is not None and self.factor not in ROUND_FACTORS:
            raise ValueError(f"a round factor is one of {', '.join(map(str, ROUND_FACTORS))}, not {self.factor}")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net + VAT = gross, always."""

    net: Decimal = _ZERO
    vat: Decimal = _ZERO
    gross: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class RateTotals:
    """All lines of one VAT rate.

    rate: percent.
    """

    rate: Decimal
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document comes to: net + vat + rounding = gross.

    by_rate: by ascending rate.
    lines: one item for each line that was given; zero for a line of text.
    """

    net: Decimal
    vat: Decimal
    gross: Decimal
    rounding: Decimal
    by_rate: tuple[RateTotals, ...]
    lines: tuple[Amounts, ...]


@cache
def _is_power_of_ten(unit: Decimal) -> bool:
    return unit.as_tuple().digits == (1,)


def round_to(amount: Decimal, unit: Decimal) -> Decimal:
    """The multiple of `unit` nearest to `amount`, half away from zero."""
    if _is_power_of_ten(unit):
        rounded = amount.quantize(unit, ROUND_HALF_UP, _EXACT)
    else:
        units = _EXACT.divide(amount, unit).quantize(Decimal(1), ROUND_HALF_UP, _EXACT)
        rounded = _EXACT.multiply(units, unit)
    return rounded if rounded else _ZERO.quantize(unit)  # no negative zero


def line_amounts(line: Line, rounding: Rounding = Rounding(), *, prices_include_vat: bool = False) -> Amounts:
    """What one line comes to: quantity x price less discount.

    prices_include_vat: VAT is inside the price, else on top of it.
    """
    if line.kind is LineKind.TEXT:
        return _amounts(_ZERO, _ZERO, rounding)
    paid = _EXACT.subtract(_HUNDRED, line.discount_percent)
    exact = _EXACT.divide(_EXACT.multiply(_EXACT.multiply(line.quantity, line.unit_price), paid), _HUNDRED)
    return _split(exact, line.vat_rate, rounding, prices_include_vat)


def _split(amount: Decimal, rate: Decimal, rounding: Rounding, included: bool) -> Amounts:
    """Part an amount into net and VAT."""
    rounded = round_to(amount, rounding.unit)
    if not included:
        return _amounts(rounded, _EXACT.divide(_EXACT.multiply(rounded, rate), _HUNDRED), rounding)
    whole = _EXACT.add(_HUNDRED, rate)
    inside = _EXACT.divide(_EXACT.multiply(rounded, rate), whole) if whole else _ZERO
    vat = round_to(inside, rounding.unit)
    return Amounts(_EXACT.subtract(rounded, vat), vat, rounded)


def _amounts(net: Decimal, vat: Decimal, rounding: Rounding) -> Amounts:
    net, vat = round_to(net, rounding.unit), round_to(vat, rounding.unit)
    return Amounts(net, vat, _EXACT.add(net, vat))


def document_totals(
    lines: Iterable[Line], rounding: Rounding = Rounding(), *, prices_include_vat: bool = False
) -> Totals:
    """What a document comes to."""
    given = tuple(lines)
    each = tuple(line_amounts(line, rounding, prices_include_vat=prices_include_vat) for line in given)
    by_rate = tuple(
        RateTotals(rate, _rate_amounts(rate, amounts, rounding, prices_include_vat))
        for rate, amounts in _grouped(given, each)
    )
    net = _sum((item.amounts.net for item in by_rate), rounding)
    vat = _sum((item.amounts.vat for item in by_rate), rounding)
    exact = _EXACT.add(net, vat)
    gross = exact if rounding.factor is None else round_to(exact, rounding.factor)
    if rounding.factor is not None:
        gross = _EXACT.add(gross, _ZERO.quantize(rounding.unit))  # shown with the places of every other amount
    return Totals(net, vat, gross, _EXACT.subtract(gross, exact), by_rate, each)


def _grouped(lines: Sequence[Line], each: tuple[Amounts, ...]) -> list[tuple[Decimal, list[Amounts]]]:
    groups: dict[Decimal, list[Amounts]] = {}
    for line, amounts in zip(lines, each, strict=True):
        if line.kind is not LineKind.TEXT:
            groups.setdefault(line.vat_rate, []).append(amounts)  # 25 and 25.00 are one rate
    return sorted(groups.items())


def _rate_amounts(rate: Decimal, amounts: list[Amounts], rounding: Rounding, included: bool) -> Amounts:
    net = _sum((item.net for item in amounts), rounding)
    vat = _sum((item.vat for item in amounts), rounding)
    gross = _EXACT.add(net, vat)
    if rounding.vat_by is VatBy.LINE:
        return Amounts(net, vat, gross)
    return _split(gross if included else net, rate, rounding, included)


def _sum(amounts: Iterable[Decimal], rounding: Rounding) -> Decimal:
    total = _ZERO.quantize(rounding.unit)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total
