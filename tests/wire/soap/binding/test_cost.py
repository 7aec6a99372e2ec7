"""The cost of a large message is linear in the number of orders. The figures are printed with -s."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.wire.soap.binding import Binder, Source
from gateway.wire.xml import XSI, XmlLimits, parse_document
from schemas.twentyfoursevenoffice import messages as m
from tests.calls import counted_calls

ROWS = 10
LIMITS = XmlLimits(max_bytes=2**26, max_elements=2**21)


def order(number: int) -> m.InvoiceOrder:
    """A usual order: 23 elements, and 9 more for each of its rows."""
    rows = [
        m.InvoiceRow(
            product_id=row + 1,
            row_id=number * ROWS + row,
            vat_rate=Decimal("25.00"),
            price=Decimal("100.50"),
            name=f"Rad {row} på ordre & tilbud",
            discount_rate=Decimal("1.5"),
            quantity=Decimal(row + 1),
            type_group_id=4,
            sequence_number=row + 1,
        )
        for row in range(ROWS)
    ]
    moment = datetime(2024, 2, 29, 12, 30, 15, 250000, UTC)
    address = m.Address(street="Storgata 1", postal_code="0155", postal_area="Oslo", country="NO")
    return m.InvoiceOrder(
        order_id=number + 1,
        customer_id=5,
        customer_name="Kunde AS",
        addresses=m.Addresses(invoice=address, delivery=address),
        order_status=m.OrderSlipStateType.OFFER,
        date_ordered=moment,
        date_changed=moment,
        include_vat=True,
        your_reference="Ola",
        order_total_inc_vat=Decimal("1256.25"),
        order_total_vat=Decimal("251.25"),
        invoice_title="Tittel",
        currency=m.Currency(symbol="EUR", rate=Decimal("11.5")),
        invoice_rows=rows,
    )


def counted(work: Callable[[], Any]) -> tuple[int, Any]:
    """Calls and returns, and the result."""
    with counted_calls() as calls:
        result = work()
        return calls(), result


def costs(count: int) -> dict[str, float]:
    """Calls and returns per order for writing, parsing and reading; bytes per order on the wire."""
    binder = Binder(m.NAMESPACE)
    write, read = binder.writer(m.SaveInvoices), binder.reader(m.SaveInvoices)
    message = m.SaveInvoices(invoices=[order(number) for number in range(count)])
    writing, text = counted(lambda: write(message))
    body = f'<m xmlns="{m.NAMESPACE}" xmlns:xsi="{XSI}">{text}</m>'.encode()
    parsing, document = counted(lambda: parse_document(body, LIMITS))
    reading, back = counted(lambda: read(document.root, Source(document.root, body)))
    assert back == message
    calls = {"write": writing, "parse": parsing, "read": reading}
    return {**{name: value / count for name, value in calls.items()}, "bytes": len(body) / count}


def test_calls_are_linear() -> None:
    few, many = costs(125), costs(1000)
    print(f"\nper order of {ROWS} rows, calls and returns: 125 orders {few}, 1000 orders {many}")
    for name, value in many.items():
        assert value < 1.1 * few[name], name


def test_a_long_document_of_empty_elements_is_linear() -> None:
    """One scan of the document distinguishes `<X/>` from `<X></X>` for all elements."""
    binder = Binder(m.NAMESPACE)

    def calls(count: int) -> float:
        item = "<InvoiceOrder><OrderId/><CustomerId>1</CustomerId><DateOrdered/></InvoiceOrder>"
        body = f'<m xmlns="{m.NAMESPACE}"><invoices>{item * count}</invoices></m>'.encode()
        document = parse_document(body, LIMITS)
        read = binder.reader(m.SaveInvoices)
        return counted(lambda: read(document.root, Source(document.root, body)))[0] / count

    few, many = calls(250), calls(2000)
    print(f"\nper empty order, calls and returns: 250 orders {few:.1f}, 2000 orders {many:.1f}")
    assert many < 1.1 * few


@pytest.mark.parametrize("direction", ["write", "read"])
def test_memory_is_linear(direction: str) -> None:
    binder = Binder(m.NAMESPACE)
    write, read = binder.writer(m.SaveInvoices), binder.reader(m.SaveInvoices)

    def peak(count: int) -> float:
        message = m.SaveInvoices(invoices=[order(number) for number in range(count)])
        body = f'<m xmlns="{m.NAMESPACE}" xmlns:xsi="{XSI}">{write(message)}</m>'.encode()
        document = parse_document(body, LIMITS)
        tracemalloc.start()
        try:
            kept = write(message).encode() if direction == "write" else read(document.root, Source(document.root, body))
            return tracemalloc.get_traced_memory()[1] / count if kept else 0.0
        finally:
            tracemalloc.stop()

    few, many = peak(50), peak(400)
    print(f"\n{direction}: peak of Python's memory per order, bytes: 50 orders {few:.0f}, 400 orders {many:.0f}")
    assert many < 1.5 * few
