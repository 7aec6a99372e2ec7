"""Numbers between text and value as .NET does it: literals in JSON, integers in strings, and numbers written as text."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_INTEGER_TEXT = re.compile(r"[\t-\r ]*([+-]?[0-9]+)[\t-\r ]*\0*\Z")
_DIGITS = re.compile(r"-?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_HEX = re.compile(r"0[xX]([0-9a-fA-F]+)\Z")
_OCTAL = re.compile(r"[0-7]+\Z")
_LONGEST_INTEGER: Final = 380
"""Digits above which Newtonsoft.Json refuses an integer."""
_LONGEST_PLAIN: Final = 15
"""Digits before the point up to which .NET writes a double without an exponent."""


class NotANumber(Exception):
    """The text is no number of the wanted type."""


def read_integer(text: str, bits: int) -> int:
    """An integer in a string: blanks around, a sign, ASCII digits (Int32.TryParse, NumberStyles.Integer)."""
    match = _INTEGER_TEXT.match(text)
    value = int(match[1]) if match and len(match[1]) <= _LONGEST_INTEGER else None
    if value is None or not _fits(value, bits):
        raise NotANumber(f"not an integer of {bits} bits")
    return value


def read_literal(literal: str, int32: bool, wraps: bool) -> int | float:
    """A bare number in JSON: decimal, hexadecimal after `0x`, or octal after a leading 0.

    int32: the number must fit 32 bits and have no fraction.
    wraps: overflow is noticed as old versions of the library do it: they compare with the number before the last digit.
    """
    bits = 32 if int32 else 64
    if literal[:1] == "0" and len(literal) > 1 and literal[1] not in ".eE":
        return _other_base(literal, bits)
    if _DIGITS.match(literal):
        return _decimal(literal, bits, int32, wraps)
    if int32 or not _FLOAT.match(literal):
        raise NotANumber("not a number")
    return float(literal)


def _other_base(literal: str, bits: int) -> int:
    """Convert.ToInt32/64(text, 16 or 8): the bit pattern counts, so 0xFFFFFFFF is -1."""
    if (match := _HEX.match(literal)) is not None:
        value = int(match[1], 16)
    elif _OCTAL.match(literal):
        value = int(literal, 8)
    else:
        raise NotANumber("not a number to base 8 or 16")
    if value >> bits:
        raise NotANumber(f"more than {bits} bits")
    return value - (1 << bits) if value >> (bits - 1) else value


def _decimal(literal: str, bits: int, int32: bool, wraps: bool) -> int:
    if len(literal) < bits // 4:  # cannot overflow: the ordinary case
        return int(literal)
    value = _accumulated(literal, bits) if wraps and len(literal) <= _LONGEST_INTEGER else _exact(literal, bits)
    if value is not None:
        return value
    if int32 or len(literal) > _LONGEST_INTEGER:
        raise NotANumber(f"more than {bits} bits")
    return int(literal)


def _exact(literal: str, bits: int) -> int | None:
    value = int(literal) if len(literal) <= _LONGEST_INTEGER else None
    return value if value is not None and _fits(value, bits) else None


def _accumulated(literal: str, bits: int) -> int | None:
    """Add up digit by digit in a register of `bits`; None when the register is seen to have wrapped."""
    negative = literal.startswith("-")
    # Old versions add up below zero, where there is one number more, and notice a wrap only when the sum grows. A wrap
    # that lands below the previous sum goes unnoticed: the client gets another number, and so it does here.
    value = 0
    for digit in literal[negative:]:
        following = _in_register(10 * value - int(digit), bits)
        if following > value:
            return None
        value = following
    if negative:
        return value
    return None if value == -(1 << (bits - 1)) else -value


def _in_register(value: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return (value + half) % (1 << bits) - half


def _fits(value: int, bits: int) -> bool:
    return -(1 << (bits - 1)) <= value < 1 << (bits - 1)


def text_of(value: bool | float) -> str:
    """A value as `ToString()` in the invariant culture: True, 12, 1.5, 1E+20, NaN, Infinity."""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return str(value)
    if value != value:  # noqa: PLR0124 - NaN is the one value that differs from itself
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return _double_text(value)


def _double_text(value: float) -> str:
    """The shortest digits that read back as the same double; an exponent from 1E+15 and from 1E-05."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    point = len(digits) + int(exponent)  # where the decimal point stands, counted from the first digit
    if text == "0":
        return "-0" if sign else "0"
    if point > _LONGEST_PLAIN or point < -3:
        mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
        written = f"{mantissa}E{'+' if point > 0 else '-'}{abs(point - 1):02d}"
    elif point <= 0:
        written = f"0.{'0' * -point}{text}"
    elif len(text) > point:
        written = f"{text[:point]}.{text[point:]}"
    else:
        written = text.ljust(point, "0")
    return f"-{written}" if sign else written
