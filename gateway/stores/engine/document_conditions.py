"""A filter on documents as conditions on the columns of their table, for both databases."""

from __future__ import annotations

from typing import Any

from gateway.core.search import DocumentFilter
from gateway.stores.engine.rows import microseconds


def one_of(where: DocumentFilter) -> dict[str, list[Any]]:
    """The values that each column may have, for the columns that the filter names; `id` is first."""
    wanted: dict[str, list[Any]] = {
        "id": list(where.ids),
        "number": list(where.numbers),
        "customer": list(where.customers),
        "external_status": list(where.external_statuses),
        "stage": list(where.stages),
        "status": [status.value for status in where.statuses],
        "kind": list(where.kinds),
        "series": list(where.series),
        "line": list(where.lines),
    }
    return {column: values for column, values in wanted.items() if values}


def later_than(where: DocumentFilter) -> dict[str, int]:
    """The moment that each column must be behind, in microseconds, for the columns that the filter names."""
    since = {"changed": where.changed_after, "registered": where.registered_after}
    return {column: microseconds(moment) for column, moment in since.items() if moment is not None}


def between(where: DocumentFilter) -> dict[str, tuple[str, str]]:
    """The first and the last value that each column may have, both included, for the columns that the filter names."""
    if where.dated is None:
        return {}
    return {"document_date": (where.dated.first.isoformat(), where.dated.last.isoformat())}
