"""The ledger in pages, and its verification: every chain recomputed, compared with the lines and the numbers given out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from gateway.core.ledger import Entry, Finding, verify
from gateway.core.values import CounterKey, TenantId
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.locking import counter_of

PAGE: Final = 1000
_FINDINGS: Final = 100
_ONE_INSTANT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_ISSUED: Final = "SELECT series, kind, number, key FROM issued WHERE {} AND ($1::text IS NULL OR tenant = $1)"
_RECORDED: Final = (
    "SELECT series, kind, number, key FROM ledger WHERE operation = '{}' AND ($1::text IS NULL OR tenant = $1)"
)
_AGREEMENTS: Final = (("issued", "true", "issue"), ("void", "voided", "void"))
_UNKNOWN_TO_ISSUED: Final = (
    "SELECT d.series, d.kind, d.number, d.id FROM documents d LEFT JOIN issued i "
    "ON i.series = d.series AND i.kind = d.kind AND i.number = d.number AND i.tenant = d.tenant "
    "AND i.document = 'document:' || d.id AND i.voided = (d.status = 'void') "
    "WHERE d.number IS NOT NULL AND ($1::text IS NULL OR d.tenant = $1) AND i.number IS NULL LIMIT $2"
)
_UNKNOWN_TO_DOCUMENTS: Final = (
    "SELECT i.series, i.kind, i.number, i.document FROM issued i LEFT JOIN documents d "
    "ON 'document:' || d.id = i.document AND d.tenant = i.tenant "
    "AND d.series = i.series AND d.kind = i.kind AND d.number = i.number "
    "WHERE i.document ~ '^document:[0-9]+$' AND ($1::text IS NULL OR i.tenant = $1) AND d.id IS NULL LIMIT $2"
)


async def ledger_page(connection: Connection, tenant: TenantId | None, after: Entry | None) -> list[Entry]:
    """At most PAGE entries in chain and index order, after the one given."""
    start = (after.chain.series, after.chain.kind, after.index) if after else (0, "", 0)
    return [_entry(row) for row in await connection.rows(queries.LEDGER_PAGE, *start, tenant, PAGE)]


async def audit(connection: Connection, tenant: TenantId | None) -> tuple[int, list[Finding]]:
    """How many entries there are and what is wrong, all of one instant. Hashes are recomputed in a thread."""
    await connection.execute(_ONE_INSTANT)
    lines = [counter_of(row) for row in await connection.rows(queries.ALL_LINES, tenant)]
    loop = asyncio.get_running_loop()

    def entries() -> Iterator[Entry]:
        after: Entry | None = None
        while True:
            page = asyncio.run_coroutine_threadsafe(ledger_page(connection, tenant, after), loop).result()
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1]

    count, findings = await asyncio.to_thread(lambda: verify(entries(), lines))
    findings += [finding async for finding in _disagreements(connection, tenant)]
    await connection.execute("COMMIT")
    return count, findings


async def _disagreements(connection: Connection, tenant: TenantId | None) -> Any:
    """What the tables do not agree on: numbers, entries and documents."""
    for table, condition, operation in _AGREEMENTS:
        issued, recorded = _ISSUED.format(condition), _RECORDED.format(operation)
        for text, sql in (
            (f"is {table} without an entry", f"{issued} EXCEPT {recorded}"),
            (f"has the entry {operation!r} but is not {table}", f"{recorded} EXCEPT {issued}"),
        ):
            for series, kind, number, key in await connection.rows(f"{sql} LIMIT {_FINDINGS}", tenant):
                yield Finding(CounterKey(series, kind), 0, f"number {number} under key {key!r} {text}")
    for series, kind, number, own in await connection.rows(_UNKNOWN_TO_ISSUED, tenant, _FINDINGS):
        yield Finding(CounterKey(series, kind), 0, f"document {own} has number {number}, which was not given to it")
    for series, kind, number, own in await connection.rows(_UNKNOWN_TO_DOCUMENTS, tenant, _FINDINGS):
        yield Finding(CounterKey(series, kind), 0, f"number {number} was given to {own!r}, which does not have it")


def _entry(row: Any) -> Entry:
    series, kind, *rest = row
    return Entry(CounterKey(series, kind), *rest)
