"""Rows of exported files and snapshots that earlier versions wrote, and what they are in the tables of today.

A database is brought up to date by its revisions (see `migrations`). A file or a snapshot is not: its rows are changed while
they are read. Each revision that changes columns has its part here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from gateway.stores.engine import tables
from gateway.stores.engine.statements import Row
from gateway.stores.engine.tables import Table

Values: TypeAlias = dict[str, Any]
"""The values of a row by the names of their columns."""

SNAPSHOT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "series": ("id", "tenant", "key", "name", "prefix", "suffix", "is_default"),
    "counters": ("series", "kind", "next_number", "issued", "highest_issued", "latest_date"),
    "issued": ("series", "kind", "number", "tenant", "key", "document", "voided"),
    "documents": (
        "id",
        "tenant",
        "kind",
        "status",
        "stage",
        "series",
        "number",
        "customer",
        "external_status",
        "document_date",
        "key",
        "version",
        "registered",
        "changed",
        "body",
    ),
    "catalogue": ("tenant", "section", "id", "body"),
    "ledger": (
        "series",
        "kind",
        "index",
        "tenant",
        "operation",
        "before",
        "after",
        "number",
        "key",
        "dialect",
        "principal",
        "request_id",
        "reason",
        "at",
        "previous_hash",
        "hash",
    ),
    "tokens": ("kind", "digest", "tenant", "facts", "expires_ms"),
    "meta": ("name", "value"),
}
"""The columns of snapshots of format 1, which do not name them: those of revision 0004."""


def _of_series(values: Values) -> None:
    values.setdefault("owner", None)  # revision 0005


def _of_counters(values: Values) -> None:
    _with_line(values)
    values.setdefault("first_number", None)
    values.setdefault("last_number", None)


def _of_issued(values: Values) -> None:
    _with_line(values)
    values.setdefault("reserved", False)
    values.setdefault("reservation_key", None)


def _with_line(values: Values) -> None:
    """Revision 0005: a number line has a name, which was the kind of its documents before."""
    if "kind" in values:
        values["line"] = values.pop("kind")


def _of_documents(values: Values) -> None:
    values.setdefault("line", values.get("kind") if values.get("number") is not None else None)  # revision 0005


def _of_catalogue(values: Values) -> None:
    if "section" in values:
        values["list"] = values.pop("section")  # revision 0006


def _unchanged(_: Values) -> None:
    """No revision has changed the columns."""


_CHANGES: Final[Mapping[Table, Callable[[Values], None]]] = {
    tables.series: _of_series,
    tables.counters: _of_counters,
    tables.issued: _of_issued,
    tables.ledger: _with_line,
    tables.documents: _of_documents,
    tables.catalogue: _of_catalogue,
}


def reshaping(table: Table, columns: Sequence[str]) -> Callable[[Sequence[Any]], Row] | None:
    """What makes a row with these columns one of the table; None when it is one already.

    Raises ValueError for columns that no version ever wrote.
    """
    if tuple(columns) == table.columns:
        return None
    change = _CHANGES.get(table, _unchanged)
    empty: Values = dict.fromkeys(columns)
    change(empty)
    if set(empty) != set(table.columns):
        raise ValueError(f"the columns of {table.name} are those of another version")

    def reshape(row: Sequence[Any]) -> Row:
        values = dict(zip(columns, row, strict=True))
        change(values)
        return tuple(values[name] for name in table.columns)

    return reshape
