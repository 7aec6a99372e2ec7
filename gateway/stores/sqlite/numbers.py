"""Who has the numbers of a line, over an open connection. Call inside a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.core.values import CounterKey, Issued, TenantId
from gateway.stores.engine.rows import issued_of
from gateway.stores.engine.statements import chunks
from gateway.stores.engine.tables import issued as issued_table
from gateway.stores.engine.tables import listed
from gateway.stores.sqlite.connection import Connection

_ISSUED: Final = listed(issued_table, "i")
_OF_LINE: Final = "i.series = ?1 AND i.line = ?2"
_NUMBER: Final = f"SELECT {_ISSUED} FROM issued i WHERE {_OF_LINE} AND i.number = ?3"
_RESERVED: Final = f"SELECT {_ISSUED} FROM issued i WHERE i.tenant = ? AND i.reservation_key = ?"
_LAST_OF_RUN: Final = (
    f"SELECT i.number FROM issued i WHERE {_OF_LINE} AND i.number >= ?3 AND NOT EXISTS "
    "(SELECT 1 FROM issued n WHERE n.series = ?1 AND n.line = ?2 AND n.number = i.number + 1) ORDER BY i.number LIMIT 1"
)
"""Walks the primary key as far as numbers follow one another."""


def numbers_under(connection: Connection, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]:
    """The numbers that keys already got."""
    found: dict[tuple[TenantId, str], Issued] = {}
    for chunk in chunks(list(wanted)):
        values = ", ".join(["(?, ?)"] * len(chunk))
        sql = f"SELECT {_ISSUED} FROM (VALUES {values}) w JOIN issued i ON i.tenant = w.column1 AND i.key = w.column2"
        rows = connection.execute(sql, tuple(text for pair in chunk for text in pair))
        found.update({(issued.tenant, issued.key): issued for issued in map(issued_of, rows)})
    return found


def number_of(connection: Connection, line: CounterKey, number: int) -> Issued | None:
    """Who has a number."""
    row = connection.execute(_NUMBER, (*line, number)).fetchone()
    return issued_of(row) if row else None


def reserved_under(connection: Connection, tenant: TenantId, reservation_key: str) -> Issued | None:
    """The number that was reserved under a key."""
    row = connection.execute(_RESERVED, (tenant, reservation_key)).fetchone()
    return issued_of(row) if row else None


def first_free(connection: Connection, line: CounterKey, number: int) -> int:
    """The first number from this one on that nobody has; one question, however many numbers follow one another."""
    if number_of(connection, line, number) is None:
        return number
    last: int = connection.execute(_LAST_OF_RUN, (*line, number)).fetchone()[0]
    return last + 1
