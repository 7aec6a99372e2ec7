"""One group's way into the database: decide under locks, write, COMMIT; with retries, and with doubt.

    failure before COMMIT      nothing was written: try again until the deadline
    COMMIT answered            written, and durable wherever the database is set to make it durable
    COMMIT answered with a     in doubt: the server gave up waiting for its standbys
    warning, or not at all     in doubt: the connection is dropped, and the statement never cancelled

A group in doubt is tried again. Once it holds the same locks, the former transaction has ended one way or the other, and what
only this group can have written says which (ADR-49). If that is there, a further commit (a barrier) must succeed before the
waiters get their results; if it is not there, the group is decided anew. The waiters get nothing before that; at the deadline
they get "unknown".
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from gateway.core.access_set import AccessSet
from gateway.core.catalogue import EMPTY, Catalogue
from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.records import DEFAULT_QUOTA, RecordQuota
from gateway.core.values import CounterKey, TenantId
from gateway.stores.engine.chain_ends import Begun, Written
from gateway.stores.engine.group_commit import (
    GroupStats,
    Job,
    Outcome,
    UndecidableError,
    decide_group,
    unavailable,
)
from gateway.stores.postgres import queries
from gateway.stores.postgres.commit_proof import (
    DROP_FORGOTTEN,
    is_there,
    process_mark,
    proof_of,
)
from gateway.stores.postgres.connection import BY_INDEX, Connection, Hosts, close_quietly
from gateway.stores.postgres.decided_group import Decided, InDoubtError, check_committed, notes_beside
from gateway.stores.postgres.error_classes import Verdict, brief, cause_of, sqlstate, verdict
from gateway.stores.postgres.lease import WRITE_SECONDS, now
from gateway.stores.postgres.locked_state import LockedUnitOfWork
from gateway.stores.postgres.locking import access_of, hold, read
from gateway.stores.postgres.row_writer import RowTakenError, write_rows
from gateway.stores.postgres.url import Options

log = structlog.get_logger("store")

BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
DEADLOCK: Final = "40P01"
UNIQUE_VIOLATION: Final = "23505"
RACES: Final = 3
"""How often a group that met another process's row is decided again before the group itself must be at fault."""
PAUSE_SECONDS: Final = 0.02
CLOSE_SECONDS: Final = 1.0


@dataclass(slots=True)
class PostgresStats(GroupStats):
    """Counts besides those of the group commit.

    retries: how often a group was tried again.
    deadlocks: retries because the database broke a circle of locks.
    races: retries because of a row that another process had just made.
    doubts: how often a group was in doubt.
    settled: groups in doubt that were found to be committed.
    connects: connections made for writing.
    rotations: how often another host became the first one to try.
    """

    retries: int = 0
    deadlocks: int = 0
    races: int = 0
    doubts: int = 0
    settled: int = 0
    connects: int = 0
    rotations: int = 0


class Committer:
    """The one connection that writes, and what a group goes through on it."""

    def __init__(
        self,
        hosts: Hosts,
        clock: Clock,
        stats: PostgresStats,
        on_catalogues: Callable[[dict[TenantId, Catalogue]], None],
        on_commit: Callable[[int, float], None] | None,
        begun: Callable[[], Begun] = dict,
        on_durable: Callable[[Written, Begun], None] = lambda *_: None,
        record_quota: RecordQuota = DEFAULT_QUOTA,
    ) -> None:
        """begun: what the store knows now. on_durable: called after each commit of rows; see `StoreBase._durable`."""
        self.stats = stats
        self._hosts = hosts
        self._clock = clock
        self._on_catalogues = on_catalogues
        self._on_commit = on_commit
        self._begun = begun
        self._on_durable = on_durable
        self._record_quota = record_quota
        self._connection: Connection | None = None
        self._known: set[CounterKey] = set()
        self._mark = process_mark()

    async def commit(self, jobs: list[Job]) -> list[Outcome]:
        """Commit a group; one outcome for each job. A job that the others cannot be committed with fails alone."""
        outcomes = await _Passage(self, jobs).run()
        if outcomes is not None:
            return outcomes
        self.stats.replays += len(jobs) > 1
        alone: list[Outcome] = []
        for job in jobs:
            down = alone and isinstance(alone[-1], StoreUnavailableError)
            alone.append(StoreUnavailableError(str(alone[-1]), committed=False) if down else await self._alone(job))
        return alone

    async def _alone(self, job: Job) -> Outcome:
        passage = _Passage(self, [job])
        outcomes = await passage.run()
        return outcomes[0] if outcomes is not None else passage.poison

    async def close(self) -> None:
        """Close the connection, and take along the mark of the last group."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.is_usable:
            with contextlib.suppress(Exception):  # the row goes later, see `DROP_FORGOTTEN`
                async with asyncio.timeout(CLOSE_SECONDS):
                    await connection.execute(queries.DROP_NOTE, self._mark)
                    await connection.execute(DROP_FORGOTTEN)
        await close_quietly(connection)

    # For a passage

    @property
    def options(self) -> Options:
        """The store's own options."""
        return self._hosts.address.options

    async def connection(self, limit: float) -> Connection:
        """The connection, made again when it is lost. Raises StoreUnavailableError."""
        connection = self._connection
        if connection is None or not connection.is_usable:
            self.drop()
            connection = await self._hosts.connect(limit, BY_INDEX)
            self.stats.connects += 1
            await self._outlast_readers(connection)
            self._connection = connection
        return connection

    async def _outlast_readers(self, connection: Connection) -> None:
        """On a new timeline, wait until no gateway may read from the former primary any more (ADR-29)."""
        try:
            async with asyncio.timeout(WRITE_SECONDS + self.options.commit_seconds):
                if await connection.fetchval(queries.NOTED, queries.TIMELINE) == connection.timeline:
                    return
                await asyncio.sleep(max(0.0, connection.since + WRITE_SECONDS - now()))
                connection.warnings.clear()
                await connection.execute(queries.NOTE, queries.TIMELINE, connection.timeline)
                if connection.warnings:  # the server gave up waiting for its standbys: others must not rely on the note
                    raise ConnectionError("; ".join(connection.warnings))
        except BaseException:
            connection.terminate()
            raise

    async def roll_back(self) -> None:
        """Undo what the open transaction did. A connection that cannot do that is dropped, which undoes it, too."""
        connection = self._connection
        if connection is None or connection.is_closed():
            return
        try:
            async with asyncio.timeout(self.options.connect_timeout):
                await connection.execute("ROLLBACK")
        except Exception:
            self.drop()

    def drop(self, rotate: bool = False) -> None:
        """Leave the connection at once, whatever it is doing. rotate: try another host first next time."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
        if rotate:
            self._hosts.rotate()
            self.stats.rotations += 1

    def end_lease(self) -> None:
        """A commit that was not answered may be a sign of a failover: no read may be answered without a further commit."""
        self._hosts.lease.end()

    async def decide(
        self, connection: Connection, jobs: Sequence[Job], more: AccessSet, doubt: Decided | None
    ) -> Decided:
        """Lock, load, decide and write, up to but without COMMIT."""
        begun = self._begun()  # before the transaction: what it writes is of that beginning, or of a later one
        await connection.execute(BEGIN)
        needed = access_of(jobs)
        needed.absorb(more)
        held = await hold(connection, needed, self._known, jobs)
        if doubt is not None and await is_there(connection, doubt.proof):
            self.stats.settled += 1
            # others may have changed the catalogues since
            now_kept = {tenant: held.catalogues.get(tenant, EMPTY) for tenant in doubt.catalogues}
            return replace(doubt, transaction=await self._barrier(connection), catalogues=now_kept)
        while True:
            unit = LockedUnitOfWork(held, self._clock, self._record_quota)
            try:
                outcomes = decide_group(unit, jobs)
                break
            except UndecidableError as lacking:
                if lacking.unheld:  # more locks need a new transaction: late locks would break the order of locking
                    raise
                await read(connection, lacking.unread, held)
        rows = unit.settled_rows()
        catalogues = dict(unit.changed_catalogues)
        proof = proof_of(rows, self._mark)
        transaction = await write_rows(connection, {**rows, **notes_beside(rows, catalogues, proof)})
        if not rows:  # an answer may rest on what others wrote: that must be durable, too
            transaction = await self._barrier(connection)
        return Decided(outcomes, proof, transaction, catalogues, rows, begun)

    async def _barrier(self, connection: Connection) -> tuple[int, int]:
        horizon, transaction, _ = await connection.fetchrow(queries.PROOF)  # type: ignore[misc]
        return horizon, transaction

    async def finish(self, connection: Connection, decided: Decided, jobs: int) -> None:
        """COMMIT, in a task of its own that nothing cancels. Raises InDoubtError, or the error of a rolled back COMMIT.

        To cancel a COMMIT that waits for its standbys would make it good on the primary alone (see `connection`).
        """
        sent, started = now(), time.perf_counter()
        connection.warnings.clear()
        committing = asyncio.get_running_loop().create_task(connection.execute("COMMIT"))
        await asyncio.wait([committing], timeout=self.options.commit_seconds)
        if not committing.done():
            committing.add_done_callback(lambda task: task.cancelled() or task.exception())
            connection.terminate()
            raise InDoubtError(f"no answer to COMMIT within {self.options.commit_seconds:g} s", hung=True)
        check_committed(committing, connection.warnings)
        connection.lease.proved(connection.timeline, sent, decided.transaction)
        if not decided.says_yes:  # only a barrier, because refusals rest on what others wrote
            return
        seconds = time.perf_counter() - started
        self.stats.commits += 1
        self.stats.commit_seconds += seconds
        if decided.catalogues:
            self._on_catalogues(decided.catalogues)
        if self._on_commit is not None:
            self._on_commit(jobs, seconds)
        self._on_durable(decided.written, decided.begun)


class _Passage:
    """One group on its way into the database; `run` is called once.

    poison: why the group cannot be committed, when that is the fault of one of its jobs.
    """

    def __init__(self, committer: Committer, jobs: list[Job]) -> None:
        self.poison: Exception | None = None
        self._committer = committer
        self._jobs = jobs
        self._doubt: Decided | None = None
        self._more = AccessSet()
        self._races = 0
        self._limit = asyncio.get_running_loop().time() + committer.options.deadline_seconds

    async def run(self) -> list[Outcome] | None:
        """The outcomes; None when one of the jobs cannot be committed, and the caller has to find out which."""
        while True:
            decided: Decided | None = None
            try:
                connection = await self._committer.connection(self._limit)
                decided = await self._decide(connection)
                await self._committer.finish(connection, decided, len(self._jobs))
                return decided.outcomes
            except UndecidableError as lacking:
                self._more.absorb(lacking.unheld)
                self._more.absorb(lacking.unread)
                await self._committer.roll_back()
                if not self._is_late():
                    continue
                return self._unavailable(lacking)
            except InDoubtError as doubt:
                self._enter_doubt(decided, doubt)
                cause: Exception = doubt
            except StoreUnavailableError as error:
                return self._unavailable(error)
            except Exception as error:
                cause = error
                meaning = await self._after(error)
                if meaning is Verdict.POISON and self._doubt is None:
                    self.poison = cause_of(error)
                    return None
                if meaning in (Verdict.POISON, Verdict.REFUSED):
                    return self._unavailable(error)
            if self._is_late():
                return self._unavailable(cause)
            self._committer.stats.retries += 1
            await asyncio.sleep(PAUSE_SECONDS * random.random())

    async def _decide(self, connection: Connection) -> Decided:
        """Everything before COMMIT, in so little time that another host can still be tried afterwards."""
        try:
            async with asyncio.timeout(self._committer.options.commit_seconds):
                return await self._committer.decide(connection, self._jobs, self._more, self._doubt)
        except TimeoutError:
            self._committer.drop(rotate=True)
            raise

    async def _after(self, error: Exception) -> Verdict:
        """Clear up after an error before COMMIT, or one that rolled it back."""
        meaning = verdict(error)
        if meaning is Verdict.LOST:
            self._committer.drop()
        else:
            await self._committer.roll_back()
        code = sqlstate(error)
        self._committer.stats.deadlocks += code == DEADLOCK
        is_race = code == UNIQUE_VIOLATION or isinstance(error, RowTakenError)
        if is_race and self._races < RACES:
            self._races += 1
            self._committer.stats.races += 1
            return Verdict.ROLLED_BACK
        return meaning

    def _enter_doubt(self, decided: Decided | None, doubt: InDoubtError) -> None:
        log.warning("store: commit in doubt", reason=str(doubt), jobs=len(self._jobs))
        self._committer.stats.doubts += 1
        self._committer.drop(rotate=doubt.hung)
        self._committer.end_lease()
        self._doubt = decided
        options = self._committer.options
        self._limit = max(self._limit, asyncio.get_running_loop().time() + options.commit_seconds)

    def _is_late(self) -> bool:
        return asyncio.get_running_loop().time() >= self._limit

    def _unavailable(self, cause: Exception) -> list[Outcome]:
        committed = None if self._doubt is not None and self._doubt.says_yes else False
        return [unavailable(brief(cause), cause, committed) for _ in self._jobs]
