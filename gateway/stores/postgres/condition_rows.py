"""Locks and reads the rows that a group's conditions ask for: one statement for each table, in one order everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from gateway.stores.engine import tables
from gateway.stores.engine.conditions import COMPARED, Condition, facts_of
from gateway.stores.engine.tables import Table
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.locked_state import Held


def row_names(conditions: Iterable[Condition]) -> list[str]:
    """The names of advisory locks for rows that may be absent. Tokens need none: no condition expects that one is absent."""
    wanted = {(own.table.name, *own.key) for own in conditions if own.table is not tables.tokens}
    return ["/".join(name) for name in wanted]


async def lock_rows(connection: Connection, conditions: Sequence[Condition], held: Held) -> None:
    """Lock the rows, and keep in `held` what they read."""
    for table in COMPARED:
        keys = sorted({condition.key for condition in conditions if condition.table is table})
        if not keys:
            continue
        held.facts_found.update({(table, key): None for key in keys})
        width = len(table.key)
        for row in await connection.rows(_lock(table), *(list(column) for column in zip(*keys, strict=True))):
            held.facts_found[table, tuple(row[:width])] = facts_of(table, row[width:])


@cache
def _lock(table: Table) -> str:
    names = [f'"{name}"' for name in table.key]
    columns = ", ".join(f't."{name}"' for name in (*table.key, *COMPARED[table]))
    arrays = ", ".join(f"${place}::{table.types[name]}[]" for place, name in enumerate(table.key, 1))
    condition = " AND ".join(f"t.{name} = w.{name}" for name in names)
    order = ", ".join(f"t.{name}" for name in names)
    return (
        f'SELECT {columns} FROM unnest({arrays}) AS w({", ".join(names)}) JOIN "{table.name}" t ON {condition} '
        f"ORDER BY {order} FOR UPDATE OF t"
    )
