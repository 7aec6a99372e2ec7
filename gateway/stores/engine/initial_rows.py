"""What a tenant has at its very beginning, worked out by the rules in memory, as rows ready to be put into a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.catalogue import CatalogueItem
from gateway.core.documents import Document, DocumentId
from gateway.core.rules import decide
from gateway.core.values import CounterKey, Issued, Origin, SeriesId, TenantId
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.provisioning import SeriesSpec, seed_changes
from gateway.stores.engine.staging import STAGES
from gateway.stores.engine.statements import Row, Statement
from gateway.stores.engine.tenant_rows import PARTS, Contents
from gateway.stores.engine.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class FreshSeries:
    """A series to begin with. id: given to the tenant's series of this key before."""

    id: SeriesId
    spec: SeriesSpec


class _Still:
    """A clock that shows one moment."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self, tenant: TenantId | None = None) -> datetime:  # noqa: ARG002 - part of the Clock protocol
        """The moment."""
        return self._at


class _Nothing:
    """A database with nothing in it."""

    def under(self, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]:  # noqa: ARG002
        return {}

    def number(self, counter: CounterKey, number: int) -> Issued | None:  # noqa: ARG002
        return None

    def documents(self, ids: Iterable[DocumentId]) -> Iterable[Document]:  # noqa: ARG002
        return ()

    def first_free_id(self, start: DocumentId) -> DocumentId:
        return start

    def document_under(self, tenant: TenantId, key: str) -> Document | None:  # noqa: ARG002
        return None

    def is_database_error(self, error: Exception) -> bool:  # noqa: ARG002
        return False


class _Beginning(UnitOfWork):
    """An empty state in which series get the ids that are wanted, in turn."""

    def __init__(self, ids: Sequence[SeriesId], at: datetime) -> None:
        super().__init__(Committed(), _Nothing(), _Still(at))
        self._ids = iter(ids)

    def new_series_id(self) -> SeriesId:
        """The id that the next new series gets; asked once for each."""
        return next(self._ids)


def fresh_contents(
    tenant: TenantId, series: Sequence[FreshSeries], items: Sequence[CatalogueItem], by: Origin, at: datetime
) -> Contents:
    """Series with their numbers, and the catalogue, recorded as made by `by` at `at`.

    Raises Refused when two series have one name, or a number is out of range.
    """
    unit = _Beginning([one.id for one in series], at)
    for one in series:
        for change in decide(unit, one.spec.creation(tenant, by)).changes:
            STAGES[type(change)](unit, change)
    for seed_change in seed_changes(tenant, items, None):
        STAGES[type(seed_change)](unit, seed_change)
    rows = unit.settled_rows()
    last_series = {row[0]: row for statement, own in rows.items() if statement.table.name == "series" for row in own}
    found = {part.table.name: _rows_of(rows, part.table.name) for part in PARTS}
    return Contents({**found, "series": list(last_series.values())})


def _rows_of(rows: Mapping[Statement, Sequence[Row]], table: str) -> list[Row]:
    return [row for statement, own in rows.items() if statement.table.name == table for row in own]
