"""Documents by id and by search, over a connection of their own: a long answer must not hold up the short ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.core.commands import GetDocuments, Query, SearchDocumentIds, SearchDocuments
from gateway.core.documents import Document
from gateway.core.results import DocumentIdsFound, DocumentsFound, DocumentsRead
from gateway.core.search import DocumentFilter
from gateway.stores.engine.fences import Fence, TenantFencedError
from gateway.stores.engine.rows import document_of, microseconds
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.locking import is_storable

FEW: Final = 20
"""So many documents are read along with others', and decoded at once; more, by themselves and in a thread."""


async def answer_documents(connection: Connection, query: Query[Any]) -> Any:
    """Answer a question about documents; with a TenantFencedError to raise when the tenant is not served from here."""
    if not isinstance(query, GetDocuments | SearchDocuments | SearchDocumentIds):
        raise TypeError(f"not a query about documents: {type(query).__name__}")
    if isinstance(query, GetDocuments):
        ids = [own for own in query.ids if is_storable(own)]
        rows = await connection.rows(queries.DOCUMENTS_BY_ID, query.tenant, ids)
    elif query.limit is not None and query.limit <= 0:
        rows = []
    else:
        sql, values = search_sql(query)
        if isinstance(query, SearchDocumentIds):
            sql = f"SELECT f.id, {queries.TENANTS_FENCE} FROM ({sql}) f ORDER BY f.id"
        else:
            sql = f"WITH f AS MATERIALIZED ({sql}) {queries.DOCUMENTS_FOUND}"
        rows = await connection.rows(sql, *values)
    fence = rows[0][-1] if rows else await connection.fetchval(queries.FENCE_OF, query.tenant)
    if fence is not None:
        return TenantFencedError(query.tenant, Fence.of(fence))
    return await _answer(query, rows)


async def _answer(
    query: GetDocuments | SearchDocuments | SearchDocumentIds, rows: Sequence[Any]
) -> DocumentsRead | DocumentsFound | DocumentIdsFound:
    if isinstance(query, GetDocuments):
        return DocumentsRead(tuple(await _decoded(rows)))
    shown, more = rows[: query.limit], _is_more(rows, query.limit)
    if isinstance(query, SearchDocumentIds):
        return DocumentIdsFound(tuple([row[0] for row in shown]), more)
    return DocumentsFound(tuple(await _decoded(shown)), more)


def search_sql(query: SearchDocuments | SearchDocumentIds) -> tuple[str, list[Any]]:
    """The SELECT that gives ids in ascending order, one more than wanted, and its values."""
    values: list[Any] = [query.tenant, query.after_id]
    text = "SELECT d.id FROM documents d WHERE d.tenant = $1 AND d.id > $2"
    for column, kind, wanted in _any_of(query.where):
        values.append(wanted)
        text += f" AND d.{column} = ANY(${len(values)}::{kind}[])"
    for column, since in (("changed", query.where.changed_after), ("registered", query.where.registered_after)):
        if since is not None:
            values.append(microseconds(since))
            text += f" AND d.{column} > ${len(values)}"
    text += " ORDER BY d.id"
    if query.limit is not None:
        values.append(query.limit + 1)
        text += f" LIMIT ${len(values)}"
    return text, values


def _any_of(where: DocumentFilter) -> Iterable[tuple[str, str, list[Any]]]:
    conditions: tuple[tuple[str, str, Sequence[Any]], ...] = (
        ("id", "bigint", where.ids),
        ("number", "bigint", where.numbers),
        ("customer", "bigint", where.customers),
        ("external_status", "bigint", where.external_statuses),
        ("series", "bigint", where.series),
        ("stage", "text", where.stages),
        ("status", "text", [status.value for status in where.statuses]),
        ("kind", "text", where.kinds),
    )
    return [(column, kind, list(wanted)) for column, kind, wanted in conditions if wanted]


def _is_more(found: Sequence[Any], limit: int | None) -> bool:
    return limit is not None and len(found) > limit


async def _decoded(rows: Sequence[Any]) -> list[Document]:
    if len(rows) <= FEW:
        return [document_of(row[:-1]) for row in rows]
    return await asyncio.to_thread(lambda: [document_of(row[:-1]) for row in rows])


async def select_rows(connection: Connection, selects: Iterable[tuple[str, Sequence[Any]]]) -> list[Sequence[Any]]:
    """The rows of several SELECTs, all of one instant; `{}` in a text stands for a value."""
    texts = [(_numbered(text), values) for text, values in selects]
    if len(texts) == 1:  # one SELECT is of one instant by itself
        return [await _tuples(connection, *texts[0])]
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return [await _tuples(connection, *each) for each in texts]


async def _tuples(connection: Connection, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.rows(text, *values)]


def _numbered(text: str) -> str:
    return text.format(*(f"${place}" for place in range(1, text.count("{}") + 1)))
