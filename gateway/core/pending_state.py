"""The state with changes on top that are not put into it.

What is decided next sees the changes. When something is refused in the end, the state is as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gateway.core.catalogue import Catalogue
from gateway.core.changes import (
    CatalogueChanged,
    Change,
    CounterMoved,
    DocumentSaved,
    NumberChanged,
    NumberGiven,
    RecordSaved,
    RecordsCounted,
    SeriesSaved,
    WorkAdded,
    WorkLetGo,
    WorkSaved,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.pending_work import PendingWork
from gateway.core.records import KindName, Record, RecordId, RecordKey, RecordQuota, RecordUsage
from gateway.core.values import Counter, CounterKey, Issued, LineName, Series, SeriesId, TenantId

if TYPE_CHECKING:
    from gateway.core.rules import State


class PendingState:
    """Implements `rules.State` over another state.

    changes: those on top, in their order.
    work: the items of work that is due.
    """

    def __init__(self, state: State) -> None:
        self.changes: list[Change] = []
        self.work = PendingWork(state.work)
        self._state = state
        self._series: dict[SeriesId, Series] = {}
        self._counters: dict[CounterKey, Counter] = {}
        self._issued: dict[tuple[TenantId, str], Issued] = {}
        self._reserved: dict[tuple[TenantId, str], Issued] = {}
        self._numbers: dict[tuple[CounterKey, int], Issued] = {}
        self._documents: dict[DocumentId, Document] = {}
        self._keys: dict[tuple[TenantId, str], DocumentId] = {}
        self._catalogues: dict[TenantId, Catalogue] = {}
        self._records: dict[RecordKey, Record | None] = {}
        self._owners: dict[tuple[TenantId, KindName, str, str], RecordId | None] = {}
        self._usage: dict[tuple[TenantId, KindName], RecordUsage] = {}

    def add(self, changes: Sequence[Change]) -> None:
        """Put changes on top."""
        self.changes.extend(changes)
        for change in changes:
            take = _TAKEN.get(type(change))
            if take is not None:
                take(self, change)

    def take_series(self, change: SeriesSaved) -> None:
        """A series is new or changed."""
        self._series[change.series.id] = change.series

    def take_counter(self, change: CounterMoved) -> None:
        """A line has moved."""
        self._counters[change.counter.key] = change.counter

    def take_issued(self, change: NumberGiven | NumberChanged) -> None:
        """A number was given out, used or voided."""
        issued = change.issued
        self._issued[issued.tenant, issued.key] = self._numbers[issued.counter, issued.number] = issued
        if issued.reservation_key:
            self._reserved[issued.tenant, issued.reservation_key] = issued

    def take_document(self, change: DocumentSaved) -> None:
        """A document is new or changed."""
        document = change.document
        self._documents[document.id] = document
        if document.key:
            self._keys[document.tenant, document.key] = document.id

    def take_catalogue(self, change: CatalogueChanged) -> None:
        """Items of a catalogue are new, replaced or gone."""
        before = self.catalogue(change.tenant)
        self._catalogues[change.tenant] = before.with_changes(change.items, change.removed)

    def take_record(self, change: RecordSaved) -> None:
        """A record is new, changed or gone."""
        key, record = change.key, change.record
        self._records[key] = record
        for name, value in change.given_up:
            self._owners[key.tenant, key.kind, name, value] = None
        for name, value in change.taken:
            self._owners[key.tenant, key.kind, name, value] = key.id

    def take_usage(self, change: RecordsCounted) -> None:
        """There are so many records now."""
        self._usage[change.tenant, change.kind] = change.usage

    def take_work(self, change: WorkAdded | WorkSaved) -> None:
        """An item of work is new or changed."""
        self.work.put(change.item)

    def take_work_let_go(self, change: WorkLetGo) -> None:
        """An item of work is gone."""
        self.work.forget(change.tenant, change.work)

    # What the rules ask

    def now(self, tenant: TenantId) -> dt.datetime:
        return self._state.now(tenant)

    def series(self, series: SeriesId) -> Series | None:
        return self._series.get(series) or self._state.series(series)

    def series_named(self, tenant: TenantId, name: str) -> Series | None:
        own = (one for one in self._series.values() if (one.tenant, one.name) == (tenant, name))
        return next(own, None) or self._untouched(self._state.series_named(tenant, name))

    def series_keyed(self, tenant: TenantId, key: str) -> Series | None:
        own = (one for one in self._series.values() if (one.tenant, one.key) == (tenant, key))
        return next(own, None) or self._state.series_keyed(tenant, key)

    def default_series(self, tenant: TenantId) -> Series | None:
        own = (one for one in self._series.values() if one.tenant == tenant and one.is_default)
        return next(own, None) or self._untouched(self._state.default_series(tenant))

    def _untouched(self, series: Series | None) -> Series | None:
        return None if series is None or series.id in self._series else series

    def new_series_id(self) -> SeriesId:
        return max(self._state.new_series_id(), SeriesId(max(self._series, default=0) + 1))

    def counter(self, key: CounterKey) -> Counter:
        found = self._counters.get(key)
        if found is None and key.series in self._series:
            return self.counters(key.series).get(key.line) or Counter(key)
        return found or self._state.counter(key)

    def counters(self, series: SeriesId) -> Mapping[LineName, Counter]:
        moved = {key.line: counter for key, counter in self._counters.items() if key.series == series}
        return {**self._state.counters(series), **moved} if moved else self._state.counters(series)

    def issued_under(self, tenant: TenantId, key: str) -> Issued | None:
        return self._issued.get((tenant, key)) or self._state.issued_under(tenant, key)

    def issued_number(self, counter: CounterKey, number: int) -> Issued | None:
        return self._numbers.get((counter, number)) or self._state.issued_number(counter, number)

    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None:
        return self._reserved.get((tenant, reservation_key)) or self._state.reserved_under(tenant, reservation_key)

    def first_free(self, counter: CounterKey, number: int) -> int:
        free = self._state.first_free(counter, number)
        while (counter, free) in self._numbers:
            free += 1
            if (counter, free) not in self._numbers:  # behind those on top others may follow
                free = self._state.first_free(counter, free)
        return free

    def document(self, document: DocumentId) -> Document | None:
        return self._documents.get(document) or self._state.document(document)

    def document_under(self, tenant: TenantId, key: str) -> Document | None:
        found = self._keys.get((tenant, key))
        return self._documents[found] if found is not None else self._state.document_under(tenant, key)

    def new_document_id(self, besides: Collection[DocumentId]) -> DocumentId:
        return self._state.new_document_id({*besides, *self._documents})

    def catalogue(self, tenant: TenantId) -> Catalogue:
        return self._catalogues.get(tenant) or self._state.catalogue(tenant)

    def record(self, key: RecordKey) -> Record | None:
        return self._records[key] if key in self._records else self._state.record(key)

    def record_with(self, tenant: TenantId, kind: KindName, name: str, value: str) -> RecordId | None:
        wanted = (tenant, kind, name, value)
        return self._owners[wanted] if wanted in self._owners else self._state.record_with(*wanted)

    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage:
        return self._usage.get((tenant, kind)) or self._state.record_usage(tenant, kind)

    def records_of(self, tenant: TenantId, kind: KindName) -> Sequence[Record]:
        found = {record.id: record for record in self._state.records_of(tenant, kind)}
        for key, record in self._records.items():
            if (key.tenant, key.kind) == (tenant, kind):
                found.pop(key.id, None)
                if record is not None and not record.deleted:
                    found[key.id] = record
        return list(found.values())

    @property
    def record_quota(self) -> RecordQuota:
        return self._state.record_quota


_TAKEN: Final[Mapping[type[Any], Callable[[PendingState, Any], None]]] = {
    SeriesSaved: PendingState.take_series,
    CounterMoved: PendingState.take_counter,
    NumberGiven: PendingState.take_issued,
    NumberChanged: PendingState.take_issued,
    DocumentSaved: PendingState.take_document,
    CatalogueChanged: PendingState.take_catalogue,
    RecordSaved: PendingState.take_record,
    RecordsCounted: PendingState.take_usage,
    WorkAdded: PendingState.take_work,
    WorkSaved: PendingState.take_work,
    WorkLetGo: PendingState.take_work_let_go,
}
"""What shows in the state; a ledger entry does not."""
