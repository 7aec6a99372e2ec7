"""Finds the ids of documents: which index to go by is decided here, from a bounded look at how many each would give.

Each condition that has an index is probed for at most PROBE entries. If the best one gives fewer, its entries are looked
at, all of them; if not, ids are walked in order over an index that holds everything that can be asked, until the page is
full. So no search reads the documents' bodies, nor more than PROBE rows of the table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from gateway.core.commands import SearchDocumentIds, SearchDocuments
from gateway.core.documents import DocumentId
from gateway.core.search import DocumentFilter
from gateway.core.values import TenantId
from gateway.stores.engine.rows import microseconds
from gateway.stores.sqlite.connection import Connection

PROBE: Final = 1000
WALK: Final = "INDEXED BY ix_documents_walk"
_LISTED: Final = "(SELECT value FROM json_each(?))"
_NO_LIMIT: Final = -1


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL with one question mark, its value, and the index that serves it ("" = none of its own).

    is_range: the index gives more than one value, so its entries are not in order of ids.
    """

    sql: str
    value: Any
    index: str = ""
    is_range: bool = False


def conditions(where: DocumentFilter) -> list[Condition]:
    """The conditions of a filter but for the ids."""
    found = [
        *_any_of("number", where.numbers, "ix_documents_number"),
        *_any_of("customer", where.customers, "ix_documents_customer"),
        *_any_of("external_status", where.external_statuses, "ix_documents_external_status"),
        *_any_of("stage", where.stages, "ix_documents_stage"),
        *_any_of("status", [status.value for status in where.statuses], "ix_documents_status"),
        *_any_of("kind", where.kinds),
        *_any_of("series", where.series),
    ]
    if where.changed_after is not None:
        found.append(Condition("changed > ?", microseconds(where.changed_after), "ix_documents_changed", True))
    if where.registered_after is not None:
        since = microseconds(where.registered_after)
        found.append(Condition("registered > ?", since, "ix_documents_registered", True))
    return found


def _any_of(column: str, values: Iterable[Any], index: str = "") -> list[Condition]:
    wanted = list(values)
    if not wanted:
        return []
    if len(wanted) == 1:
        return [Condition(f"{column} = ?", wanted[0], index)]
    return [Condition(f"{column} IN {_LISTED}", json.dumps(wanted), index)]


def find_ids(connection: Connection, query: SearchDocuments | SearchDocumentIds) -> tuple[list[DocumentId], bool]:
    """At most `limit` ids in ascending order, and whether there are more."""
    limit = query.limit
    if limit is not None and limit <= 0:
        return [], False
    sql, values = statement(connection, query)
    rows = connection.execute(sql, (*values, _NO_LIMIT if limit is None else limit + 1))
    ids = [own for (own,) in rows]
    if limit is None or len(ids) <= limit:
        return ids, False
    return ids[:limit], True


def statement(connection: Connection, query: SearchDocuments | SearchDocumentIds) -> tuple[str, tuple[Any, ...]]:
    """The SQL that answers a query, but for its last value: how many ids at most."""
    given = conditions(query.where)
    if query.where.ids:
        ids = [own for own in query.where.ids if own > query.after_id]
        chosen = [Condition(f"id IN {_LISTED}", json.dumps(ids)), *given]
        return _select("NOT INDEXED", query.tenant, chosen)
    index = _best_index(connection, query.tenant, given, query.after_id)
    after = Condition("id > ?", query.after_id)
    return _select(f"INDEXED BY {index}" if index else WALK, query.tenant, [*given, after])


def _select(access: str, tenant: TenantId, chosen: list[Condition]) -> tuple[str, tuple[Any, ...]]:
    text = " AND ".join(condition.sql for condition in chosen)
    sql = f"SELECT id FROM documents {access} WHERE tenant = ? AND {text} ORDER BY id LIMIT ?"  # noqa: S608 - own texts
    return sql, (tenant, *(condition.value for condition in chosen))


def _best_index(connection: Connection, tenant: TenantId, given: list[Condition], after_id: DocumentId) -> str:
    """The index that gives fewest entries, "" when every one gives PROBE or more."""
    best, fewest = "", PROBE
    for condition in given:
        if condition.index and fewest:
            count = _probe(connection, tenant, condition, after_id, fewest)
            if count < fewest:
                best, fewest = condition.index, count
    return best


def _probe(connection: Connection, tenant: TenantId, condition: Condition, after_id: DocumentId, limit: int) -> int:
    """How many entries an index gives, counted up to `limit`."""
    after = "? IS NOT NULL" if condition.is_range else "id > ?"  # among a range every entry would have to be looked at
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM documents INDEXED BY {condition.index} "  # noqa: S608 - own texts
        f"WHERE tenant = ? AND {condition.sql} AND {after} LIMIT ?)"
    )
    return int(connection.execute(sql, (tenant, condition.value, after_id, limit)).fetchone()[0])
