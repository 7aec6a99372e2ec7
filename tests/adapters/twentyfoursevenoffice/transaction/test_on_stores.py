"""Invoices are found by their dates in every store: each span of days has the lines that lie in it, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.stores import open_store
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.twentyfoursevenoffice.account.office import ACCOUNTING, Office, opened
from tests.adapters.twentyfoursevenoffice.payment.test_any_order import ITEMS
from tests.adapters.twentyfoursevenoffice.payment.till import INVOICES, TRANSACTIONS
from tests.stores.postgres.conftest import MakePostgres, cluster, database, make_store

__all__ = ["cluster", "database", "make_store"]

DATES = (
    "2023-12-31T23:59:59",
    "2024-01-01T00:00:00",
    "2024-02-29T12:00:00",
    "2024-02-29T22:59:59Z",
    "2024-02-29T23:00:00Z",
    "2024-12-31T23:30:00Z",
)
"""The last two lie in the next day, and year, of the vendor's zone."""
SPANS = {
    ("2023-01-01T00:00:00", "2023-12-31T23:59:59"): [1],
    ("2024-01-01T00:00:00", "2024-01-01T00:00:00"): [2],
    ("2024-02-29T00:00:00", "2024-02-29T23:59:59"): [3, 4],
    ("2024-02-29T12:00:01", "2024-03-01T00:00:00"): [4, 5],
    ("2024-02-29T11:00:00Z", "2024-02-29T11:00:00Z"): [3],
    ("2024-01-01T00:00:00", "2024-12-31T23:59:59"): [2, 3, 4, 5],
    ("2025-01-01T00:00:00", "2025-01-01T00:30:00"): [6],
    ("2024-03-02T00:00:00", "2024-03-01T00:00:00"): [],
    ("0001-01-01T00:00:01", "9999-12-31T23:59:59"): [1, 2, 3, 4, 5, 6],
}


async def check(office: Office) -> None:
    row = "<InvoiceRows><InvoiceRow><ProductId>1</ProductId><Price>1</Price></InvoiceRow></InvoiceRows>"
    orders = "".join(
        "<InvoiceOrder><CustomerId>1</CustomerId><OrderStatus>Invoiced</OrderStatus>"
        f"<DateInvoiced>{date}</DateInvoiced>{row}</InvoiceOrder>"
        for date in DATES
    )
    saved = await office.ask("SaveInvoices", f"<invoices>{orders}</invoices>", INVOICES)
    assert saved.texts("InvoiceId") == ["1", "2", "3", "4", "5", "6"]
    for (start, end), expected in SPANS.items():
        message = f"<searchParams><DateStart>{start}</DateStart><DateEnd>{end}</DateEnd></searchParams>"
        answer = await office.ask("GetTransactions", message, TRANSACTIONS)
        found = [int(each.text or 0) for each in answer.root.iter(f"{{{ACCOUNTING}}}TransactionNo")]
        assert found == [number for number in expected for _ in range(2)], (start, end)


async def test_in_memory() -> None:
    clock = HandClock()
    await check(await opened(MemoryStore(MemoryState(clock)), clock, ITEMS))


async def test_on_sqlite(tmp_path: Path, blank_store: Path) -> None:
    shutil.copy(blank_store, tmp_path / "gateway.db")
    clock = HandClock()
    store = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", clock=clock)
    await store.start()
    try:
        await check(await opened(store, clock, ITEMS))
    finally:
        await store.close()


@pytest.mark.long_form
async def test_on_postgres(make_store: MakePostgres) -> None:
    await check(await opened(await make_store(), items=ITEMS))
