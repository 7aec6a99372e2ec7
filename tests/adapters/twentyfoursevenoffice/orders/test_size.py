"""Large requests and answers cost so much per order, however many there are. The figures are printed with -s."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.twentyfoursevenoffice.properties import ORDER, ROW
from tests.adapters.twentyfoursevenoffice.orders.office import Office, envelope
from tests.conftest import MakeGateway, base_url

FEW, MANY = 100, 500
ROWS = 10
LIMITS = {"max_body_bytes": 32 * 2**20, "deadline_seconds": 120}


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


@dataclass
class Cost:
    """Of one exchange, the client's part included. cpu: seconds; size: bytes of memory at the peak."""

    cpu: float
    size: int


async def measured(work: Callable[[], Awaitable[bytes]], traced: bool) -> tuple[Cost, bytes]:
    if traced:
        tracemalloc.start()
    started = time.process_time()
    answer = await work()
    cpu = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1] if traced else 0
    tracemalloc.stop()
    return Cost(cpu, peak), answer


@pytest.mark.parametrize("traced", [False, True], ids=["time", "memory"])
async def test_cost_is_linear(make_gateway: MakeGateway, traced: bool) -> None:
    client = await make_gateway({"limits": LIMITS, "journal": {"mode": "off"}})
    demo = await Office(client.session, base_url(client)).login()
    await demo.save(order(0))
    costs: dict[tuple[str, int], Cost] = {}
    first = 2
    for count in (FEW, MANY):
        body = save_request(count)
        costs["SaveInvoices", count], answer = await measured(lambda: demo.send("SaveInvoices", body), traced)  # noqa: B023
        assert answer.count(b"<InvoiceId>") == count
        question = get_request(first, count)
        costs["GetInvoices", count], answer = await measured(lambda: demo.send("GetInvoices", question), traced)  # noqa: B023
        assert (answer.count(b"<InvoiceOrder>"), answer.count(b"<InvoiceRow>")) == (count, ROWS * count)
        first += count
    for operation in ("SaveInvoices", "GetInvoices"):
        few, many = costs[operation, FEW], costs[operation, MANY]
        if traced:
            print(f"{operation}: {few.size / FEW / 1024:.0f} KiB an order, then {many.size / MANY / 1024:.0f}")
            assert many.size / MANY < 1.3 * few.size / FEW
            assert many.size / MANY < 120 * 1024
        else:
            print(f"{operation}: {few.cpu / FEW * 1e3:.2f} ms an order, then {many.cpu / MANY * 1e3:.2f}")
            assert many.cpu / MANY < 2 * few.cpu / FEW
