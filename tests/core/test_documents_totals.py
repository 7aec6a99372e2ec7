"""Net, VAT and gross as tables and properties."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.documents import Line, LineKind
from gateway.core.totals import (
    CENT,
    Amounts,
    Rounding,
    Totals,
    VatBy,
    document_totals,
    line_amounts,
    round_to,
)


def d(text: str) -> Decimal:
    return Decimal(text)


def line(quantity: str, price: str, vat: str = "0", discount: str = "0", kind: LineKind = LineKind.NORMAL) -> Line:
    return Line("", d(quantity), d(price), d(discount), d(vat), kind=kind)


def amounts(net: str, vat: str, gross: str) -> Amounts:
    return Amounts(d(net), d(vat), d(gross))


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("0.005", "0.01", "0.01"),
        ("-0.005", "0.01", "-0.01"),
        ("0.0049", "0.01", "0.00"),
        ("2.675", "0.01", "2.68"),
        ("10.25", "0.5", "10.5"),
        ("10.24", "0.5", "10.0"),
        ("-10.25", "0.5", "-10.5"),
        ("0.05", "0.1", "0.1"),
        ("1.5", "1.0", "2.0"),
        ("2.5", "1.0", "3.0"),
        ("1234567890123456789012345678.995", "0.01", "1234567890123456789012345679.00"),
    ],
)
def test_rounding_is_half_away_from_zero(amount: str, unit: str, expected: str) -> None:
    assert str(round_to(d(amount), d(unit))) == expected


def test_there_is_no_negative_zero() -> None:
    assert str(round_to(d("-0.001"), CENT)) == "0.00"


@pytest.mark.parametrize(
    ("given", "included", "expected"),
    [
        (line("10", "100", "25"), False, amounts("1000.00", "250.00", "1250.00")),
        (line("10", "100", "25"), True, amounts("800.00", "200.00", "1000.00")),
        (line("-10", "100", "25"), False, amounts("-1000.00", "-250.00", "-1250.00")),
        (line("-10", "100", "25"), True, amounts("-800.00", "-200.00", "-1000.00")),
        (line("3", "9.99", "23"), False, amounts("29.97", "6.89", "36.86")),
        (line("3", "9.99", "23"), True, amounts("24.37", "5.60", "29.97")),
        (line("1", "100", "25", "12.5"), False, amounts("87.50", "21.88", "109.38")),
        (line("1", "100", "0"), True, amounts("100.00", "0.00", "100.00")),
        (line("1", "100", "25", "100"), False, amounts("0.00", "0.00", "0.00")),
        (line("1", "100", "-100"), True, amounts("100.00", "0.00", "100.00")),
        (line("0.333", "0.1", "25"), False, amounts("0.03", "0.01", "0.04")),
        (line("5", "7", "25", kind=LineKind.TEXT), False, amounts("0.00", "0.00", "0.00")),
    ],
)
def test_line_amounts(given: Line, included: bool, expected: Amounts) -> None:
    assert line_amounts(given, prices_include_vat=included) == expected


def test_a_line_keeps_every_digit_until_the_end() -> None:
    wide = line("79228162514264337593543950335", "79228162514264337593543950335", "25", "0.0000000001")
    found = line_amounts(wide)
    with localcontext(prec=200):
        exact = d("79228162514264337593543950335") ** 2 * (1 - d("0.000000000001"))
        assert abs(found.net - exact) <= d("0.005")
        assert found.net + found.vat == found.gross


@dataclass(frozen=True)
class Case:
    title: str
    lines: tuple[Line, ...]
    rounding: Rounding
    net: str
    vat: str
    gross: str
    difference: str = "0.00"
    included: bool = False


THIRDS = tuple(line("1", "0.33", "25") for _ in range(3))
MIXED = (line("2", "100", "25"), line("1", "50", "15"), line("1", "80"), line("1", "9", "99", kind=LineKind.TEXT))
CASES = [
    Case("nothing", (), Rounding(), "0.00", "0.00", "0.00"),
    Case("only text", (line("1", "1", "25", kind=LineKind.TEXT),), Rounding(), "0.00", "0.00", "0.00"),
    Case("mixed rates", MIXED, Rounding(), "330.00", "57.50", "387.50"),
    Case("VAT rounded by line", THIRDS, Rounding(), "0.99", "0.24", "1.23"),
    Case("VAT rounded by rate", THIRDS, Rounding(vat_by=VatBy.RATE), "0.99", "0.25", "1.24"),
    Case("VAT inside, by rate", THIRDS, Rounding(vat_by=VatBy.RATE), "0.79", "0.20", "0.99", included=True),
    Case("to whole ones, up", MIXED, Rounding(factor=d("1.0")), "330.00", "57.50", "388.00", "0.50"),
    Case("to halves", MIXED, Rounding(factor=d("0.5")), "330.00", "57.50", "387.50"),
    Case("to tenths, down", (line("1", "10.04"),), Rounding(factor=d("0.1")), "10.04", "0.00", "10.00", "-0.04"),
    Case("to whole ones, credited", (line("-1", "10.50"),), Rounding(factor=d("1.0")), "-10.50", "0.00", "-11.00", "-0.50"),
    Case("whole units", (line("1", "10.50", "25"),), Rounding(unit=d("1")), "11", "3", "14", "0"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_document_totals(case: Case) -> None:
    totals = document_totals(case.lines, case.rounding, prices_include_vat=case.included)
    found = [str(amount) for amount in (totals.net, totals.vat, totals.gross, totals.rounding)]
    assert found == [case.net, case.vat, case.gross, case.difference]


def test_rates_are_listed_once_and_ascending() -> None:
    lines = (line("1", "10", "25.00"), line("1", "5", "6"), line("1", "20", "25"), line("1", "1"))
    found = document_totals(lines).by_rate
    assert [(item.rate, item.amounts) for item in found] == [
        (d("0"), amounts("1.00", "0.00", "1.00")),
        (d("6"), amounts("5.00", "0.30", "5.30")),
        (d("25"), amounts("30.00", "7.50", "37.50")),
    ]


def test_there_is_one_item_for_each_line_given() -> None:
    assert [item.net for item in document_totals(MIXED).lines] == [d("200.00"), d("50.00"), d("80.00"), d("0.00")]


@pytest.mark.parametrize("factor", ["0.2", "0", "-1", "NaN"])
def test_only_the_known_round_factors(factor: str) -> None:
    with pytest.raises(ValueError, match="round factor"):
        Rounding(factor=d(factor))


@pytest.mark.parametrize("unit", ["0", "-0.01", "Infinity"])
def test_a_unit_is_positive(unit: str) -> None:
    with pytest.raises(ValueError, match="round to"):
        Rounding(unit=d(unit))


AMOUNT = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
RATE = st.sampled_from([d("0"), d("6"), d("12"), d("23"), d("25"), d("25.00"), d("8.1")])
LINES = st.lists(
    st.builds(
        Line,
        quantity=AMOUNT,
        unit_price=AMOUNT,
        discount_percent=st.decimals(min_value=0, max_value=100, places=2),
        vat_rate=RATE,
        kind=st.sampled_from(LineKind),
    ),
    max_size=8,
)
ROUNDINGS = st.builds(
    Rounding,
    unit=st.sampled_from([CENT, d("1"), d("0.001")]),
    vat_by=st.sampled_from(VatBy),
    factor=st.sampled_from([None, d("0.1"), d("0.5"), d("1.0")]),
)


def negated(given: Line) -> Line:
    return Line("", -given.quantity, given.unit_price, given.discount_percent, given.vat_rate, kind=given.kind)


def mirrored(totals: Totals) -> list[Any]:
    return [-totals.net, -totals.vat, -totals.gross, -totals.rounding, [-item.net for item in totals.lines]]


@given(LINES, ROUNDINGS, st.booleans())
def test_everything_adds_up(lines: list[Line], rounding: Rounding, included: bool) -> None:
    totals = document_totals(lines, rounding, prices_include_vat=included)
    assert totals.net + totals.vat + totals.rounding == totals.gross
    assert sum((item.amounts.net for item in totals.by_rate), d("0")) == totals.net
    assert sum((item.amounts.vat for item in totals.by_rate), d("0")) == totals.vat
    assert all(item.amounts.net + item.amounts.vat == item.amounts.gross for item in totals.by_rate)
    assert all(item.net + item.vat == item.gross for item in totals.lines)
    if rounding.vat_by is VatBy.LINE:
        assert sum((item.vat for item in totals.lines), d("0")) == totals.vat
    if rounding.factor is None:
        assert totals.rounding == 0
    else:
        assert totals.gross % rounding.factor == 0
        assert abs(totals.rounding) * 2 <= rounding.factor


@given(LINES, ROUNDINGS, st.booleans())
def test_a_credit_note_mirrors_its_invoice(lines: list[Line], rounding: Rounding, included: bool) -> None:
    invoice = document_totals(lines, rounding, prices_include_vat=included)
    credit = document_totals(map(negated, lines), rounding, prices_include_vat=included)
    assert mirrored(credit) == [
        invoice.net, invoice.vat, invoice.gross, invoice.rounding, [item.net for item in invoice.lines]
    ]  # fmt: skip
