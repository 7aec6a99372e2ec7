"""The statements that stores run for a group: which table, which columns, what to do on a conflict.

`STATEMENTS` is in the order of writing, so that references are met.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, Final, TypeAlias

from gateway.stores.engine import tables
from gateway.stores.engine.tables import Table

Row: TypeAlias = tuple[Any, ...]

OF_SERIES: Final = '"series" IN (SELECT id FROM series WHERE tenant = {})'
"""Which rows belong to a tenant's series. The series is in front of each key, so an index finds the rows."""

NOTE: Final = "INSERT INTO meta (name, value) VALUES ({}, {}) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
"""Keep a text about the store under a name; for those who write beside the group commit."""


def with_placeholders(text: str, sign: str, values: int) -> str:
    """A text that both databases use, with the placeholders of one of them.

    text: `{}` stands for each value in turn; or `{0}`, `{1}` … where a value is used more than once.
    sign: what the database puts before a value's number.
    """
    return text.format(*(f"{sign}{place}" for place in range(1, values + 1)))


class Action(enum.Enum):
    """What a statement does with a row."""

    INSERT = enum.auto()
    UPSERT = enum.auto()
    DELETE = enum.auto()
    RAISE = enum.auto()
    """The last column rises to a value, in the row that the other columns name; nothing happens without such a row."""
    DELETE_EXPIRED = enum.auto()
    DELETE_OF_TENANT = enum.auto()
    """Rows of a tenant's series; the statement's row holds the tenant."""


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """One kind of write.

    columns: what a row has values of, in this order.
    in_order: rows must be written one after the other, because a later one may build on an earlier one.
    """

    table: Table
    action: Action
    columns: tuple[str, ...]
    in_order: bool = False


def _whole(table: Table, action: Action, in_order: bool = False) -> Statement:
    return Statement(table, action, table.columns, in_order)


SAVE_SERIES: Final = _whole(tables.series, Action.UPSERT, in_order=True)
SAVE_COUNTER: Final = _whole(tables.counters, Action.UPSERT)
GIVE_NUMBER: Final = _whole(tables.issued, Action.INSERT)
CHANGE_NUMBER: Final = _whole(tables.issued, Action.UPSERT)
SAVE_DOCUMENT: Final = _whole(tables.documents, Action.UPSERT)
SAVE_ITEM: Final = _whole(tables.catalogue, Action.UPSERT)
DROP_ITEM: Final = Statement(tables.catalogue, Action.DELETE, ("tenant", "list", "id"))
SAVE_RECORD: Final = _whole(tables.records, Action.UPSERT)
DROP_RECORD: Final = Statement(tables.records, Action.DELETE, tables.records.key)
SAVE_TOMBSTONE: Final = _whole(tables.record_tombstones, Action.UPSERT)
DROP_TOMBSTONE: Final = Statement(tables.record_tombstones, Action.DELETE, tables.record_tombstones.key)
ADD_VALUE: Final = _whole(tables.record_values, Action.INSERT)
DROP_VALUE: Final = Statement(tables.record_values, Action.DELETE, tables.record_values.key)
SAVE_USAGE: Final = _whole(tables.record_usage, Action.UPSERT)
ADD_WORK: Final = _whole(tables.due_work, Action.INSERT)
SAVE_WORK: Final = _whole(tables.due_work, Action.UPSERT)
DROP_WORK: Final = Statement(tables.due_work, Action.DELETE, ("tenant", "id"))
APPEND_ENTRY: Final = _whole(tables.ledger, Action.INSERT)
SAVE_TOKEN: Final = _whole(tables.tokens, Action.UPSERT, in_order=True)
PROLONG_TOKEN: Final = Statement(tables.tokens, Action.RAISE, ("kind", "digest", "expires_ms"), in_order=True)
DROP_TOKEN: Final = Statement(tables.tokens, Action.DELETE, ("kind", "digest"), in_order=True)
DROP_EXPIRED: Final = Statement(tables.tokens, Action.DELETE_EXPIRED, ("tenant", "expires_ms"), in_order=True)
SAVE_META: Final = _whole(tables.meta, Action.UPSERT)
DROP_META: Final = Statement(tables.meta, Action.DELETE, ("name",))
ADD_TENANT: Final = _whole(tables.tenants, Action.INSERT)
SAVE_TENANT: Final = _whole(tables.tenants, Action.UPSERT)
DROP_TENANT: Final = Statement(tables.tenants, Action.DELETE, ("id",))
SAVE_SNAPSHOT: Final = _whole(tables.snapshots, Action.UPSERT)
DROP_SNAPSHOT: Final = Statement(tables.snapshots, Action.DELETE, ("tenant", "name"))

_OF_TENANT: Final = ("tenant",)
CLEAR_LEDGER: Final = Statement(tables.ledger, Action.DELETE_OF_TENANT, _OF_TENANT)
CLEAR: Final = (
    Statement(tables.documents, Action.DELETE, _OF_TENANT),
    Statement(tables.issued, Action.DELETE_OF_TENANT, _OF_TENANT),
    CLEAR_LEDGER,
    Statement(tables.counters, Action.DELETE_OF_TENANT, _OF_TENANT),
    Statement(tables.series, Action.DELETE, _OF_TENANT),
    Statement(tables.catalogue, Action.DELETE, _OF_TENANT),
    Statement(tables.record_values, Action.DELETE, _OF_TENANT),
    Statement(tables.records, Action.DELETE, _OF_TENANT),
    Statement(tables.record_tombstones, Action.DELETE, _OF_TENANT),
    Statement(tables.record_usage, Action.DELETE, _OF_TENANT),
    Statement(tables.tokens, Action.DELETE, _OF_TENANT),
    Statement(tables.due_work, Action.DELETE, _OF_TENANT),
)
"""Take away everything a tenant has. Written in front of what takes its place, in a group of its own (ADR-25)."""
ADD_SERIES: Final = _whole(tables.series, Action.INSERT)
ADD_DOCUMENT: Final = _whole(tables.documents, Action.INSERT)
"""Unlike the upserts these fail when another tenant has taken the id meanwhile."""

STATEMENTS: Final = (
    *CLEAR,
    ADD_SERIES,
    SAVE_SERIES,
    SAVE_COUNTER,
    GIVE_NUMBER,
    CHANGE_NUMBER,
    SAVE_DOCUMENT,
    ADD_DOCUMENT,
    DROP_ITEM,
    SAVE_ITEM,
    DROP_VALUE,
    DROP_RECORD,
    DROP_TOMBSTONE,
    SAVE_RECORD,
    ADD_VALUE,
    SAVE_TOMBSTONE,
    SAVE_USAGE,
    ADD_WORK,
    SAVE_WORK,
    DROP_WORK,
    APPEND_ENTRY,
    DROP_EXPIRED,
    DROP_TOKEN,
    SAVE_TOKEN,
    PROLONG_TOKEN,
    DROP_META,
    SAVE_META,
    DROP_TENANT,
    ADD_TENANT,
    SAVE_TENANT,
    DROP_SNAPSHOT,
    SAVE_SNAPSHOT,
)


@cache
def sql_for(statement: Statement, rows: int) -> str:
    """The statement's text for SQLite and this many rows, with `?` for each value, row after row."""
    names = [f'"{name}"' for name in statement.columns]
    if statement.action is Action.DELETE:
        return f'DELETE FROM "{statement.table.name}" WHERE ' + " AND ".join(f"{name} = ?" for name in names)
    if statement.action is Action.DELETE_OF_TENANT:
        return f'DELETE FROM "{statement.table.name}" WHERE {OF_SERIES.format("?")}'
    if statement.action is Action.RAISE:
        known = " AND ".join(f"{name} = ?{place}" for place, name in enumerate(names[:-1], 1))
        risen = f"{names[-1]} = max({names[-1]}, ?{len(names)})"
        return f'UPDATE "{statement.table.name}" SET {risen} WHERE {known}'
    if statement.action is Action.DELETE_EXPIRED:
        return f'DELETE FROM "{statement.table.name}" WHERE {names[0]} = ? AND {names[1]} <= ?'
    values = ", ".join(["(" + ", ".join("?" * len(names)) + ")"] * rows)
    text = f'INSERT INTO "{statement.table.name}" ({", ".join(names)}) VALUES {values}'
    if statement.action is Action.UPSERT:
        text += _on_conflict(statement.table)
    return text


def _on_conflict(table: Table) -> str:
    key = ", ".join(f'"{name}"' for name in table.key)
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in table.changing)
    return f" ON CONFLICT ({key}) DO UPDATE SET {changes}"


_BULK: Final = (128, 32, 8, 2, 1)
"""How many rows one statement writes: at most five texts for a table, each prepared once.

Many rows in one statement are faster: the driver releases and takes the interpreter's lock once for each statement, not for
each row.
"""


def chunks(rows: Sequence[Any]) -> list[Sequence[Any]]:
    """Rows in portions of the sizes in _BULK."""
    if len(rows) == 1:  # the ordinary case
        return [rows]
    found: list[Sequence[Any]] = []
    position = 0
    for size in _BULK:
        while len(rows) - position >= size:
            found.append(rows[position : position + size])
            position += size
    return found


def texts_for(rows: Mapping[Statement, Sequence[Row]]) -> list[tuple[str, Sequence[Row]]]:
    """What to execute for a group, in the order of `STATEMENTS`: texts, and the values for each time that one is executed."""
    found: list[tuple[str, Sequence[Row]]] = []
    for statement in STATEMENTS:
        own = rows.get(statement)
        if own is None:
            continue
        if statement.action in (Action.INSERT, Action.UPSERT):
            found.extend((sql_for(statement, len(each)), (tuple(chain.from_iterable(each)),)) for each in chunks(own))
        else:
            found.append((sql_for(statement, 1), own))
    return found
