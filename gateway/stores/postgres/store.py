"""The PostgreSQL store behind the ports of the core. Nothing that decides is kept in memory: other processes write, too."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import structlog

from gateway.clock import SystemClock
from gateway.core.catalogue import EMPTY, Catalogue
from gateway.core.commands import GetDocuments, ListSeries, Query, R, SeriesQuery
from gateway.core.ledger import Entry, Finding
from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.record_commands import GetRecords, RecordQuery, RecordsRead
from gateway.core.records import DEFAULT_QUOTA, RecordQuota
from gateway.core.values import SERIES_CHAIN, Series, SeriesId, TenantId
from gateway.stores.engine import fences
from gateway.stores.engine.chain_ends import BEGINNINGS, BEGUN, ENDS, Begun, Standing, Written, begun_of, standing_of
from gateway.stores.engine.fences import TenantFencedError
from gateway.stores.engine.group_commit import MAX_QUEUED, GroupCommit, Job, Outcome, Write
from gateway.stores.engine.ledger_pages import LedgerPlace
from gateway.stores.engine.provisioning import SeriesSpec, provide_series
from gateway.stores.engine.rows import KeptToken, catalogues_of, fences_of, notes_of
from gateway.stores.engine.store_base import StoreBase
from gateway.stores.engine.tenant_records import TenantRecords
from gateway.stores.engine.tenant_rows import SEED
from gateway.stores.engine.work_records import WorkRecords
from gateway.stores.errors import StoreError, StoreOpenError
from gateway.stores.postgres import consistency, queries, schema_setup
from gateway.stores.postgres.committer import Committer, PostgresStats
from gateway.stores.postgres.connection import FOR_VALUES, Connection, Hosts, close_quietly
from gateway.stores.postgres.decided_group import CATALOGUE_VERSION
from gateway.stores.postgres.documents import FEW, answer_documents, select_rows
from gateway.stores.postgres.error_classes import Verdict, brief, conflict_of, verdict
from gateway.stores.postgres.lease import now
from gateway.stores.postgres.read_batches import FindToken, Readers, SharedReads
from gateway.stores.postgres.record_reads import SharedRecordReads
from gateway.stores.postgres.records import answer_records
from gateway.stores.postgres.url import read_address

log = structlog.get_logger("store")

STALE_SECONDS: Final = 1.0
"""For how long a catalogue that another process changed, or a token that it dropped, may still be used here (ADR-30)."""
BLIND_SECONDS: Final = 3.0
"""Catalogues that could not be compared with the database for so long are not shown any more (ADR-30)."""


class PostgresStore(StoreBase):
    """Implements `gateway.core.ports.Store` and `TokenVault`. Any number of processes may work on one database.

    is_shared: whether other processes may write, too.
    auto_migrate: the tables are made, or upgraded, at the start.
    read_only: nothing is written; a standby will do.
    record_quota: how much a tenant may have of one kind of record.
    max_queued: how many jobs may wait for their commit, and how many questions for their answer.
    on_commit: called after each commit with (jobs, seconds in COMMIT).
    """

    is_shared: Final = True

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        auto_migrate: bool = True,
        read_only: bool = False,
        max_queued: int = MAX_QUEUED,
        record_quota: RecordQuota = DEFAULT_QUOTA,
        on_commit: Callable[[int, float], None] | None = None,
    ) -> None:
        """Raises StoreOpenError when the URL cannot be read."""
        self._address = read_address(url)
        self._auto_migrate = auto_migrate
        self._clock = clock or SystemClock()
        self._hosts = Hosts(self._address, read_only=read_only)
        options = self._address.options
        self._stats = PostgresStats()
        self._committer = Committer(
            self._hosts,
            self._clock,
            self._stats,
            self._take_catalogues,
            on_commit,
            lambda: self.begun,
            self._take_durable,
            record_quota,
        )
        groups = GroupCommit(self._commit, max_queued, patience_seconds=options.deadline_seconds, stats=self._stats)
        super().__init__(self._address.name, groups, self._clock, read_only=read_only, trust_seconds=STALE_SECONDS)
        self._readers = Readers(self._hosts, int(options.readers))
        self._reads = SharedReads(self._readers, max_queued, self._readers.size)
        self._document_reads = SharedReads(self._readers, max_queued, 1)
        self._document_readers = Readers(self._hosts, 1, FOR_VALUES)
        self._one_document_question = asyncio.Semaphore(int(options.readers))
        self._record_reads = SharedRecordReads(self._read_records)
        self.tenant_records = TenantRecords(
            self._select, self.noted, self._submit, self.read, self._tokens.forget, conflict_of, self._begun_now
        )
        self.work = WorkRecords(self.tenant_records)
        self._must_settle = False
        self._catalogues: dict[TenantId, Catalogue] = {}
        self._fences: fences.Fences = {}
        self._catalogue_versions: dict[str, str] = {}
        self._own_changes: set[TenantId] = set()
        self._catalogues_seen = -math.inf
        self._watching: asyncio.Task[None] | None = None

    # Life

    async def start(self) -> None:
        """Connect, bring the tables up to date, read the catalogues. Raises StoreOpenError, StoreVersionError."""
        try:
            migrate = self._auto_migrate and not self.read_only
            self.is_new = await schema_setup.prepare_tables(self._hosts, migrate=migrate)
            self.begun = begun_of(tuple((await self.noted(BEGUN)).items()))
            await self._refresh_catalogues()
        except StoreUnavailableError as error:
            await self.close()
            raise StoreOpenError(f"cannot open store: {error}") from error
        except BaseException:
            await self.close()
            raise
        self._watching = asyncio.get_running_loop().create_task(self._watch_catalogues())

    async def close(self) -> None:
        """Finish what waits and close every connection. May be called more than once."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await self._groups.close()
        await self._reads.close()
        await self._document_reads.close()
        await self._record_reads.close()
        await self._committer.close()
        await self._readers.close()
        await self._document_readers.close()

    def _heartbeat(self) -> Write:
        """Even an empty write is committed with a barrier, because its waiter must be sure."""
        return Write(())

    # Queries

    async def read(self, query: Query[R]) -> R:
        """Answer from the primary, with everything that was acknowledged before. Raises Refused, StoreUnavailableError."""
        answer: R
        if isinstance(query, SeriesQuery):
            answer = await self._reads.ask(query)
        elif isinstance(query, GetDocuments) and len(query.ids) <= FEW:
            answer = await self._document_reads.ask(query)
        elif isinstance(query, GetRecords):
            found: Any = await self._record_reads.read(query)
            answer = found
        else:
            answering: Any = answer_records if isinstance(query, RecordQuery) else answer_documents
            answer = _unless_fenced(await self._ask_documents(lambda connection: answering(connection, query)))
        return answer

    async def _read_records(self, query: GetRecords) -> RecordsRead:
        """Records by key are rows by their primary key: one plan that is kept suits them."""
        async with self._one_document_question:
            found = await self._readers.run(lambda connection: answer_records(connection, query))
        answer: RecordsRead = _unless_fenced(found)
        return answer

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue; a change by another process shows after STALE_SECONDS at the latest.

        Raises StoreUnavailableError when it may be older than BLIND_SECONDS.
        """
        fences.check(self._fences, tenant)
        if now() > self._catalogues_seen + BLIND_SECONDS:
            raise StoreUnavailableError(f"catalogues were not compared with the database for {BLIND_SECONDS:g} s")
        return self._catalogues.get(tenant, EMPTY)

    async def _ledger_page(self, tenant: TenantId | None, after: LedgerPlace, limit: int) -> list[Entry]:
        found: list[Entry] = await self._ask_documents(
            lambda connection: consistency.ledger_page(connection, tenant, after, limit)
        )
        return found

    async def verify(self, tenant: TenantId | None = None) -> tuple[int, list[Finding]]:
        """Recompute the ledger of one tenant or all, and compare it with the lines and the numbers given out.

        Returns the number of entries and what is wrong. All of one instant, also while gateways write. Raises
        StoreUnavailableError.
        """
        deadline = asyncio.get_running_loop().time() + self._address.options.deadline_seconds
        connection = await self._hosts.connect(deadline)
        try:
            found = await consistency.verify(connection, tenant)
            if not self.read_only:
                async with asyncio.timeout(self._address.options.commit_seconds):
                    await connection.prove()
            return found
        except Exception as error:
            if verdict(error) is Verdict.LOST:
                raise StoreUnavailableError(f"cannot verify: {brief(error)}") from error
            raise
        finally:
            await close_quietly(connection)

    # The ends of chains, for the watermark

    async def _commit(self, jobs: list[Job]) -> list[Outcome]:
        outcomes = await self._committer.commit(jobs)
        if self._must_settle:
            self._must_settle = False
            await self._settled()
        return outcomes

    def _take_durable(self, written: Written, begun: Begun) -> None:
        self._must_settle |= self._durable(written, begun)
        self._note_work(written)

    async def standing(self) -> Standing:
        """The end of each ledger chain, as of one instant. Raises StoreUnavailableError."""
        ends, notes = await self._select((ENDS, (SERIES_CHAIN,)), (BEGINNINGS, (len(BEGUN), BEGUN)))
        return await asyncio.to_thread(standing_of, ends, notes)

    async def hashes_at(self, places: Sequence[LedgerPlace]) -> Mapping[LedgerPlace, str]:
        """The hashes of single ledger entries; places without an entry are left out. Raises StoreUnavailableError."""
        columns = [list(column) for column in zip(*places, strict=True)]
        (rows,) = await self._select((queries.ENTRIES_AT, columns))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    # What the configuration wants

    async def provision(
        self, tenant: TenantId, wanted: Sequence[SeriesSpec | tuple[str, str, str | None, str | None, bool]]
    ) -> dict[str, SeriesId]:
        """Make sure that configured series exist; returns their ids by key. What exists is left as it is.

        Raises StoreError when a name is already another series'.
        """
        specs = [SeriesSpec(*spec) for spec in wanted]
        existing: dict[str, Series] | None = None
        while True:
            before, existing = existing, await self._series_by_key(tenant)
            try:
                return await provide_series(existing.get, self.execute, tenant, specs)
            except StoreError:
                if before is not None and before.keys() == existing.keys():
                    raise  # no other process has made series meanwhile: the name is taken

    async def _series_by_key(self, tenant: TenantId) -> dict[str, Series]:
        views = (await self.read(ListSeries(tenant))).views
        return {view.series.key: view.series for view in views}

    async def _applied_seed(self, tenant: TenantId) -> str | None:
        return (await self.noted(SEED + tenant)).get(SEED + tenant)

    # Tokens and notes

    async def _find_token(self, kind: str, digest: str) -> KeptToken | None:
        found: KeptToken | None = await self._reads.ask(FindToken(kind, digest))
        return found

    async def noted(self, prefix: str) -> dict[str, str]:
        """All texts kept under names that begin so."""
        return notes_of(await self._rows_shown(queries.NOTES, prefix))

    async def _rows_shown(self, sql: str, *values: object) -> Sequence[Sequence[Any]]:
        """The rows of a SELECT whose last column is `xmin`. Nothing may rest on a row that is not there."""

        async def work(connection: Connection) -> Sequence[Sequence[Any]]:
            rows = await connection.rows(sql, *values)
            connection.shown = {row[-1] for row in rows}
            return rows

        return await self._readers.run(work)

    # Catalogues

    def _take_catalogues(self, catalogues: Mapping[TenantId, Catalogue]) -> None:
        """Show what a group of this process has changed, until the next comparison reads it from the database again.

        Another process may have changed it since, and that may have been read already: so its version is forgotten.
        """
        self._catalogues.update(catalogues)
        self._own_changes.update(catalogues)
        for tenant in catalogues:
            self._catalogue_versions.pop(CATALOGUE_VERSION + tenant, None)

    async def _watch_catalogues(self) -> None:
        while True:
            await asyncio.sleep(STALE_SECONDS / 2)
            try:
                await self._refresh_catalogues()
            except StoreUnavailableError:
                pass  # `catalogue` says so after BLIND_SECONDS
            except Exception:  # no failure may end the watch
                log.exception("store: catalogues cannot be compared", store=self._address.name)

    async def _refresh_catalogues(self) -> None:
        """Read the catalogues whose version is another one."""
        began = now()
        self._fences = fences_of([row[:-1] for row in await self._rows_shown(queries.ALL_FENCES)])
        self._own_changes.clear()
        versions = await self.noted(CATALOGUE_VERSION)
        changed = [name for name, version in versions.items() if self._catalogue_versions.get(name) != version]
        tenants = {TenantId(name.removeprefix(CATALOGUE_VERSION)) for name in changed}
        if tenants:
            rows = await self._readers.run(lambda connection: connection.rows(queries.CATALOGUES, list(tenants)))
            found = catalogues_of(rows)
            await self._learn_begun(tenants)
            # what was read of these may be older than what this process has written meanwhile
            tenants -= self._own_changes
            self._catalogues.update({tenant: found.get(tenant, EMPTY) for tenant in tenants})
            names = [CATALOGUE_VERSION + tenant for tenant in tenants]
            self._catalogue_versions.update({name: versions[name] for name in names})
        self._catalogues_seen = began

    async def _learn_begun(self, tenants: Collection[TenantId]) -> None:
        """Another process may have begun a tenant anew; each such change gives its catalogue another version, too."""
        moments = begun_of(await self._rows_shown(queries.NOTES_NAMED, [BEGUN + tenant for tenant in tenants]))
        later = {tenant: moment for tenant, moment in moments.items() if moment > self.begun.get(tenant, 0)}
        if later:
            self.begun = {**self.begun, **later}

    # Figures

    @property
    def stats(self) -> PostgresStats:
        """Counts since the start."""
        return self._stats

    def figures(self) -> dict[str, float]:
        """Counts since the start and the present queue, by name, for metrics."""
        reads = {"store_questions": float(self._reads.questions), "store_selects": float(self._reads.selects)}
        return {**super().figures(), **reads, "store_regressions": float(self._hosts.lease.regressions)}

    # Connections

    async def _select(self, *selects: tuple[str, Sequence[Any]]) -> list[Sequence[Any]]:
        found: list[Sequence[Any]] = await self._ask_documents(lambda connection: select_rows(connection, selects))
        return found

    async def _ask_documents(self, work: Callable[[Connection], Any]) -> Any:
        async with self._one_document_question:
            return await self._document_readers.run(work)


def _unless_fenced(answer: Any) -> Any:
    if isinstance(answer, TenantFencedError):
        raise answer
    return answer
