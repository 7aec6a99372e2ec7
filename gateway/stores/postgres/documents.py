"""Documents by id and by search. The store gives them connections of their own: a long answer must not delay short ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from gateway.core.commands import GetDocuments, Query, SearchDocumentIds, SearchDocuments
from gateway.core.documents import Document
from gateway.core.results import DocumentIdsFound, DocumentsFound, DocumentsRead
from gateway.stores.engine import tables
from gateway.stores.engine.document_conditions import between, later_than, one_of
from gateway.stores.engine.fences import Fence, TenantFencedError
from gateway.stores.engine.rows import document_of
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.locking import is_storable

FEW: Final = 20
"""Up to so many documents share a SELECT with other questions and are decoded at once; more are decoded in a thread."""


async def answer_documents(connection: Connection, query: Query[Any]) -> Any:
    """Answer a question about documents; the answer is a TenantFencedError when a fence keeps the tenant from being served.

    It is returned, not raised, so that the connection is kept, and so that the lease is proved for it, too (ADR-28).
    """
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
    for column, wanted in one_of(query.where).items():
        values.append(wanted)
        text += f" AND d.{column} = ANY(${len(values)}::{tables.documents.types[column]}[])"
    for column, since in later_than(query.where).items():
        values.append(since)
        text += f" AND d.{column} > ${len(values)}"
    for column, ends in between(query.where).items():
        values += ends
        text += f" AND d.{column} BETWEEN ${len(values) - 1} AND ${len(values)}"
    text += " ORDER BY d.id"
    if query.limit is not None:
        values.append(query.limit + 1)
        text += f" LIMIT ${len(values)}"
    return text, values


def _is_more(found: Sequence[Any], limit: int | None) -> bool:
    return limit is not None and len(found) > limit


async def _decoded(rows: Sequence[Any]) -> list[Document]:
    if len(rows) <= FEW:
        return [document_of(row[:-1]) for row in rows]
    return await asyncio.to_thread(lambda: [document_of(row[:-1]) for row in rows])


async def select_rows(connection: Connection, selects: Sequence[tuple[str, Sequence[Any]]]) -> list[Sequence[Any]]:
    """The rows of several SELECTs, all of one instant; `{}` in a text stands for a value."""
    if len(selects) == 1:  # one SELECT is of one instant by itself
        return [await _tuples(connection, *selects[0])]
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return [await _tuples(connection, *each) for each in selects]


async def _tuples(connection: Connection, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.run(text, *values)]
