"""The tables as the stores write and read them: names, columns in their order, types and keys.

The files of `gateway.stores.migrations` make them; a test compares both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_NUMBER: Final = "BIGINT"
_TEXT: Final = "TEXT"
_FLAG: Final = "BOOLEAN"
_BYTES: Final = "BYTEA"


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """One table.

    types: the type of each column, as PostgreSQL calls it, in the order of the columns.
    key: the columns of the primary key.
    fixed: columns that never change once a row is there; an upsert leaves them and their indexes alone.
    changing: the columns that an upsert changes in a row that is there.
    """

    name: str
    types: Mapping[str, str]
    key: tuple[str, ...]
    fixed: tuple[str, ...] = ()
    columns: tuple[str, ...] = field(init=False)
    changing: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        stays = self.key + self.fixed
        object.__setattr__(self, "columns", tuple(self.types))
        object.__setattr__(self, "changing", tuple([name for name in self.types if name not in stays]))


def listed(table: Table, alias: str = "") -> str:
    """The columns of a table in their order, quoted, for a SELECT; behind an alias, if given."""
    before = f"{alias}." if alias else ""
    return ", ".join(f'{before}"{name}"' for name in table.columns)


series: Final = Table(
    "series",
    {
        "id": _NUMBER,
        "tenant": _TEXT,
        "key": _TEXT,
        "name": _TEXT,
        "prefix": _TEXT,
        "suffix": _TEXT,
        "is_default": _FLAG,
        "owner": _TEXT,
    },
    key=("id",),
)
counters: Final = Table(
    "counters",
    {
        "series": _NUMBER,
        "line": _TEXT,
        "next_number": _NUMBER,
        "issued": _NUMBER,
        "highest_issued": _NUMBER,
        "latest_date": _TEXT,
        "first_number": _NUMBER,
        "last_number": _NUMBER,
    },
    key=("series", "line"),
)
issued: Final = Table(
    "issued",
    {
        "series": _NUMBER,
        "line": _TEXT,
        "number": _NUMBER,
        "tenant": _TEXT,
        "key": _TEXT,
        "document": _TEXT,
        "voided": _FLAG,
        "reserved": _FLAG,
        "reservation_key": _TEXT,
    },
    key=("series", "line", "number"),
)
ledger: Final = Table(
    "ledger",
    {
        "series": _NUMBER,
        "line": _TEXT,
        "index": _NUMBER,
        "tenant": _TEXT,
        "operation": _TEXT,
        "before": _NUMBER,
        "after": _NUMBER,
        "number": _NUMBER,
        "key": _TEXT,
        "dialect": _TEXT,
        "principal": _TEXT,
        "request_id": _TEXT,
        "reason": _TEXT,
        "at": _TEXT,
        "previous_hash": _TEXT,
        "hash": _TEXT,
    },
    key=("series", "line", "index"),
)
documents: Final = Table(
    "documents",
    {
        "id": _NUMBER,
        "tenant": _TEXT,
        "kind": _TEXT,
        "status": _TEXT,
        "stage": _TEXT,
        "series": _NUMBER,
        "number": _NUMBER,
        "customer": _NUMBER,
        "external_status": _NUMBER,
        "document_date": _TEXT,
        "key": _TEXT,
        "version": _NUMBER,
        "registered": _NUMBER,
        "changed": _NUMBER,
        "body": _TEXT,
        "line": _TEXT,
    },
    key=("id",),
    fixed=("tenant", "key", "registered"),
)
catalogue: Final = Table(
    "catalogue",
    {
        "tenant": _TEXT,
        "list": _TEXT,
        "id": _TEXT,
        "body": _TEXT,
    },
    key=("tenant", "list", "id"),
)
records: Final = Table(
    "records",
    {
        "tenant": _TEXT,
        "kind": _TEXT,
        "id": _TEXT,
        "format": _NUMBER,
        "version": _NUMBER,
        "registered": _NUMBER,
        "changed": _NUMBER,
        "found_by": _TEXT,
        "body": _BYTES,
    },
    key=("tenant", "kind", "id"),
)
record_tombstones: Final = Table(
    "record_tombstones",
    {
        "tenant": _TEXT,
        "kind": _TEXT,
        "id": _TEXT,
        "format": _NUMBER,
        "version": _NUMBER,
        "registered": _NUMBER,
        "changed": _NUMBER,
    },
    key=("tenant", "kind", "id"),
)
record_values: Final = Table(
    "record_values",
    {"tenant": _TEXT, "kind": _TEXT, "field": _TEXT, "value": _TEXT, "id": _TEXT},
    key=("tenant", "kind", "field", "value", "id"),
)
record_usage: Final = Table(
    "record_usage",
    {
        "tenant": _TEXT,
        "kind": _TEXT,
        "records": _NUMBER,
        "tombstones": _NUMBER,
        "bytes": _NUMBER,
        "last_id": _NUMBER,
    },
    key=("tenant", "kind"),
)
due_work: Final = Table(
    "due_work",
    {
        "tenant": _TEXT,
        "id": _NUMBER,
        "dialect": _TEXT,
        "kind": _TEXT,
        "lane": _TEXT,
        "body": _TEXT,
        "due": _NUMBER,
        "scheduled": _NUMBER,
        "request_id": _TEXT,
        "state": _TEXT,
        "attempts": _NUMBER,
        "taken_by": _TEXT,
        "taken_until": _NUMBER,
        "ended": _NUMBER,
        "log": _TEXT,
    },
    key=("tenant", "id"),
)
tokens: Final = Table(
    "tokens",
    {
        "kind": _TEXT,
        "digest": _TEXT,
        "tenant": _TEXT,
        "facts": _TEXT,
        "expires_ms": _NUMBER,
    },
    key=("kind", "digest"),
)
tenants: Final = Table(
    "tenants",
    {
        "id": _TEXT,
        "body": _TEXT,
        "created": _TEXT,
    },
    key=("id",),
)
snapshots: Final = Table(
    "snapshots",
    {
        "tenant": _TEXT,
        "name": _TEXT,
        "created": _TEXT,
        "rows": _NUMBER,
        "body": _BYTES,
    },
    key=("tenant", "name"),
)
fences: Final = Table(
    "fences",
    {"tenant": _TEXT, "body": _TEXT},
    key=("tenant",),
)
meta: Final = Table(
    "meta",
    {
        "name": _TEXT,
        "value": _TEXT,
    },
    key=("name",),
)
