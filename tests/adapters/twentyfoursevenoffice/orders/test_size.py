"""The cost of an order does not grow with the number of orders in a request or answer. The figures are printed with -s."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

from aiohttp.test_utils import TestClient

from adapters.twentyfoursevenoffice.orders.properties import ORDER, ROW
from tests.adapters.twentyfoursevenoffice.orders.office import Office, envelope
from tests.calls import counted_calls
from tests.conftest import MakeGateway, base_url

FEW, MANY = 100, 500
ROWS = 10
CHANGES = {"limits": {"max_body_bytes": 32 * 2**20, "deadline_seconds": 120}, "journal": {"mode": "off"}}


def order(number: int) -> dict[str, Any]:
    """An invoice with ten rows of seven properties."""
    row = {"ProductId": 1, "Price": "100.50", "Name": "Robåt i eik, med årer", "Quantity": 2, "DiscountRate": 5}
    rows = [{**row, "TypeGroupId": 1, "SequenceNumber": place} for place in range(ROWS)]
    return {
        "CustomerId": 1 + number % 5,
        "OrderStatus": "Invoiced",
        "DateOrdered": "2024-02-29T00:00:00",
        "YourReference": f"reference {number}",
        "InvoiceTitle": "title",
        "InvoiceRows": rows,
    }


def save_request(count: int) -> bytes:
    return envelope("SaveInvoices", {"invoices": [order(number) for number in range(count)]})


def get_request(first: int, count: int) -> bytes:
    asked = {
        "searchParams": {"OrderIds": list(range(first, first + count))},
        "invoiceReturnProperties": list(ORDER.by_name),
        "rowReturnProperties": list(ROW.by_name),
    }
    return envelope("GetInvoices", asked)


Costs = dict[str, list[float]]


async def costs_per_order(client: TestClient, start: Callable[[], None], spent: Callable[[], int]) -> Costs:
    """For each operation, the cost of an order among few and among many.

    start: begins a measurement.
    spent: what the exchange has cost since then.
    """
    demo = await Office(client.session, base_url(client)).login()
    await demo.save(order(0))
    costs: Costs = {"SaveInvoices": [], "GetInvoices": []}
    first = 2
    for count in (FEW, MANY):
        body, question = save_request(count), get_request(first, count)
        start()
        answer = await demo.send("SaveInvoices", body)
        costs["SaveInvoices"].append(spent() / count)
        assert answer.count(b"<InvoiceId>") == count
        start()
        answer = await demo.send("GetInvoices", question)
        costs["GetInvoices"].append(spent() / count)
        assert (answer.count(b"<InvoiceOrder>"), answer.count(b"<InvoiceRow>")) == (count, ROWS * count)
        first += count
    return costs


async def test_calls_are_linear(make_gateway: MakeGateway) -> None:
    with counted_calls() as calls:  # begins before the gateway makes its threads
        client = await make_gateway(CHANGES)
        begun = 0

        def start() -> None:
            nonlocal begun
            begun = calls()

        costs = await costs_per_order(client, start, lambda: calls() - begun)
    for operation, (few, many) in costs.items():
        print(f"{operation}: {few:.0f} calls and returns an order, then {many:.0f}")
        assert many < 1.1 * few, operation


async def test_memory_is_linear(make_gateway: MakeGateway) -> None:
    def peak() -> int:
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    client = await make_gateway(CHANGES)
    try:
        costs = await costs_per_order(client, tracemalloc.start, peak)
    finally:
        tracemalloc.stop()
    for operation, (few, many) in costs.items():
        print(f"{operation}: {few / 1024:.0f} KiB an order, then {many / 1024:.0f}")
        assert many < 1.3 * few, operation
        assert many < 120 * 1024, operation
