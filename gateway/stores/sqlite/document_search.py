"""Finds the ids of documents. A bounded look at how many entries each index would give decides which one is used (ADR-14).

Each condition that has an index is probed for at most PROBE entries. If the best one gives fewer, the search reads all of
them. If not, it walks the ids in order over an index that holds every searchable column, until the page is full. So no
search reads the documents' bodies, or more than PROBE rows of the table. SQLite's own planner cannot do this, because its
statistics are as old as the last ANALYZE.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from gateway.core.commands import SearchDocumentIds, SearchDocuments
from gateway.core.documents import DocumentId
from gateway.core.search import DocumentFilter
from gateway.core.values import TenantId
from gateway.stores.engine.document_conditions import between, later_than, one_of
from gateway.stores.sqlite.connection import Connection

PROBE: Final = 1000
WALK: Final = "INDEXED BY ix_documents_walk"
_LISTED: Final = "(SELECT value FROM json_each(?))"
_NO_LIMIT: Final = -1
_WITHOUT_INDEX: Final = frozenset({"kind", "series", "line"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on documents.

    sql: with a question mark for each value.
    values: what the question marks stand for.
    index: the index that serves the condition, or "".
    is_range: the index gives more than one value, so its entries are not in the order of ids.
    """

    sql: str
    values: tuple[Any, ...]
    index: str = ""
    is_range: bool = False


def conditions(where: DocumentFilter) -> list[Condition]:
    """The conditions of a filter, except those on ids."""
    found = [_any_of(column, values) for column, values in one_of(where).items() if column != "id"]
    found += [Condition(f"{column} > ?", (since,), _index(column), True) for column, since in later_than(where).items()]
    found += [
        Condition(f"{column} BETWEEN ? AND ?", ends, _index(column), True) for column, ends in between(where).items()
    ]
    return found


def _any_of(column: str, values: list[Any]) -> Condition:
    if len(values) == 1:
        return Condition(f"{column} = ?", (values[0],), _index(column))
    return Condition(f"{column} IN {_LISTED}", (json.dumps(values),), _index(column))


def _index(column: str) -> str:
    return "" if column in _WITHOUT_INDEX else f"ix_documents_{column}"


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
    """The SQL that answers a query, and its values except the last one, which is how many ids are wanted at most."""
    given = conditions(query.where)
    if query.where.ids:
        ids = [own for own in query.where.ids if own > query.after_id]
        chosen = [Condition(f"id IN {_LISTED}", (json.dumps(ids),)), *given]
        return _select("NOT INDEXED", query.tenant, chosen)
    index = _best_index(connection, query.tenant, given, query.after_id)
    after = Condition("id > ?", (query.after_id,))
    return _select(f"INDEXED BY {index}" if index else WALK, query.tenant, [*given, after])


def _select(access: str, tenant: TenantId, chosen: list[Condition]) -> tuple[str, tuple[Any, ...]]:
    text = " AND ".join(condition.sql for condition in chosen)
    sql = f"SELECT id FROM documents {access} WHERE tenant = ? AND {text} ORDER BY id LIMIT ?"
    return sql, (tenant, *(value for condition in chosen for value in condition.values))


def _best_index(connection: Connection, tenant: TenantId, given: list[Condition], after_id: DocumentId) -> str:
    """The index that gives the fewest entries; "" when each gives PROBE or more."""
    best, fewest = "", PROBE
    for condition in given:
        if condition.index and fewest:
            count = _probe(connection, tenant, condition, after_id, fewest)
            if count < fewest:
                best, fewest = condition.index, count
    return best


def _probe(connection: Connection, tenant: TenantId, condition: Condition, after_id: DocumentId, limit: int) -> int:
    """How many entries an index gives, counted up to `limit`."""
    # the entries of a range are not in the order of ids: `id > ?` would read every one of them and not stop at the limit
    after = "? IS NOT NULL" if condition.is_range else "id > ?"
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM documents INDEXED BY {condition.index} "
        f"WHERE tenant = ? AND {condition.sql} AND {after} LIMIT ?)"
    )
    return int(connection.execute(sql, (tenant, *condition.values, after_id, limit)).fetchone()[0])
