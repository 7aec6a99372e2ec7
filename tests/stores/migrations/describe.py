"""Describes the tables of a database as lines of text; two databases have the same lines exactly when their tables agree.

`sqlite.txt` and `postgres.txt` beside this file hold what every store must have.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from gateway.stores.engine import tables
from tests import pg

HERE: Final = Path(__file__).parent
TABLES: Final = [table for table in vars(tables).values() if isinstance(table, tables.Table)]
"""The tables that the stores use."""

_RELATIONS: Final = """
SELECT relname, format('%s kind=%s persistence=%s options=%s rules=%s row_security=%s comment=%s', relname, relkind,
    relpersistence, reloptions, relhasrules, relrowsecurity, obj_description(oid, 'pg_class'))
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
_COLUMNS: Final = """
SELECT c.relname, format('column %s %s %s not_null=%s default=%s identity=%s generated=%s collation=%s comment=%s',
    row_number() OVER (PARTITION BY c.oid ORDER BY attnum), attname, format_type(atttypid, atttypmod), attnotnull,
    pg_get_expr(adbin, adrelid), attidentity, attgenerated, collname, col_description(attrelid, attnum))
FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum LEFT JOIN pg_collation l ON l.oid = attcollation
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
_CONSTRAINTS: Final = """
SELECT relname, format('constraint %s %s validated=%s', conname, pg_get_constraintdef(k.oid), convalidated)
FROM pg_constraint k JOIN pg_class c ON conrelid = c.oid
WHERE relnamespace = 'public'::regnamespace AND contype <> 'n' -- newer servers list each NOT NULL here, too
"""
_INDEXES: Final = """
SELECT c.relname, format('index %s unique=%s primary=%s valid=%s', pg_get_indexdef(indexrelid), indisunique, indisprimary,
    indisvalid)
FROM pg_index JOIN pg_class c ON indrelid = c.oid WHERE relnamespace = 'public'::regnamespace
"""
_TRIGGERS: Final = """
SELECT relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON tgrelid = c.oid
WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
"""
_OTHERS: Final = """
SELECT proname, 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT typname, 'type ' || oid::regtype FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typtype <> 'c' AND typcategory <> 'A'
"""


def expected(database: str) -> str:
    """What every store must have.

    database: `sqlite` or `postgres`.
    """
    return (HERE / f"{database}.txt").read_text(encoding="utf-8")


def of_sqlite(connection: sqlite3.Connection) -> str:
    """The tables of a SQLite file: the statements that made them, and what SQLite understood."""
    rows = connection.execute("SELECT tbl_name, type, name, sql FROM sqlite_master ORDER BY tbl_name, type DESC, name")
    lines = []
    for table, kind, name, sql in rows.fetchall():
        words = re.findall(r"[^\s(),;]+|[(),]", sql or "made by a constraint")
        lines.append(f"{table}: {kind} {name}: {' '.join(words)}")
        if kind == "table":
            lines += [f"{table}:     {fact}" for fact in _facts(connection, table)]
    return "\n".join(lines) + "\n"


def _facts(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    def pragma(name: str, of: str) -> list[Sequence[Any]]:
        return connection.execute(f"SELECT * FROM pragma_{name}(?)", (of,)).fetchall()

    for row in connection.execute("SELECT type, ncol, wr, strict FROM pragma_table_list WHERE name = ?", (table,)):
        yield "{} of {} columns, without rowid {}, strict {}".format(*row)
    for row in pragma("table_xinfo", table):
        yield "column {} {} {}, not null {}, default {}, place in key {}, hidden {}".format(*row)
    for row in pragma("foreign_key_list", table):
        yield f"foreign key {tuple(row)}"
    for _, name, *rest in sorted(pragma("index_list", table), key=lambda row: row[1]):  # else by age
        yield "index {}, unique {}, origin {}, partial {}".format(name, *rest)
        for part in pragma("index_xinfo", name):
            yield "    part {} column {} {}, descending {}, collation {}, key {}".format(*part)


async def of_postgres(cluster: pg.Cluster, database: str) -> str:
    """The content of the schema `public` of a database."""
    lines: list[tuple[str, str]] = []
    for query in (_RELATIONS, _COLUMNS, _CONSTRAINTS, _INDEXES, _TRIGGERS, _OTHERS):
        lines += [(row[0], row[1]) for row in await cluster.ask(query, database=database)]
    return "".join(f"{name}: {text}\n" for name, text in sorted(lines))
