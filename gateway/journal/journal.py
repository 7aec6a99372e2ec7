"""The journal as the gateway uses it: it takes over answered calls without waiting, answers questions and wakes waiters.

To take over a call is to append it to a list. The journal's own thread makes entries of the calls (without their secrets)
and writes them in batches. It answers a question after everything that was taken over before. When the thread cannot keep
up or cannot write, calls are dropped and counted, and the journal then says "unknown" (ADR-19). No call ever waits for it.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

import structlog

from gateway.core.values import TenantId
from gateway.journal.capture import Captured, Rendering
from gateway.journal.file import JournalFile
from gateway.journal.loss_accounting import Losses, Rate
from gateway.journal.models import (
    Count,
    Entry,
    Filter,
    Gap,
    GapReason,
    JournalError,
    Limits,
    Lookup,
    Page,
    Status,
    StrictReport,
    Waited,
)
from gateway.journal.near_miss import NearMisses
from gateway.journal.query import completeness, read_cursor
from gateway.journal.reading import JournalReading
from gateway.journal.strict import clients_of
from gateway.journal.waiters import Waiters
from gateway.journal.worker_files import AllFiles, SharedIds, all_files, idle_files, number_of, open_free
from gateway.spi.adapter import Call, Reply
from gateway.spi.redaction import Redact
from gateway.spi.watch import Watch

log = structlog.get_logger("journal")
T = TypeVar("T")
Questions: TypeAlias = JournalReading | AllFiles

GATHER_SECONDS: Final = 0.02
"""How long calls are gathered before the thread is woken. A crash loses at most these and what is being written."""
_TIDY_SECONDS: Final = 60.0
_UNSET: Final = Filter()


class JournalClosedError(Exception):
    """A question to a journal that is not open."""


class Journal:
    """Implements the data port's recorder. Start it before the first call and close it after the last.

    path: the file.
    limits: how much to keep and to record.
    watch: is informed that somebody records.
    redactors: the redaction of each dialect, by name.
    near_misses: judges refused requests.
    sample: the share of calls to record, from 0 to 1.
    shared_ids: given when other workers answer the same clients, each with a file of its own. Questions are about all files.
    now: the machine's time.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits,
        watch: Watch,
        *,
        redactors: Mapping[str, Redact] | None = None,
        near_misses: NearMisses | None = None,
        sample: float = 1.0,
        shared_ids: SharedIds | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path = self._first_path = path
        self._limits = limits
        self._watch = watch
        self._rendering = Rendering(redactors or {}, limits.max_message_bytes)
        self._near_misses = near_misses or NearMisses()
        self._sample = sample
        self._rate = Rate(limits.max_per_second)
        self._shared_ids = shared_ids
        self._number = 1
        self._now = now
        self._last_at = datetime(1970, 1, 1, tzinfo=UTC)
        self._next_id = 1
        self._file: JournalFile | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._gathered: list[Captured] = []
        self._waiting = 0
        self._recorded = 0.0
        self._lost = 0.0
        self._losses = Losses()
        self._unwritten: list[Gap] = []
        self._waiters = Waiters()
        self._timer: asyncio.TimerHandle | None = None
        self._tidy: asyncio.TimerHandle | None = None

    # Life

    async def start(self) -> None:
        """Open the file. Raises JournalError."""
        moment = self._moment()
        try:
            self._file = await self._in_thread(lambda: self._open(moment))
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self._next_id = self._file.next_id
        self._watch.recording = True
        self._watch.refresh()
        self._plan_tidying()

    def _open(self, now: datetime) -> JournalFile:
        sampled: list[GapReason] = ["sampled"] if self._sample < 1 else []
        if self._shared_ids is None:
            return JournalFile(self.path, self._limits, now=now, partial=sampled)
        file = open_free(self.path, self._limits, now, ["workers", *sampled])
        self._number, self.path = number_of(self.path, file.path), file.path
        return file

    async def close(self) -> None:
        """Write what is left and close the file. Waiters get a JournalClosedError."""
        self._watch.recording = False
        self._watch.refresh()
        for timer in (self._timer, self._tidy):
            if timer is not None:
                timer.cancel()
        self._hand_over()
        self.end_waits()
        if self._file is not None:
            file, self._file = self._file, None
            moment = self._moment()
            await self._in_thread(lambda: file.close(moment))
        self._thread.shutdown(wait=False)

    def end_waits(self) -> None:
        """Waiters get a JournalClosedError: nothing comes any more."""
        self._waiters.end(JournalClosedError("the journal was closed"))

    def _plan_tidying(self) -> None:
        every = min(_TIDY_SECONDS, self._limits.max_age_seconds / 2)
        self._tidy = asyncio.get_running_loop().call_later(every, self._tidy_up)

    def _tidy_up(self) -> None:
        self._plan_tidying()
        if self._file is not None:
            self._thread.submit(self._expire, self._file, self._moment())

    def _expire(self, file: JournalFile, now: datetime) -> None:
        try:
            file.expire(now)
            for idle in self._idle(file):
                idle.expire(now)
        except sqlite3.Error as error:
            log.warning("journal cannot be tidied", reason=str(error))

    # Taking over

    @property
    def position(self) -> int:
        """No later entry has an id up to this one. `Filter(after=position)` asks for what comes from now on."""
        newest = self._next_id - 1
        return newest if self._shared_ids is None else max(newest, self._shared_ids.now())

    def _new_id(self) -> int:
        newest = self._next_id - 1
        number = newest + 1 if self._shared_ids is None else self._shared_ids.next(newest, self._number)
        self._next_id = number + 1
        return number

    def record(self, call: Call, reply: Reply, dialect: str, outcome: str, seconds: float) -> None:
        """Take over an answered call. Never waits, never raises."""
        if self._file is None or (self._sample < 1 and random.random() >= self._sample):
            return
        number, at = self._new_id(), self._moment()
        # A call above the rate is dropped, but not while somebody waits: it may be the one.
        if not self._rate.allows() and not self._waiters:
            self._let_go(call, number, at)
            return
        near_miss = self._near_misses.of(call, outcome, reply.status)
        captured = Captured(number, at, call, reply, dialect, outcome, seconds, near_miss)
        if self._waiters:
            self._waiters.tell(captured)
        if self._waiting + len(self._gathered) >= self._limits.max_waiting:
            self._let_go(call, number, at)
            return
        self._recorded += 1
        self._gathered.append(captured)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._hand_over)

    def _let_go(self, call: Call, number: int, at: datetime) -> None:
        """Drop a call and count it. Recording must not cost more than answering does, and the journal says what it lacks."""
        self._losses.add("overload", call.tenant or "", number, at)
        self._lost += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._hand_over)

    def _moment(self) -> datetime:
        """Now, but never before an earlier entry, so that ids and times have one order."""
        self._last_at = max(self._last_at, self._now())
        return self._last_at

    def _hand_over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._file is None or not (self._gathered or self._losses.counts):
            return
        batch, self._gathered = self._gathered, []
        gaps = self._losses.take()
        self._waiting += len(batch)
        work = (self._file, batch, gaps, self._next_id, self._last_at)
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._write, *work)
        done.add_done_callback(lambda _: self._written(len(batch)))

    def _written(self, count: int) -> None:
        self._waiting -= count

    def _write(self, file: JournalFile, batch: list[Captured], gaps: list[Gap], next_id: int, now: datetime) -> None:
        """Write a batch; runs in the thread. What cannot be written becomes a gap, which is written as soon as possible."""
        lost = Losses()
        entries: list[Entry] = []
        for captured in batch:
            try:
                entries.append(self._rendering.entry(captured))
            except Exception:
                log.exception("a request cannot be recorded", request_id=captured.call.request_id)
                lost.add("write_failed", captured.tenant, captured.id, captured.at)
        gaps = [*self._unwritten, *gaps, *lost.take()]
        try:
            file.write(entries, now, next_id, gaps)
            self._unwritten = []
        except (sqlite3.Error, OSError) as error:
            log.warning("journal cannot be written", lost=len(entries), reason=str(error))
            for captured in batch:
                lost.add("write_failed", captured.tenant, captured.id, captured.at)
            self._unwritten = [*gaps, *lost.take()][-1000:]

    # Questions

    async def find(
        self, where: Filter = _UNSET, *, limit: int = 100, cursor: str | None = None, newest_first: bool = False
    ) -> Page:
        """Entries that match, by ascending id. Raises ValueError for a bad cursor.

        where: the conditions.
        limit: how many at most.
        cursor: `next` of the page before; None for the first page.
        newest_first: by descending id.
        """
        beyond = read_cursor(cursor)

        def read(file: Questions) -> tuple[list[Entry], list[Gap]]:
            return file.find(where, limit + 1, newest_first=newest_first, beyond=beyond), self._gaps(file)

        entries, gaps = await self._ask(read)
        following = str(entries[limit - 1].id) if len(entries) > limit else None
        return Page(entries=tuple(entries[:limit]), next=following, completeness=completeness(where, gaps))

    async def near_misses(self, where: Filter = _UNSET, *, limit: int = 100, cursor: str | None = None) -> Page:
        """The newest refused requests that almost matched."""
        wanted = where if where.near_miss is not None else where.model_copy(update={"near_miss": True})
        return await self.find(wanted, limit=limit, cursor=cursor, newest_first=True)

    async def count(self, where: Filter = _UNSET) -> Count:
        """How many match; a lower bound when not complete."""
        count, gaps = await self._ask(lambda file: (file.count(where), self._gaps(file)))
        return Count(count=count, completeness=completeness(where, gaps))

    async def get(self, name: int | str) -> Lookup:
        """One entry by its id, or by the request id that answers and logs show."""
        by_id = isinstance(name, int)
        where = Filter(after=name - 1) if isinstance(name, int) else Filter(request_id=name)

        def read(file: Questions) -> tuple[list[Entry], list[Gap]]:
            return file.find(where, 1, newest_first=False, beyond=None), self._gaps(file)

        entries, gaps = await self._ask(read)
        if entries and (not by_id or entries[0].id == name):
            return Lookup(status="found", entry=entries[0])
        if isinstance(name, int) and not 1 <= name <= self.position:
            return Lookup(status="absent")
        return Lookup(status="absent" if completeness(where, gaps).complete else "unknown")

    async def wait(self, where: Filter = _UNSET, *, n: int = 1, timeout_seconds: float = 30.0) -> Waited:
        """Wait until n entries match; entries that are already there count. Does not poll. Raises ValueError for n below 1."""
        if n < 1:
            raise ValueError("n counts from 1")
        # Ids below `start` are counted in the file and ids from there on as they come, so no call counts twice or never.
        start = self.position + 1
        with self._waiters.waiter(where) as waiter:
            first = await self._ask(lambda file: file.find(where, n, newest_first=False, beyond=None))
            before = [entry.id for entry in first if entry.id < start]
            found = before[n - 1] if len(before) == n else await waiter.match(n - len(before), timeout_seconds)
        gaps = await self._ask(self._gaps)
        entry = (await self.get(found)).entry if found else None
        count = n if found else len(before) + len(waiter.ids)
        return Waited(matched=found > 0, count=count, entry=entry, completeness=completeness(where, gaps))

    async def strict_report(self, where: Filter = _UNSET) -> StrictReport:
        """What each client would have met in the strict profile."""
        rows, gaps = await self._ask(lambda file: (file.clients(where), self._gaps(file)))
        return StrictReport(clients=clients_of(rows), completeness=completeness(where, gaps))

    async def clear(self, tenant: TenantId | None = None) -> int:
        """Drop a tenant's entries, or all of them. Returns how many. The answer about them is "unknown" from then on."""
        now = self._moment()

        def drop(file: JournalFile) -> int:
            return file.clear(tenant, now) + sum(idle.clear(tenant, now) for idle in self._idle(file))

        return await self._on_own_file(drop)

    async def status(self) -> Status:
        """The journal itself."""
        held, gaps = await self._ask(lambda file: (file.held(), self._gaps(file)))
        mode: Literal["on", "sampled"] = "sampled" if self._sample < 1 else "on"
        return Status(
            mode=mode,
            sample=self._sample,
            path=str(self._first_path),
            position=self.position,
            waiting=self._waiting + len(self._gathered),
            held=tuple(held),
            gaps=tuple(gaps),
        )

    # For other workers

    async def written(self) -> int:
        """Write everything that was taken over. Returns the newest id. Raises JournalClosedError, JournalError."""
        position, now = self._next_id - 1, self._moment()

        def check(file: JournalFile) -> None:
            if self._unwritten:
                self._write(file, [], [], position + 1, now)
            if self._unwritten:
                raise JournalError("entries could not be written, nor that they are missing")

        await self._on_own_file(check)
        return position

    async def arrived(self, where: Filter, timeout_seconds: float) -> bool:
        """Wait until this worker itself has an entry that matches. False when the time is up."""
        with self._waiters.waiter(where) as waiter:
            if await self._on_own_file(lambda file: file.count(where)):
                return True
            return await waiter.match(1, timeout_seconds) > 0

    def figures(self) -> dict[str, float]:
        """Counts since the start and the present queue, by name, for metrics."""
        waiting = self._waiting + len(self._gathered)
        return {"journal_recorded": self._recorded, "journal_lost": self._lost, "journal_waiting": float(waiting)}

    # The thread

    def _gaps(self, file: Questions) -> list[Gap]:
        return [*file.gaps(), *self._unwritten]

    def _idle(self, file: JournalFile) -> Iterable[JournalFile]:
        return idle_files(file, self._first_path, self._limits) if self._shared_ids is not None else ()

    async def _ask(self, question: Callable[[Questions], T]) -> T:
        """Ask all files, after everything that was taken over before is written. Raises JournalClosedError."""

        def ask(file: JournalFile) -> T:
            if self._shared_ids is None:
                return question(file)
            with all_files(file, self._first_path, self._limits) as files:
                return question(files)

        return await self._on_own_file(ask)

    async def _on_own_file(self, work: Callable[[JournalFile], T]) -> T:
        file = self._file
        if file is None:
            raise JournalClosedError("the journal is not open")
        self._hand_over()
        return await self._in_thread(lambda: work(file))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
