"""Writes a group's rows: one statement for each table, with an array for each column, or a COPY when there are many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from gateway.stores.engine import statements
from gateway.stores.engine.statements import OF_SERIES, STATEMENTS, Action, Row, Statement
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection

MANY: Final = 6
"""From so many rows on COPY is faster."""
_SORTED_BY: Final[Mapping[Statement, tuple[str, ...]]] = {
    statements.GIVE_NUMBER: ("tenant", "key"),
    statements.CHANGE_NUMBER: ("tenant", "key"),
}
"""Two processes that use the same keys meet at the unique index. In one order they never wait for each other in a circle."""


_GUARDS: Final[Mapping[Statement, str]] = {
    statements.SAVE_DOCUMENT: 'documents."tenant" = excluded."tenant" AND documents."version" < excluded."version"',
    statements.SAVE_RECORD: 'records."version" < excluded."version"',
    statements.SAVE_TOMBSTONE: 'record_tombstones."version" < excluded."version"',
}
"""What must hold of a row that is there already. Locks see to it among gateways; a tenant that arrives takes no such locks."""


class RowTakenError(Exception):
    """Another process has written a row meanwhile that the group must not replace. The group has to be decided again."""


async def write_rows(connection: Connection, rows: Mapping[Statement, Sequence[Row]]) -> tuple[int, int] | None:
    """Write a group's rows, in the order of `STATEMENTS`. Raises RowTakenError.

    Returns what `DurableTransactions.learn` asks for; None when no statement could say.
    """
    transaction: tuple[int, int] | None = None
    for statement in STATEMENTS:
        if statement in rows:
            transaction = await _write(connection, statement, rows[statement]) or transaction
    return transaction


async def _write(connection: Connection, statement: Statement, rows: Sequence[Row]) -> tuple[int, int] | None:
    if statement.in_order and not _distinct(statement, rows):
        for row in rows:  # one statement cannot touch a row twice
            await connection.execute(sql_for(statement), *([value] for value in row))
        return None
    order = _SORTED_BY.get(statement)
    if order:
        places = [statement.columns.index(name) for name in order]
        rows = sorted(rows, key=lambda row: [row[place] for place in places])
    if statement.action is Action.INSERT and len(rows) >= MANY:
        await connection.copy_records_to_table(statement.table.name, columns=statement.columns, records=rows)
        return None
    columns = (list(column) for column in zip(*rows, strict=True))
    if statement.action is not Action.UPSERT:
        await connection.execute(sql_for(statement), *columns)
        return None
    written = await connection.rows(sql_for(statement), *columns)
    if len(written) < len(rows):
        raise RowTakenError(statement.table.name)
    return written[0][0], written[0][1]


def _distinct(statement: Statement, rows: Sequence[Row]) -> bool:
    places = [statement.columns.index(name) for name in statement.table.key if name in statement.columns]
    return len({tuple(row[place] for place in places) for row in rows}) == len(rows)


@cache
def sql_for(statement: Statement) -> str:
    """The statement's text; its parameters are arrays, one for each column."""
    if statement.action is Action.DELETE_OF_TENANT:
        return f'DELETE FROM "{statement.table.name}" WHERE {OF_SERIES.format("ANY($1::text[])")}'
    names = [f'"{name}"' for name in statement.columns]
    arrays = ", ".join(f"${place}::{statement.table.types[name]}[]" for place, name in enumerate(statement.columns, 1))
    table = f'"{statement.table.name}"'
    given = f"unnest({arrays}) AS w({', '.join(names)})"
    if statement.action is Action.DELETE:
        condition = " AND ".join(f"t.{name} = w.{name}" for name in names)
        return f"DELETE FROM {table} t USING {given} WHERE {condition}"
    if statement.action is Action.RAISE:
        condition = " AND ".join(f"t.{name} = w.{name}" for name in names[:-1])
        return (
            f"UPDATE {table} t SET {names[-1]} = greatest(t.{names[-1]}, w.{names[-1]}) FROM {given} WHERE {condition}"
        )
    if statement.action is Action.DELETE_EXPIRED:
        condition = f"t.{names[0]} = w.{names[0]} AND t.{names[1]} <= w.{names[1]}"
        return f"DELETE FROM {table} t USING {given} WHERE {condition}"
    text = f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM {given}"
    return text + (_on_conflict(statement) if statement.action is Action.UPSERT else "")


def _on_conflict(statement: Statement) -> str:
    key = ", ".join(f'"{name}"' for name in statement.table.key)
    guard = f" WHERE {_GUARDS[statement]}" if statement in _GUARDS else ""
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in statement.table.changing)
    return f" ON CONFLICT ({key}) DO UPDATE SET {changes}{guard} RETURNING {queries.ENDED}, txid_current()"
