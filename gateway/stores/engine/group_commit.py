"""Group commit: all commands that arrive during one turn of the event loop, or during a commit, are committed together.

It knows neither SQL nor a database: a store brings `commit`, which takes a group and returns one outcome for each job.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from gateway.core.access_set import AccessSet
from gateway.core.commands import Command, Issue, SaveDocuments
from gateway.core.document_commands import ChangeDocument
from gateway.core.documents import DocumentId
from gateway.core.line_commands import Claim, Reserve
from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.core.record_commands import SaveRecords
from gateway.core.records import MADE_UP, RecordKey
from gateway.core.refusals import Refused
from gateway.core.rules import decide
from gateway.core.together import Build, Together
from gateway.core.values import TenantId, reserved_key
from gateway.stores.engine.conditions import Condition, ConditionFailedError
from gateway.stores.engine.fences import refusal, tenants_of
from gateway.stores.engine.staging import STAGES, StoreChange
from gateway.stores.engine.unit_of_work import UnitOfWork

GROUP_LIMIT: Final = 1024
MAX_QUEUED: Final = 10_000
"""How many jobs may wait in a store unless it is given another bound."""


@dataclass(frozen=True, slots=True)
class Write:
    """Changes of the store's own, such as tokens; the waiter gets None, or ConditionFailedError.

    command: decided along with them; the waiter gets Refused when it is.
    alone: nothing else may be in its group.
    conditions: what must hold at the commit; otherwise nothing is changed.
    """

    changes: tuple[StoreChange, ...]
    alone: bool = False
    conditions: tuple[Condition, ...] = ()
    command: Command[Any] | None = None


Job: TypeAlias = Command[Any] | Write
Outcome: TypeAlias = Any
"""A result, or the exception that the job's waiter gets."""


class UndecidableError(Exception):
    """The loaded state lacks what decisions asked for. The group is decided again when it is loaded.

    unread: what has only to be read.
    unheld: what has to be locked, too.
    """

    def __init__(self, unread: AccessSet | None = None, unheld: AccessSet | None = None) -> None:
        super().__init__("a decision asked for more than was loaded")
        self.unread = unread or AccessSet()
        self.unheld = unheld or AccessSet()

    def absorb(self, other: UndecidableError) -> UndecidableError:
        """Grow to ask for what another one asks for, too."""
        self.unread.absorb(other.unread)
        self.unheld.absorb(other.unheld)
        return self


def decide_group(unit: UnitOfWork, jobs: Sequence[Job]) -> list[Outcome]:
    """Decide jobs in order, each on top of those before it, and stage what they change.

    A job that is refused, or whose decision fails, changes nothing. Raises only what concerns the whole group: an error
    of the database, a change that could not be staged, or UndecidableError. The caller must then write nothing of the
    group: jobs in front of the failure have staged theirs. It replays the jobs one by one to find the one that fails.
    """
    _look_up(unit, jobs)
    outcomes: list[Outcome] = []
    lacking: UndecidableError | None = None
    for job in jobs:
        try:
            fenced = refusal(unit.fences, job) if unit.fences else None
            outcomes.append(fenced or _decide_one(unit, job))
        except UndecidableError as error:  # go on, only to find out what else is lacking: one more SELECT, not many
            lacking = error if lacking is None else lacking.absorb(error)
    if lacking is not None:
        raise lacking
    return outcomes


@dataclass(slots=True)
class _Ahead:
    """What decisions of a group will ask for, as far as the commands say it."""

    keys: list[tuple[TenantId, str]] = field(default_factory=list)
    documents: list[DocumentId] = field(default_factory=list)
    records: list[RecordKey] = field(default_factory=list)
    created: list[tuple[TenantId, str]] = field(default_factory=list)


def _ahead_of_draw(ahead: _Ahead, job: Issue | Claim) -> None:
    ahead.keys.append((job.tenant, job.key))


def _ahead_of_reserve(ahead: _Ahead, job: Reserve) -> None:
    ahead.keys.append((job.tenant, reserved_key(job.key)))


def _ahead_of_saves(ahead: _Ahead, job: SaveDocuments) -> None:
    for save in job.saves:
        ahead.documents.append(save.document.id)
        if save.issue is not None:
            ahead.keys.append((job.tenant, save.issue.key))
        if save.key and save.creates:
            ahead.created.append((job.tenant, save.key))


def _ahead_of_change(ahead: _Ahead, job: ChangeDocument) -> None:
    ahead.documents.append(job.document)
    if job.issue_key:
        ahead.keys.append((job.tenant, job.issue_key))


def _ahead_of_records(ahead: _Ahead, job: SaveRecords) -> None:
    ahead.records.extend(save.record.key for save in job.saves if save.record.id != MADE_UP)


def _ahead_of_build(ahead: _Ahead, job: Build) -> None:
    ahead.records.extend(job.needs)
    look = _LOOKS.get(type(job.like))
    if look is not None:
        look(ahead, job.like)


def _ahead_of_parts(ahead: _Ahead, job: Together) -> None:
    for part in job.parts:
        look = _LOOKS.get(type(part))
        if look is not None:
            look(ahead, part)


_LOOKS: Final[Mapping[type[Any], Callable[[_Ahead, Any], None]]] = {
    Issue: _ahead_of_draw,
    Claim: _ahead_of_draw,
    Reserve: _ahead_of_reserve,
    SaveDocuments: _ahead_of_saves,
    ChangeDocument: _ahead_of_change,
    SaveRecords: _ahead_of_records,
    Build: _ahead_of_build,
    Together: _ahead_of_parts,
}


def _look_up(unit: UnitOfWork, jobs: Sequence[Job]) -> None:
    """Fetch what decisions about numbers and documents ask for, in one question for all of them."""
    looks = [(look, job) for job in jobs if (look := _LOOKS.get(type(job))) is not None]
    if not looks:
        return
    ahead = _Ahead()
    for look, job in looks:
        look(ahead, job)
    if ahead.keys:
        unit.look_up(ahead.keys)
    if ahead.documents:
        unit.look_up_documents(ahead.documents)
    if ahead.created:
        unit.look_up_document_keys(ahead.created)
    if ahead.records:
        unit.look_up_records(ahead.records)


def _decide_one(unit: UnitOfWork, job: Job) -> Outcome:
    if isinstance(job, Write):
        for condition in job.conditions:
            if not unit.meets(condition):
                return ConditionFailedError(condition)
        outcome = None if job.command is None else _decide_one(unit, job.command)
        return outcome if isinstance(outcome, Exception) else _write(unit, job)
    try:
        unit.now(job.tenant)  # raises for this job alone when the tenant's time is not known
        decision = decide(unit, job)
    except Refused as refused:
        return refused
    except UndecidableError:
        raise
    except Exception as error:
        if unit.is_database_error(error):
            raise
        return error  # one command's bug must not fail its neighbours
    for change in decision.changes:
        STAGES[type(change)](unit, change)
    return decision.result


def _write(unit: UnitOfWork, write: Write) -> StoreUnavailableError | None:
    try:
        for tenant in tenants_of(write) if write.alone else ():  # what is replaced as a whole is stamped, too
            unit.now(tenant)
    except StoreUnavailableError as error:
        return error
    for change in write.changes:
        STAGES[type(change)](unit, change)
    return None


@dataclass(slots=True)
class GroupStats:
    """Counts since the start, for metrics.

    groups: handed to the store.
    jobs: in those groups.
    largest_group: how many jobs the largest one had.
    refused: jobs that the rules refused, or whose conditions did not hold.
    failed: jobs that failed in any other way.
    overloaded: jobs that were not taken, because too many waited.
    commits: that had something to write.
    commit_seconds: spent in COMMIT, the fsync included.
    replays: groups that were tried again job by job.
    """

    groups: int = 0
    jobs: int = 0
    largest_group: int = 0
    refused: int = 0
    failed: int = 0
    overloaded: int = 0
    commits: int = 0
    commit_seconds: float = 0.0
    replays: int = 0


class _Waiting(NamedTuple):
    job: Job
    future: asyncio.Future[Any]
    since: float


@dataclass(slots=True)
class GroupCommit:
    """Collects jobs and hands them to `commit`, one group at a time, from a task of its own.

    While one group is with `commit`, the next one collects: the slower the disk, the larger the groups.

    commit: commits a group.
    queue_limit: how many jobs may wait; more are refused with StoreOverloadedError.
    group_limit: how many jobs a group has at most.
    patience_seconds: a job that has waited for longer is not tried any more; None tries all.
    stats: counts, for metrics.
    """

    commit: Callable[[list[Job]], Awaitable[list[Outcome]]]
    queue_limit: int
    group_limit: int = GROUP_LIMIT
    patience_seconds: float | None = None
    stats: GroupStats = field(default_factory=GroupStats)
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _task: asyncio.Task[None] | None = None
    _closed: bool = False

    @property
    def waiting(self) -> int:
        """Jobs not yet handed to `commit`."""
        return len(self._waiting)

    def submit(self, job: Job) -> asyncio.Future[Any]:
        """Queue a job. Its commit goes on whatever becomes of the future. Raises StoreUnavailableError and its kind."""
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        if len(self._waiting) >= self.queue_limit:
            self.stats.overloaded += 1
            raise StoreOverloadedError(f"{self.queue_limit} commands wait already")
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append(_Waiting(job, future, loop.time()))
        if self._task is None:
            self._task = loop.create_task(self._drain())
        return future

    async def close(self) -> None:
        """Take nothing more; return when all that waits is done."""
        self._closed = True
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._run_group()
        finally:
            self._task = None

    async def _run_group(self) -> None:
        self._give_up_impatient()
        group = self._next_group()
        if not group:
            return
        try:
            outcomes = await self.commit([waiting.job for waiting in group])
        except Exception as error:
            outcomes = [_unknown(error) for _ in group]
        stats = self.stats
        stats.groups += 1
        stats.jobs += len(outcomes)
        stats.largest_group = max(stats.largest_group, len(outcomes))
        for waiting, outcome in zip(group, outcomes, strict=True):
            if not isinstance(outcome, Exception):
                if not waiting.future.done():  # else the waiter was cancelled; its job is committed all the same
                    waiting.future.set_result(outcome)
                continue
            if isinstance(outcome, (Refused, ConditionFailedError)):
                stats.refused += 1
            else:
                stats.failed += 1
            _fail(waiting.future, outcome)

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        while self._waiting and len(group) < self.group_limit:
            job = self._waiting[0].job
            if type(job) is Write and job.alone:
                return group or [self._waiting.popleft()]
            group.append(self._waiting.popleft())
        return group

    def _give_up_impatient(self) -> None:
        if self.patience_seconds is None:
            return
        since = asyncio.get_running_loop().time() - self.patience_seconds
        while self._waiting and self._waiting[0].since < since:
            error = StoreUnavailableError("the store did not get round to this command in time", committed=False)
            _fail(self._waiting.popleft().future, error)
            self.stats.failed += 1


def unavailable(reason: str, cause: Exception, committed: bool | None) -> StoreUnavailableError:
    """What each waiter of a group gets when it cannot be committed.

    reason: the cause, for people.
    committed: False when nothing was written for certain; None when that is not known.
    """
    text = "cannot commit" if committed is False else "it is not known whether the commit took effect"
    error = StoreUnavailableError(f"{text}: {reason}", committed)
    error.__cause__ = cause
    return error


def _unknown(cause: Exception) -> StoreUnavailableError:
    error = StoreUnavailableError(f"the store failed: {cause}", committed=None)
    error.__cause__ = cause
    return error


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
