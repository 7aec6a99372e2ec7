"""The state of `rules.decide` in plain dicts: the simplest thing that can be right, to test rules and stores against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from gateway.core.catalogue import EMPTY, Catalogue
from gateway.core.changes import (
    CatalogueChanged,
    Change,
    CounterMoved,
    Decision,
    DocumentSaved,
    NumberCancelled,
    NumberGiven,
    Recorded,
    SeriesSaved,
)
from gateway.core.commands import Command
from gateway.core.documents import Document, DocumentId
from gateway.core.ledger import Entry, Head, append
from gateway.core.rules import decide
from gateway.core.values import Counter, CounterKey, DocumentKind, Issued, Series, SeriesId, SeriesView, TenantId

MOMENT = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)


class MemoryState:
    """Implements `rules.State`; `run` decides a command and applies its changes."""

    def __init__(self) -> None:
        self.all_series: dict[SeriesId, Series] = {}
        self.lines: dict[CounterKey, Counter] = {}
        self.issued: list[Issued] = []
        self.entries: dict[CounterKey, list[Entry]] = {}
        self.documents: dict[DocumentId, Document] = {}
        self.made_up = 0
        self.catalogues: dict[TenantId, Catalogue] = {}

    def run(self, command: Command) -> Decision:
        """Decide and apply. Raises Refused."""
        decision = decide(self, command)
        for change in decision.changes:
            self.apply(change)
        return decision

    def apply(self, change: Change) -> None:
        """Make one change; breaks loudly where a database's constraints would."""
        match change:
            case SeriesSaved(series):
                self._save(series)
            case CounterMoved(counter):
                self.lines[counter.key] = counter
            case NumberGiven(issued):
                assert self.issued_under(issued.tenant, issued.key) is None
                assert self.issued_number(issued.counter, issued.number) is None
                self.issued.append(issued)
            case NumberCancelled(issued):
                position = next(i for i, old in enumerate(self.issued) if old.key == issued.key)
                self.issued[position] = issued
            case DocumentSaved(document):
                self._save_document(document)
            case CatalogueChanged(tenant, items, removed):
                self.catalogues[tenant] = self.catalogue(tenant).with_changes(items, removed)
            case Recorded() as fact:
                chain = self.entries.setdefault(fact.chain, [])
                head = Head(chain[-1].index, chain[-1].hash) if chain else Head()
                chain.append(append(head, fact, MOMENT))

    def _save(self, series: Series) -> None:
        for other in self.all_series.values():
            if other.id != series.id and other.tenant == series.tenant:
                assert other.name != series.name
                assert other.key != series.key
                assert not (other.is_default and series.is_default), "two defaults at one instant"
        self.all_series[series.id] = series

    def _save_document(self, document: Document) -> None:
        before = self.documents.get(document.id)
        assert document.version == (before.version + 1 if before else 1)
        if before is None and document.id == self.new_document_id(()):
            self.made_up = document.id
        self.documents[document.id] = document

    def ledger(self) -> list[Entry]:
        """Every entry in chain and index order."""
        return [e for chain in sorted(self.entries, key=lambda c: (c.series, c.kind)) for e in self.entries[chain]]

    def view(self, series: SeriesId) -> SeriesView:
        """A series as a read would show it."""
        return SeriesView(self.all_series[series], self.counters(series))

    def series(self, series: SeriesId) -> Series | None:
        return self.all_series.get(series)

    def series_named(self, tenant: TenantId, name: str) -> Series | None:
        return next((s for s in self.all_series.values() if (s.tenant, s.name) == (tenant, name)), None)

    def series_keyed(self, tenant: TenantId, key: str) -> Series | None:
        return next((s for s in self.all_series.values() if (s.tenant, s.key) == (tenant, key)), None)

    def default_series(self, tenant: TenantId) -> Series | None:
        return next((s for s in self.all_series.values() if s.tenant == tenant and s.is_default), None)

    def counter(self, key: CounterKey) -> Counter | None:
        return self.lines.get(key)

    def counters(self, series: SeriesId) -> Mapping[DocumentKind, Counter]:
        return {key.kind: counter for key, counter in self.lines.items() if key.series == series}

    def issued_under(self, tenant: TenantId, key: str) -> Issued | None:
        return next((i for i in self.issued if (i.tenant, i.key) == (tenant, key)), None)

    def issued_number(self, counter: CounterKey, number: int) -> Issued | None:
        return next((i for i in self.issued if (i.counter, i.number) == (counter, number)), None)

    def new_series_id(self) -> SeriesId:
        return SeriesId(max(self.all_series, default=0) + 1)

    def now(self, tenant: TenantId) -> datetime:
        return MOMENT

    def document(self, document: DocumentId) -> Document | None:
        return self.documents.get(document)

    def document_under(self, tenant: TenantId, key: str) -> Document | None:
        return next((d for d in self.documents.values() if (d.tenant, d.key) == (tenant, key)), None)

    def new_document_id(self, besides: Collection[DocumentId]) -> DocumentId:
        candidate = self.made_up + 1
        while candidate in self.documents or candidate in besides:
            candidate += 1
        return DocumentId(candidate)

    def catalogue(self, tenant: TenantId) -> Catalogue:
        return self.catalogues.get(tenant, EMPTY)
