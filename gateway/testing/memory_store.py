"""The sequence service in memory: the real rules over plain dictionaries, for tests of a dialect without a database.

It is the simplest store that can be right. Nothing here is durable, and nothing waits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.core.catalogue import EMPTY, Catalogue
from gateway.core.changes import (
    CatalogueChanged,
    Change,
    CounterMoved,
    Decision,
    DocumentSaved,
    NumberChanged,
    NumberGiven,
    Recorded,
    RecordSaved,
    RecordsCounted,
    SeriesSaved,
    WorkAdded,
    WorkLetGo,
    WorkSaved,
)
from gateway.core.commands import (
    Command,
    CreateSeries,
    GetDocuments,
    GetSeries,
    ListSeries,
    PeekNext,
    Query,
    R,
    SearchDocumentIds,
    SearchDocuments,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.ledger import Entry, Head, append
from gateway.core.numbering import is_shown, read_series
from gateway.core.record_commands import RecordQuery
from gateway.core.records import (
    DEFAULT_QUOTA,
    KindName,
    Record,
    RecordId,
    RecordKey,
    RecordQuota,
    RecordUsage,
)
from gateway.core.results import DocumentIdsFound, DocumentsFound, DocumentsRead, NextPeeked, SeriesListed, SeriesRead
from gateway.core.rules import decide
from gateway.core.values import (
    Counter,
    CounterKey,
    Issued,
    LineName,
    Origin,
    Series,
    SeriesId,
    SeriesView,
    TenantId,
)
from gateway.core.work import WorkId, WorkItem
from gateway.testing.memory_documents import meets
from gateway.testing.memory_records import answer_records

MOMENT: Final = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)


@dataclass(slots=True)
class HandClock:
    """A clock that stands still until a test moves it."""

    moment: datetime = MOMENT

    def now(self, tenant: TenantId | None = None) -> datetime:
        """The moment, in UTC."""
        return self.moment

    def forward(self, seconds: float) -> None:
        """Move it."""
        self.moment += timedelta(seconds=seconds)


class MemoryVault:
    """Tokens in a dictionary, expiring by the clock."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[TenantId, Mapping[str, Any], datetime]] = {}

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token."""
        self._kept[kind, token] = tenant, dict(facts), expires

    async def replace(
        self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime
    ) -> bool:
        """Store something else for a token that is there. False when it was not there any more."""
        if (kind, token) not in self._kept:
            return False
        await self.put(kind, token, tenant, facts, expires)
        return True

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired."""
        tenant, facts, expires = self._kept.get((kind, token), (None, {}, self._clock.moment))
        return None if tenant is None or expires <= self._clock.moment else (tenant, facts)

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Move the end of a token, unless it would move by less than `slack`."""
        if await self.get(kind, token):
            tenant, facts, before = self._kept[kind, token]
            self._kept[kind, token] = tenant, facts, expires if expires - before >= slack else before

    async def drop(self, kind: str, token: str) -> bool:
        """Forget a token. False when it was not there."""
        return self._kept.pop((kind, token), None) is not None


@dataclass(slots=True)
class MemoryWork:
    """Work that is due, in a dictionary. Implements `work_rules.KnownWork`. items: by tenant and id."""

    items: dict[tuple[TenantId, WorkId], WorkItem] = field(default_factory=dict)

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        return self.items.get((tenant, work))

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """All items that wait in a lane for their first attempt."""
        return [item for item in self.items.values() if (item.tenant, item.lane) == (tenant, lane) and item.is_first]

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items."""
        return max((own for tenant_, own in self.items if tenant_ == tenant), default=0)


class MemoryState:
    """Implements `rules.State`; `run` decides a command and applies its changes.

    Raises RuntimeError where the constraints of a database would refuse the change: that is a bug of the rules.
    """

    def __init__(self, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        self.all_series: dict[SeriesId, Series] = {}
        self.lines: dict[CounterKey, Counter] = {}
        self.issued: list[Issued] = []
        self.entries: dict[CounterKey, list[Entry]] = {}
        self.documents: dict[DocumentId, Document] = {}
        self.made_up = 0
        self.catalogues: dict[TenantId, Catalogue] = {}
        self.records: dict[RecordKey, Record] = {}
        self.usage: dict[tuple[TenantId, KindName], RecordUsage] = {}
        self.record_quota: RecordQuota = DEFAULT_QUOTA
        self.work = MemoryWork()

    def run(self, command: Command[R]) -> Decision[R]:
        """Decide and apply. Raises Refused."""
        decision = decide(self, command)
        for change in decision.changes:
            self.apply(change)
        return decision

    def apply(self, change: Change) -> None:
        """Make one change."""
        match change:
            case SeriesSaved(series):
                self._save(series)
            case CounterMoved(counter):
                self.lines[counter.key] = counter
            case NumberGiven(issued):
                _must(self.issued_under(issued.tenant, issued.key) is None, "a key has two numbers")
                _must(self.issued_number(issued.counter, issued.number) is None, "a number is given twice")
                self.issued.append(issued)
            case NumberChanged(issued):
                own = (issued.counter, issued.number)
                position = next(at for at, old in enumerate(self.issued) if (old.counter, old.number) == own)
                self.issued[position] = issued
            case DocumentSaved(document):
                self._save_document(document)
            case CatalogueChanged(tenant, items, removed):
                self.catalogues[tenant] = self.catalogue(tenant).with_changes(items, removed)
            case RecordSaved(key, before, record):
                _must(self.records.get(key) == before, "a record was changed unseen")
                self.records.pop(key, None)
                self.records.update({} if record is None else {key: record})
            case RecordsCounted(tenant, kind, usage):
                self.usage[tenant, kind] = usage
            case WorkAdded(item) | WorkSaved(item):
                self.work.items[item.tenant, item.id] = item
            case WorkLetGo(tenant, work):
                del self.work.items[tenant, work]
            case Recorded() as fact:
                chain = self.entries.setdefault(fact.chain, [])
                head = Head(chain[-1].index, chain[-1].hash) if chain else Head()
                chain.append(append(head, fact, self.clock.moment))

    def _save(self, series: Series) -> None:
        for other in self.all_series.values():
            if other.id != series.id and other.tenant == series.tenant:
                _must(other.name != series.name, "two series have one name")
                _must(other.key != series.key, "two series have one key")
                _must(not (other.is_default and series.is_default), "two defaults at one instant")
        self.all_series[series.id] = series

    def _save_document(self, document: Document) -> None:
        before = self.documents.get(document.id)
        _must(document.version == (before.version + 1 if before else 1), "a version was left out")
        # Ids that clients propose do not move the made-up ones (ADR-15).
        if before is None and document.id == self.new_document_id(()):
            self.made_up = document.id
        self.documents[document.id] = document

    def ledger(self) -> list[Entry]:
        """Every entry in chain and index order."""
        return [e for chain in sorted(self.entries, key=lambda c: (c.series, c.line)) for e in self.entries[chain]]

    def view(self, series: SeriesId) -> SeriesView:
        """A series as a read would show it."""
        return SeriesView(self.all_series[series], self.counters(series))

    def series(self, series: SeriesId) -> Series | None:
        """One series by id."""
        return self.all_series.get(series)

    def series_named(self, tenant: TenantId, name: str) -> Series | None:
        """One series by its present name."""
        return next((s for s in self.all_series.values() if (s.tenant, s.name) == (tenant, name)), None)

    def series_keyed(self, tenant: TenantId, key: str) -> Series | None:
        """One series by its stable key."""
        return next((s for s in self.all_series.values() if (s.tenant, s.key) == (tenant, key)), None)

    def default_series(self, tenant: TenantId) -> Series | None:
        """The tenant's default series."""
        return next((s for s in self.all_series.values() if s.tenant == tenant and s.is_default), None)

    def counter(self, key: CounterKey) -> Counter:
        """Where a line stands; one that was never touched stands at its beginning."""
        return self.lines.get(key) or Counter(key)

    def counters(self, series: SeriesId) -> Mapping[LineName, Counter]:
        """The lines of a series that were ever touched."""
        return {key.line: counter for key, counter in self.lines.items() if key.series == series}

    def issued_under(self, tenant: TenantId, key: str) -> Issued | None:
        """The number that a key got."""
        return next((i for i in self.issued if (i.tenant, i.key) == (tenant, key)), None)

    def issued_number(self, counter: CounterKey, number: int) -> Issued | None:
        """The document that has a number."""
        return next((i for i in self.issued if (i.counter, i.number) == (counter, number)), None)

    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None:
        """The number that was reserved under a key."""
        wanted = (tenant, reservation_key)
        return next((i for i in self.issued if i.reservation_key and (i.tenant, i.reservation_key) == wanted), None)

    def first_free(self, counter: CounterKey, number: int) -> int:
        """The first number from this one on that was never given out."""
        taken = {issued.number for issued in self.issued if issued.counter == counter}
        while number in taken:
            number += 1
        return number

    def new_series_id(self) -> SeriesId:
        """The id that the next new series gets."""
        return SeriesId(max(self.all_series, default=0) + 1)

    def now(self, tenant: TenantId) -> datetime:
        """The moment."""
        return self.clock.moment

    def document(self, document: DocumentId) -> Document | None:
        """One document by id, of any tenant."""
        return self.documents.get(document)

    def document_under(self, tenant: TenantId, key: str) -> Document | None:
        """The document that was created under a key."""
        return next((d for d in self.documents.values() if (d.tenant, d.key) == (tenant, key)), None)

    def new_document_id(self, besides: Collection[DocumentId]) -> DocumentId:
        """The next id after the last one made up that no document has."""
        candidate = self.made_up + 1
        while candidate in self.documents or candidate in besides:
            candidate += 1
        return DocumentId(candidate)

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue."""
        return self.catalogues.get(tenant, EMPTY)

    def record(self, key: RecordKey) -> Record | None:
        """One record, or its tombstone."""
        return self.records.get(key)

    def record_with(self, tenant: TenantId, kind: KindName, name: str, value: str) -> RecordId | None:
        """The record that has a unique value."""
        return next((own.id for own in self.records_of(tenant, kind) if value in own.values.get(name, ())), None)

    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage:
        """How much the tenant has of a kind."""
        return self.usage.get((tenant, kind), RecordUsage())

    def records_of(self, tenant: TenantId, kind: KindName) -> Sequence[Record]:
        """Every record of a kind, without tombstones."""
        own = (record for key, record in self.records.items() if (key.tenant, key.kind) == (tenant, kind))
        return [record for record in own if not record.deleted]


def _must(condition: bool, otherwise: str) -> None:
    if not condition:
        raise RuntimeError(otherwise)


class MemoryStore:
    """Implements `ports.SequenceService` over a MemoryState."""

    def __init__(self, state: MemoryState | None = None) -> None:
        self.state = state or MemoryState()

    async def read(self, query: Query[R]) -> R:
        """Answer a query. Raises Refused."""
        answer: R = self._answer(query)
        return answer

    def _answer(self, query: Query[Any]) -> Any:
        state = self.state
        if isinstance(query, RecordQuery):
            return answer_records(state.records, query, state.usage)
        match query:
            case PeekNext(tenant, counter, dialect):
                return NextPeeked(read_series(state, tenant, counter.series, dialect), state.counter(counter))
            case GetSeries(tenant, series, dialect):
                return SeriesRead(state.view(read_series(state, tenant, series, dialect).id))
            case ListSeries(tenant, dialect):
                own = [s for s in state.all_series.values() if s.tenant == tenant and is_shown(s, dialect)]
                return SeriesListed(tuple(state.view(series.id) for series in own))
            case GetDocuments(tenant, ids):
                return DocumentsRead(tuple(d for d in self._documents(tenant) if d.id in ids))
            case SearchDocuments():
                found, more = self._search(query)
                return DocumentsFound(tuple(found), more)
            case SearchDocumentIds():
                found, more = self._search(query)
                return DocumentIdsFound(tuple(document.id for document in found), more)
        raise TypeError(f"not a query: {type(query).__name__}")

    async def execute(self, command: Command[R]) -> R:
        """Decide and apply. Raises Refused."""
        return self.state.run(command).result

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue."""
        return self.state.catalogue(tenant)

    def _documents(self, tenant: TenantId) -> list[Document]:
        return [document for key, document in sorted(self.state.documents.items()) if document.tenant == tenant]

    def _search(self, query: SearchDocuments | SearchDocumentIds) -> tuple[Sequence[Document], bool]:
        found = [d for d in self._documents(query.tenant) if d.id > query.after_id and meets(d, query.where)]
        return found[: query.limit], query.limit is not None and len(found) > query.limit

    def provision(self, tenant: TenantId, keys: Sequence[str]) -> dict[str, SeriesId]:
        """Make sure that series exist. The first one is the default. Returns their ids by key."""
        by = Origin("test", "provision", "")
        for key in keys:
            if self.state.series_keyed(tenant, key) is None:
                self.state.run(CreateSeries(tenant, key, by, key=key))
        return {series.key: series.id for series in self.state.all_series.values() if series.tenant == tenant}
