"""One attempt at an item of work: the dialect performs it, and what comes of it becomes an ending."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from gateway.core.commands import Command
from gateway.core.ports import Clock, StoreUnavailableError
from gateway.core.refusals import Refused
from gateway.core.together import Build, SoFar, Together
from gateway.core.values import Origin, TenantId
from gateway.core.work import Delivered, Ending, FinishWork, GivenUp, TryAgain, WorkItem, lane_of
from gateway.outbound.pool import Pool
from gateway.spi.adapter import Dialect
from gateway.spi.destinations import AllowList
from gateway.spi.outbound import OutboundError
from gateway.spi.redaction import redacted_log
from gateway.spi.work import Done, GiveUp, Outcome, Retry, Work, WorkKind, worker_of

log = structlog.get_logger("work")


@dataclass(frozen=True, slots=True)
class Made:
    """What came of an attempt.

    then: commands that take effect together with its end.
    by: who they are from; None without any.
    otherwise: how it ends when one of them is refused.
    """

    ending: Ending
    then: tuple[Command[Any], ...] = ()
    by: Origin | None = None
    otherwise: Ending | None = None

    def command(self, item: WorkItem, taker: str) -> Command[Any]:
        """The command that notes the end, and carries out what it leads to, if the item still is the taker's."""
        finish = FinishWork(item.tenant, item.id, taker, self.ending)
        if self.by is None:
            return finish
        return Together(item.tenant, (finish, *(_then(command) for command in self.then)), self.by)


def _then(command: Command[Any]) -> Build:
    return Build(partial(_if_noted, command), like=command)


def _if_noted(command: Command[Any], so_far: SoFar) -> Command[Any] | None:
    return command if so_far.results[0].item is not None else None


@dataclass(frozen=True, slots=True)
class Attempts:
    """What an attempt needs.

    dialects: those that are served now, by name.
    pool: sends requests.
    allowed: where requests of a dialect for a tenant may go.
    seconds: how long an attempt may take, where its kind does not say.
    """

    dialects: Callable[[], Mapping[str, Dialect]]
    pool: Pool
    allowed: Callable[[TenantId, str], AllowList]
    clock: Clock
    seconds: float

    async def make(self, item: WorkItem) -> Made:
        """One attempt. Raises StoreUnavailableError when the tenant's time is not known afterwards."""
        worker = worker_of(self.dialects().get(item.dialect))
        kind = None if worker is None else worker.work.get(item.kind)
        if worker is None or kind is None:
            return Made(GivenUp(f"the dialect {item.dialect} has no kind of work named {item.kind}"))
        work = _work(item, self.clock.now(item.tenant))
        allowed = self.allowed(item.tenant, item.dialect)
        sender = self.pool.sender(item.tenant, item.dialect, allowed, item.kind, work.request_id)
        try:
            async with asyncio.timeout(kind.deadline_seconds or self.seconds):
                outcome = _checked(await worker.perform(work, sender))
        except Exception as error:
            outcome = _meaning(error, item)
        now = self.clock.now(item.tenant)
        if not isinstance(outcome, Done) or not outcome.then:
            return Made(_ending(outcome, kind, work, now))
        otherwise = _ending(Retry("what it leads to was refused, or failed"), kind, work, now)
        return Made(_ending(outcome, kind, work, now), outcome.then, work.origin(), otherwise)


def _work(item: WorkItem, now: dt.datetime) -> Work:
    return Work(
        tenant=item.tenant,
        id=item.id,
        dialect=item.dialect,
        kind=item.kind,
        lane=item.lane.removeprefix(lane_of(item.dialect, "")),
        body=item.body,
        due=item.due,
        now=now,
        attempt=item.attempts + 1,
    )


def _checked(outcome: Outcome) -> Outcome:
    """Raises TypeError for what is no outcome: without one the item would be performed again and again."""
    if not isinstance(outcome, Done | GiveUp | Retry):
        raise TypeError(f"not an outcome: {outcome!r}")
    return outcome


def _meaning(error: Exception, item: WorkItem) -> Outcome:
    match error:
        case OutboundError(is_refused=True):
            return GiveUp(str(error))
        case OutboundError() | StoreUnavailableError():
            return Retry(str(error))
        case TimeoutError():
            return Retry("the attempt took too long")
        case Refused():
            return Retry(f"refused: {type(error.refusal).__name__}")
    log.error("work failed", tenant=item.tenant, dialect=item.dialect, kind=item.kind, work=item.id, exc_info=error)
    return Retry(f"a bug: {type(error).__name__}; see the log of the gateway")


def _ending(outcome: Outcome, kind: WorkKind, work: Work, now: dt.datetime) -> Ending:
    match outcome:
        case Done(detail=detail):
            return Delivered(redacted_log(detail))
        case GiveUp(reason):
            return GivenUp(redacted_log(reason))
        case Retry(detail, after):
            detail = redacted_log(detail)
            delay = kind.retries.after(work.attempt) if after is None else after
            return GivenUp(f"last attempt: {detail}") if delay is None else TryAgain(now + delay, detail)
