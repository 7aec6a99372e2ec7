"""A store for the rows that read and finalize: 1,000 invoices, and many copies of a draft that the gateway made."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

import asyncpg

from tests.bench.servers import gateway_server
from tests.bench.workloads import FIRST_DRAFT, invoicexpress_draft, office_save, send
from tests.pg import in_thread

ORDERS: Final = 1000
DRAFTS: Final = 60_000
_OTHER: Final = (
    "tenant, kind, status, stage, series, number, customer, external_status, document_date, key, version, "
    "registered, changed, body"
)
_COPY: Final = (
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
    f"INSERT INTO documents (id, {_OTHER}) SELECT {FIRST_DRAFT} + n.i, {_OTHER} FROM documents, n WHERE status = 'draft'"
)


def prepare(folder: Path, store: str = "", drafts: int = DRAFTS, orders: int = ORDERS) -> None:
    """Fill the store that `gateway_server(folder, store)` opens. No gateway may have it open."""
    with gateway_server(folder, store) as server:
        send(server.address, office_save(server.address, orders))
        send(server.address, invoicexpress_draft(server.address))
    sql = _COPY.format(count=drafts)
    if store.startswith("postgresql"):
        in_thread(_on_postgres(store, sql))
    else:
        connection = sqlite3.connect(folder / "bench.db")
        with connection:
            connection.execute(sql)
        connection.close()


async def _on_postgres(store: str, sql: str) -> None:
    connection = await asyncpg.connect(store)
    try:
        await connection.execute(sql)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
