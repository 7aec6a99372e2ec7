"""A store with many payments of one representative, put straight into its tables as the store would write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import asyncpg

from adapters.resurs.payments.index import payment_kind
from adapters.resurs.payments.model import Address, Customer, Diff, DiffType, Method, Payment, Spec, SpecLine
from adapters.resurs.payments.records import payment_record
from gateway.core.records import Record, RecordUsage
from gateway.core.values import TenantId
from gateway.stores.engine.record_rows import record_row, usage_row, value_rows
from tests.bench.bulk import PostgresTables, SqliteTables, Tables, Values
from tests.bench.servers import gateway_server
from tests.pg import in_thread

PAYMENTS: Final = 100_000
_TENANT: Final = TenantId("demo")
_ACCOUNT: Final = "demo-se"
_FIRST: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_METHOD: Final = Method("INVOICE", "Faktura", "INVOICE", "INVOICE")
_ROW: Final = SpecLine("1", "CUP-1", "Kopp", Decimal(1), "st", Decimal(24), Decimal(25), Decimal(6), Decimal(30))
_SPEC: Final = Spec(Decimal(30), Decimal(6), (_ROW,))


def first_open(count: int) -> int:
    """The number of the first payment that is not finalized; four of ten are."""
    return count * 4 // 10 + 1


def payment(number: int, *, is_open: bool) -> Payment:
    """One whose id is its number."""
    booked = _FIRST + dt.timedelta(seconds=20 * number)
    address = Address("Provgatan 1", "Provstad", "12345", "SE", f"Prov Testsson {number % 1000}")
    customer = Customer(address, f"{number % 50_000:010}", "+46701122333", "prov@example.com", "NATURAL")
    diffs = [Diff(DiffType.AUTHORIZE, booked, _SPEC, created_by="SHOP_FLOW")]
    if not is_open:
        diffs.append(Diff(DiffType.DEBIT, booked + dt.timedelta(seconds=5), _SPEC, invoice_id=f"DebInv-{number}"))
    return Payment(
        str(number), _ACCOUNT, _METHOD, customer, Decimal(3030), booked, tuple(diffs), (("CustomerId", "-"),)
    )


def _records(count: int) -> Iterator[Record]:
    for number in range(1, count + 1):
        one = payment(number, is_open=number >= first_open(count))
        yield replace(payment_record(_TENANT, one), version=1, registered=one.booked, changed=one.modified)


async def add_payments(tables: Tables, count: int) -> None:
    """Put `count` payments in."""
    sizes: list[int] = []

    def rows() -> Iterator[Values]:
        for record in _records(count):
            sizes.append(record.size)
            yield record_row(record)

    await tables.put("records", rows())
    await tables.put("record_values", (row for record in _records(count) for row in value_rows(record)))
    usage = RecordUsage(count, 0, sum(sizes))
    await tables.put("record_usage", iter([usage_row(_TENANT, payment_kind(_ACCOUNT).name, usage)]))


def prepare_payments(folder: Path, store: str, count: int) -> None:
    """Fill the store that `gateway_server(folder, store)` opens. No gateway may have it open."""
    with gateway_server(folder, store):
        pass
    in_thread(_put(folder, store, count))


async def _put(folder: Path, store: str, count: int) -> None:
    if not store:
        tables = SqliteTables(folder / "bench.db")
        await add_payments(tables, count)
        tables.close()
        return
    connection = await asyncpg.connect(store)
    await add_payments(PostgresTables(connection), count)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
