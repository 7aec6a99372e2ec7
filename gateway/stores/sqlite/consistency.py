"""Ledger pages and the verification of a SQLite file. Call each inside a transaction, so that all of it is of one instant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from gateway.core import ledger
from gateway.core.ledger import Entry, Finding, entry_of
from gateway.core.values import TenantId
from gateway.stores.engine.consistency import CHECKS, ENTRIES, LINES, MOST_FINDINGS
from gateway.stores.engine.ledger_pages import OF_TENANT, LedgerPlace, page_select
from gateway.stores.engine.rows import counter_of
from gateway.stores.sqlite.connection import Connection

_ENTRIES_AT: Final = (
    'SELECT l.series, l.line, l."index", l.hash FROM json_each({}) w JOIN ledger l '
    "ON l.series = json_extract(w.value, '$[0]') AND l.line = json_extract(w.value, '$[1]') "
    "AND l.\"index\" = json_extract(w.value, '$[2]')"
)


def ledger_page(connection: Connection, tenant: TenantId | None, after: LedgerPlace, limit: int) -> list[Entry]:
    """The next entries of one tenant or all, behind a place."""
    text, values = page_select(after, limit, [(OF_TENANT, tenant)])
    return [entry_of(row) for row in connection.run(text, *values)]


def hashes_at(connection: Connection, places: Sequence[LedgerPlace]) -> dict[LedgerPlace, str]:
    """The hashes of single entries; places without an entry are left out."""
    return {(row[0], row[1], row[2]): row[3] for row in connection.run(_ENTRIES_AT, json.dumps(places))}


def verify(connection: Connection, tenant: TenantId | None) -> tuple[int, list[Finding]]:
    """Recompute every chain of one tenant or all, and compare the tables: how many entries, and what is wrong."""
    lines = [counter_of(row) for row in connection.run(LINES, tenant)]
    count, findings = ledger.verify(map(entry_of, connection.run(ENTRIES, tenant)), lines)
    for check in CHECKS:
        findings += [check.finding(row) for row in connection.run(check.sql, tenant, MOST_FINDINGS)]
    return count, findings
