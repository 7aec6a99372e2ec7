"""Rows: what ChangeState does on new and existing orders, the product's defaults, the order of rows, text rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.twentyfoursevenoffice.orders.desk import CATALOGUE, plan, refusal, rows, saved, shown, terms

Row = dict[str, Any]
BOAT: Row = {"ProductId": 1, "Quantity": "2", "Price": "90"}
SHRIMP: Row = {"ProductId": 2, "Quantity": "3"}
TEXT: Row = {"Type": "Text", "Name": "thanks"}


def existing() -> Any:
    """An order with rows 1 (boat), 2 (shrimp), 3 (text)."""
    return saved({"InvoiceRows": [BOAT, SHRIMP, TEXT]})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"ProductId": 1}, ("Boat", "100.00", "1")),
        ({"ProductId": 1, "Name": "My boat"}, ("My boat", "100.00", "1")),
        ({"ProductId": 1, "Price": "0"}, ("Boat", "0", "1")),
        ({"ProductId": 1, "Price": "-5.5", "Quantity": "-10"}, ("Boat", "-5.5", "-10")),
        ({"ProductId": 2, "Name": "<b>&amp;</b>"}, ("<b>&amp;</b>", "10.50", "1")),
        ({"ProductId": 1, "ChangeState": "Add"}, ("Boat", "100.00", "1")),
        ({"ProductId": 1, "RowId": 77}, ("Boat", "100.00", "1")),
    ],
    ids=["nothing else", "name", "price 0 is a price", "negative", "markup", "add", "row id is the system's"],
)
def test_a_new_row_takes_what_it_lacks_from_the_product(row: Row, expected: tuple[str, str, str]) -> None:
    found = rows(saved({"InvoiceRows": [row]}), "Name", "Price", "Quantity", "RowId")
    assert found == [(expected[0], Decimal(expected[1]), Decimal(expected[2]), 1)]


def test_costs_and_number_come_from_the_product_too() -> None:
    given = {"ProductId": 1, "Cost": "1", "ProductNo": "mine", "VatRate": "99"}
    found = rows(saved({"InvoiceRows": [{"ProductId": 1}, given]}), "Cost", "InPrice", "ProductNo", "VatRate")
    assert found == [(Decimal(60), Decimal(60), "B-1", Decimal(25)), (Decimal(1), Decimal(60), "B-1", Decimal(25))]


def test_quantity_if_missing_is_a_choice() -> None:
    document = saved({"InvoiceRows": [{"ProductId": 1}]}, under=terms(quantity_if_missing="0"))
    assert rows(document, "Quantity") == [(Decimal(0),)]


CHANGES: list[tuple[str, list[Row], list[tuple[Any, ...]]]] = [
    (
        "none is not stored",
        [{"ProductId": 2, "RowId": 1, "Name": "lost"}, SHRIMP],
        [(1, "Boat"), (2, "Shrimp"), (3, "thanks")],
    ),
    ("add", [{**BOAT, "ChangeState": "Add"}], [(1, "Boat"), (2, "Shrimp"), (3, "thanks"), (4, "Boat")]),
    ("edit", [{"RowId": 1, "ProductId": 2, "ChangeState": "Edit"}], [(1, "Shrimp"), (2, "Shrimp"), (3, "thanks")]),
    ("delete", [{"RowId": 2, "ChangeState": "Delete"}], [(1, "Boat"), (3, "thanks")]),
    (
        "all at once",
        [
            {"RowId": 3, "ChangeState": "Delete"},
            {**TEXT, "ChangeState": "Add", "Name": "new"},
            {"RowId": 2, "ChangeState": "Edit", **BOAT, "Name": "edited"},
        ],
        [(1, "Boat"), (2, "edited"), (4, "new")],
    ),
    (
        "edited, then deleted",
        [{"RowId": 1, "ChangeState": "Edit", **BOAT}, {"RowId": 1, "ChangeState": "Delete"}],
        [(2, "Shrimp"), (3, "thanks")],
    ),
    (
        "a row becomes text",
        [{"RowId": 1, "ChangeState": "Edit", **TEXT}],
        [(1, "thanks"), (2, "Shrimp"), (3, "thanks")],
    ),
]


@pytest.mark.parametrize(("title", "changes", "expected"), CHANGES, ids=[each[0] for each in CHANGES])
def test_rows_of_an_order_that_exists(title: str, changes: list[Row], expected: list[tuple[Any, ...]]) -> None:
    document = saved({"OrderId": 7, "InvoiceRows": changes}, existing())
    assert rows(document, "RowId", "Name") == expected


def test_an_edited_row_falls_back_to_the_products_defaults() -> None:
    before = saved({"InvoiceRows": [{**BOAT, "Name": "Mine", "DiscountRate": "5", "TypeGroupId": 2, "Hidden": True}]})
    assert rows(before, "Name", "Price", "DiscountRate", "VatRate", "Hidden") == [
        ("Mine", Decimal(90), Decimal(5), Decimal(0), True)
    ]
    edit = {"RowId": 1, "ProductId": 1, "Quantity": "9", "ChangeState": "Edit"}
    after = saved({"OrderId": 7, "InvoiceRows": [edit]}, before)
    assert rows(after, "Name", "Price", "DiscountRate", "VatRate", "Hidden", "Quantity") == [
        ("Boat", Decimal("100.00"), Decimal(0), Decimal(25), None, Decimal(9))
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"ChangeState": "Edit", "ProductId": 1}, ("property_missing", "RowId")),
        ({"ChangeState": "Delete"}, ("property_missing", "RowId")),
        ({"ChangeState": "Edit", "RowId": 1}, ("property_missing", "ProductId")),
        ({"ChangeState": "Edit", "RowId": 9, "ProductId": 1}, ("not_found", "RowId")),
        ({"ChangeState": "Delete", "RowId": 0}, ("not_found", "RowId")),
        ({"ChangeState": "Add"}, ("property_missing", "ProductId")),
        ({"ChangeState": "Add", "ProductId": 99}, ("not_found", "ProductId")),
        ({"ChangeState": "Add", "ProductId": 1, "Name": "x" * 301}, ("property_too_long", "Name")),
        ({"ChangeState": "Add", "ProductId": 1, "TypeGroupId": 9}, ("not_found", "TypeGroupId")),
        ({"ChangeState": "Add", "ProductId": 1, "ProjectId": 9}, ("not_found", "ProjectId")),
        ({"ChangeState": "Add", "ProductId": 1, "DepartmentId": 9}, ("not_found", "DepartmentId")),
        ({"ChangeState": "Add", "ProductId": 1, "AccrualLength": 3}, ("property_missing", "AccrualDate")),
        ({"ChangeState": "Add", "Type": "Text", "Name": "x" * 301}, ("property_too_long", "Name")),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_saved(row: Row, expected: tuple[str, str]) -> None:
    name, facts = refusal({"OrderId": 7, "InvoiceRows": [row]}, existing())
    assert (name, facts["property"]) == expected


@pytest.mark.parametrize("state", ["Edit", "Delete"])
def test_a_new_order_has_no_rows_to_change(state: str) -> None:
    name, facts = refusal({"InvoiceRows": [{"RowId": 1, "ProductId": 1, "ChangeState": state}]})
    assert (name, facts) == ("not_found", {"property": "RowId", "id": 1})


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([None, None, None], [0, 1, 2]),
        ([3, 2, 1], [2, 1, 0]),
        ([5, None, 1], [2, 0, 1]),
        ([None, -4, None], [1, 2, 0]),
        ([1, 1, 1], [0, 1, 2]),
        ([32767, -32767, 0], [1, 2, 0]),
    ],
    ids=["none", "reversed", "a row follows the one before", "negative", "equal ones as sent", "limits"],
)
def test_sequence_numbers_order_the_rows(numbers: list[int | None], expected: list[int]) -> None:
    sent = [
        {"ProductId": 1, "Name": str(place)} | ({} if number is None else {"SequenceNumber": number})
        for place, number in enumerate(numbers)
    ]
    assert [int(row[0]) for row in rows(saved({"InvoiceRows": sent}), "Name")] == expected


def test_an_added_row_stands_last_and_an_edited_one_stays() -> None:
    before = saved({"InvoiceRows": [{**BOAT, "SequenceNumber": 5}, {**SHRIMP, "SequenceNumber": 3}]})
    assert rows(before, "Name", "SequenceNumber") == [("Shrimp", 3), ("Boat", 5)]
    changes = [{"RowId": 1, **BOAT, "ChangeState": "Edit", "Name": "edited"}, {**TEXT, "ChangeState": "Add"}]
    after = saved({"OrderId": 7, "InvoiceRows": changes}, before)
    assert rows(after, "Name", "SequenceNumber") == [("edited", None), ("Boat", 5), ("thanks", None)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"Type": "Text", "Name": "thanks"}, ("Text", -1, "thanks")),
        ({"Type": "Text", "Name": "thanks", "ProductId": -1}, ("Text", -1, "thanks")),
        ({"Type": "Text", "Name": "thanks", "ProductId": 99}, ("Text", -1, "thanks")),
        ({"Type": "TextBold", "Name": "loud"}, ("TextBold", -1, "loud")),
        ({"Type": "Text"}, ("Text", -1, None)),
    ],
)
def test_text_rows_have_no_product_and_no_amounts(row: Row, expected: tuple[Any, ...]) -> None:
    document = saved({"InvoiceRows": [{**row, "Price": "5", "Quantity": "7"}]})
    assert rows(document, "Type", "ProductId", "Name", "Price", "Quantity", "VatRate") == [
        (*expected, None, None, None)
    ]
    assert shown(document)["OrderTotalIncVat"] == 0


def test_what_a_text_row_shows_as_product_is_a_choice() -> None:
    under = terms(text_row_product_id=None)
    assert "ProductId" not in shown(saved({"InvoiceRows": [TEXT]}), under)["InvoiceRows"][0]


def test_rows_that_are_nil_are_passed_over() -> None:
    assert rows(saved({"InvoiceRows": [None, BOAT, None]}), "Name") == [("Boat",)]
    after = saved({"OrderId": 7, "InvoiceRows": [None, {"RowId": 1, "ChangeState": "Delete"}]}, existing())
    assert rows(after, "RowId") == [(2,), (3,)]


def test_every_property_of_a_row_comes_back() -> None:
    sent: Row = {
        "ProductId": 1,
        "Price": "1.25",
        "Name": "all",
        "DiscountRate": "12.5",
        "Quantity": "3",
        "QuantityDelivered": "1",
        "QuantityOrdered": "4",
        "Cost": "0.5",
        "TypeGroupId": 3,
        "SequenceNumber": -2,
        "Hidden": True,
        "InPrice": "0.75",
        "AccrualDate": "2024-01-01T00:00:00",
        "AccrualLength": 12,
        "AccountProject": False,
        "ProjectId": 10,
        "DepartmentId": 1,
        "TaxSettings": {"TaxAccount": 3030, "TaxCode": 115, "TaxRate": "15"},
        "UserDefinedDimensions": [{"TypeId": 101, "Name": "Colour", "Value": "red"}, None],
        "SerialNumber": "",
    }
    (row,) = shown(saved({"InvoiceRows": [sent]}))["InvoiceRows"]
    system = {"RowId": 1, "VatRate": Decimal(15), "QuantityRest": Decimal(-1), "ProductNo": "B-1"}
    expected = plan({"InvoiceRows": [sent]}).document.lines[0]
    assert expected.quantity == 3
    assert {name: str(value) for name, value in row.items() if not isinstance(value, (dict, list))} == {
        name: str(value) for name, value in {**sent, **system}.items() if not isinstance(value, (dict, list))
    } | {"AccrualDate": "2024-01-01 00:00:00"}
    assert row["TaxSettings"] == {"TaxAccount": 3030, "TaxCode": 115, "TaxRate": Decimal(15)}
    assert row["UserDefinedDimensions"] == [{"TypeId": 101, "Name": "Colour", "Value": "red"}, None]


def test_without_a_list_of_products_any_product_will_do() -> None:
    from dataclasses import replace

    from tests.adapters.twentyfoursevenoffice.orders.desk import TERMS

    under = replace(TERMS, catalogue=replace(CATALOGUE, products={}))
    document = saved({"InvoiceRows": [{"ProductId": 99, "Name": "x", "Price": "8"}]}, under=under)
    assert rows(document, "ProductId", "Name", "Price", "VatRate") == [(99, "x", Decimal(8), Decimal(0))]
