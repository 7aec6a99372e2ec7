"""Finds the places of records and tombstones by their moments alone, for lists of what is new, changed or gone (ADR-78).

Such a list has no conditions. A page of it is one walk along an index, or one look at all that is younger than the moment, so
the last page of many costs no more than a few times the first one. Counts are made in the same way and are exact.

A function here is a generator: it gives out statements in which `{}` stands for a value, and gets their rows.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from gateway.core.record_commands import BY_CHANGED, BY_ID
from gateway.stores.engine import tables
from gateway.stores.engine.record_places import NEVER, OWN, Place, Steps, Wanted
from gateway.stores.engine.tables import Table

COLUMNS: Final = {BY_ID: ("id",), BY_CHANGED: ("changed", "id")}
"""What a list is in the order of, by its order."""


class Listed(NamedTuple):
    """Which tables a list is made of."""

    tables: tuple[Table, ...]

    @classmethod
    def of(cls, with_deleted: bool, only_deleted: bool) -> Listed:
        """The list with records, tombstones, or both."""
        records = () if only_deleted else (tables.records,)
        return cls((*records, *((tables.record_tombstones,) if with_deleted or only_deleted else ())))


def listed_places(wanted: Wanted, listed: Listed, skip: int, limit: int) -> Steps[list[Place]]:
    """A page of the list: at most `limit` places behind the first `skip` ones."""
    columns = COLUMNS[wanted.orders[0]]
    down = " DESC" if wanted.descending else ""
    order = f"ORDER BY {', '.join(f'{name}{down}' for name in columns)} LIMIT {{}}"
    shown = ", ".join(f"{_shown(wanted, name)} AS {name}" for name in columns)
    selects, values = _selects(wanted, listed, shown)
    if len(selects) > 1:  # each is cut, so that a database follows its index instead of reading both whole
        selects = [f"SELECT * FROM ({select} {order}) t" for select in selects]
        half = len(values) // 2
        values = [*values[:half], skip + limit, *values[half:], skip + limit]
    rows = yield f"{' UNION ALL '.join(selects)} {order} OFFSET {{}}", [*values, limit, skip]
    return [Place(tuple(row[:-1]), row[-1]) for row in rows]


def listed_count(wanted: Wanted, listed: Listed, most: int) -> Steps[int]:
    """How many are on the list, up to `most`."""
    selects, values = _selects(wanted, listed, "1")
    rows = yield f"SELECT count(*) FROM ({' UNION ALL '.join(selects)} LIMIT {{}}) d", [*values, most]
    return int(rows[0][0])


def younger(wanted: Wanted) -> tuple[str, list[Any]]:
    """A SELECT of the ids of records by the moments alone."""
    selects, values = _selects(wanted, Listed((tables.records,)), "r.id")
    return selects[0], values


def _shown(wanted: Wanted, column: str) -> str:
    """The id of what an index by moments names is no column, so that a database does not walk along all ids instead."""
    by_moment = wanted.since is not None or wanted.registered is not None
    return f"r.{column} || ''" if column == "id" and by_moment and wanted.orders[0] == BY_ID else f"r.{column}"


def _selects(wanted: Wanted, listed: Listed, columns: str) -> tuple[list[str], list[Any]]:
    selects: list[str] = []
    values: list[Any] = []
    for table in listed.tables:
        where, own = _where(wanted)
        selects.append(f"SELECT {columns} FROM {table.name} r WHERE {where}")
        values += own
    return selects, values


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    text, values = OWN.format("r"), wanted.own
    since = wanted.since
    if since is None and wanted.registered is None and wanted.orders[0] == BY_CHANGED:
        since = NEVER  # PostgreSQL takes the index only for a question that says something about the moment
    for column, moment in (("registered", wanted.registered), ("changed", since)):
        if moment is not None:
            text += f" AND r.{column} > {{}}"
            values.append(moment)
    if wanted.after is not None:
        names = ", ".join(f"r.{name}" for name in COLUMNS[wanted.orders[0]])
        given = [*wanted.after.values, wanted.after.id]
        text += f" AND ({names}) {'<' if wanted.descending else '>'} ({', '.join(['{}'] * len(given))})"
        values += given
    return text, values
