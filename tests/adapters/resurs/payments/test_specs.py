"""Rows and sums: what is accepted, what is recomputed, what is kept. Source: P-40 to P-51."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.resurs.errors import Fault
from adapters.resurs.payments.model import Diff, DiffType, Payment, Spec, SpecLine
from adapters.resurs.payments.specs import (
    TOLERANCE,
    Asked,
    Rounding,
    order_spec,
    part_spec,
    recomputed,
    remaining_rows,
    shown,
    step_of,
    sums_fault,
    vat_in_proportion,
)
from schemas.resurs import common as messages
from tests.adapters.resurs.payments.shop import METHODS, PROV, row

NOW = dt.datetime(2026, 11, 30, 10, tzinfo=dt.UTC)
CUP = row("200", quantity=2)
"""2 at 80 net, 25 %: VAT 40, total 200."""


def payment_of(*diffs: tuple[DiffType, Spec]) -> Payment:
    made = tuple(Diff(kind, NOW, spec) for kind, spec in diffs)
    return Payment("p", "demo-se", METHODS["INVOICE"], PROV, Decimal(1000), NOW, made)


def asked(total: str, vat: str | None, *lines: SpecLine) -> Asked:
    return Asked(Decimal(total), None if vat is None else Decimal(vat), lines)


def odd(**fields: str) -> SpecLine:
    changed: dict[str, Any] = {name: Decimal(value) for name, value in fields.items()}
    return replace(CUP, **changed)


BIG = "9999999999999.99"
SUMS: list[tuple[str, Asked, Rounding, str | None]] = [
    ("exact", asked("200", "40", CUP), "vendor", None),
    ("sum at the tolerance", asked("200.05", "40", CUP), "vendor", None),
    ("sum beyond it", asked("200.051", "40", CUP), "vendor", "totalAmount"),
    ("sum below", asked("199.94", "40", CUP), "vendor", "totalAmount"),
    ("VAT at the tolerance", asked("200", "39.95", CUP), "vendor", None),
    ("VAT beyond it", asked("200", "39.94", CUP), "vendor", "totalVatAmount"),
    ("no VAT beside rows", asked("200", None, CUP), "vendor", "totalVatAmount"),
    ("no rows, no VAT", asked("200", None), "vendor", None),
    ("no rows, any VAT", asked("200", "1"), "vendor", None),
    ("unit price at the tolerance", asked("200", "40", odd(unit_amount_without_vat="80.05")), "vendor", None),
    (
        "unit price beyond it",
        asked("200", "40", odd(unit_amount_without_vat="80.06")),
        "vendor",
        "unitAmountWithoutVat",
    ),
    ("unit price beyond it, sums only", asked("200", "40", odd(unit_amount_without_vat="90")), "row", None),
    ("VAT of a row beyond it", asked("200", "40.06", odd(total_vat_amount="40.06")), "vendor", "totalVatAmount"),
    ("VAT of a row beyond it, sums only", asked("200", "40.06", odd(total_vat_amount="40.06")), "row", None),
    ("sum beyond it, sums only", asked("201", "40", CUP), "row", "totalAmount"),
    ("a discount", asked("50", "10", CUP, row("-150")), "vendor", None),
    ("nothing of something", asked("0", "0", replace(row("0"), quantity=Decimal(0))), "vendor", None),
    ("something of nothing", asked("200", "40", odd(quantity="0")), "vendor", "quantity"),
    ("as much as is kept", asked(BIG, None), "vendor", None),
    ("more than is kept", asked("10000000000000", None), "vendor", "totalAmount"),
    ("a quantity that is too large", asked("200", "40", odd(quantity="1e13")), "row", "quantity"),
]


@pytest.mark.parametrize(("asked", "rounding", "field"), [case[1:] for case in SUMS], ids=[case[0] for case in SUMS])
def test_sums(asked: Asked, rounding: Rounding, field: str | None) -> None:
    fault = sums_fault(asked, rounding)
    assert (None if fault is None else fault.facts["field"]) == field


def test_the_vendors_own_sample_of_rounding() -> None:
    sent = SpecLine("1", "X", "", Decimal(1000), "", Decimal("12.57"), Decimal(25), Decimal(3142), Decimal(15710))
    assert recomputed(sent) == replace(sent, unit_amount_without_vat=Decimal("12.568"))
    far = replace(sent, unit_amount_without_vat=Decimal(13))
    assert recomputed(far) == far


AMOUNTS = st.decimals(-9_999_999, 9_999_999, places=2)


@given(AMOUNTS, st.integers(1, 5000), st.sampled_from([0, 6, 12, 25, 100]))
def test_what_is_read_may_be_sent_again(total: Decimal, quantity: int, pct: int) -> None:
    """A client that computes with the five places that it read gets the same texts again, so it finds its rows. P-47."""
    step = step_of(5)
    first = recomputed(row(total, quantity=quantity, pct=pct))
    unit = shown(first.unit_amount_without_vat, step)
    net = unit * quantity
    again = replace(
        first,
        unit_amount_without_vat=unit,
        total_vat_amount=net * pct / 100,
        total_amount=net + net * pct / 100,
    )
    kept = recomputed(again)
    assert f"{shown(kept.unit_amount_without_vat, step)}" == f"{unit}"
    assert abs(kept.total_vat_amount - again.total_vat_amount) <= TOLERANCE


def test_a_form_has_as_many_places_as_chosen_and_rounds_halves_up() -> None:
    values = [Decimal(text) for text in ("2", "2.000", "2E+0", "0.000005", "-0.000005", "1234567890123.5")]
    texts = [f"{shown(value, step_of(5)):f}" for value in values]
    assert texts == ["2.00000", "2.00000", "2.00000", "0.00001", "-0.00001", "1234567890123.50000"]
    assert f"{shown(Decimal('2.5'), step_of(0))}" == "3"


def test_an_order_that_does_not_agree_is_refused() -> None:
    line = messages.SpecLine(
        id="1",
        art_no="A",
        description="",
        quantity=Decimal(1),
        unit_measure="",
        unit_amount_without_vat=Decimal(80),
        vat_pct=Decimal(25),
        total_vat_amount=Decimal(20),
        total_amount=Decimal(100),
    )
    order = messages.PaymentSpec(spec_lines=[line], total_amount=Decimal("100.04"), total_vat_amount=Decimal(20))
    assert order_spec(order, "vendor").total_amount == Decimal("100.04")
    with pytest.raises(Fault):
        order_spec(order.model_copy(update={"total_amount": Decimal("100.06")}), "vendor")


AUTHORIZED = (DiffType.AUTHORIZE, Spec(Decimal(300), Decimal(60), (CUP, row("100", "B"))))


def test_vat_of_an_amount_is_in_proportion_to_all_that_was_authorized() -> None:
    more = (DiffType.AUTHORIZE, Spec(Decimal(100), Decimal(0), (row("100", "C", pct=0),)))
    assert vat_in_proportion(payment_of(AUTHORIZED), Decimal(30)) == 6
    assert vat_in_proportion(payment_of(AUTHORIZED, more), Decimal(40)) == 6
    assert vat_in_proportion(payment_of((DiffType.AUTHORIZE, Spec(Decimal(0), Decimal(0)))), Decimal(1)) == 0
    third = vat_in_proportion(payment_of((DiffType.AUTHORIZE, Spec(Decimal(3), Decimal(1)))), Decimal(1))
    assert third == Decimal("0.333333333333333")


def test_rows_that_remain() -> None:
    """By quantity; rows are the same when article, description, unit, price and percent are."""
    part = recomputed(row("100"))
    other = replace(part, description="another")
    payment = payment_of(
        AUTHORIZED,
        (DiffType.DEBIT, Spec(Decimal(100), Decimal(20), (part,))),
        (DiffType.ANNUL, Spec(Decimal(100), Decimal(20), (row("100", "B"),))),
    )
    assert remaining_rows(payment, DiffType.AUTHORIZE, DiffType.DEBIT, DiffType.ANNUL) == (
        replace(CUP, quantity=Decimal(1), total_vat_amount=Decimal(20), total_amount=Decimal(100)),
    )
    unmatched = payment_of(AUTHORIZED, (DiffType.DEBIT, Spec(Decimal(100), Decimal(20), (other,))))
    rows = remaining_rows(unmatched, DiffType.AUTHORIZE, DiffType.DEBIT)
    assert [line.quantity for line in rows] == [2, 1, -1]


def test_rows_are_copied_only_where_they_make_up_the_amount() -> None:
    payment, rows = payment_of(AUTHORIZED), AUTHORIZED[1].lines
    assert part_spec(payment, Asked(), Decimal(300), rows).lines == rows
    assert part_spec(payment, asked("300.02", None), Decimal(300), rows).lines == rows
    assert part_spec(payment, asked("100", None), Decimal(300), rows) == Spec(Decimal(100), Decimal(20))
    assert part_spec(payment, Asked(), Decimal(250), rows) == Spec(Decimal(250), Decimal(50))
    assert part_spec(payment, Asked(), Decimal(300)).lines == ()
