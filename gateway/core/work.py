"""Work that is due: what is to be done later for a tenant, and the commands that schedule, take and end it (ADR-65).

A dialect schedules work in the transaction of what it follows from. Work waits until its moment by the tenant's clock. A
process takes an item before it works on it and gives it back when it ends; an item that nobody has given back becomes free
when its time is up. So each item is worked on at least once.

Items of one lane have an order: their first attempts begin one after the other, by moment and then by id. An item that was
attempted and has to be tried again stands beside its lane: it delays no other first attempt.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NewType, TypeAlias

from gateway.core.commands import Command
from gateway.core.values import Origin, TenantId, is_text

WorkId = NewType("WorkId", int)

AUTOMATIC: Final = "automatic"
"""The principal of what the gateway does of itself, in the ledger and in the journal."""
MAX_BODY: Final = 1 << 20
"""The longest body of an item, in characters."""
MAX_LANE: Final = 200
MAX_ATTEMPTS_KEPT: Final = 20
"""How many attempts of an item are kept, the last ones."""
MAX_DETAIL: Final = 500
_EARLIEST: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_LATEST: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


class WorkState(enum.StrEnum):
    """What has become of an item.

    WAITING: it is to be worked on, or is being worked on.
    DELIVERED: it is done.
    DROPPED: somebody decided that it shall not be done.
    UNDELIVERABLE: it was given up; the last attempt says why.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt, or of an order of a person.

    at: the tenant's time at its end; aware.
    outcome: delivered, failed, given_up, dropped or asked_again.
    detail: what happened, for people; at most MAX_DETAIL characters, and no secret.
    """

    at: dt.datetime
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One item.

    id: ascending within the tenant.
    dialect: the name of the dialect that does it.
    kind: a name that the dialect declares.
    lane: what its order belongs to, the dialect's name and a slash in front.
    body: what is to be done, JSON text of the dialect's own.
    due: when, by the tenant's clock; aware.
    scheduled: the tenant's time when it was scheduled; aware.
    request_id: the request that it follows from.
    attempts: how many have ended.
    taken_by: who works on it; "" for nobody.
    taken_until: when it is free again, in milliseconds since 1970 by the machine's clock, whatever the tenant's clock shows.
    ended: the tenant's time when it stopped waiting; None while it waits.
    log: the last attempts, oldest first.
    """

    tenant: TenantId
    id: WorkId
    dialect: str
    kind: str
    lane: str
    body: str
    due: dt.datetime
    scheduled: dt.datetime
    request_id: str = ""
    state: WorkState = WorkState.WAITING
    attempts: int = 0
    taken_by: str = ""
    taken_until: int = 0
    ended: dt.datetime | None = None
    log: tuple[Attempt, ...] = ()

    def is_taken(self, now_ms: int) -> bool:
        """Whether somebody works on it. now_ms: milliseconds since 1970 by the machine's clock."""
        return self.taken_by != "" and self.taken_until > now_ms

    @property
    def is_first(self) -> bool:
        """Whether it waits for its first attempt."""
        return self.state is WorkState.WAITING and self.attempts == 0

    @property
    def place(self) -> tuple[dt.datetime, int]:
        """Its place in the order of its lane."""
        return self.due, self.id


def lane_of(dialect: str, lane: str) -> str:
    """A dialect's lane as items keep it: two dialects may use the same words."""
    return f"{dialect}/{lane}"


@dataclass(frozen=True, slots=True)
class NewWork:
    """An item to schedule. Raises ValueError for what cannot be kept.

    kind: a name that the dialect declares.
    lane: items of one lane have an order; such as an account and a destination. Thousands of lanes of a tenant that wait at
        one time cost time at every look.
    body: what is to be done, JSON text of the dialect's own, without U+0000 and lone surrogates.
    due: when, by the tenant's clock; aware, in UTC from the year 1 to 9999; None for at once.
    """

    kind: str
    lane: str
    body: str = "{}"
    due: dt.datetime | None = None

    def __post_init__(self) -> None:
        is_kept = self.kind and all(map(is_text, (self.kind, self.lane, self.body)))
        if not is_kept or len(self.lane) > MAX_LANE or len(self.body) > MAX_BODY:
            raise ValueError(
                f"work needs a kind, a lane of {MAX_LANE} characters at most and a body of {MAX_BODY} at most"
            )
        if self.due is not None and self.due.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        if self.due is not None and not _EARLIEST <= self.due <= _LATEST:
            raise ValueError(f"a moment from {_EARLIEST} to {_LATEST}")


@dataclass(frozen=True, slots=True)
class WorkScheduled:
    """Answer to ScheduleWork: the items, in the order of the command."""

    items: tuple[WorkItem, ...]


@dataclass(frozen=True, slots=True)
class WorkChanged:
    """Answer to the commands about one item.

    item: as it now stands; None when it was not as the command needs it, and nothing has changed.
    """

    item: WorkItem | None


@dataclass(frozen=True, slots=True)
class ScheduleWork(Command[WorkScheduled]):
    """Let the dialect `by.dialect` do something later. Refused: never."""

    tenant: TenantId
    items: tuple[NewWork, ...]
    by: Origin


@dataclass(frozen=True, slots=True)
class TakeWork(Command[WorkChanged]):
    """Take an item, or go on holding it, so that nobody else works on it. Refused: never.

    Nothing changes when the item does not wait, is not due, or is somebody else's; nor for a first attempt while another one
    of the lane comes before it or is under way.

    lane: as the item has it.
    taker: who asks; never the same for two attempts.
    now_ms, until_ms: the present, and when the item is free again; milliseconds since 1970 by the machine's clock.
    """

    tenant: TenantId
    work: WorkId
    lane: str
    taker: str
    now_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """The item is done."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The attempt failed. due: when the next one is, by the tenant's clock; aware."""

    due: dt.datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The item is never tried again. detail: why."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Nothing was tried: the item is as it was before it was taken."""


Ending: TypeAlias = Delivered | TryAgain | GivenUp | GivenBack


@dataclass(frozen=True, slots=True)
class FinishWork(Command[WorkChanged]):
    """Say what came of an attempt. Refused: never. Nothing changes unless the item still is the taker's."""

    tenant: TenantId
    work: WorkId
    taker: str
    ending: Ending


@dataclass(frozen=True, slots=True)
class RetryWork(Command[WorkChanged]):
    """Let an item be tried at once, also one that was dropped or given up. Refused: never.

    Nothing changes for an item that is done, or that there is none of. An attempt under way goes on.
    """

    tenant: TenantId
    work: WorkId
    by: Origin


@dataclass(frozen=True, slots=True)
class DropWork(Command[WorkChanged]):
    """Never do an item. Refused: never. Nothing changes unless it waits; an attempt under way may still reach its receiver."""

    tenant: TenantId
    work: WorkId
    by: Origin


@dataclass(frozen=True, slots=True)
class WorkForgotten:
    """Answer to ForgetWork: which items are gone."""

    ids: tuple[WorkId, ...]


@dataclass(frozen=True, slots=True)
class ForgetWork(Command[WorkForgotten]):
    """Let items go that have ended; those that wait, or wait again, stay, and so does the last id. Refused: never."""

    tenant: TenantId
    ids: tuple[WorkId, ...]


ENDINGS: Final[Mapping[type[object], tuple[WorkState, str]]] = MappingProxyType(
    {
        Delivered: (WorkState.DELIVERED, "delivered"),
        TryAgain: (WorkState.WAITING, "failed"),
        GivenUp: (WorkState.UNDELIVERABLE, "given_up"),
    }
)
"""The state and the word for each way an attempt ends."""
