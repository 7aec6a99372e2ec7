"""Writes a group's rows: one statement for each table, with an array for each column, or a COPY when there are many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from gateway.stores.engine import statements
from gateway.stores.engine.statements import OF_SERIES, STATEMENTS, Action, Row, Statement
from gateway.stores.postgres.connection import Connection

MANY: Final = 6
"""From so many rows on COPY is faster."""
WRITING: Final = frozenset({Action.INSERT, Action.UPSERT})
_SORTED_BY: Final[Mapping[Statement, tuple[str, ...]]] = {statements.GIVE_NUMBER: ("tenant", "key")}
"""Two processes that use the same keys meet at the unique index. In one order they never wait for each other in a circle."""


async def write_rows(connection: Connection, rows: Mapping[Statement, Sequence[Row]]) -> None:
    """Write a group's rows, in the order of `STATEMENTS`."""
    for statement in STATEMENTS:
        if statement in rows:
            await _write(connection, statement, rows[statement])


async def _write(connection: Connection, statement: Statement, rows: Sequence[Row]) -> None:
    if statement.in_order and not _distinct(statement, rows):
        for row in rows:  # one statement cannot touch a row twice
            await connection.execute(sql_for(statement), *([value] for value in row))
        return
    order = _SORTED_BY.get(statement)
    if order:
        places = [statement.columns.index(name) for name in order]
        rows = sorted(rows, key=lambda row: [row[place] for place in places])
    if statement.action is Action.INSERT and len(rows) >= MANY:
        await connection.copy_records_to_table(statement.table.name, columns=statement.columns, records=rows)
        return
    await connection.execute(sql_for(statement), *(list(column) for column in zip(*rows, strict=True)))


def certainly_writes(rows: Mapping[Statement, Sequence[Row]]) -> bool:
    """True when COMMIT certainly has something to make durable: what is to be deleted may be gone already."""
    return any(statement.action in WRITING for statement in rows)


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
    rest = [name for name in statement.table.columns if name not in statement.table.key]
    return f" ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
