"""Ledger pages and the verification of a SQLite file. Call each inside a transaction, so that all of it is of one instant."""

from __future__ import annotations

from gateway.core import ledger
from gateway.core.ledger import Entry, Finding, entry_of
from gateway.core.values import TenantId
from gateway.stores.engine.consistency import CHECKS, ENTRIES, LINES, MOST_FINDINGS
from gateway.stores.engine.ledger_pages import OF_TENANT, LedgerPlace, page_select
from gateway.stores.engine.rows import counter_of
from gateway.stores.sqlite.connection import Connection


def ledger_page(connection: Connection, tenant: TenantId | None, after: LedgerPlace, limit: int) -> list[Entry]:
    """The next entries of one tenant or all, behind a place."""
    text, values = page_select(after, limit, [(OF_TENANT, tenant)])
    return [entry_of(row) for row in connection.run(text, *values)]


def verify(connection: Connection, tenant: TenantId | None) -> tuple[int, list[Finding]]:
    """Recompute every chain of one tenant or all, and compare the tables: how many entries, and what is wrong."""
    lines = [counter_of(row) for row in connection.run(LINES, tenant)]
    count, findings = ledger.verify(map(entry_of, connection.run(ENTRIES, tenant)), lines)
    for check in CHECKS:
        findings += [check.finding(row) for row in connection.run(check.sql, tenant, MOST_FINDINGS)]
    return count, findings
