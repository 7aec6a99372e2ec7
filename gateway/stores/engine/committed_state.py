"""The committed state in memory: series, lines, ends of chains and catalogues (ADR-4).

`Committed` belongs to the event loop's thread. The writer's thread reads it only while it works on a group, and no group is
published meanwhile, so no lock is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from gateway.core.catalogue import Catalogue
from gateway.core.commands import GetSeries, PeekNext, R, SeriesQuery
from gateway.core.ledger import Head
from gateway.core.numbering import is_shown, read_series
from gateway.core.results import NextPeeked, SeriesListed, SeriesRead
from gateway.core.values import (
    SERIES_CHAIN,
    Counter,
    CounterKey,
    LineName,
    Series,
    SeriesId,
    SeriesView,
    TenantId,
)
from gateway.stores.engine import fences
from gateway.stores.engine.chain_ends import ChainEnd, Standing, begun_of
from gateway.stores.engine.recent_documents import RecentDocuments
from gateway.stores.engine.recent_records import RecentRecords

NO_LINES: Final[Mapping[LineName, Counter]] = MappingProxyType({})


LAST_DOCUMENT: Final = "last-document-id"
"""The name in `meta` of the last document id that the store made up; clients may propose higher ones (ADR-15)."""
LAST_SERIES: Final = "last-series-id"
"""The name in `meta` of the highest id of a series that was taken away; ids are never used again (ADR-25)."""
OWN_IDS: Final = "own-ids"
"""The name in `meta` of the span of ids that the store may make up, as "first end"; without it, that is every id (ADR-40)."""
NO_END: Final = 2**63 - 1


def own_ids(meta: Mapping[str, str]) -> range:
    """The span of ids that a store may make up."""
    first, _, end = meta.get(OWN_IDS, f"1 {NO_END}").partition(" ")
    return range(int(first), int(end))


class Committed:
    """Every series, line and end of chain as committed. Mappings handed out are never changed afterwards.

    own_ids: the ids that may be made up here; tenants that came from another store have others (ADR-40).
    fences: of the tenants that must not be served from here; nearly always none.
    last_series_id: the highest id of a series within `own_ids`.
    highest_document_id: of all documents; every id above it is free.
    meta: named facts about the store.
    catalogues: by tenant; a tenant without items is not in it.
    heads: the end of each chain that has an entry.
    recent: documents that were read or saved a moment ago.
    recent_records: answers about records that were given a moment ago.
    """

    def __init__(self) -> None:
        self.own_ids = range(1, NO_END)
        self.fences: dict[TenantId, fences.Fence] = {}
        self.last_series_id = 0
        self.highest_document_id = 0
        self.meta: dict[str, str] = {}
        self.catalogues: dict[TenantId, Catalogue] = {}
        self.heads: dict[CounterKey, Head] = {}
        self.recent = RecentDocuments()
        self.recent_records = RecentRecords()
        self.all_series: dict[SeriesId, Series] = {}
        self.all_lines: dict[SeriesId, Mapping[LineName, Counter]] = {}
        self._by_name: dict[tuple[TenantId, str], SeriesId] = {}
        self._by_key: dict[tuple[TenantId, str], SeriesId] = {}
        self._by_tenant: dict[TenantId, list[SeriesId]] = {}
        self._defaults: dict[TenantId, SeriesId] = {}

    def series(self, series: SeriesId) -> Series | None:
        """One series by id."""
        return self.all_series.get(series)

    def has_series(self, tenant: TenantId) -> bool:
        """True when any series of a tenant is here."""
        return tenant in self._by_tenant

    def series_ids(self, tenant: TenantId) -> Sequence[SeriesId]:
        """The ids of a tenant's series, ascending."""
        return self._by_tenant.get(tenant, ())

    def series_named(self, tenant: TenantId, name: str) -> Series | None:
        """One series by its present name."""
        found = self._by_name.get((tenant, name))
        return None if found is None else self.all_series[found]

    def series_keyed(self, tenant: TenantId, key: str) -> Series | None:
        """One series by its stable key."""
        found = self._by_key.get((tenant, key))
        return None if found is None else self.all_series[found]

    def default_series(self, tenant: TenantId) -> Series | None:
        """The tenant's default series."""
        found = self._defaults.get(tenant)
        return None if found is None else self.all_series[found]

    def counters(self, series: SeriesId) -> Mapping[LineName, Counter]:
        """The lines of a series that were ever touched."""
        return self.all_lines.get(series, NO_LINES)

    def all_counters(self, tenant: TenantId | None) -> list[Counter]:
        """Every line that was ever touched, of one tenant or all."""
        wanted = (s.id for s in self.all_series.values() if tenant is None or s.tenant == tenant)
        return [counter for series in wanted for counter in self.counters(series).values()]

    def answer(self, query: SeriesQuery[R]) -> R:
        """Answer a query. Raises Refused, TenantFencedError."""
        if self.fences:
            fences.check(self.fences, query.tenant)
        answer: R = self._answer(query)
        return answer

    def _answer(self, query: SeriesQuery[Any]) -> Any:
        if isinstance(query, PeekNext):
            series = read_series(self, query.tenant, query.counter.series, query.dialect)
            counter = self.counters(series.id).get(query.counter.line)
            return NextPeeked(series, counter or Counter(query.counter))
        if isinstance(query, GetSeries):
            return SeriesRead(self._view(read_series(self, query.tenant, query.series, query.dialect)))
        wanted = (self.all_series[own] for own in self.series_ids(query.tenant))
        return SeriesListed(tuple(self._view(series) for series in wanted if is_shown(series, query.dialect)))

    def put_series(self, series: Series) -> None:
        """Take in a new or changed series."""
        former = self.all_series.get(series.id)
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
        self.all_series[series.id] = series
        self._by_name[series.tenant, series.name] = series.id
        if series.is_default:
            self._defaults[series.tenant] = series.id
        elif self._defaults.get(series.tenant) == series.id:
            del self._defaults[series.tenant]

    def put_counters(self, series: SeriesId, lines: Mapping[LineName, Counter]) -> None:
        """Take in changed lines of a series."""
        self.all_lines[series] = MappingProxyType({**self.counters(series), **lines})

    def put_lines(self, counters: Iterable[Counter]) -> None:
        """Take in lines of any series."""
        lines: dict[SeriesId, dict[LineName, Counter]] = {}
        for counter in counters:
            lines.setdefault(counter.key.series, {})[counter.key.line] = counter
        for series, own in lines.items():
            self.put_counters(series, own)

    def standing(self) -> Standing:
        """The end of each chain, and since when tenants are what they are."""
        begun = begun_of(tuple(self.meta.items()))
        ends: dict[tuple[int, str], ChainEnd] = {}
        for (series, line), head in self.heads.items():
            own, counter = self.all_series[series], self.counters(series).get(line)
            number = None if counter is None else counter.next_number
            since = begun.get(own.tenant, 0)
            ends[series, line] = ChainEnd(own.tenant, series, own.key, line, head.index, head.hash, number, since)
        return Standing(ends, begun)

    def take_ids(self) -> None:
        """Work out `own_ids` and `last_series_id` anew, because `meta` has been read or has changed."""
        self.own_ids = own_ids(self.meta)
        noted = int(self.meta.get(LAST_SERIES, 0))
        used = [own for own in (noted, *self.all_series) if own in self.own_ids]
        self.last_series_id = max(used, default=self.own_ids.start - 1)

    def forget(self, tenant: TenantId) -> None:
        """Everything of a tenant is gone: series, lines, chains, catalogue, documents."""
        for series in self._by_tenant.pop(tenant, ()):
            own = self.all_series.pop(series)
            self._by_name.pop((tenant, own.name), None)
            self._by_key.pop((tenant, own.key), None)
            for line in (*self.all_lines.pop(series, ()), SERIES_CHAIN):
                self.heads.pop(CounterKey(series, line), None)
        self._defaults.pop(tenant, None)
        self.catalogues.pop(tenant, None)
        self.recent.clear()
        self.recent_records.drop(tenant)

    def _view(self, series: Series) -> SeriesView:
        return SeriesView(series, self.counters(series.id))
