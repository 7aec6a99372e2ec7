"""What a group of commands has decided and not yet committed, on top of the committed state, and the rows to write for it.

A unit of work lives as long as its group. It takes the changes of the core itself; `staging` adds those of the stores.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from gateway.core.catalogue import EMPTY, Catalogue
from gateway.core.changes import (
    CatalogueChanged,
    CounterMoved,
    DocumentSaved,
    NumberChanged,
    NumberGiven,
    Recorded,
    SeriesSaved,
)
from gateway.core.documents import UNASSIGNED, Document, DocumentId
from gateway.core.ledger import Head, appended_row, stamp
from gateway.core.pending_work import PendingWork
from gateway.core.ports import Clock
from gateway.core.records import DEFAULT_QUOTA, RecordQuota
from gateway.core.values import Counter, CounterKey, Issued, LineName, Series, SeriesId, TenantId, reserved_key
from gateway.stores.engine import statements, tables
from gateway.stores.engine.committed_state import LAST_DOCUMENT, NO_LINES, OWN_IDS, Committed
from gateway.stores.engine.conditions import Condition, facts_of
from gateway.stores.engine.lookup import Lookup
from gateway.stores.engine.record_stage import RecordUnit
from gateway.stores.engine.rows import counter_row, document_row, head_of, issued_row, item_key, item_row, series_row
from gateway.stores.engine.statements import Row, Statement
from gateway.stores.engine.tables import Table


class UnitOfWork(RecordUnit):
    """The state as the next command of a group sees it. Implements `rules.State`.

    rows: to write, by statement, in the order in which they came.
    fences: tenants about which nothing may be decided here.
    """

    def __init__(self, committed: Committed, lookup: Lookup, clock: Clock, quota: RecordQuota = DEFAULT_QUOTA) -> None:
        self.record_quota = quota
        self.fences = committed.fences
        self.rows: dict[Statement, list[Row]] = {}
        self._latest: dict[Statement, dict[Any, Row]] = {}
        self._committed = committed
        self._lookup: Lookup = lookup
        self._clock = clock
        self._times: dict[TenantId, datetime] = {}
        self._stamps: dict[TenantId, str] = {}
        self._series: dict[SeriesId, Series] = {}
        self._lines: dict[SeriesId, dict[LineName, Counter]] = {}
        self._heads: dict[CounterKey, Head] = {}
        self._looked_up: dict[tuple[TenantId, str], Issued | None] = {}
        self._reserved: dict[tuple[TenantId, str], Issued] = {}
        self._by_number: dict[tuple[CounterKey, int], Issued] = {}
        self._documents: dict[DocumentId, Document | None] = {}
        self._keyed: dict[tuple[TenantId, str], DocumentId] = {}
        self._meta: dict[str, str] = {}
        self._catalogues: dict[TenantId, Catalogue] = {}
        self._facts: dict[tuple[Table, Row], Sequence[str] | None] = {}
        self._replaced: set[TenantId] = set()
        self._highest_document_id = committed.highest_document_id
        self._free_ids = range(0)

    # What the rules ask

    @cached_property
    def work(self) -> PendingWork:
        """The items of work that is due."""
        return PendingWork(self._lookup.work)

    def series(self, series: SeriesId) -> Series | None:
        """One series by id."""
        return self._series.get(series) or self._committed.all_series.get(series)

    def series_named(self, tenant: TenantId, name: str) -> Series | None:
        """One series by its present name."""
        for series in self._series.values():
            if series.tenant == tenant and series.name == name:
                return series
        return self._untouched(self._committed.series_named(tenant, name))

    def series_keyed(self, tenant: TenantId, key: str) -> Series | None:
        """One series by its stable key."""
        for series in self._series.values():
            if series.tenant == tenant and series.key == key:
                return series
        return self._untouched(self._committed.series_keyed(tenant, key))

    def default_series(self, tenant: TenantId) -> Series | None:
        """The tenant's default series."""
        for series in self._series.values():
            if series.tenant == tenant and series.is_default:
                return series
        return self._untouched(self._committed.default_series(tenant))

    def counter(self, key: CounterKey) -> Counter:
        """Where a line stands; one that was never touched stands at its beginning."""
        changed = self._lines.get(key.series)
        lines = self._committed.all_lines.get(key.series, NO_LINES) if changed is None else changed
        return lines.get(key.line) or Counter(key)

    def counters(self, series: SeriesId) -> Mapping[LineName, Counter]:
        """The lines of a series that were ever touched. Later changes do not show in the mapping."""
        changed = self._lines.get(series)
        return self._committed.all_lines.get(series, NO_LINES) if changed is None else {**changed}

    def issued_under(self, tenant: TenantId, key: str) -> Issued | None:
        """The number that a key got."""
        if (tenant, key) not in self._looked_up:
            self.look_up([(tenant, key)])
        return self._looked_up[tenant, key]

    def issued_number(self, counter: CounterKey, number: int) -> Issued | None:
        """Who has a number."""
        return self._by_number.get((counter, number)) or self._lookup.number(counter, number)

    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None:
        """The number that was reserved under a key, whether a document has it now or not."""
        return self._reserved.get((tenant, reservation_key)) or self._lookup.reserved_under(tenant, reservation_key)

    def first_free(self, counter: CounterKey, number: int) -> int:
        """The first number from this one on that was never given out."""
        free = self._lookup.first_free(counter, number)
        while (counter, free) in self._by_number:
            free += 1
            if (counter, free) not in self._by_number:  # behind those of the group others may follow
                free = self._lookup.first_free(counter, free)
        return free

    def new_series_id(self) -> SeriesId:
        """The id that the next new series gets."""
        made = (own for own in self._series if own in self._committed.own_ids)
        return SeriesId(max((self._committed.last_series_id, *made)) + 1)

    def document(self, document: DocumentId) -> Document | None:
        """One document by id, of any tenant."""
        self.look_up_documents([document])
        return self._documents.get(document)

    def document_under(self, tenant: TenantId, key: str) -> Document | None:
        """The document that was created under a key."""
        if (tenant, key) not in self._keyed:
            self.look_up_document_keys([(tenant, key)])
        return self.document(self._keyed[tenant, key])

    def new_document_id(self, besides: Collection[DocumentId]) -> DocumentId:
        """The next id after the last one made up that no document has (ADR-15)."""
        candidate = DocumentId(max(int(self.meta(LAST_DOCUMENT) or 0) + 1, self._committed.own_ids.start))
        while candidate in besides or self._is_taken(candidate):
            candidate = DocumentId(candidate + 1)
            if candidate <= self._committed.highest_document_id:  # clients may have taken thousands in a row
                candidate = self._lookup.first_free_id(candidate)
        return candidate

    def _is_taken(self, document: DocumentId) -> bool:
        if document > self._highest_document_id:
            return False
        if document not in self._documents and document not in self._free_ids:
            self._free_ids = range(document, self._lookup.next_taken_id(document))
        return self._documents.get(document) is not None or document not in self._free_ids

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue."""
        return self._catalogues.get(tenant) or self._committed.catalogues.get(tenant, EMPTY)

    def meta(self, name: str) -> str | None:
        """A named fact about the store."""
        return self._meta.get(name) or self._committed.meta.get(name)

    def meets(self, condition: Condition) -> bool:
        """Whether a row reads as a condition expects it, on top of what the group has changed."""
        row = (condition.table, condition.key)
        if row not in self._facts:
            return condition.is_met(self._lookup.facts(condition))
        values = self._facts[row]
        return condition.is_met(None if values is None else facts_of(condition.table, values))

    def now(self, tenant: TenantId) -> datetime:
        """The group's time for a tenant."""
        found = self._times.get(tenant)
        if found is None:
            found = self._times[tenant] = self._clock.now(tenant)
        return found

    # Looking ahead: one question for the whole group instead of one for each command

    def look_up(self, keys: Iterable[tuple[TenantId, str]]) -> None:
        """Fetch what keys already got, all at once, before deciding."""
        wanted = [pair for pair in dict.fromkeys(keys) if pair not in self._looked_up]
        found = self._lookup.under(wanted) if wanted else {}
        for pair in wanted:
            self._looked_up[pair] = found.get(pair)

    def look_up_documents(self, ids: Iterable[DocumentId]) -> None:
        """Fetch documents, all at once, before deciding."""
        wanted = [own for own in dict.fromkeys(ids) if own and own not in self._documents]
        unread: list[DocumentId] = []
        for own in wanted:
            self._documents[own] = self._committed.recent.document(own)
            if self._documents[own] is None and own <= self._committed.highest_document_id:
                unread.append(own)
        for document in self._lookup.documents(unread) if unread else ():
            self._documents[document.id] = document

    def look_up_document_keys(self, keys: Iterable[tuple[TenantId, str]]) -> None:
        """Fetch the documents that were created under keys, all at once, before deciding."""
        wanted = [pair for pair in dict.fromkeys(keys) if pair not in self._keyed]
        for found in self._lookup.created_under(wanted) if wanted else ():
            self._documents.setdefault(found.id, found)
            self._keyed[found.tenant, found.key] = found.id
        for pair in wanted:
            self._keyed.setdefault(pair, UNASSIGNED)

    def is_database_error(self, error: Exception) -> bool:
        """True when the database failed while it was asked, and not the decision."""
        return self._lookup.is_database_error(error)

    # Changes of the core: the rest of the group sees them, and their rows are put down

    def save_series(self, change: SeriesSaved) -> None:
        """A series is new or changed."""
        series = change.series
        self.put_series(series)
        self.add_row(statements.SAVE_SERIES, series_row(series))

    def move_counter(self, change: CounterMoved) -> None:
        """A line has moved; only where it stands in the end is written."""
        counter = change.counter
        self.put_counter(counter)
        self.set_row(statements.SAVE_COUNTER, counter.key, counter_row(counter))

    def give_number(self, change: NumberGiven) -> None:
        """A number was given out."""
        self.put_issued(change.issued)
        self.add_row(statements.GIVE_NUMBER, issued_row(change.issued))

    def change_number(self, change: NumberChanged) -> None:
        """A number was voided, or a reserved one got its document; only how it reads in the end is written."""
        issued = change.issued
        self.put_issued(issued)
        self.set_row(statements.CHANGE_NUMBER, (issued.counter, issued.number), issued_row(issued))

    def append(self, fact: Recorded) -> None:
        """A chain grows by one entry. All entries of a group about one tenant have one time."""
        row = appended_row(self._head(fact.chain), fact, self._stamp(fact.tenant))
        self.put_head(fact.chain, head_of(row))
        self.add_row(statements.APPEND_ENTRY, row)

    def save_document(self, change: DocumentSaved) -> None:
        """A document is new or changed; the last id that was made up for one is noted."""
        document = change.document
        row = document_row(document)  # first: it may find that the document cannot be kept
        made_up = document.version == 1 and document.id == self.new_document_id(())
        self._documents[document.id] = document
        self._highest_document_id = max(self._highest_document_id, document.id)
        if document.key:
            self._keyed[document.tenant, document.key] = document.id
        if made_up:
            self.put_meta(LAST_DOCUMENT, str(document.id))
        self.set_row(statements.SAVE_DOCUMENT, document.id, row)

    def change_catalogue(self, change: CatalogueChanged) -> None:
        """Items of a catalogue are new, replaced or gone."""
        tenant = change.tenant
        self.put_catalogue(tenant, self.catalogue(tenant).with_changes(change.items, change.removed))
        for item in change.items:
            row = item_row(tenant, item)
            self.drop_row(statements.DROP_ITEM, row[:3])
            self.set_row(statements.SAVE_ITEM, row[:3], row)
        for removed in change.removed:
            key = item_key(tenant, removed)
            self.drop_row(statements.SAVE_ITEM, key)
            self.set_row(statements.DROP_ITEM, key, key)

    def put_meta(self, name: str, value: str) -> None:
        """A named fact about the store is new or another."""
        self._meta[name] = value
        self.put_facts(tables.meta, (name,), value)
        self.set_row(statements.SAVE_META, name, (name, value))

    def _head(self, chain: CounterKey) -> Head:
        return self._heads.get(chain) or self._committed.heads.get(chain) or Head()

    def _stamp(self, tenant: TenantId) -> str:
        """The group's time for a tenant, as the ledger writes it; every entry of the group shares it."""
        found = self._stamps.get(tenant)
        if found is None:
            found = self._stamps[tenant] = stamp(self.now(tenant))
        return found

    # Changes whose rows are put down elsewhere

    def put_series(self, series: Series) -> None:
        """A series is new or changed."""
        self._series[series.id] = series

    def put_counter(self, counter: Counter) -> None:
        """A line has moved. All lines of its series are kept with it, as they will read."""
        key = counter.key
        lines = self._lines.get(key.series)
        if lines is None:
            lines = self._lines[key.series] = dict(self._committed.all_lines.get(key.series, NO_LINES))
        lines[key.line] = counter

    def put_issued(self, issued: Issued) -> None:
        """A number was given out or voided."""
        self._looked_up[issued.tenant, issued.key] = issued
        if issued.reservation_key:
            self._reserved[issued.tenant, issued.reservation_key] = issued
            if not issued.reserved:
                self._looked_up[issued.tenant, reserved_key(issued.reservation_key)] = None
        self._by_number[issued.counter, issued.number] = issued

    def put_head(self, chain: CounterKey, head: Head) -> None:
        """A chain has grown."""
        self._heads[chain] = head

    def put_catalogue(self, tenant: TenantId, catalogue: Catalogue) -> None:
        """A catalogue has changed."""
        self._catalogues[tenant] = catalogue

    def forget_meta(self, name: str) -> None:
        """A named fact about the store is gone."""
        self._meta[name] = ""
        self.drop_row(statements.SAVE_META, name)
        self.set_row(statements.DROP_META, name, (name,))
        self.forget_facts(tables.meta, (name,))

    def put_facts(self, table: Table, key: Row, *values: str) -> None:
        """A row that conditions may ask for is new or another. values: of the columns in `conditions.COMPARED`."""
        self._facts[table, key] = values

    def forget_facts(self, table: Table, key: Row) -> None:
        """A row that conditions may ask for is gone."""
        self._facts[table, key] = None

    def replace_tenant(self, tenant: TenantId, highest_document_id: int) -> None:
        """Everything of a tenant is gone; what is put from now on takes its place."""
        self._replaced.add(tenant)
        self._lines.update({series: {} for series in self._committed.series_ids(tenant)})
        self._highest_document_id = max(self._highest_document_id, highest_document_id)

    # Rows

    def add_row(self, statement: Statement, row: Row) -> None:
        """One more row for a statement; rows are written in the order in which they came."""
        self.rows.setdefault(statement, []).append(row)

    def set_row(self, statement: Statement, identity: object, row: Row) -> None:
        """The row that stands for `identity`; when it is set more than once, only the last one is written."""
        self._latest.setdefault(statement, {})[identity] = row

    def drop_row(self, statement: Statement, identity: object) -> bool:
        """The row that stands for `identity` need not be written any more. True when there was one."""
        return self._latest.get(statement, {}).pop(identity, None) is not None

    def settled_rows(self) -> dict[Statement, list[Row]]:
        """Everything there is to write, by statement."""
        latest = {statement: list(rows.values()) for statement, rows in self._latest.items() if rows}
        return {**self.rows, **latest}

    def publish(self) -> None:
        """Make this the committed state: after the commit, in the event loop's thread."""
        for tenant in self._replaced:
            self._committed.forget(tenant)
        for changed in self._series.values():
            self._committed.put_series(changed)
        for series, lines in self._lines.items():
            if lines:  # else the series is gone
                self._committed.all_lines[series] = MappingProxyType(lines)
        self._committed.heads.update(self._heads)
        self._committed.meta.update(self._meta)
        if OWN_IDS in self._meta:
            self._committed.take_ids()
        self._committed.catalogues.update(self._catalogues)
        if "staged_records" in self.__dict__:  # made, because somebody asked for it
            for tenant in self.staged_records.changed:
                self._committed.recent_records.drop(tenant)
        if statements.SAVE_DOCUMENT in self._latest:
            self._committed.recent.take(self._latest[statements.SAVE_DOCUMENT].values())
        self._committed.highest_document_id = self._highest_document_id

    def _untouched(self, series: Series | None) -> Series | None:
        return None if series is None or series.id in self._series else series
