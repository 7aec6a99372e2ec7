"""The SQLite store: one process, one writer thread, one transaction for all waiting commands.

Committed series, lines, ends of chains and catalogues are in memory, because no other process writes (ADR-4). Queries about
them are answered from there without waiting for the disk. Documents are read from the file, in a thread of their own, and
answered when memory shows what they show (`publication`). Works on POSIX systems only, because of the file lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.clock import SystemClock
from gateway.core.catalogue import EMPTY, Catalogue
from gateway.core.commands import GetDocuments, Query, R, SeriesQuery
from gateway.core.ledger import Entry, Finding
from gateway.core.ports import Clock
from gateway.core.record_commands import GetRecords, RecordQuery, RecordsRead
from gateway.core.records import DEFAULT_QUOTA, RecordQuota
from gateway.core.values import SeriesId, TenantId
from gateway.stores.engine import fences, statements
from gateway.stores.engine.chain_ends import Standing, begun_of
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.group_commit import MAX_QUEUED, GroupCommit, Job, Outcome, Write, decide_group, unavailable
from gateway.stores.engine.ledger_pages import LedgerPlace
from gateway.stores.engine.provisioning import SeriesSpec, provide_series
from gateway.stores.engine.rows import KeptToken
from gateway.stores.engine.staging import MetaNoted
from gateway.stores.engine.store_base import StoreBase
from gateway.stores.engine.tenant_records import TenantRecords
from gateway.stores.engine.tenant_rows import SEED
from gateway.stores.engine.unit_of_work import UnitOfWork
from gateway.stores.engine.work_records import WorkRecords
from gateway.stores.errors import StoreDamagedError, StoreError, StoreOpenError
from gateway.stores.sqlite.attempt import Attempt
from gateway.stores.sqlite.consistency import hashes_at, ledger_page, verify
from gateway.stores.sqlite.document_reads import FEW, DocumentReads
from gateway.stores.sqlite.documents import answer_documents
from gateway.stores.sqlite.file import Loaded, Reader, Writer
from gateway.stores.sqlite.lock import FileLock, make_directory
from gateway.stores.sqlite.publication import Publication
from gateway.stores.sqlite.read_thread import ReadingThread
from gateway.stores.sqlite.records import answer_records
from gateway.stores.sqlite.trouble import FILE_TROUBLE, conflict_of, is_damage, is_environmental
from gateway.stores.sqlite.upkeep import LOOK_SECONDS, Upkeep

T = TypeVar("T")


class SqliteStore(StoreBase):
    """Implements `gateway.core.ports.Store` and `TokenVault`.

    path: of the file.
    is_shared: whether other processes may write, too.
    auto_migrate: an older file is upgraded at the start.
    read_only: no lock, no writing, and the state as of `start`; for a look into a file while a server has it.
    max_queued: how many jobs may wait for their commit.
    record_quota: how much a tenant may have of one kind of record.
    on_commit: called after each commit with (jobs, seconds in COMMIT).
    """

    is_shared: Final = False

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        auto_migrate: bool = True,
        read_only: bool = False,
        max_queued: int = MAX_QUEUED,
        record_quota: RecordQuota = DEFAULT_QUOTA,
        on_commit: Callable[[int, float], None] | None = None,
    ) -> None:
        self.path = Path(os.path.realpath(path))
        self.on_commit = on_commit
        self.record_quota = record_quota
        self._clock = clock or SystemClock()
        super().__init__(str(self.path), GroupCommit(self._commit, max_queued), self._clock, read_only=read_only)
        self._auto_migrate = auto_migrate
        self._committed = Committed()
        self._lock: FileLock | None = None
        self._writer: Writer | None = None
        self._looking: asyncio.Task[None] | None = None
        self._upkeep = Upkeep(self.path)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._publication = Publication(str(self.path))
        self._reading = ReadingThread(self.path, "store-reader", self._publication)
        self._document_reading = DocumentReads(self.path, "store-documents", self._publication)
        self._verifying = ReadingThread(self.path, "store-verifier", self._publication)  # it may take minutes
        self.tenant_records = TenantRecords(
            self._document_reading.select,
            self.noted,
            self._submit,
            self.read,
            self._tokens.forget,
            conflict_of,
            self._begun_now,
        )
        self.work = WorkRecords(self.tenant_records)

    # Life

    async def start(self) -> None:
        """Lock, open, migrate and read the file. Raises StoreLockedError, StoreOpenError, StoreVersionError."""
        try:
            self._take(await self._in(self._write_thread, self._open))
            if not self.read_only:
                self._looking = asyncio.get_running_loop().create_task(self._keep_up())
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what waits, close the file, let the lock go. May be called more than once."""
        await self._groups.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        # readers first: the last connection to close folds the log into the file, if it may write
        await self._reading.close()
        await self._document_reading.close()
        await self._verifying.close()
        if self._writer is not None:
            await self._in(self._write_thread, self._close_writer)
        self._write_thread.shutdown(wait=False)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def _keep_up(self) -> None:
        """Look at the file once a second: what memory shows must be what the file has."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._publication.take(await self._in(self._write_thread, self._look))

    def _look(self) -> Exception | None:
        return None if self._writer is None or self._lock is None else self._upkeep.look(self._writer, self._lock)

    def _heartbeat(self) -> Write:
        """Not an empty write: that would not touch the disk."""
        return Write((MetaNoted("heartbeat", self._clock.now().isoformat(timespec="microseconds")),))

    def _open(self) -> tuple[Committed, int | None]:
        if self.read_only:
            with contextlib.closing(Reader(self.path)) as reader:
                return reader.load(), None
        make_directory(self.path.parent)
        self._lock = FileLock(self.path)
        self._writer = Writer(self.path, create=True, migrate=self._auto_migrate)
        self.is_new = self._writer.has_made
        return self._writer.load()

    def _close_writer(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(sqlite3.Error):
                self._writer.fold()  # closing does that, too, but only when nobody else reads the file
            self._writer.close()
            self._writer = None

    # Queries

    async def read(self, query: Query[R]) -> R:
        """Answer about series from the committed state, without waiting; about documents from the file.

        Raises Refused, StoreUnavailableError.
        """
        if self._publication.trouble:
            self._publication.check()
        answer: R
        if isinstance(query, SeriesQuery):
            answer = self._committed.answer(query)
            return answer
        fences.check(self._committed.fences, query.tenant)
        if isinstance(query, GetDocuments) and len(query.ids) <= FEW:
            answer = await self._document_reading.few(query, lambda: self._committed.recent)
        elif isinstance(query, GetRecords):
            named: Any = self._committed.recent_records.answer(query) or await self._records(query)
            answer = named
        else:
            answering: Any = answer_records if isinstance(query, RecordQuery) else answer_documents
            answer = await self._document_reading.read(lambda connection: answering(connection, query))
        return answer

    async def _records(self, query: GetRecords) -> RecordsRead:
        def work(reader: Reader) -> RecordsRead:
            found: RecordsRead = reader.within(lambda connection: answer_records(connection, query))
            return found

        found, seen = await self._document_reading.asked(work)
        if seen == self._publication.mark:
            self._committed.recent_records.take(query, found)
        return found

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue as committed. Raises TenantFencedError, StoreUnavailableError."""
        if self._publication.trouble:
            self._publication.check()
        if self._committed.fences:
            fences.check(self._committed.fences, tenant)
        return self._committed.catalogues.get(tenant, EMPTY)

    async def _ledger_page(self, tenant: TenantId | None, after: LedgerPlace, limit: int) -> list[Entry]:
        return await self._reading.read(lambda connection: ledger_page(connection, tenant, after, limit))

    async def verify(self, tenant: TenantId | None = None) -> tuple[int, list[Finding]]:
        """Recompute the ledger of one tenant or all, and compare it with the lines and the numbers given out.

        Returns the number of entries and what is wrong. All of one instant, also while a server writes.
        """
        return await self._verifying.read(lambda connection: verify(connection, tenant))

    async def standing(self) -> Standing:
        """The end of each ledger chain, from memory."""
        return self._committed.standing()

    async def hashes_at(self, places: Sequence[LedgerPlace]) -> Mapping[LedgerPlace, str]:
        """The hashes of single ledger entries; places without an entry are left out. Raises StoreUnavailableError."""
        return await self._reading.read(lambda connection: hashes_at(connection, places))

    # What the configuration wants

    async def provision(
        self, tenant: TenantId, wanted: Sequence[SeriesSpec | tuple[str, str, str | None, str | None, bool]]
    ) -> dict[str, SeriesId]:
        """Make sure that configured series exist; returns their ids by key. What exists is left as it is.

        Raises StoreError when a name is already another series'.
        """
        specs = [SeriesSpec(*spec) for spec in wanted]
        return await provide_series(lambda key: self._committed.series_keyed(tenant, key), self.execute, tenant, specs)

    async def _applied_seed(self, tenant: TenantId) -> str | None:
        return self._committed.meta.get(SEED + tenant)

    # What is only in the file

    async def _find_token(self, kind: str, digest: str) -> KeptToken | None:
        return await self._reading.ask(lambda reader: reader.token(kind, digest))

    async def noted(self, prefix: str) -> dict[str, str]:
        """All texts kept under names that begin so."""
        return await self._reading.ask(lambda reader: reader.notes(prefix))

    # Group commit

    async def _commit(self, jobs: list[Job]) -> list[Outcome]:
        """Commit one group, and publish what was committed before any waiter gets its result.

        A group that fails although the file is in order has a job that cannot be written. Its jobs are then committed one
        by one, so that this job fails alone.
        """
        ended = self._publication.attempt_ended = asyncio.Event()
        try:
            attempt = await self._in(self._write_thread, lambda: self._attempt(jobs))
            if attempt.reloaded is not None:
                self._take(attempt.reloaded)
            if attempt.failure is not None or self._publication.trouble:
                self._publication.take(self._meaning(attempt.failure))
            must_settle = attempt.failure is None and self._publish(attempt, len(jobs))
        finally:
            self._publication.attempt_ended = None
            ended.set()
        if must_settle:
            await self._settled()
        if attempt.failure is None:
            return attempt.outcomes
        if not attempt.replay:
            return [unavailable(str(attempt.failure), attempt.failure, attempt.committed) for _ in jobs]
        if len(jobs) == 1:
            return [attempt.failure]
        self.stats.replays += 1
        return [(await self._commit([job]))[0] for job in jobs]

    def _take(self, loaded: tuple[Committed, int | None]) -> None:
        """Show what was read from the file."""
        self._committed, self._publication.mark = loaded
        self.begun = begun_of(tuple(self._committed.meta.items()))

    def _publish(self, attempt: Attempt, jobs: int) -> bool:
        """Show what was committed. True when the waiters must get their results only after `settle`."""
        if attempt.unit is None or attempt.commit_seconds is None:
            return False
        attempt.unit.publish()
        self._publication.mark = attempt.mark
        self._note_work(attempt.written)
        stats = self._groups.stats
        stats.commits += 1
        stats.commit_seconds += attempt.commit_seconds
        if self.on_commit is not None:
            self.on_commit(jobs, attempt.commit_seconds)
        watch, written = self.commit_watch, attempt.written
        if statements.SAVE_SERIES in written or statements.CLEAR_LEDGER in written:
            return self._durable(written, self.begun)
        if watch is not None and statements.APPEND_ENTRY in written:
            watch.entries.append((written[statements.APPEND_ENTRY], self.begun))
        return False

    def _attempt(self, jobs: list[Job]) -> Attempt:
        """Try to commit a group, in the writer's thread. The committed state does not change meanwhile."""
        reloaded: Loaded | None = None
        try:
            if self._publication.is_final:
                raise StoreOpenError(self._publication.trouble)
            if self._writer is None:
                self._writer, reloaded = self._reopened()
        except FILE_TROUBLE as error:
            return Attempt([], failure=error)
        attempt = self._try_group(self._writer, reloaded.committed if reloaded else self._committed, jobs)
        attempt.reloaded = attempt.reloaded or reloaded
        return attempt

    def _try_group(self, writer: Writer, committed: Committed, jobs: list[Job]) -> Attempt:
        unit = UnitOfWork(committed, writer, self._clock, self.record_quota)
        try:
            writer.begin()
            outcomes = decide_group(unit, jobs)
            rows = unit.settled_rows()
            if rows:
                writer.write(rows)
        except Exception as error:
            return self._rolled_back(writer, error)
        if not rows:
            writer.rollback()
            return Attempt(outcomes)
        started = time.perf_counter()
        try:
            writer.commit()
        except Exception as error:
            return self._in_doubt(error)
        return Attempt(outcomes, unit, writer.mark, commit_seconds=time.perf_counter() - started, written=rows)

    def _rolled_back(self, writer: Writer, error: Exception) -> Attempt:
        """After a failure before COMMIT nothing was written. Trouble with the file concerns every job, other trouble one."""
        try:
            writer.rollback()
        except FILE_TROUBLE as second:
            return self._in_doubt(second, committed=False)
        return Attempt([], failure=error, replay=not is_environmental(error))

    def _in_doubt(self, error: Exception, committed: bool | None = None) -> Attempt:
        """After a failure in COMMIT: the file may hold the group or not, so memory must be read from it again.

        If that fails now, the next group does it. The waiters get "unknown", unless COMMIT was never sent.
        """
        self._discard_writer()
        reloaded: Loaded | None = None
        with contextlib.suppress(*FILE_TROUBLE):
            self._writer, reloaded = self._reopened()
        return Attempt([], failure=error, committed=committed, reloaded=reloaded)

    def _meaning(self, failure: Exception | None) -> Exception | None:
        """A failure, or what it says about the file."""
        if failure is not None and is_damage(failure) and not isinstance(failure, StoreError):
            return StoreDamagedError(self.path, failure)
        return failure

    def _reopened(self) -> tuple[Writer, Loaded]:
        if self._lock is not None:
            self._lock.check(self.path)
        writer = Writer(self.path, create=False, migrate=False)
        try:
            return writer, writer.load()
        except BaseException:
            writer.close()
            raise

    def _discard_writer(self) -> None:
        with contextlib.suppress(*FILE_TROUBLE):
            self._close_writer()
        self._writer = None

    # Threads

    @staticmethod
    async def _in(thread: Executor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
