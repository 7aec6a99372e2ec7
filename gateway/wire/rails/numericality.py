"""What counts as a number, as `validates_numericality_of` and an integer column of Rails 2.3 see it."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from gateway.wire.rails.parameters import MAX_DIGITS, Parameter, to_i

_INTEGER = re.compile(r"[+-]?[0-9]+\n?")  # Ruby's `\Z` also stands before a line break at the end
_FLOAT = re.compile(r"\s*[+-]?(?:\d+(?:_\d+)*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)


_GIANT: Final = int("1" + "0" * MAX_DIGITS)


class Numericality(enum.StrEnum):
    """Which texts pass.

    INTEGER: a sign and digits (`:only_integer`).
    FLOAT: everything that Ruby's Float() reads, like `3.5`, `1e2` or ` 7 `. The integer column then keeps the leading
        digits (3, 1 and 7).
    """

    INTEGER = "integer"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class Number:
    """A value that passed.

    negative: what the rule ">= 0" checks.
    stored: what the integer column keeps.
    """

    negative: bool
    stored: int


def read_number(value: Parameter, rule: Numericality) -> Number | None:
    """The number, or None for "is not a number" (None, "", lists, dates, booleans and other texts)."""
    if isinstance(value, str):
        plain = value.isdigit() and value.isascii() and len(value) <= MAX_DIGITS
        return Number(False, int(value)) if plain else _read_text(value, rule)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Number(value < 0, value)
    if isinstance(value, (float, Decimal)) and rule is Numericality.FLOAT and Decimal(value).is_finite():
        return Number(value < 0, _truncated(Decimal(value)))
    return None


def _read_text(text: str, rule: Numericality) -> Number | None:
    pattern = _INTEGER if rule is Numericality.INTEGER else _FLOAT
    if not pattern.fullmatch(text):
        return None
    stored = to_i(text)
    return Number(stored < 0 or (rule is Numericality.FLOAT and _below_zero(text)), stored)


def _below_zero(text: str) -> bool:
    """True for -0.5 and the like, which keep 0 in an integer column but are below 0."""
    mantissa = text.strip().lower().partition("e")[0]
    return mantissa.startswith("-") and any(digit in mantissa for digit in "123456789")


def _truncated(number: Decimal) -> int:
    """Towards zero, without building a giant from a large exponent."""
    if number.adjusted() >= MAX_DIGITS:
        return -_GIANT if number < 0 else _GIANT
    return int(number)


def read_decimal(value: Parameter) -> Decimal | None:
    """The exact amount that a decimal column keeps, of any size but finite; None for "is not a number"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and not _FLOAT.fullmatch(value):
        return None
    if not isinstance(value, (str, int, float, Decimal)):
        return None
    try:
        amount = Decimal(value.strip().replace("_", "") if isinstance(value, str) else str(value))
    except InvalidOperation:  # an exponent beyond all bounds
        return None
    return amount if amount.is_finite() else None


def is_blank(value: Parameter) -> bool:
    """Ruby's `blank?`: nothing, only white space, an empty collection, or false."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value is False or (isinstance(value, (list, dict)) and not value)
