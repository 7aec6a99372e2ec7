"""What counts as a number: each value under both rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gateway.wire.rails.numericality import Number, Numericality, is_blank, read_decimal, read_number
from gateway.wire.rails.parameters import MAX_DIGITS, Parameter

NONE = None


@pytest.mark.parametrize(
    ("value", "as_integer", "as_float"),
    [
        ("0", (False, 0), (False, 0)),
        ("7", (False, 7), (False, 7)),
        ("+7", (False, 7), (False, 7)),
        ("007", (False, 7), (False, 7)),
        ("-1", (True, -1), (True, -1)),
        ("7\n", (False, 7), (False, 7)),
        (" 7 ", NONE, (False, 7)),
        ("3.5", NONE, (False, 3)),
        ("-0.5", NONE, (True, 0)),
        ("-0", (False, 0), (False, 0)),
        ("-0.0", NONE, (False, 0)),
        ("1e2", NONE, (False, 1)),
        ("1_000", NONE, (False, 1000)),
        (".5", NONE, (False, 0)),
        ("0x10", NONE, NONE),
        ("", NONE, NONE),
        ("   ", NONE, NONE),
        ("abc", NONE, NONE),
        ("5x", NONE, NONE),
        ("1.", NONE, NONE),
        ("٣", NONE, NONE),
        ("NaN", NONE, NONE),
        ("Infinity", NONE, NONE),
        (None, NONE, NONE),
        (5, (False, 5), (False, 5)),
        (-5, (True, -5), (True, -5)),
        (True, NONE, NONE),
        (3.5, NONE, (False, 3)),
        (float("inf"), NONE, NONE),
        (Decimal("-0.5"), NONE, (True, 0)),
        (Decimal("1e999"), NONE, (False, 10**MAX_DIGITS)),
        (Decimal("-1e999"), NONE, (True, -(10**MAX_DIGITS))),
        (date(2013, 5, 30), NONE, NONE),
        (["1"], NONE, NONE),
        ({"a": "1"}, NONE, NONE),
    ],
)
def test_read_number(value: Parameter, as_integer: tuple[bool, int] | None, as_float: tuple[bool, int] | None) -> None:
    assert read_number(value, Numericality.INTEGER) == (Number(*as_integer) if as_integer else None)
    assert read_number(value, Numericality.FLOAT) == (Number(*as_float) if as_float else None)


@pytest.mark.parametrize(
    ("value", "blank"),
    [(None, True), ("", True), (" \n", True), (False, True), ([], True), ({}, True), ("0", False), (0, False)],
)
def test_blank(value: Parameter, blank: bool) -> None:
    assert is_blank(value) is blank


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("30", Decimal(30)),
        (" 7.4048 ", Decimal("7.4048")),
        ("-0.5", Decimal("-0.5")),
        ("1e2", Decimal(100)),
        ("1_000.5", Decimal("1000.5")),
        (7, Decimal(7)),
        (0.1, Decimal("0.1")),
        (Decimal("0.10"), Decimal("0.10")),
        ("1e99999999999999999999", None),
        (float("inf"), None),
        (Decimal("NaN"), None),
        ("30,5", None),
        ("", None),
        ("abc", None),
        ("NaN", None),
        ("Infinity", None),
        (True, None),
        (None, None),
        (["1"], None),
        ({"a": "1"}, None),
        (date(2013, 5, 30), None),
    ],
)
def test_read_decimal(value: Parameter, amount: Decimal | None) -> None:
    assert read_decimal(value) == amount
