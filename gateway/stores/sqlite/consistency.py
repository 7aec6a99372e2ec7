"""Whether the tables agree on which numbers were given out, to what, and which are void; the ledger's own chains are
checked in `gateway.core.ledger`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.core.ledger import Finding
from gateway.core.values import CounterKey, TenantId
from gateway.stores.sqlite.connection import Connection

_FINDINGS: Final = 100
_AGREEMENTS: Final = (("issued", "1", "issue"), ("void", "voided", "void"))
_UNKNOWN_TO_ISSUED: Final = (
    "SELECT d.series, d.kind, d.number, d.id FROM documents d LEFT JOIN issued i "
    "ON i.series = d.series AND i.kind = d.kind AND i.number = d.number AND i.tenant = d.tenant "
    "AND i.document = 'document:' || d.id AND i.voided = (d.status = 'void') "
    "WHERE d.number IS NOT NULL AND (? IS NULL OR d.tenant = ?) AND i.number IS NULL LIMIT ?"
)
_UNKNOWN_TO_DOCUMENTS: Final = (
    "SELECT i.series, i.kind, i.number, i.document FROM issued i LEFT JOIN documents d "
    "ON d.id = CAST(substr(i.document, 10) AS INTEGER) AND d.tenant = i.tenant "
    "AND d.series = i.series AND d.kind = i.kind AND d.number = i.number "
    "WHERE i.document GLOB 'document:[0-9]*' AND (? IS NULL OR i.tenant = ?) AND d.id IS NULL LIMIT ?"
)


def disagreements(connection: Connection, tenant: TenantId | None) -> Iterator[Finding]:
    """What the tables do not agree on, of one tenant or all. Call inside a transaction."""
    yield from _unexplained(connection, tenant)
    yield from _strange_documents(connection, tenant)


def _strange_documents(connection: Connection, tenant: TenantId | None) -> Iterator[Finding]:
    """Documents whose number is not theirs among the numbers given out, and the other way round."""
    values = (tenant, tenant, _FINDINGS)
    for series, kind, number, own in connection.execute(_UNKNOWN_TO_ISSUED, values):
        yield Finding(CounterKey(series, kind), 0, f"document {own} has number {number}, which was not given to it")
    for series, kind, number, own in connection.execute(_UNKNOWN_TO_DOCUMENTS, values):
        yield Finding(CounterKey(series, kind), 0, f"number {number} was given to {own!r}, which does not have it")


def _unexplained(connection: Connection, tenant: TenantId | None) -> Iterator[Finding]:
    """Numbers that the ledger and the table of issued numbers do not agree on."""
    for table, condition, ledger_operation in _AGREEMENTS:
        issued = f"SELECT series, kind, number, key FROM issued WHERE {condition} AND (? IS NULL OR tenant = ?)"  # noqa: S608
        recorded = "SELECT series, kind, number, key FROM ledger WHERE operation = ? AND (? IS NULL OR tenant = ?)"
        first, second = (issued, (tenant, tenant)), (recorded, (ledger_operation, tenant, tenant))
        for text, left, right in (
            (f"is {table} without an entry", first, second),
            (f"has the entry {ledger_operation!r} but is not {table}", second, first),
        ):
            sql = f"{left[0]} EXCEPT {right[0]} LIMIT {_FINDINGS}"
            for series, kind, number, key in connection.execute(sql, (*left[1], *right[1])):
                yield Finding(CounterKey(series, kind), 0, f"number {number} under key {key!r} {text}")
