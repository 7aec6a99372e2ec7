"""What a new tenant begins with. The core's rules decide it in memory; the result is rows to put into a store (ADR-25)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.catalogue import CatalogueItem
from gateway.core.documents import Document, DocumentId
from gateway.core.records import KindName, Record, RecordId, RecordKey, RecordUsage
from gateway.core.rules import decide
from gateway.core.values import CounterKey, Issued, Origin, SeriesId, TenantId
from gateway.stores.engine import tables
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.conditions import Condition, Facts
from gateway.stores.engine.provisioning import SeriesSpec, seed_command, seed_digest
from gateway.stores.engine.record_stage import UniqueValue
from gateway.stores.engine.staged_work import NoWork
from gateway.stores.engine.staging import STAGES
from gateway.stores.engine.statements import Row, Statement
from gateway.stores.engine.tables import Table
from gateway.stores.engine.tenant_rows import PUT, SEED, Contents
from gateway.stores.engine.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class FreshSeries:
    """A series to begin with.

    id: the one that the tenant's series of this key had before.
    """

    id: SeriesId
    spec: SeriesSpec


class _Still:
    """A clock that stands still."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self, tenant: TenantId | None = None) -> datetime:
        """The moment at which the clock stands."""
        return self._at


class _Nothing:
    """The look-ups of an empty database. Implements `Lookup`."""

    work = NoWork()

    def under(self, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]:
        return {}

    def number(self, counter: CounterKey, number: int) -> Issued | None:
        return None

    def documents(self, ids: Iterable[DocumentId]) -> Iterable[Document]:
        return ()

    def first_free_id(self, start: DocumentId) -> DocumentId:
        return start

    def next_taken_id(self, start: DocumentId) -> DocumentId:
        return start

    def created_under(self, keys: Iterable[tuple[TenantId, str]]) -> Iterable[Document]:
        return ()

    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None:
        return None

    def first_free(self, counter: CounterKey, number: int) -> int:
        return number

    def records(self, keys: Iterable[RecordKey]) -> Iterable[Record]:
        return ()

    def record_with(self, wanted: UniqueValue) -> RecordId | None:
        return None

    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage:
        return RecordUsage()

    def records_of(self, tenant: TenantId, kind: KindName) -> Sequence[Record]:
        return ()

    def facts(self, condition: Condition) -> Facts | None:
        return None

    def is_database_error(self, error: Exception) -> bool:
        return False


class _Beginning(UnitOfWork):
    """An empty state in which new series get the given ids, in turn."""

    def __init__(self, ids: Sequence[SeriesId], at: datetime) -> None:
        super().__init__(Committed(), _Nothing(), _Still(at))
        self._ids = iter(ids)

    def new_series_id(self) -> SeriesId:
        """The id that the next new series gets; the rules ask once for each."""
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
    if items:
        unit.put_meta(SEED + tenant, seed_digest(tenant, items))
        for seed_change in decide(unit, seed_command(tenant, items)).changes:
            STAGES[type(seed_change)](unit, seed_change)
    rows = unit.settled_rows()
    found = {table.name: _rows_of(rows, table) for table in PUT}
    latest = {row[0]: row for row in found[tables.series.name]}  # a series is saved again when it becomes the default
    return Contents({**found, tables.series.name: list(latest.values())})


def _rows_of(rows: Mapping[Statement, Sequence[Row]], table: Table) -> list[Row]:
    return [row for statement, own in rows.items() if statement.table is table for row in own]
