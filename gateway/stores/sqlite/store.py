"""The SQLite store: one process, one writer thread, one transaction for all waiting commands.

Committed series, lines, ends of chains and catalogues are in memory, because no other process writes; queries are answered
from there without waiting for the disk. Documents are read from the file, in a thread of their own. POSIX only (file lock).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.clock import SystemClock
from gateway.core.catalogue import EMPTY, Catalogue, CatalogueItem
from gateway.core.commands import (
    Command,
    GetDocuments,
    Query,
    R,
    SearchDocumentIds,
    SearchDocuments,
    SeriesQuery,
)
from gateway.core.ledger import Entry, Finding
from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.results import (
    DocumentIdsFound,
    DocumentsFound,
    DocumentsRead,
)
from gateway.core.values import SeriesId, TenantId
from gateway.stores.engine import fences
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.group_commit import MAX_QUEUED, GroupCommit, GroupStats, Job, Outcome, Write, decide_group
from gateway.stores.engine.provisioning import SeriesSpec, provide_series, seed_changes
from gateway.stores.engine.staging import MetaNoted
from gateway.stores.engine.tenant_records import TenantRecords
from gateway.stores.engine.tenant_rows import SEED
from gateway.stores.engine.tokens import DurableTokens
from gateway.stores.engine.unit_of_work import UnitOfWork
from gateway.stores.sqlite.file import FILE_TROUBLE, Reader, Writer, conflict_of, is_environmental
from gateway.stores.sqlite.lock import FileLock, make_directory
from gateway.stores.sqlite.read_thread import ReadingThread

T = TypeVar("T")

READY_SECONDS: Final = 2.0
LEDGER_PAGE: Final = 1000


@dataclass(slots=True)
class _Attempt:
    """What became of one try at a group: `unit` is to be published, unless there is `failure`.

    reloaded: the state read anew from the file, when the file may differ from memory.
    """

    outcomes: list[Outcome]
    unit: UnitOfWork | None = None
    failure: Exception | None = None
    committed: bool | None = False
    replay: bool = False
    reloaded: Committed | None = None
    commit_seconds: float | None = None


class SqliteStore:
    """Implements `gateway.core.ports.Store` and `TokenVault`. is_shared: whether other processes may write, too.

    auto_migrate: an older file is upgraded at the start. read_only: no lock, no writing, the state as of `start`; for
    looking into a file while a server has it. on_commit: called after each commit with (jobs, seconds in COMMIT).
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
        on_commit: Callable[[int, float], None] | None = None,
    ) -> None:
        self.path = Path(os.path.realpath(path))
        self.read_only = read_only
        self.on_commit = on_commit
        self._clock = clock or SystemClock()
        self._auto_migrate = auto_migrate
        self._groups = GroupCommit(self._commit, max_queued)
        self._committed = Committed()
        self._lock: FileLock | None = None
        self._writer: Writer | None = None
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = ReadingThread(self.path, "store-reader")
        self._document_reading = ReadingThread(self.path, "store-documents")
        self._tokens = DurableTokens(self._submit, self._find_token, self._clock)
        self.tenant_records = TenantRecords(
            self._document_reading.select, self._submit, self.read, self._tokens.forget, conflict_of
        )

    # Life

    async def start(self) -> None:
        """Lock, open, migrate and read the file. Raises StoreLockedError, StoreOpenError, StoreVersionError."""
        try:
            self._committed = await self._in(self._write_thread, self._open)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what waits, close the file, let the lock go. May be called more than once."""
        await self._groups.close()
        # readers first: the last connection to close, if it may write, folds the log into the file
        await self._reading.close()
        await self._document_reading.close()
        if self._writer is not None:
            await self._in(self._write_thread, self._close_writer)
        self._write_thread.shutdown(wait=False)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def ready(self) -> bool:
        """True when a commit is possible right now: makes a small one, and waits at most READY_SECONDS for it."""
        note = MetaNoted("heartbeat", self._clock.now().isoformat(timespec="microseconds"))
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._submit(Write((note,)))
        except (StoreUnavailableError, TimeoutError):
            return False
        return True

    def _open(self) -> Committed:
        if self.read_only:
            with contextlib.closing(Reader(self.path)) as reader:
                return reader.load()
        make_directory(self.path.parent)
        self._lock = FileLock(self.path)
        self._writer = Writer(self.path, create=True, migrate=self._auto_migrate)
        return self._writer.load()

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    # Queries

    async def read(self, query: Query[R]) -> R:
        """Series: from committed state, without waiting. Documents: from the file. Raises Refused, StoreUnavailableError."""
        answer: R
        if isinstance(query, SeriesQuery):
            answer = self._committed.answer(query)
        else:
            fences.check(self._committed.fences, query.tenant)
            answer = await self._document_reading.ask(lambda reader: _answer(reader, query))
        return answer

    def catalogue(self, tenant: TenantId) -> Catalogue:
        """The tenant's catalogue as committed. Raises TenantFencedError."""
        if self._committed.fences:
            fences.check(self._committed.fences, tenant)
        return self._committed.catalogues.get(tenant, EMPTY)

    async def ledger(self, tenant: TenantId | None = None) -> AsyncIterator[Entry]:
        """All ledger entries in chain and index order, of one tenant or all."""
        after: Entry | None = None
        while True:
            last = after
            page = await self._reading.ask(lambda reader: reader.ledger_page(tenant, last, LEDGER_PAGE))  # noqa: B023
            for entry in page:
                yield entry
            if len(page) < LEDGER_PAGE:
                return
            after = page[-1]

    async def verify(self, tenant: TenantId | None = None) -> tuple[int, list[Finding]]:
        """Recompute the ledger of one tenant or all, and compare it with the lines and the numbers given out.

        Returns the number of entries and what is wrong. All of one instant, also while a server writes.
        """
        return await self._reading.ask(lambda reader: reader.verify(tenant))

    # Commands

    async def execute(self, command: Command[R]) -> R:
        """Decide and make durable. Raises Refused, StoreUnavailableError, StoreOverloadedError."""
        result: R = await self._submit(command)
        return result

    async def provision(
        self, tenant: TenantId, wanted: Sequence[SeriesSpec | tuple[str, str, str | None, str | None, bool]]
    ) -> dict[str, SeriesId]:
        """Make sure that configured series exist; returns their ids by key. What exists is left as it is.

        Raises StoreError when a name is already another series'.
        """
        specs = [SeriesSpec(*spec) for spec in wanted]
        return await provide_series(lambda key: self._committed.series_keyed(tenant, key), self.execute, tenant, specs)

    async def seed_catalogue(self, tenant: TenantId, items: Sequence[CatalogueItem]) -> bool:
        """Put the configuration's items into a tenant's catalogue; False when this very seed was the last one applied.

        Items of the same type and id are replaced; others stay, whoever put them there.
        """
        changes = seed_changes(tenant, items, self._committed.meta.get(SEED + tenant))
        if changes:
            await self._submit(Write(changes))
        return bool(changes)

    # Tokens

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        """Store or replace a token; durable when it returns. `facts` must be a JSON object."""
        await self._tokens.put(kind, token, tenant, facts, expires)

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        """What was stored, or None when unknown or expired. Waits only for a token that is not in the cache."""
        return await self._tokens.get(kind, token)

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        """Move a token's end, and nothing else; durable when it returns."""
        await self._tokens.prolong(kind, token, expires, slack)

    async def drop(self, kind: str, token: str) -> None:
        """Forget a token; durable when it returns."""
        await self._tokens.drop(kind, token)

    # Notes

    async def note(self, name: str, value: str) -> None:
        """Keep a text about the store under a name, replacing the one before; durable when it returns."""
        await self._submit(Write((MetaNoted(name, value),)))

    async def noted(self, prefix: str) -> dict[str, str]:
        """All texts kept under names that begin so."""
        return await self._reading.ask(lambda reader: reader.notes(prefix))

    # Figures

    @property
    def stats(self) -> GroupStats:
        """Counts since the start."""
        return self._groups.stats

    def figures(self) -> dict[str, float]:
        """Counts since the start and the present queue, by name, for metrics."""
        figures = {f"store_{name}": float(value) for name, value in asdict(self._groups.stats).items()}
        return {**figures, "store_waiting": float(self._groups.waiting)}

    # Group commit

    def _submit(self, job: Job) -> asyncio.Future[Any]:
        if self.read_only:
            raise StoreUnavailableError(f"store {self.path} was opened for reading only")
        return self._groups.submit(job)

    async def _commit(self, jobs: list[Job]) -> list[Outcome]:
        """Commit one group; publishes what was committed before it returns."""
        attempt = await self._in(self._write_thread, lambda: self._attempt(jobs))
        if attempt.reloaded is not None:
            self._committed = attempt.reloaded
        if attempt.failure is None:
            self._publish(attempt, len(jobs))
            return attempt.outcomes
        if not attempt.replay:
            return [_unavailable(attempt.failure, attempt.committed) for _ in jobs]
        if len(jobs) == 1:
            return [attempt.failure]
        self.stats.replays += 1
        return [(await self._commit([job]))[0] for job in jobs]

    def _publish(self, attempt: _Attempt, jobs: int) -> None:
        if attempt.unit is None or attempt.commit_seconds is None:
            return
        attempt.unit.publish()
        stats = self._groups.stats
        stats.commits += 1
        stats.commit_seconds += attempt.commit_seconds
        if self.on_commit is not None:
            self.on_commit(jobs, attempt.commit_seconds)

    def _attempt(self, jobs: list[Job]) -> _Attempt:
        """Runs in the writer thread. The committed state does not change meanwhile."""
        reloaded: Committed | None = None
        try:
            if self._writer is None:
                self._writer, reloaded = self._reopened()
        except FILE_TROUBLE as error:
            return _Attempt([], failure=error)
        attempt = self._try_group(self._writer, reloaded or self._committed, jobs)
        attempt.reloaded = attempt.reloaded or reloaded
        return attempt

    def _try_group(self, writer: Writer, committed: Committed, jobs: list[Job]) -> _Attempt:
        unit = UnitOfWork(committed, writer, self._clock)
        try:
            writer.begin()
            outcomes = decide_group(unit, jobs)
            rows = unit.settled_rows()
            writer.write(rows)
        except Exception as error:  # noqa: BLE001 - told to the waiters
            return self._rolled_back(writer, error)
        if not rows:
            writer.rollback()
            return _Attempt(outcomes)
        started = time.perf_counter()
        try:
            writer.commit()
        except Exception as error:  # noqa: BLE001 - told to the waiters
            return self._in_doubt(error)
        return _Attempt(outcomes, unit, commit_seconds=time.perf_counter() - started)

    def _rolled_back(self, writer: Writer, error: Exception) -> _Attempt:
        """Before COMMIT: nothing was written. The file itself in trouble concerns everybody; else find the culprit."""
        try:
            writer.rollback()
        except FILE_TROUBLE as second:
            return self._in_doubt(second, committed=False)
        return _Attempt([], failure=error, replay=not is_environmental(error))

    def _in_doubt(self, error: Exception, committed: bool | None = None) -> _Attempt:
        """Nobody knows what the file holds: read it again before going on (at the latest with the next group)."""
        self._discard_writer()
        reloaded: Committed | None = None
        with contextlib.suppress(*FILE_TROUBLE):
            self._writer, reloaded = self._reopened()
        return _Attempt([], failure=error, committed=committed, reloaded=reloaded)

    def _reopened(self) -> tuple[Writer, Committed]:
        writer = Writer(self.path, create=False, migrate=False)
        try:
            writer.settle()
            return writer, writer.load()
        except BaseException:
            writer.close()
            raise

    def _discard_writer(self) -> None:
        with contextlib.suppress(*FILE_TROUBLE):
            self._close_writer()
        self._writer = None

    # Threads

    async def _find_token(self, kind: str, digest: str) -> tuple[str, str, int] | None:
        return await self._reading.ask(lambda reader: reader.token(kind, digest))

    @staticmethod
    async def _in(thread: Executor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, work)


def _answer(reader: Reader, query: Query[Any]) -> Any:
    """What a query about documents asks for."""
    match query:
        case GetDocuments():
            return DocumentsRead(tuple(reader.documents(query.tenant, query.ids)))
        case SearchDocuments():
            documents, more = reader.search(query)
            return DocumentsFound(tuple(documents), more)
        case SearchDocumentIds():
            ids, more = reader.search_ids(query)
            return DocumentIdsFound(tuple(ids), more)
    raise TypeError(f"not a query about documents: {type(query).__name__}")


def _unavailable(cause: Exception, committed: bool | None) -> StoreUnavailableError:
    text = "cannot commit" if committed is False else "it is not known whether the commit took effect"
    error = StoreUnavailableError(f"{text}: {cause}", committed)
    error.__cause__ = cause
    return error
