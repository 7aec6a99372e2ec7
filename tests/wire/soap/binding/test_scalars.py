"""Texts of simple types: which are read, which are refused with which words, and how values are written."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.soap.binding import SCALARS, FineDateTime
from gateway.wire.soap.binding.problems import BadValueError

FORMAT = "Input string was not in a correct format."
BIG = 79228162514264337593543950335
KEY = UUID("0123abcd-0000-4000-8000-00000000ffff")


def local(*parts: int) -> datetime:
    """A moment without a time zone."""
    return datetime(*parts)  # type: ignore[arg-type]


def too_large(name: str) -> str:
    return f"Value was either too large or too small for {name}."


READ: list[tuple[str, str, Any]] = [
    ("int", "5", 5),
    ("int", " \t\r\n+5 ", 5),
    ("int", "-2147483648", -(2**31)),
    ("int", "0" * 5000 + "7", 7),
    ("short", "-32768", -(2**15)),
    ("long", "9223372036854775807", 2**63 - 1),
    ("integer", "123456789012345678901234567890", 123456789012345678901234567890),
    ("unsignedLong", "18446744073709551615", 2**64 - 1),
    ("unsignedByte", " 255 ", 255),
    ("double", " +1.50e2 ", 150.0),
    ("double", "-.5", -0.5),
    ("double", "-0", -0.0),
    ("double", "INF", float("inf")),
    ("double", "-Infinity", float("-inf")),
    ("double", "NaN", float("nan")),
    ("anyType", "<skipped>", None),
    ("nonNegativeInteger", " +0 ", 0),
    ("nonNegativeInteger", "-0", 0),
    ("positiveInteger", "123456789012345678901234567890", 123456789012345678901234567890),
    ("decimal", "10.50", Decimal("10.50")),
    ("decimal", " -.5 ", Decimal("-0.5")),
    ("decimal", "5.", Decimal(5)),
    ("decimal", str(-BIG), Decimal(-BIG)),
    ("decimal", f"{BIG}.4", Decimal(BIG)),
    ("decimal", "0." + "0" * 28 + "6", Decimal("0." + "0" * 27 + "1")),
    ("decimal", "1." + "3" * 100, Decimal("1." + "3" * 28)),
    ("decimal", "12345678901234567890123456785.5", Decimal("12345678901234567890123456786")),
    ("decimal", "12345678901234567890123456784.5", Decimal("12345678901234567890123456784")),
    ("boolean", "true", True),
    ("boolean", " 0\n", False),
    ("boolean", "1", True),
    ("guid", f" {KEY} ", KEY),
    ("guid", f"{{{KEY}}}".upper(), KEY),
    ("guid", KEY.hex, KEY),
    ("base64Binary", " QU JD\n", b"ABC"),
    ("base64Binary", "", b""),
    ("string", " a ", " a "),
    ("date", "2020-01-31", date(2020, 1, 31)),
    ("date", "\t2020-02-29Z\n", date(2020, 2, 29)),
    ("date", "2020-01-31+14:00", date(2020, 1, 31)),
    ("dateTime", "2020-01-31", local(2020, 1, 31)),
    ("dateTime", "2020", local(2020, 1, 1)),
    ("dateTime", "2020-07Z", datetime(2020, 7, 1, tzinfo=UTC)),
    ("dateTime", " 2020-01-31T10:20:30 ", local(2020, 1, 31, 10, 20, 30)),
    ("dateTime", "2020-01-31T10:20:30.5Z", datetime(2020, 1, 31, 10, 20, 30, 500000, UTC)),
    ("dateTime", "2020-01-31T10:20:30+02:00", datetime(2020, 1, 31, 8, 20, 30, tzinfo=UTC)),
    ("dateTime", "2020-01-01T00:30:00-11:30", datetime(2020, 1, 1, 12, tzinfo=UTC)),
    ("dateTime", "2020-12-31T24:00:00", local(2021, 1, 1)),
    ("dateTime", "2020-01-31T10:20:30.1234567", FineDateTime.of(local(2020, 1, 31, 10, 20, 30, 123456), 7)),
    ("dateTime", "2020-01-31T10:20:30.123456749", FineDateTime.of(local(2020, 1, 31, 10, 20, 30, 123456), 7)),
    ("dateTime", "2020-01-31T10:20:30.12345665", FineDateTime.of(local(2020, 1, 31, 10, 20, 30, 123456), 6)),
    ("dateTime", "2020-01-31T10:20:30.123456650001", FineDateTime.of(local(2020, 1, 31, 10, 20, 30, 123456), 7)),
    ("dateTime", "2020-12-31T23:59:59.99999999", local(2021, 1, 1)),
    ("dateTime", "0001-01-01T00:00:00+05:00", datetime(1, 1, 1, tzinfo=UTC)),
    ("dateTime", "9999-12-31T23:59:59-05:00", datetime.max.replace(tzinfo=UTC)),
]


@pytest.mark.parametrize(("name", "text", "value"), READ, ids=lambda value: str(value)[:40])
def test_read(name: str, text: str, value: Any) -> None:
    got = SCALARS[name].read(text)
    assert got == value or str(value) == "nan"
    assert type(got) is type(value)
    assert str(got) == str(value)  # a decimal's scale, a moment's zone
    assert getattr(got, "tick", 0) == getattr(value, "tick", 0)


REFUSED = [
    ("int", "", FORMAT),
    ("int", "abc", FORMAT),
    ("int", "1_0", FORMAT),
    ("int", "٣", FORMAT),
    ("int", "1.0", FORMAT),
    ("int", "\u00a05", FORMAT),
    ("int", "2147483648", too_large("an Int32")),
    ("int", "9" * 5000, too_large("an Int32")),
    ("short", "32768", too_large("an Int16")),
    ("long", "9223372036854775808", too_large("an Int64")),
    ("integer", "1.0", FORMAT),
    ("unsignedByte", "256", too_large("an unsigned byte")),
    ("unsignedByte", "-1", too_large("an unsigned byte")),
    ("double", "", FORMAT),
    ("double", "1,5", FORMAT),
    ("double", "1_0", FORMAT),
    ("double", "inf", FORMAT),
    ("double", "1e999", too_large("a Double")),
    ("decimal", "", FORMAT),
    ("decimal", ".", FORMAT),
    ("decimal", "1e5", FORMAT),
    ("decimal", "1,5", FORMAT),
    ("decimal", "NaN", FORMAT),
    ("decimal", "Infinity", FORMAT),
    ("decimal", str(BIG + 1), too_large("a Decimal")),
    ("decimal", f"{BIG}.5", too_large("a Decimal")),
    ("decimal", "9" * 5000, too_large("a Decimal")),
    ("unsignedLong", "18446744073709551616", too_large("a UInt64")),
    ("unsignedLong", "-1", too_large("a UInt64")),
    ("nonNegativeInteger", "-1", "Value was too small for a nonNegativeInteger."),
    ("positiveInteger", "0", "Value was too small for a positiveInteger."),
    ("positiveInteger", "1.0", FORMAT),
    ("date", "2020-02-30", "The string '2020-02-30' is not a valid AllXsd value."),
    ("date", "2020-01-31T00:00:00", "The string '2020-01-31T00:00:00' is not a valid AllXsd value."),
    ("date", "12020-01-31", "The string '12020-01-31' is not a valid AllXsd value."),
    ("boolean", "True", "The string 'True' is not a valid Boolean value."),
    ("boolean", "  ", "The string '' is not a valid Boolean value."),
    ("guid", "", "Unrecognized Guid format."),
    ("guid", "x", "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."),
    ("dateTime", "", "The string '' is not a valid AllXsd value."),
    ("dateTime", "2020-02-30", "The string '2020-02-30' is not a valid AllXsd value."),
    ("dateTime", "2020-01-01 10:00:00", "The string '2020-01-01 10:00:00' is not a valid AllXsd value."),
    ("dateTime", "2020-01-01T10:00", "The string '2020-01-01T10:00' is not a valid AllXsd value."),
    ("dateTime", "2020-01-01T10:00:00.", "The string '2020-01-01T10:00:00.' is not a valid AllXsd value."),
    ("dateTime", "2020-01-01T24:00:01", "The string '2020-01-01T24:00:01' is not a valid AllXsd value."),
    ("dateTime", "2020-01-01T10:00:00+14:01", "The string '2020-01-01T10:00:00+14:01' is not a valid AllXsd value."),
    ("dateTime", "0000-01-01", "The string '0000-01-01' is not a valid AllXsd value."),
    ("dateTime", "9999-12-31T24:00:00", "The string '9999-12-31T24:00:00' is not a valid AllXsd value."),
    ("dateTime", "01.02.2020", "The string '01.02.2020' is not a valid AllXsd value."),
]


@pytest.mark.parametrize(("name", "text", "words"), REFUSED, ids=lambda value: str(value)[:40])
def test_refused(name: str, text: str, words: str) -> None:
    with pytest.raises(BadValueError) as caught:
        SCALARS[name].read(text)
    assert str(caught.value) == words


@given(st.floats(allow_nan=False))
def test_a_double_reads_back(value: float) -> None:
    assert SCALARS["double"].read(SCALARS["double"].write(value)) == value


def test_nothing_of_any_type_is_written() -> None:
    with pytest.raises(ValueError, match="has no type to be written as"):
        SCALARS["anyType"].write("x")


def test_base64_refuses_other_letters() -> None:
    with pytest.raises(BadValueError, match="not a valid Base-64 string"):
        SCALARS["base64Binary"].read("Q*")


WRITTEN: list[tuple[str, Any, str]] = [
    ("int", 5, "5"),
    ("decimal", Decimal("10.50"), "10.50"),
    ("decimal", Decimal("1E+3"), "1000"),
    ("decimal", Decimal("1E-10"), "0.0000000001"),
    ("decimal", Decimal("-0.00"), "0.00"),
    ("decimal", Decimal(1) / Decimal(3), "0.3333333333333333333333333333"),
    ("decimal", Decimal("1E-40"), "0." + "0" * 28),
    ("boolean", True, "true"),
    ("boolean", False, "false"),
    ("guid", KEY, "0123abcd-0000-4000-8000-00000000ffff"),
    ("base64Binary", b"ABC", "QUJD"),
    ("string", "a<&>\"'\x01", "a&lt;&amp;&gt;\"'\ufffd"),
    ("unsignedLong", 2**64 - 1, "18446744073709551615"),
    ("positiveInteger", 12, "12"),
    ("unsignedByte", 0, "0"),
    ("double", 1250.0, "1250"),
    ("double", 0.1, "0.1"),
    ("double", 1 / 3, "0.33333333333333331"),
    ("double", 1e14, "100000000000000"),
    ("double", 1e15, "1E+15"),
    ("double", 1234567890123456.7, "1234567890123456.8"),
    ("double", 0.00001, "1E-05"),
    ("double", 5e-324, "4.94065645841247E-324"),
    ("double", -0.0, "-0"),
    ("double", float("inf"), "INF"),
    ("double", float("-inf"), "-INF"),
    ("double", float("nan"), "NaN"),
    ("date", date(20, 1, 2), "0020-01-02"),
    ("dateTime", local(2020, 1, 2), "2020-01-02T00:00:00"),
    ("dateTime", datetime(20, 1, 2, tzinfo=UTC), "0020-01-02T00:00:00Z"),
    ("dateTime", datetime(2020, 1, 2, 3, 4, 5, 120000, UTC), "2020-01-02T03:04:05.12Z"),
    ("dateTime", datetime(2020, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2020-01-02T01:00:00Z"),
    ("dateTime", FineDateTime.of(local(2020, 1, 2), 1), "2020-01-02T00:00:00.0000001"),
]


@pytest.mark.parametrize(("name", "value", "text"), WRITTEN, ids=lambda value: str(value)[:40])
def test_written(name: str, value: Any, text: str) -> None:
    assert SCALARS[name].write(value) == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("int", 2**31),
        ("short", -(2**15) - 1),
        ("long", 2**63),
        ("unsignedLong", -1),
        ("nonNegativeInteger", -1),
        ("positiveInteger", 0),
        ("decimal", Decimal("NaN")),
        ("decimal", Decimal(BIG) * 2),
    ],
)
def test_a_value_that_does_not_fit_is_not_written(name: str, value: Any) -> None:
    with pytest.raises(ValueError):
        SCALARS[name].write(value)


@given(st.integers(-BIG, BIG), st.integers(0, 28))
@settings(deadline=None)
def test_every_decimal_comes_back_with_its_scale(mantissa: int, scale: int) -> None:
    value = Decimal(mantissa).scaleb(-scale) if len(str(abs(mantissa))) <= 28 else Decimal(mantissa)
    back = SCALARS["decimal"].read(SCALARS["decimal"].write(value))
    assert back == value
    assert back.as_tuple().exponent == min(value.as_tuple().exponent, 0) or not value


@given(st.datetimes(timezones=st.none() | st.just(UTC)), st.integers(0, 9))
@settings(deadline=None)
def test_every_moment_comes_back(moment: datetime, tick: int) -> None:
    value = FineDateTime.of(moment, tick) if tick else moment
    back = SCALARS["dateTime"].read(SCALARS["dateTime"].write(value))
    assert back == value
    assert back.tzinfo == value.tzinfo
    assert getattr(back, "tick", 0) == tick


@given(st.text())
@settings(deadline=None)
def test_no_text_breaks_a_reader(text: str) -> None:
    for scalar in SCALARS.values():
        try:
            value = scalar.read(text)
        except BadValueError:
            continue
        assert isinstance(value, scalar.python)
        if scalar.name not in {"string", "anyType"}:
            assert scalar.read(scalar.write(value)) == value or str(value) == "nan"


def test_a_fine_moment_survives_copies() -> None:
    moment = FineDateTime.of(datetime(2020, 1, 1, tzinfo=UTC), 3)
    assert copy.deepcopy(moment) == moment
    assert pickle.loads(pickle.dumps(moment)) == moment
    assert moment != datetime(2020, 1, 1, tzinfo=UTC)
    assert len({moment, FineDateTime.of(datetime(2020, 1, 1, tzinfo=UTC), 3)}) == 1
