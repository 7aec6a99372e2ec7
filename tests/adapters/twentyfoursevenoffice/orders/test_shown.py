"""GetInvoices without a store: which properties are selected, and how documents of other dialects are shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.orders.properties import ORDER, ROW
from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.orders.view import order_state, selection
from gateway.core.documents import Document, DocumentId, Line, LineId, LineKind, Status
from gateway.core.values import TenantId
from gateway.wire.soap.binding import Binder
from schemas.twentyfoursevenoffice.messages import NAMESPACE, InvoiceOrder
from tests.adapters.twentyfoursevenoffice.orders.desk import saved
from tests.adapters.twentyfoursevenoffice.orders.test_orders import FULL

WRITE = Binder(NAMESPACE).writer(InvoiceOrder)
ROW_SENT = {"ProductId": 1, "Quantity": "2", "TypeGroupId": 3}
SAVED = saved({**FULL, "InvoiceRows": [ROW_SENT]})
NIL = '<IncludeVAT xsi:nil="true" />'


def text(order: list[str], row: list[str], document: Document = SAVED, **choices: Any) -> str:
    """The text of the answer."""
    return WRITE(selection(frozenset(order), frozenset(row), OrderChoices(**choices)).order(document))


@pytest.mark.parametrize(
    ("order", "row", "choices", "expected"),
    [
        ([], [], {}, "<IncludeVAT>false</IncludeVAT>"),
        ([], [], {"without_properties": "order_id"}, "<OrderId>4711</OrderId><IncludeVAT>false</IncludeVAT>"),
        (["OrderId"], [], {"without_properties": "order_id"}, "<OrderId>4711</OrderId><IncludeVAT>false</IncludeVAT>"),
        (
            ["YourReference", "OrderId"],
            [],
            {},
            "<OrderId>4711</OrderId><IncludeVAT>false</IncludeVAT><YourReference>you</YourReference>",
        ),
        (["InvoiceNumber", "orderid", "Closed"], [], {}, "<IncludeVAT>false</IncludeVAT>"),
        (["APIException", "PaymentAmount"], [], {}, "<IncludeVAT>false</IncludeVAT>"),
        (["InvoiceRows"], [], {}, "<IncludeVAT>false</IncludeVAT><InvoiceRows><InvoiceRow /></InvoiceRows>"),
        (
            ["InvoiceRows"],
            ["Quantity", "ProductId", "RowId"],
            {},
            "<IncludeVAT>false</IncludeVAT><InvoiceRows><InvoiceRow><ProductId>1</ProductId><RowId>1</RowId>"
            "<Quantity>2</Quantity></InvoiceRow></InvoiceRows>",
        ),
        (
            ["OrderId"],
            ["RowId"],
            {},
            "<OrderId>4711</OrderId><IncludeVAT>false</IncludeVAT>"
            "<InvoiceRows><InvoiceRow><RowId>1</RowId></InvoiceRow></InvoiceRows>",
        ),
        (["OrderId"], ["RowId"], {"rows": "listed"}, "<OrderId>4711</OrderId><IncludeVAT>false</IncludeVAT>"),
        (
            ["InvoiceRows"],
            ["ChangeState", "Type", "Bogus"],
            {"rows": "listed"},
            "<IncludeVAT>false</IncludeVAT><InvoiceRows><InvoiceRow /></InvoiceRows>",
        ),
    ],
    ids=[
        "no names",
        "no names: a choice",
        "that choice is for no names only",
        "schema order",
        "unknown and wrong case",
        "write only",
        "rows without row properties",
        "rows",
        "row properties bring rows",
        "row properties alone: a choice",
        "defaults are left out",
    ],
)
def test_selection(order: list[str], row: list[str], choices: dict[str, Any], expected: str) -> None:
    assert text(order, row, **choices) == expected


@pytest.mark.parametrize("name", sorted(ORDER.by_name))
def test_each_property_can_be_asked_for_alone(name: str) -> None:
    found = ORDER.given(selection(frozenset({name}), frozenset(), OrderChoices()).order(SAVED))
    hidden = {"APIException", "PaymentAmount", "InvoiceId"}  # the last: it is no invoice
    assert set(found) == {"IncludeVAT"} | ({name} - hidden)


@pytest.mark.parametrize("name", sorted(ROW.by_name))
def test_each_row_property_can_be_asked_for_alone(name: str) -> None:
    found = selection(frozenset(), frozenset({name}), OrderChoices()).order(SAVED)
    (row,) = found.invoice_rows or []
    assert row is not None
    unset = {"ChangeState", "Type", "Hidden", "SequenceNumber", "AccrualDate", "AccrualLength", "AccountProject"}
    unset |= {"ProjectId", "DepartmentId", "TaxSettings", "UserDefinedDimensions", "SerialNumber"}
    unset |= {"QuantityDelivered", "QuantityOrdered"}
    assert set(ROW.given(row)) == {name} - unset


def test_include_vat_is_nil_when_unknown() -> None:
    assert text([], [], saved({})) == NIL
    assert text(["IncludeVAT"], [], saved({})) == NIL


def foreign(**fields: Any) -> Document:
    line = Line("thing", Decimal(2), Decimal("10.00"), vat_rate=Decimal(23), id=LineId(1))
    note = Line("note", kind=LineKind.TEXT, id=LineId(2), position=1)
    return Document(TenantId("demo"), id=DocumentId(5), lines=(line, note), **fields)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": Status.DRAFT}, "Draft"),
        ({"status": Status.OPEN}, "Web"),
        ({"status": Status.ISSUED, "number": 4}, "Invoiced"),
        ({"status": Status.ISSUED, "number": 4, "stage": "settled"}, "Invoiced"),
        ({"status": Status.VOID, "number": 4}, "Invoiced"),
        ({"status": Status.VOID}, "Inactive"),
        ({"status": Status.OPEN, "stage": "Pack"}, "Pack"),
        ({"status": Status.ISSUED, "number": 4, "stage": "Web"}, "Invoiced"),
    ],
)
def test_the_state_of_what_another_dialect_made(fields: dict[str, Any], state: str) -> None:
    assert order_state(foreign(**fields)) == state


def test_what_another_dialect_made_is_shown_from_its_canonical_fields() -> None:
    document = foreign(status=Status.ISSUED, number=446, customer=2**40, document_date=dt.date(2024, 2, 29))
    asked = ["OrderId", "CustomerId", "InvoiceId", "DateInvoiced", "OrderTotalIncVat", "OrderTotalVat", "OrderStatus"]
    rows = ["ProductId", "RowId", "VatRate", "Price", "Name", "Quantity", "Type"]
    assert text(asked, rows, document) == (
        "<OrderId>5</OrderId><OrderStatus>Invoiced</OrderStatus><InvoiceId>446</InvoiceId>"
        f"<DateInvoiced>2024-02-29T00:00:00</DateInvoiced>{NIL}"
        "<OrderTotalIncVat>24.60</OrderTotalIncVat><OrderTotalVat>4.60</OrderTotalVat><InvoiceRows>"
        "<InvoiceRow><RowId>1</RowId><VatRate>23</VatRate><Price>10.00</Price><Name>thing</Name><Quantity>2</Quantity>"
        "</InvoiceRow><InvoiceRow><ProductId>-1</ProductId><RowId>2</RowId><Name>note</Name><Type>Text</Type>"
        "</InvoiceRow></InvoiceRows>"
    )


def test_numbers_beyond_the_vendors_type_are_not_shown() -> None:
    document = foreign(status=Status.ISSUED, number=2**31, external_status=2**31, customer=-(2**31))
    assert text(["InvoiceId", "ExternalStatus", "CustomerId"], [], document) == NIL
