"""The lines of invoices, derived from documents: where each amount goes, and what holds for any invoice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.transaction.booked import vat_code
from adapters.twentyfoursevenoffice.transaction.postings import (
    Posting,
    Rules,
    has_place,
    is_posted,
    postings,
    products_of,
)
from adapters.twentyfoursevenoffice.transaction.settings import TransactionChoices
from gateway.core.catalogue import Catalogue, TaxCode, TypeGroup
from gateway.core.documents import Document, DocumentId, Line, LineId, Status
from gateway.core.values import CREDIT_NOTE, INVOICE, SeriesId, TenantId
from tests.adapters.twentyfoursevenoffice.orders.desk import CATALOGUE, SERIES, saved

OSLO = ZoneInfo("Europe/Oslo")


def local(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is None else moment.astimezone(OSLO).replace(tzinfo=None)


def rules(catalogue: Catalogue = CATALOGUE, **choices: Any) -> Rules:
    return Rules(catalogue, TransactionChoices(**choices), OrderChoices(), local)


def invoice(*rows: dict[str, Any], **properties: Any) -> Document:
    """A saved invoice with number 445. Every row has product 1 unless it says otherwise."""
    values = {"OrderStatus": "Invoiced", "DateInvoiced": "2024-03-10T00:00:00", **properties}
    document = saved({**values, "InvoiceRows": [{"ProductId": 1, **row} for row in rows]})
    return replace(document, line=INVOICE)


def shown(lines: list[Posting]) -> list[tuple[int, int, str]]:
    return [(each.place, each.line.account, str(each.line.amount)) for each in lines]


def test_the_customer_owes_what_was_sold_and_its_vat() -> None:
    lines = postings(invoice({}, {"ProductId": 2, "Quantity": 2}, {"Quantity": 2}, PaymentTime=10, OCR="0445"), rules())
    assert shown(lines) == [
        (0, 1500, "399.15"),
        (2, 3000, "-300.00"),
        (3, 2700, "-75.00"),
        (4, 3030, "-21.00"),
        (5, 3030, "-3.15"),
    ]
    owed = lines[0].line
    assert (owed.due, owed.ocr, owed.customer) == (dt.datetime(2024, 3, 20), "0445", 1)
    assert {(each.line.invoice, each.line.system_type, each.line.customer) for each in lines} == {
        ("445", "InvoiceCustomer", 1)
    }


@pytest.mark.parametrize(
    ("row", "order", "accounts", "codes"),
    [
        ({}, {}, [3000, 2700], [None]),
        ({"ProductId": 2}, {}, [3030, 3030], [115]),
        ({"TypeGroupId": 2}, {}, [3100], [101]),
        ({}, {"TypeOfSaleId": 2}, [3100], [101]),
        ({"TypeGroupId": 3}, {"TypeOfSaleId": 2}, [3030, 3030], [115]),
        ({"TaxSettings": {"TaxCode": 115}}, {}, [3030, 3030], [115]),
        ({"TaxSettings": {"TaxAccount": 3999}}, {}, [3999, 2700], [None]),
        ({"TaxSettings": {"TaxCode": 115, "TaxRate": 0}}, {}, [3030], [101]),
        ({"ProductId": 4}, {}, [3000, 2700], [None]),
    ],
)
def test_where_a_row_goes(
    row: dict[str, Any], order: dict[str, Any], accounts: list[int], codes: list[int | None]
) -> None:
    _, *lines = postings(invoice({"Price": 100, **row}, **order), rules())
    assert [each.line.account for each in lines] == accounts
    assert [vat_code(each.line) for each in lines] == codes * len(lines)


def test_a_type_of_sale_with_an_account_of_its_own() -> None:
    catalogue = CATALOGUE.with_changes([TypeGroup(3, "food", Decimal(15), tax_code=115, account=3333)])
    assert [each.line.account for each in postings(invoice({"ProductId": 2}), rules(catalogue))] == [1500, 3333, 3030]


@pytest.mark.parametrize(
    ("number", "own", "expected"),
    [("31", 131, 31), ("0", 100, 0), ("PT-NOR", 123, 123), ("PT", 40_000, None), ("99999", 7, 7), ("", 0, None)],
)
def test_the_code_that_is_shown(number: str, own: int, expected: int | None) -> None:
    line = postings(invoice({}), rules())[0].line
    assert vat_code(replace(line, tax=number, tax_id=own)) == expected


def test_projects_departments_and_dimensions_part_rows() -> None:
    dimensions = [{"TypeId": 101, "Value": "Oslo"}]
    document = invoice(
        {"ProjectId": 10}, {"UserDefinedDimensions": dimensions}, {"DepartmentId": 1}, {}, ProjectId=10, DepartmentId=1
    )
    _, *lines = postings(document, rules())
    assert [(each.place, each.line.project, each.line.department, each.line.dimensions) for each in lines] == [
        (2, 10, 1, ()),
        (3, 10, 1, ()),
        (4, 10, 1, ((101, "Oslo"),)),
        (5, 10, 1, ((101, "Oslo"),)),
    ]


def test_a_credit_note_is_the_mirror_of_its_invoice() -> None:
    debit = postings(invoice({"Quantity": 3, "Price": "9.99"}), rules())
    credit = postings(invoice({"Quantity": -3, "Price": "9.99"}), rules())
    assert [each.line.amount for each in credit] == [-each.line.amount for each in debit]
    assert {each.line.system_type for each in credit} == {"CreditnoteCustomer"}


def test_a_moment_with_a_zone_is_shown_in_the_vendors() -> None:
    document = invoice({}, DateInvoiced="2024-03-10T23:30:00Z", PaymentTime=0)
    line = postings(document, rules())[0].line
    assert line.moment == line.due == dt.datetime(2024, 3, 11, 0, 30)


@pytest.mark.parametrize(
    ("days", "due"), [(None, False), (-1, True), (-10_001, False), (0, True), (10_000, True), (10_001, False)]
)
def test_until_when_is_owed(days: int | None, due: bool) -> None:
    document = invoice({}, CustomerId=2, **({} if days is None else {"PaymentTime": days}))
    assert (postings(document, rules())[0].line.due is not None) is due


def test_an_invoice_of_another_dialect() -> None:
    line = Line("x", Decimal(2), Decimal(10), vat_rate=Decimal(15), id=LineId(1))
    document = Document(
        TenantId("demo"), INVOICE, Status.ISSUED, series=SERIES, number=7, line=INVOICE, lines=(line,), id=DocumentId(3)
    )
    document = replace(document, document_date=dt.date(2024, 3, 1))
    lines = postings(document, rules())
    assert shown(lines) == [(0, 1500, "23.00"), (2, 3030, "-20.00"), (3, 3030, "-3.00")]
    assert lines[0].line.moment == dt.datetime(2024, 3, 1)
    assert is_posted(document, SERIES)


@pytest.mark.parametrize(
    "changes",
    [{"status": Status.VOID}, {"kind": CREDIT_NOTE}, {"line": None}, {"number": None}, {"series": SeriesId(9)}],
)
def test_what_is_not_in_the_books(changes: dict[str, Any]) -> None:
    document = invoice({})
    assert is_posted(document, SERIES)
    assert not is_posted(replace(document, **changes), SERIES)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "ProductId": st.sampled_from([1, 2, 3, 4]),
            "Quantity": st.decimals(-100, 100, places=3, allow_nan=False),
            "Price": st.decimals(-1000, 1000, places=4, allow_nan=False),
            "DiscountRate": st.sampled_from([0, 10, 33]),
            "TypeGroupId": st.sampled_from([1, 2, 3]),
            "ProjectId": st.sampled_from([10]),
        },
        optional={"Type": st.sampled_from(["Text"]), "TaxSettings": st.just({"TaxCode": 115, "TaxRate": 7})},
    ),
    max_size=6,
)


@given(ROWS, st.sampled_from([None, "0.1", "0.5", "1.0"]))
def test_any_invoice(rows: list[dict[str, Any]], factor: str | None) -> None:
    """Lines sum up to zero, have places of their own, and the places are those that the document says there can be."""
    document = invoice(*rows, **({} if factor is None else {"RoundFactor": factor}))
    lines = postings(document, rules())
    assert sum(each.line.amount for each in lines) == 0
    places = [each.place for each in lines]
    assert len(set(places)) == len(places)
    assert all(has_place(document, place) for place in places)
    assert not has_place(document, 2 * (document.last_line + 1))
    assert products_of([document]) <= {1, 2, 3, 4}
    assert all(each.line.tax_id in {0, 101, 115} for each in lines)


def test_a_code_without_account() -> None:
    catalogue = CATALOGUE.with_changes([TaxCode(125, "high", rate=Decimal(25), number="3")])
    lines = postings(invoice({}), rules(catalogue, vat_account=2701, sales_account=3001))
    assert [each.line.account for each in lines] == [1500, 3001, 2701]
    assert vat_code(lines[1].line) == 3
