"""Whether the tables of a store agree: the ledger, the lines, the numbers given out and the documents that have them.

The ledger's own chains are recomputed by `core.ledger.verify`; here are the texts that it needs, and what it cannot see. In
each text `{0}` stands for the tenant, or nothing for all tenants, and `{1}` for how many rows are wanted at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from gateway.core.ledger import Finding
from gateway.stores.engine import tables
from gateway.stores.engine.rows import chain_of
from gateway.stores.engine.tables import listed

MOST_FINDINGS: Final = 100
"""So many findings of one kind say enough."""

_WANTED: Final = "(CAST({{0}} AS TEXT) IS NULL OR {tenant} = {{0}})"  # without the CAST PostgreSQL cannot tell the type
LINES: Final = (
    f"SELECT {listed(tables.counters, 'c')} FROM counters c JOIN series s ON s.id = c.series "
    f"WHERE {_WANTED.format(tenant='s.tenant')}"
)
ENTRIES: Final = (
    f'SELECT {listed(tables.ledger)} FROM ledger WHERE {_WANTED.format(tenant="tenant")} ORDER BY series, line, "index"'
)


class Check(NamedTuple):
    """One way in which tables may not agree.

    sql: finds what is wrong, as rows of series, line, number and one more column.
    problem: what is wrong, for people; `{0}` stands for the number, `{1}` for the further column.
    """

    sql: str
    problem: str

    def finding(self, row: Sequence[Any]) -> Finding:
        """What a row of the SELECT means."""
        return Finding(chain_of(row), 0, self.problem.format(*row[2:]))


def _of_one_table(table: str, condition: str, key: str = "key") -> str:
    wanted = _WANTED.format(tenant="tenant")
    return f"SELECT series, line, number, {key} FROM {table} WHERE {condition} AND {wanted}"


_GIVEN: Final = _of_one_table("issued", "NOT reserved")
_RESERVED: Final = _of_one_table("issued", "reservation_key IS NOT NULL", "reservation_key")
_VOIDED: Final = _of_one_table("issued", "voided")
_GIVEN_ENTRIES: Final = _of_one_table("ledger", "operation IN ('issue', 'claim', 'use')")
_RESERVE_ENTRIES: Final = _of_one_table("ledger", "operation = 'reserve'")
_VOID_ENTRIES: Final = _of_one_table("ledger", "operation = 'void'")
_UNKNOWN_TO_ISSUED: Final = (
    "SELECT d.series, d.line, d.number, d.id FROM documents d LEFT JOIN issued i "
    "ON i.series = d.series AND i.line = d.line AND i.number = d.number AND i.tenant = d.tenant "
    "AND i.document = 'document:' || d.id AND i.voided = (d.status = 'void') "
    f"WHERE d.number IS NOT NULL AND {_WANTED.format(tenant='d.tenant')} AND i.number IS NULL LIMIT {{1}}"
)
_DOCUMENT_ID: Final = (
    "CASE WHEN substr(document, 1, 9) = 'document:' AND length(document) > 9 "
    "AND trim(substr(document, 10), '0123456789') = '' THEN CAST(substr(document, 10) AS NUMERIC) END"
)
"""The id of the store's document that has an issued number, or nothing: clients may keep their documents elsewhere, and give
numbers to anything. As a number it is found by the primary key; the CASE keeps the CAST from texts that are no number.
"""
_UNKNOWN_TO_DOCUMENTS: Final = (
    "SELECT i.series, i.line, i.number, i.document "
    f"FROM (SELECT series, line, number, tenant, document, {_DOCUMENT_ID} AS own FROM issued) i LEFT JOIN documents d "
    "ON d.id = i.own AND d.tenant = i.tenant AND d.series = i.series AND d.line = i.line AND d.number = i.number "
    f"AND 'document:' || d.id = i.document WHERE i.own IS NOT NULL AND {_WANTED.format(tenant='i.tenant')} "
    "AND d.id IS NULL LIMIT {1}"
)

_BOTH_WAYS: Final = (
    (_GIVEN, _GIVEN_ENTRIES, "is issued without an entry", "has an entry that gives it out, but is not issued"),
    (_RESERVED, _RESERVE_ENTRIES, "is reserved without an entry", "has the entry 'reserve' but is not reserved"),
    (_VOIDED, _VOID_ENTRIES, "is void without an entry", "has the entry 'void' but is not void"),
)
"""Rows, the entries that they must have, and what is wrong with a row without an entry and with an entry without a row."""

CHECKS: Final = (
    *(
        Check(f"{these} EXCEPT {those} LIMIT {{1}}", f"number {{0}} under key {{1!r}} {problem}")
        for rows, entries, without_entry, without_row in _BOTH_WAYS
        for these, those, problem in ((rows, entries, without_entry), (entries, rows, without_row))
    ),
    Check(_UNKNOWN_TO_ISSUED, "document {1} has number {0}, which was not given to it"),
    Check(_UNKNOWN_TO_DOCUMENTS, "number {0} was given to {1!r}, which does not have it"),
)
