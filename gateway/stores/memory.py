"""The state in memory: what is committed, and over it what a group of commands has decided but not yet written.

`Committed` belongs to the event loop's thread; the writer reads it only while a group is with it, and no group is
published meanwhile. An `Overlay` lives as long as its group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from gateway.core.catalogue import EMPTY, Catalogue
from gateway.core.commands import GetSeries, ListSeries, PeekNext
from gateway.core.documents import Document, DocumentId
from gateway.core.ledger import Head, stamp
from gateway.core.numbering import read_series
from gateway.core.ports import Clock
from gateway.core.results import NextPeeked, QueryResult, SeriesListed, SeriesRead
from gateway.core.values import (
    SERIES_CHAIN,
    Counter,
    CounterKey,
    DocumentKind,
    Issued,
    Series,
    SeriesId,
    SeriesView,
    TenantId,
)
from gateway.stores import fences
from gateway.stores.lookup import Lookup
from gateway.stores.statements import Row, Statement

_NO_LINES: Final[Mapping[DocumentKind, Counter]] = MappingProxyType({})


LAST_DOCUMENT: Final = "last-document-id"
"""The name in `meta` of the last document id that the store made up (clients may propose higher ones)."""


LAST_SERIES: Final = "last-series-id"
"""The name in `meta` of the highest id of a series that was taken away; ids are never used again."""


OWN_IDS: Final = "own-ids"
"""The name in `meta` of the span of ids that the store may make up, as "first end", where it is not every id there is."""
NO_END: Final = 2**63 - 1


def own_ids(meta: Mapping[str, str]) -> range:
    """The span of ids that a store may make up."""
    first, _, end = meta.get(OWN_IDS, f"1 {NO_END}").partition(" ")
    return range(int(first), int(end))


class Committed:
    """Every series, line and end of chain as committed. Mappings handed out are never changed afterwards.

    highest_document_id: of all documents; every id above it is free. meta: named facts about the store. fences: tenants
    that must not be served from here; nearly always none. own_ids: those that may be made up here; tenants that came from
    another store have others.
    """

    def __init__(self) -> None:
        self.own_ids = range(1, NO_END)
        self.fences: dict[TenantId, fences.Fence] = {}
        self.last_series_id = 0
        self.highest_document_id = 0
        self.meta: dict[str, str] = {}
        self.catalogues: dict[TenantId, Catalogue] = {}
        self.heads: dict[CounterKey, Head] = {}
        self._series: dict[SeriesId, Series] = {}
        self._by_name: dict[tuple[TenantId, str], SeriesId] = {}
        self._by_key: dict[tuple[TenantId, str], SeriesId] = {}
        self._by_tenant: dict[TenantId, list[SeriesId]] = {}
        self._defaults: dict[TenantId, SeriesId] = {}
        self._lines: dict[SeriesId, Mapping[DocumentKind, Counter]] = {}

    def series(self, series: SeriesId) -> Series | None:
        """One series by id."""
        return self._series.get(series)

    def has_series(self, tenant: TenantId) -> bool:
        """True when any series of a tenant is here."""
        return tenant in self._by_tenant

    def series_named(self, tenant: TenantId, name: str) -> Series | None:
        """One series by its present name."""
        found = self._by_name.get((tenant, name))
        return None if found is None else self._series[found]

    def series_keyed(self, tenant: TenantId, key: str) -> Series | None:
        """One series by its stable key."""
        found = self._by_key.get((tenant, key))
        return None if found is None else self._series[found]

    def default_series(self, tenant: TenantId) -> Series | None:
        """The tenant's default series."""
        found = self._defaults.get(tenant)
        return None if found is None else self._series[found]

    def counters(self, series: SeriesId) -> Mapping[DocumentKind, Counter]:
        """The lines of a series that were ever touched."""
        return self._lines.get(series, _NO_LINES)

    def all_counters(self, tenant: TenantId | None) -> list[Counter]:
        """Every line that was ever touched, of one tenant or all."""
        wanted = (s.id for s in self._series.values() if tenant is None or s.tenant == tenant)
        return [counter for series in wanted for counter in self.counters(series).values()]

    def answer(self, query: PeekNext | GetSeries | ListSeries) -> QueryResult:
        """Answer a query. Raises Refused, TenantFencedError."""
        if self.fences:
            fences.check(self.fences, query.tenant)
        if isinstance(query, PeekNext):
            series = read_series(self, query.tenant, query.counter.series)
            counter = self.counters(series.id).get(query.counter.kind)
            return NextPeeked(series, counter or Counter(query.counter))
        if isinstance(query, GetSeries):
            return SeriesRead(self._view(read_series(self, query.tenant, query.series)))
        ids = self._by_tenant.get(query.tenant, ())
        return SeriesListed(tuple(self._view(self._series[series]) for series in ids))

    def put_series(self, series: Series) -> None:
        """Take in a new or changed series."""
        former = self._series.get(series.id)
        if former is None:
            own = self._by_tenant.setdefault(series.tenant, [])
            own.append(series.id)
            if len(own) > 1 and own[-2] > series.id:
                own.sort()
            self._by_key[series.tenant, series.key] = series.id
            if series.id in self.own_ids:
                self.last_series_id = max(self.last_series_id, series.id)
        elif self._by_name.get((former.tenant, former.name)) == series.id:
            del self._by_name[former.tenant, former.name]
        self._series[series.id] = series
        self._by_name[series.tenant, series.name] = series.id
        if series.is_default:
            self._defaults[series.tenant] = series.id
        elif self._defaults.get(series.tenant) == series.id:
            del self._defaults[series.tenant]

    def put_counters(self, series: SeriesId, lines: Mapping[DocumentKind, Counter]) -> None:
        """Take in changed lines of a series."""
        self._lines[series] = MappingProxyType({**self.counters(series), **lines})

    def take_ids(self) -> None:
        """What `meta` says of ids has been read, or has changed."""
        self.own_ids = own_ids(self.meta)
        noted = int(self.meta.get(LAST_SERIES, 0))
        used = [own for own in (noted, *self._series) if own in self.own_ids]
        self.last_series_id = max(used, default=self.own_ids.start - 1)

    def forget(self, tenant: TenantId) -> None:
        """Everything of a tenant is gone: series, lines, chains, catalogue."""
        for series in self._by_tenant.pop(tenant, ()):
            own = self._series.pop(series)
            self._by_name.pop((tenant, own.name), None)
            self._by_key.pop((tenant, own.key), None)
            for kind in (*self._lines.pop(series, ()), SERIES_CHAIN):
                self.heads.pop(CounterKey(series, kind), None)
        self._defaults.pop(tenant, None)
        self.catalogues.pop(tenant, None)

    def _view(self, series: Series) -> SeriesView:
        return SeriesView(series, self.counters(series.id))


class Overlay:
    """The state as the next command of a group sees it, and the rows that make it true. Implements `rules.State`."""

    def __init__(self, committed: Committed, lookup: Lookup, clock: Clock) -> None:
        self.rows: dict[Statement, list[Row]] = {}
        self._latest: dict[Statement, dict[Any, Row]] = {}
        self._committed = committed
        self._lookup = lookup
        self._clock = clock
        self._times: dict[TenantId, datetime] = {}
        self._stamps: dict[TenantId, str] = {}
        self._series: dict[SeriesId, Series] = {}
        self._lines: dict[SeriesId, dict[DocumentKind, Counter]] = {}
        self._heads: dict[CounterKey, Head] = {}
        self._looked_up: dict[tuple[TenantId, str], Issued | None] = {}
        self._by_number: dict[tuple[CounterKey, int], Issued] = {}
        self._documents: dict[DocumentId, Document | None] = {}
        self._keyed: dict[tuple[TenantId, str], DocumentId] = {}
        self._meta: dict[str, str] = {}
        self._catalogues: dict[TenantId, Catalogue] = {}
        self._replaced: set[TenantId] = set()
        self._highest_document_id = committed.highest_document_id

    @property
    def fences(self) -> fences.Fences:
        """Tenants about which nothing may be decided here."""
        return self._committed.fences

    # What rules ask

    def series(self, series: SeriesId) -> Series | None:
        """One series by id."""
        return self._series.get(series) or self._committed.series(series)

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

    def counter(self, key: CounterKey) -> Counter | None:
        """One line, None when it was never touched."""
        lines = self._lines.get(key.series)
        found = lines.get(key.kind) if lines else None
        return found or self._committed.counters(key.series).get(key.kind)

    def counters(self, series: SeriesId) -> Mapping[DocumentKind, Counter]:
        """The lines of a series that were ever touched."""
        return {**self._committed.counters(series), **self._lines.get(series, _NO_LINES)}

    def issued_under(self, tenant: TenantId, key: str) -> Issued | None:
        """The number that a key got."""
        if (tenant, key) not in self._looked_up:
            self.look_up([(tenant, key)])
        return self._looked_up[tenant, key]

    def issued_number(self, counter: CounterKey, number: int) -> Issued | None:
        """Who has a number."""
        return self._by_number.get((counter, number)) or self._lookup.number(counter, number)

    def new_series_id(self) -> SeriesId:
        """The id that the next new series gets."""
        made = (own for own in self._series if own in self._committed.own_ids)
        return SeriesId(max((self._committed.last_series_id, *made)) + 1)

    def document(self, document: DocumentId) -> Document | None:
        """One document by id, whoever's it is."""
        self.look_up_documents([document])
        return self._documents.get(document)

    def document_under(self, tenant: TenantId, key: str) -> Document | None:
        """The document that was created under a key."""
        if (tenant, key) in self._keyed:
            return self.document(self._keyed[tenant, key])
        found = self._lookup.document_under(tenant, key)
        return None if found is None else self._documents.setdefault(found.id, found)

    def new_document_id(self, besides: Collection[DocumentId]) -> DocumentId:
        """The next id after the last one made up that no document has."""
        candidate = DocumentId(max(int(self.meta(LAST_DOCUMENT) or 0) + 1, self._committed.own_ids.start))
        while candidate in besides or self._is_taken(candidate):
            candidate = DocumentId(candidate + 1)
            if candidate <= self._committed.highest_document_id:  # clients may have taken thousands in a row
                candidate = self._lookup.first_free_id(candidate)
        return candidate

    def _is_taken(self, document: DocumentId) -> bool:
        return document <= self._highest_document_id and self.document(document) is not None

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue."""
        return self._catalogues.get(tenant) or self._committed.catalogues.get(tenant, EMPTY)

    # What staging a change uses

    def look_up_documents(self, ids: Iterable[DocumentId]) -> None:
        """Fetch documents, all at once, before deciding."""
        wanted = [own for own in dict.fromkeys(ids) if own and own not in self._documents]
        self._documents.update(dict.fromkeys(wanted))
        within = [own for own in wanted if own <= self._committed.highest_document_id]
        for document in self._lookup.documents(within) if within else ():
            self._documents[document.id] = document

    def put_document(self, document: Document) -> bool:
        """A document is new or changed; True when its id is one that the store made up just now."""
        made_up = document.version == 1 and document.id == self.new_document_id(())
        self._documents[document.id] = document
        self._highest_document_id = max(self._highest_document_id, document.id)
        if document.key:
            self._keyed[document.tenant, document.key] = document.id
        return made_up

    def meta(self, name: str) -> str | None:
        """A named fact about the store."""
        return self._meta.get(name) or self._committed.meta.get(name)

    def put_meta(self, name: str, value: str) -> None:
        """A named fact is new or another."""
        self._meta[name] = value

    def replace_tenant(self, tenant: TenantId, highest_document_id: int) -> None:
        """Everything of a tenant is gone; what is put from now on takes its place."""
        self._replaced.add(tenant)
        self._highest_document_id = max(self._highest_document_id, highest_document_id)

    def put_catalogue(self, tenant: TenantId, catalogue: Catalogue) -> None:
        """A catalogue has changed."""
        self._catalogues[tenant] = catalogue

    def look_up(self, keys: Iterable[tuple[TenantId, str]]) -> None:
        """Fetch what keys already got, all at once, before deciding."""
        wanted = [pair for pair in dict.fromkeys(keys) if pair not in self._looked_up]
        found = self._lookup.under(wanted) if wanted else {}
        for pair in wanted:
            self._looked_up[pair] = found.get(pair)

    def now(self, tenant: TenantId) -> datetime:
        """The group's time for a tenant."""
        found = self._times.get(tenant)
        if found is None:
            found = self._times[tenant] = self._clock.now(tenant)
        return found

    def stamp(self, tenant: TenantId) -> str:
        """The group's time for a tenant, as the ledger tells it."""
        found = self._stamps.get(tenant)
        if found is None:
            found = self._stamps[tenant] = stamp(self.now(tenant))
        return found

    def head(self, chain: CounterKey) -> Head:
        """The end of a chain."""
        return self._heads.get(chain) or self._committed.heads.get(chain) or Head()

    def put_head(self, chain: CounterKey, head: Head) -> None:
        """A chain has grown."""
        self._heads[chain] = head

    def put_series(self, series: Series) -> None:
        """A series is new or changed."""
        self._series[series.id] = series

    def put_counter(self, counter: Counter) -> None:
        """A line has moved."""
        self._lines.setdefault(counter.key.series, {})[counter.key.kind] = counter

    def put_issued(self, issued: Issued) -> None:
        """A number was given out or voided."""
        self._looked_up[issued.tenant, issued.key] = issued
        self._by_number[issued.counter, issued.number] = issued

    def add_row(self, statement: Statement, row: Row) -> None:
        """One more row for a statement; rows are written in the order in which they came."""
        self.rows.setdefault(statement, []).append(row)

    def set_row(self, statement: Statement, identity: object, row: Row) -> None:
        """The row for a statement that stands for `identity`; only the last one is written."""
        self._latest.setdefault(statement, {})[identity] = row

    def drop_row(self, statement: Statement, identity: object) -> None:
        """The row that stands for `identity` need not be written any more."""
        self._latest.get(statement, {}).pop(identity, None)

    def settled_rows(self) -> dict[Statement, list[Row]]:
        """Everything there is to write, by statement."""
        latest = {statement: list(rows.values()) for statement, rows in self._latest.items() if rows}
        return {**self.rows, **latest}

    def publish(self) -> None:
        """Make this the committed state. Only after the commit, only in the event loop's thread."""
        for tenant in self._replaced:
            self._committed.forget(tenant)
        for series in self._series.values():
            self._committed.put_series(series)
        for series_id, lines in self._lines.items():
            self._committed.put_counters(series_id, lines)
        self._committed.heads.update(self._heads)
        self._committed.meta.update(self._meta)
        if OWN_IDS in self._meta:
            self._committed.take_ids()
        self._committed.catalogues.update(self._catalogues)
        self._committed.highest_document_id = self._highest_document_id

    def _untouched(self, series: Series | None) -> Series | None:
        return None if series is None or series.id in self._series else series
