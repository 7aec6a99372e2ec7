"""The simple types: texts to values and back, with .NET's ranges, leniency and words.

White space around numbers is allowed. What only Python allows (underscores, digits of other scripts) is refused. A decimal
keeps its scale (`10.50` stays `10.50`); digits beyond .NET's 96 bits are rounded half to even. An element of `anyType` is
skipped, and cannot be written.
Sources: XmlConvert, Int32.Parse, Double.Parse and Decimal.Parse of the .NET Framework. The words for guids are inferred.
"""

from __future__ import annotations

import base64
import binascii
import decimal
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from gateway.wire.soap.binding.datetimes import read_date, read_datetime, write_date, write_datetime
from gateway.wire.soap.binding.problems import BadValueError
from gateway.wire.xml import escape_text

_NOT_A_NUMBER: Final = "Input string was not in a correct format."
_SPACE: Final = " \t\n\v\f\r"
_INTEGER = re.compile(rf"[{_SPACE}]*[+-]?[0-9]+[{_SPACE}]*")
_DECIMAL = re.compile(rf"[{_SPACE}]*([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))[{_SPACE}]*")
_MANTISSA: Final = 2**96 - 1
_WIDE = decimal.Context(prec=999, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, rounding=decimal.ROUND_HALF_EVEN)
_LONGEST_SAFE: Final = 28
"""A decimal text of at most this many characters always fits .NET's mantissa (96 bits) and scale (28)."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A simple type.

    name: its local name in the schema.
    python: the class of its values.
    blank: .NET's value when nothing was given; None for the reference types string and base64Binary.
    read: from text to value; raises BadValueError.
    write: from value to escaped text; raises ValueError for a value that the type cannot hold.
    """

    name: str
    python: type
    blank: Any
    read: Callable[[str], Any]
    write: Callable[[Any], str]

    @property
    def is_value_type(self) -> bool:
        """True for types that cannot be null in .NET."""
        return self.blank is not None


def _signed(name: str, dotnet: str, bits: int) -> Scalar:
    return _bounded(name, f"an {dotnet}", -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _bounded(name: str, dotnet: str, low: int, high: int) -> Scalar:
    too_large = f"Value was either too large or too small for {dotnet}."

    def read(text: str) -> int:
        if not (text.isdigit() and text.isascii()) and not _INTEGER.fullmatch(text):
            raise BadValueError(_NOT_A_NUMBER)
        # Python refuses to convert very long texts and takes quadratic time for long ones. Padding with blanks and zeros
        # is allowed at any length, so it goes first.
        if len(text) > 999:
            text = _without_padding(text)
        if len(text) > 999:
            raise BadValueError(too_large)
        value = int(text)
        if low <= value <= high:
            return value
        raise BadValueError(too_large)

    def write(value: int) -> str:
        if low <= value <= high:
            return int.__repr__(value)  # a subclass (bool, IntEnum) may have a text of its own
        raise ValueError(f"{value} does not fit {name}")

    return Scalar(name, int, 0, read, write)


def _without_padding(text: str) -> str:
    text = text.strip(_SPACE)
    return text[0] + text[1:].lstrip("0") if text[0] in "+-" else text.lstrip("0")


def _read_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or len(text) > 999:
        raise BadValueError(_NOT_A_NUMBER)
    return int(text)


def _from(name: str, low: int) -> Scalar:
    """The integers from a lowest one on."""

    def read(text: str) -> int:
        value = _read_integer(text)
        if value < low:
            raise BadValueError(f"Value was too small for a {name}.")
        return value

    def write(value: int) -> str:
        if value < low:
            raise ValueError(f"{value} does not fit {name}")
        return int.__repr__(value)

    return Scalar(name, int, low, read, write)


def _read_decimal(text: str) -> Decimal:
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise BadValueError(_NOT_A_NUMBER)
    if len(text) <= _LONGEST_SAFE:
        return Decimal(text.strip(_SPACE))
    sign, whole, fraction, only_fraction = match.groups()
    whole = (whole or "").lstrip("0")
    if len(whole) > 29:
        raise BadValueError("Value was either too large or too small for a Decimal.")
    fraction = fraction or only_fraction or ""
    # 28 digits can survive. Beyond the 60th only one question matters for rounding: is there anything but zeros?
    kept, rest = fraction[:60], "1" if fraction[60:].strip("0") else ""
    return _fitted(Decimal(f"{sign}{whole or '0'}.{kept}{rest}"), len(kept))


def _fitted(value: Decimal, scale: int) -> Decimal:
    """The nearest value that .NET's decimal can hold, with at most `scale` fraction digits."""
    # The mantissa is 96 bits wide, which is 28 digits and a part of a 29th: only trying shows how many places fit.
    for places in range(min(scale, 28), -1, -1):
        rounded = value.quantize(Decimal(1).scaleb(-places), context=_WIDE)
        if abs(int(rounded.scaleb(places, context=_WIDE))) <= _MANTISSA:
            return rounded
    raise BadValueError("Value was either too large or too small for a Decimal.")


def _write_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no decimal")
    text = str(value)
    if len(text) <= _LONGEST_SAFE and "E" not in text and value:
        return text
    value = _fitted(value, max(0, -int(value.as_tuple().exponent)))
    return format(value if value else abs(value), "f")  # .NET has no negative zero to show


_NEEDS_CARE = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _write_string(value: str) -> str:
    return escape_text(value) if _NEEDS_CARE.search(value) else value


_BOOLEANS: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "1": True, "false": False, "0": False})


def _read_boolean(text: str) -> bool:
    value = _BOOLEANS.get(text)
    if value is None:
        trimmed = text.strip(" \t\n\r")
        value = _BOOLEANS.get(trimmed)
        if value is None:
            raise BadValueError(f"The string '{trimmed}' is not a valid Boolean value.")
    return value


def _write_boolean(value: bool) -> str:
    return "true" if value else "false"


_GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_GUID_FRAMES: Final = (("{", "}"), ("(", ")"))


def _read_guid(text: str) -> UUID:
    trimmed = text.strip()
    if not trimmed:
        raise BadValueError("Unrecognized Guid format.")
    inside = trimmed
    if "-" in inside and (inside[0], inside[-1]) in _GUID_FRAMES:
        inside = inside[1:-1]
    if _GUID.fullmatch(inside):
        return UUID(inside)
    raise BadValueError("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")


_NOT_BASE64: Final = (
    "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, "
    "or an illegal character among the padding characters."
)


def _read_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadValueError(_NOT_BASE64) from None


def _write_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


_DOUBLE = re.compile(rf"[{_SPACE}]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[{_SPACE}]*")
_NAMED: Final[Mapping[str, float]] = MappingProxyType(
    {
        "INF": math.inf,
        "-INF": -math.inf,
        "Infinity": math.inf,
        "-Infinity": -math.inf,
        "NaN": math.nan,
    }
)


def _read_double(text: str) -> float:
    named = _NAMED.get(text.strip(_SPACE))
    if named is not None:
        return named
    if not _DOUBLE.fullmatch(text):
        raise BadValueError(_NOT_A_NUMBER)
    value = float(text)
    if math.isinf(value):
        raise BadValueError("Value was either too large or too small for a Double.")
    return value


def _write_double(value: float) -> str:
    """The text of .NET's format "R": 15 digits where they read as the same value, else 17: `1250`, `0.1`, `1E+20`, `-0`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    text = f"{value:.15g}"
    return (text if float(text) == value else f"{value:.17g}").replace("e", "E")


def _nothing(_: str) -> None:
    """Whatever an element of any type holds is skipped: no message says what it means."""


def _unwritten(value: object) -> str:
    raise ValueError(f"{value!r} has no type to be written as")


_TABLE = (
    Scalar("string", str, None, str, _write_string),
    _signed("int", "Int32", 32),
    _signed("short", "Int16", 16),
    _signed("long", "Int64", 64),
    _bounded("unsignedByte", "an unsigned byte", 0, 255),
    _bounded("unsignedLong", "a UInt64", 0, 2**64 - 1),
    Scalar("integer", int, 0, _read_integer, int.__repr__),
    _from("nonNegativeInteger", 0),
    _from("positiveInteger", 1),
    Scalar("decimal", Decimal, Decimal(0), _read_decimal, _write_decimal),
    Scalar("double", float, 0.0, _read_double, _write_double),
    Scalar("boolean", bool, False, _read_boolean, _write_boolean),
    Scalar("dateTime", datetime, datetime.min, read_datetime, write_datetime),  # noqa: DTZ901 - .NET's MinValue
    Scalar("date", date, date.min, read_date, write_date),
    Scalar("guid", UUID, UUID(int=0), _read_guid, str),
    Scalar("base64Binary", bytes, None, _read_base64, _write_base64),
    Scalar("anyType", object, None, _nothing, _unwritten),
)

SCALARS: Final[Mapping[str, Scalar]] = MappingProxyType({scalar.name: scalar for scalar in _TABLE})
"""The simple types by their names."""
ANY_TYPE: Final = SCALARS["anyType"]
"""Stands for an element that may hold anything. It is read as None, and cannot be written."""

SCALAR_OF_CLASS: Final[Mapping[type, Scalar]] = MappingProxyType(
    {
        scalar.python: scalar
        for scalar in _TABLE
        if scalar.python is not int or scalar.name == "integer"  # an unmarked int has no bounds
    }
)
"""The simple type that an unmarked Python class stands for."""
