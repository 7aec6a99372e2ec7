"""How a dialect does something later: it declares kinds of work, schedules items, and performs each one when it is due.

It schedules with `core.work.ScheduleWork`, in the transaction of what the work follows from. A dialect takes part by having
`work` and `perform` (`DoesWork`). An item is performed at least once: the process may die between the deed and the note of it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

from gateway.core.commands import Command
from gateway.core.values import Origin, TenantId
from gateway.core.work import AUTOMATIC, WorkId
from gateway.spi.adapter import Dialect
from gateway.spi.outbound import Outbound


@dataclass(frozen=True, slots=True)
class RetryTable:
    """When a failed item is tried again.

    delays: after each failed attempt in turn; the item is given up after the last one. By the tenant's clock.
    """

    delays: tuple[dt.timedelta, ...] = ()

    def after(self, attempts: int) -> dt.timedelta | None:
        """How long to wait after so many failed attempts (1 or more); None to give up."""
        return self.delays[attempts - 1] if attempts <= len(self.delays) else None


@dataclass(frozen=True, slots=True)
class WorkKind:
    """A kind of work that a dialect declares.

    title: for people.
    retries: when failed items are tried again.
    deadline_seconds: how long an attempt may take; None for what the configuration says.
    """

    title: str
    retries: RetryTable = RetryTable()
    deadline_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """An item that is due, as the dialect gets it.

    lane: as the dialect gave it.
    body: JSON text as the dialect gave it.
    due: the moment it was due, by the tenant's clock; aware.
    now: the tenant's present time; aware.
    attempt: 1 for the first.
    """

    tenant: TenantId
    id: WorkId
    dialect: str
    kind: str
    lane: str
    body: str
    due: dt.datetime
    now: dt.datetime
    attempt: int

    @property
    def facts(self) -> Any:
        """The body as JSON values."""
        return json.loads(self.body)

    @property
    def request_id(self) -> str:
        """The name of this attempt, in the ledger and in the journal."""
        return f"work-{self.id}-{self.attempt}"

    def origin(self, reason: str = "") -> Origin:
        """Who a command of this work is from: the principal is `automatic`."""
        return Origin(self.dialect, AUTOMATIC, self.request_id, reason)


@dataclass(frozen=True, slots=True)
class Done:
    """The item is done.

    detail: for people, without secrets.
    then: commands of the same tenant that take effect together with the note that the item is done, or not at all: exactly
        once, however often the item is performed. When one of them is refused, the attempt has failed.
    """

    detail: str = ""
    then: tuple[Command[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """The attempt failed. after: when to try again, by the tenant's clock; None for what the kind's table says."""

    detail: str = ""
    after: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The item cannot be done, now or later. reason: why, for people, without secrets."""

    reason: str


Outcome: TypeAlias = Done | Retry | GiveUp


class DoesWork(Protocol):
    """A dialect that does something later."""

    @property
    def work(self) -> Mapping[str, WorkKind]:
        """Its kinds of work, by name."""
        ...

    async def perform(self, work: Work, outbound: Outbound) -> Outcome:
        """One attempt. It may use the dialect's service; commands are from `work.origin()`.

        What it raises is a failed attempt, but for an OutboundError that is refused, which gives the item up.
        """
        ...


def worker_of(dialect: Dialect | None) -> DoesWork | None:
    """The dialect as one that does work; None when it does none."""
    return cast("DoesWork", dialect) if hasattr(dialect, "perform") and hasattr(dialect, "work") else None
