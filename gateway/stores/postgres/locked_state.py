"""What one transaction has locked and read. A group is decided from that alone; whatever it lacks is asked for in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.core.access_set import AccessSet
from gateway.core.catalogue import Catalogue
from gateway.core.documents import Document, DocumentId
from gateway.core.ports import Clock
from gateway.core.records import (
    DEFAULT_QUOTA,
    MADE_UP_END,
    KindName,
    Record,
    RecordId,
    RecordKey,
    RecordQuota,
    RecordUsage,
)
from gateway.core.values import Counter, CounterKey, Issued, LineName, Series, SeriesId, TenantId
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.conditions import Condition, Facts
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.group_commit import UndecidableError
from gateway.stores.engine.record_stage import UniqueValue
from gateway.stores.engine.tables import Table
from gateway.stores.engine.unit_of_work import UnitOfWork
from gateway.stores.postgres.work import HeldWork

AHEAD = 64
"""The one who asks about a number or an id often asks about the next one, too: so many are read at once."""


MAX_DIGITS = 18
"""Longer texts of digits are no numbers that are counted on."""

RECORDS_AHEAD = 8
"""At least so many records are read at once."""


class Held(Committed):
    """The state as far as it was locked and read. It raises UndecidableError when it is asked for anything else.

    lines: lines that are locked.
    whole: series that are locked with all their lines.
    creating, creating_series: the right to make documents, or series, is locked.
    asked_series, asked_names, asked_keys, asked_defaults: series that were looked for, found or not.
    issued_under, reservations, issued_numbers: issued numbers that were looked for; None where there is none.
    runs: for each line, runs of numbers of which all but the last one were given out.
    held_documents, documents_under: documents that were looked for; None where there is none.
    taken_ids: whether a document has the id.
    taken_runs: runs of document ids that are taken; the id behind each run is free.
    looked_at: tenants whose fence was read.
    record_tenants: tenants whose records are locked.
    held_records, record_owners, record_usages, whole_kinds: of those, what was looked for; None where there is none.
    work: items of work that were looked for.
    facts_found: rows that conditions ask for, all of them locked; None where there is none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: set[CounterKey] = set()
        self.whole: set[SeriesId] = set()
        self.creating = False
        self.creating_series = False
        self.asked_series: set[SeriesId] = set()
        self.asked_names: set[tuple[TenantId, str]] = set()
        self.asked_keys: set[tuple[TenantId, str]] = set()
        self.asked_defaults: set[TenantId] = set()
        self.issued_under: dict[tuple[TenantId, str], Issued | None] = {}
        self.reservations: dict[tuple[TenantId, str], Issued | None] = {}
        self.issued_numbers: dict[tuple[CounterKey, int], Issued | None] = {}
        self.runs: dict[CounterKey, list[range]] = {}
        self.held_documents: dict[DocumentId, Document | None] = {}
        self.documents_under: dict[tuple[TenantId, str], Document | None] = {}
        self.taken_ids: dict[DocumentId, bool] = {}
        self.taken_runs: list[range] = []
        self.looked_at: set[TenantId] = set()
        self.record_tenants: set[TenantId] = set()
        self.held_records: dict[RecordKey, Record | None] = {}
        self.record_owners: dict[UniqueValue, RecordId | None] = {}
        self.record_usages: dict[tuple[TenantId, KindName], RecordUsage] = {}
        self.whole_kinds: dict[tuple[TenantId, KindName], list[Record]] = {}
        self.work = HeldWork()
        self.facts_found: dict[tuple[Table, tuple[str, ...]], Facts | None] = {}

    def put_fence(self, tenant: TenantId, body: str | None) -> None:
        """Take in a tenant's fence, or that the tenant has none."""
        self.looked_at.add(tenant)
        if body is not None:
            self.fences[tenant] = Fence.of(body)

    def series(self, series: SeriesId) -> Series | None:
        """One series by id; a series that the group has made is in the unit of work."""
        if series not in self.asked_series:
            raise UndecidableError(unread=AccessSet(series={series}))
        return super().series(series)

    def series_named(self, tenant: TenantId, name: str) -> Series | None:
        """One series by its present name."""
        found = super().series_named(tenant, name)
        if found is None and (tenant, name) not in self.asked_names:
            raise UndecidableError(unheld=AccessSet(tenants={tenant}, names={(tenant, name)}))
        return found

    def series_keyed(self, tenant: TenantId, key: str) -> Series | None:
        """One series by its stable key."""
        found = super().series_keyed(tenant, key)
        if found is None and (tenant, key) not in self.asked_keys:
            raise UndecidableError(unread=AccessSet(series_keys={(tenant, key)}))
        return found

    def default_series(self, tenant: TenantId) -> Series | None:
        """The tenant's default series; it stays the default while one of its lines, or the tenant, is locked."""
        if tenant not in self.asked_defaults:
            raise UndecidableError(unread=AccessSet(defaults={tenant}))
        return super().default_series(tenant)

    def under(self, wanted: Iterable[tuple[TenantId, str]]) -> dict[tuple[TenantId, str], Issued]:
        """The numbers that keys already got."""
        pairs = list(wanted)
        unread = {pair for pair in pairs if pair not in self.issued_under}
        if unread:
            raise UndecidableError(unread=AccessSet(issue_keys=unread))
        found = {pair: self.issued_under[pair] for pair in pairs}
        return {pair: issued for pair, issued in found.items() if issued is not None}

    def number(self, counter: CounterKey, number: int) -> Issued | None:
        """Who has a number."""
        if (counter, number) not in self.issued_numbers:
            ahead = {(counter, n) for n in range(number, number + AHEAD) if n < 2**63}
            raise UndecidableError(unread=AccessSet(numbers=ahead))
        return self.issued_numbers[counter, number]

    def reserved_under(self, tenant: TenantId, reservation_key: str) -> Issued | None:
        """The number that was reserved under a key."""
        key = (tenant, reservation_key)
        if key not in self.reservations:
            raise UndecidableError(unread=AccessSet(reservation_keys={key}))
        return self.reservations[key]

    def first_free(self, counter: CounterKey, number: int) -> int:
        """The first number from this one on that no committed row has."""
        for run in self.runs.get(counter, ()):
            if number in run:
                return run[-1]
        raise UndecidableError(unread=AccessSet(runs={(counter, number)}))

    def documents(self, ids: Iterable[DocumentId]) -> list[Document]:
        """Documents by id, of any tenant."""
        wanted = list(ids)
        unheld = {own for own in wanted if own not in self.held_documents}
        if unheld:
            raise UndecidableError(unheld=AccessSet(documents=unheld))
        found = [self.held_documents[own] for own in wanted]
        return [document for document in found if document is not None]

    def created_under(self, keys: Iterable[tuple[TenantId, str]]) -> list[Document]:
        """The documents that were created under keys."""
        wanted = list(keys)
        unread = {pair for pair in wanted if pair not in self.documents_under}
        if unread:
            raise UndecidableError(unread=AccessSet(document_keys=unread))
        found = [self.documents_under[pair] for pair in wanted]
        return [document for document in found if document is not None]

    def first_free_id(self, start: DocumentId) -> DocumentId:
        """The id behind the run of taken ids that has `start` in it, if it was read; else `start` itself."""
        return next((DocumentId(run.stop) for run in self.taken_runs if start in run), start)

    def next_taken_id(self, start: DocumentId) -> DocumentId:
        """Never asked: the unit of work knows which ids are taken."""
        return start

    def _lacks(self, kinds: set[tuple[TenantId, KindName]], unread: AccessSet) -> UndecidableError:
        """What to raise for records that were not read: it asks for the lock, too, unless their tenants are locked."""
        if all(tenant in self.record_tenants for tenant, _ in kinds):
            return UndecidableError(unread=unread)
        unread.record_kinds |= kinds
        return UndecidableError(unheld=unread)

    def records(self, keys: Iterable[RecordKey]) -> list[Record]:
        """Records by key, and tombstones."""
        wanted = list(keys)
        unread = {key for key in wanted if key not in self.held_records}
        if unread:
            unread |= self._behind(*unread) if len(unread) == 1 else set()
            raise self._lacks({(key.tenant, key.kind) for key in unread}, AccessSet(records=unread))
        found = [self.held_records[key] for key in wanted]
        return [record for record in found if record is not None]

    def _behind(self, key: RecordKey) -> set[RecordKey]:
        """The records behind one whose id is a number: the next id that is made up in the group asks about them.

        They are as many as were looked for so far, so that a thousand new records take a few SELECTs.
        """
        if not (key.id.isascii() and key.id.isdecimal()):
            return set()
        first = int(key.id) + 1
        numbers = range(first, min(first + max(RECORDS_AHEAD, len(self.held_records)), MADE_UP_END))
        return {key._replace(id=RecordId(str(number))) for number in numbers}

    def record_with(self, wanted: UniqueValue) -> RecordId | None:
        """The record that has a unique value."""
        if wanted not in self.record_owners:
            raise self._lacks({wanted[:2]}, AccessSet(record_values={wanted, *_values_behind(wanted)}))
        return self.record_owners[wanted]

    def record_usage(self, tenant: TenantId, kind: KindName) -> RecordUsage:
        """How much a tenant has of a kind."""
        if (tenant, kind) not in self.record_usages:
            raise self._lacks({(tenant, kind)}, AccessSet(record_kinds={(tenant, kind)}))
        return self.record_usages[tenant, kind]

    def records_of(self, tenant: TenantId, kind: KindName) -> list[Record]:
        """Every record of a kind, without tombstones."""
        if (tenant, kind) not in self.whole_kinds:
            raise self._lacks({(tenant, kind)}, AccessSet(whole_kinds={(tenant, kind)}))
        return self.whole_kinds[tenant, kind]

    def facts(self, condition: Condition) -> Facts | None:
        """What the row of a condition reads. The conditions of a group are known beforehand, so each row is here."""
        return self.facts_found[condition.table, condition.key]

    def is_database_error(self, error: Exception) -> bool:  # noqa: ARG002 - part of the protocol
        """Never: the database is not asked while a group is decided."""
        return False

    def is_taken(self, document: DocumentId) -> bool:
        """True when a committed document has this id. Needs the right to make documents, or the answer could become wrong."""
        if not self.creating:
            raise UndecidableError(unheld=AccessSet(creates_documents=True))
        if document not in self.taken_ids:
            ahead = {DocumentId(own) for own in range(document, document + AHEAD)}
            raise UndecidableError(unread=AccessSet(document_ids=ahead))
        return self.taken_ids[document]


def _values_behind(wanted: UniqueValue) -> Iterable[UniqueValue]:
    """The values behind one that is a number: the next one that is drawn in the group is asked about soon."""
    tenant, kind, name, value = wanted
    if not (value.isascii() and value.isdecimal()) or len(value) > MAX_DIGITS:
        return ()
    return ((tenant, kind, name, str(number)) for number in range(int(value) + 1, int(value) + AHEAD))


class LockedUnitOfWork(UnitOfWork):
    """A unit of work that shows a line, document or catalogue only when it is locked, or when the group itself made it."""

    def __init__(self, held: Held, clock: Clock, quota: RecordQuota = DEFAULT_QUOTA) -> None:
        super().__init__(held, held, clock, quota)
        self._held = held

    @property
    def changed_catalogues(self) -> Mapping[TenantId, Catalogue]:
        """The catalogues that the group has changed."""
        return self._catalogues

    def series(self, series: SeriesId) -> Series | None:
        """One series by id; one that the group has made is its own."""
        return self._series.get(series) or self._held.series(series)

    def new_series_id(self) -> SeriesId:
        """The id that the next new series gets. Needs the right to make series, or another process may take it, too."""
        if not self._held.creating_series:
            raise UndecidableError(unheld=AccessSet(creates_series=True))
        return super().new_series_id()

    def counter(self, key: CounterKey) -> Counter:
        """Where a line stands; one that was never touched stands at its beginning."""
        held = key in self._held.lines or key.series in self._held.whole or self._is_new(key.series)
        if not held:
            raise UndecidableError(unheld=AccessSet(lines={key}))
        return super().counter(key)

    def counters(self, series: SeriesId) -> Mapping[LineName, Counter]:
        """The lines of a series that were ever touched."""
        if series not in self._held.whole and not self._is_new(series):
            raise UndecidableError(unheld=AccessSet(whole_series={series}))
        return super().counters(series)

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue."""
        if tenant not in self._catalogues and tenant not in self._held.catalogues:
            raise UndecidableError(unheld=AccessSet(catalogues={tenant}))
        return super().catalogue(tenant)

    def _is_new(self, series: SeriesId) -> bool:
        return series in self._series and series not in self._held.asked_series

    def _is_taken(self, document: DocumentId) -> bool:
        if self._documents.get(document) is not None:
            return True
        return document <= self._committed.highest_document_id and self._held.is_taken(document)
