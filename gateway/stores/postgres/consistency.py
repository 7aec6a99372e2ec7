"""Ledger pages and the verification of a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from gateway.core import ledger
from gateway.core.ledger import Entry, Finding, entry_of
from gateway.core.values import TenantId
from gateway.stores.engine import ledger_pages
from gateway.stores.engine.consistency import CHECKS, LINES, MOST_FINDINGS
from gateway.stores.engine.ledger_pages import LEDGER_START, OF_TENANT, LedgerPlace, page_select, place_of
from gateway.stores.engine.rows import counter_of
from gateway.stores.postgres.connection import Connection

_ONE_INSTANT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


async def ledger_page(connection: Connection, tenant: TenantId | None, after: LedgerPlace, limit: int) -> list[Entry]:
    """The next entries of one tenant or all, behind a place."""
    text, values = page_select(after, limit, [(OF_TENANT, tenant)])
    return [entry_of(row) for row in await connection.run(text, *values)]


async def verify(connection: Connection, tenant: TenantId | None) -> tuple[int, list[Finding]]:
    """Recompute every chain of one tenant or all, and compare the tables: how many entries, and what is wrong.

    All of it is of one instant. Hashes are recomputed in a thread, because that takes long.
    """
    await connection.execute(_ONE_INSTANT)
    lines = [counter_of(row) for row in await connection.run(LINES, tenant)]
    entries = _entries(connection, tenant, asyncio.get_running_loop())
    count, findings = await asyncio.to_thread(ledger.verify, entries, lines)
    for check in CHECKS:
        findings += [check.finding(row) for row in await connection.run(check.sql, tenant, MOST_FINDINGS)]
    await connection.execute("COMMIT")
    return count, findings


def _entries(connection: Connection, tenant: TenantId | None, loop: asyncio.AbstractEventLoop) -> Iterator[Entry]:
    """Every entry, for another thread than that of the event loop, where the connection is used."""
    place, limit = LEDGER_START, ledger_pages.PAGE
    while True:
        reading = ledger_page(connection, tenant, place, limit)
        page = asyncio.run_coroutine_threadsafe(reading, loop).result()
        yield from page
        if len(page) < limit:
            return
        place = place_of(page[-1])
