"""The rules about work that is due: pure functions, as in `rules`. Nothing here is ever refused (see `work`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.core.changes import Decision, WorkAdded, WorkLetGo, WorkSaved
from gateway.core.values import TenantId
from gateway.core.work import (
    ENDINGS,
    MAX_ATTEMPTS_KEPT,
    MAX_DETAIL,
    Attempt,
    DropWork,
    FinishWork,
    ForgetWork,
    GivenBack,
    NewWork,
    RetryWork,
    ScheduleWork,
    TakeWork,
    TryAgain,
    WorkChanged,
    WorkForgotten,
    WorkId,
    WorkItem,
    WorkScheduled,
    WorkState,
    lane_of,
)

_NOTHING = Decision(WorkChanged(None))


class KnownWork(Protocol):
    """What a decision about work may look at."""

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        ...

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """Of the items that wait in a lane for their first attempt: the first in order, and all that are taken."""
        ...

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items; 0 without any."""
        ...


class WorkingState(Protocol):
    """The part of `rules.State` that work needs. work: the items."""

    @property
    def work(self) -> KnownWork: ...

    def now(self, tenant: TenantId) -> dt.datetime: ...


@dataclass(slots=True)
class _Ids:
    last: int

    def next(self) -> WorkId:
        self.last += 1
        return WorkId(self.last)


def schedule_work(state: WorkingState, command: ScheduleWork) -> Decision[WorkScheduled]:
    """Add items, in their order. Ids follow one another within the tenant."""
    if not command.items:
        return Decision(WorkScheduled(()))
    now, ids = state.now(command.tenant), _Ids(state.work.last_id(command.tenant))
    items = tuple([_item(command, new, ids.next(), now) for new in command.items])
    return Decision(WorkScheduled(items), tuple(map(WorkAdded, items)))


def _item(command: ScheduleWork, new: NewWork, own: WorkId, now: dt.datetime) -> WorkItem:
    by = command.by
    due = now if new.due is None else new.due.astimezone(dt.UTC)
    lane = lane_of(by.dialect, new.lane)
    return WorkItem(command.tenant, own, by.dialect, new.kind, lane, new.body, due, now, by.request_id)


def take_work(state: WorkingState, command: TakeWork) -> Decision[WorkChanged]:
    """Take an item, or hold it for longer."""
    item = state.work.item(command.tenant, command.work)
    if item is None or item.state is not WorkState.WAITING or item.lane != command.lane:
        return _NOTHING
    if item.taken_by != command.taker:
        is_free = item.due <= state.now(command.tenant) and not item.is_taken(command.now_ms)
        if not is_free or (item.is_first and not _is_next(state, item, command.now_ms)):
            return _NOTHING
    taken = replace(item, taken_by=command.taker, taken_until=command.until_ms)
    return Decision(WorkChanged(taken), (WorkSaved(taken),))


def _is_next(state: WorkingState, item: WorkItem, now_ms: int) -> bool:
    others = (own for own in state.work.first_attempts(item.tenant, item.lane) if own.id != item.id)
    return not any(own.is_taken(now_ms) or own.place < item.place for own in others)


def finish_work(state: WorkingState, command: FinishWork) -> Decision[WorkChanged]:
    """End an attempt."""
    item = state.work.item(command.tenant, command.work)
    if item is None or item.state is not WorkState.WAITING or item.taken_by != command.taker:
        return _NOTHING
    free = replace(item, taken_by="", taken_until=0)
    ending = command.ending
    if isinstance(ending, GivenBack):
        return Decision(WorkChanged(free), (WorkSaved(free),))
    now = state.now(command.tenant)
    new_state, word = ENDINGS[type(ending)]
    ended = replace(
        free,
        state=new_state,
        attempts=item.attempts + 1,
        due=ending.due.astimezone(dt.UTC) if isinstance(ending, TryAgain) else item.due,
        ended=None if new_state is WorkState.WAITING else now,
        log=_logged(item, now, word, ending.detail),
    )
    return Decision(WorkChanged(ended), (WorkSaved(ended),))


def retry_work(state: WorkingState, command: RetryWork) -> Decision[WorkChanged]:
    """Make an item due at once. Its first attempt keeps its place in the lane."""
    item = state.work.item(command.tenant, command.work)
    if item is None or item.state is WorkState.DELIVERED:
        return _NOTHING
    now = state.now(command.tenant)
    log = _logged(item, now, "asked_again", command.by.reason)
    again = replace(item, state=WorkState.WAITING, due=min(item.due, now), ended=None, log=log)
    return Decision(WorkChanged(again), (WorkSaved(again),))


def drop_work(state: WorkingState, command: DropWork) -> Decision[WorkChanged]:
    """Let an item never be done. Who works on it now has lost it."""
    item = state.work.item(command.tenant, command.work)
    if item is None or item.state is not WorkState.WAITING:
        return _NOTHING
    now = state.now(command.tenant)
    log = _logged(item, now, "dropped", command.by.reason)
    gone = replace(item, state=WorkState.DROPPED, ended=now, taken_by="", taken_until=0, log=log)
    return Decision(WorkChanged(gone), (WorkSaved(gone),))


def forget_work(state: WorkingState, command: ForgetWork) -> Decision[WorkForgotten]:
    """Let items go that have ended. The highest id stays, so that none is given out a second time."""
    last = state.work.last_id(command.tenant)
    items = (state.work.item(command.tenant, own) for own in command.ids)
    gone = tuple(item.id for item in items if item is not None and item.ended is not None and item.id != last)
    return Decision(WorkForgotten(gone), tuple(WorkLetGo(command.tenant, own) for own in gone))


def _logged(item: WorkItem, at: dt.datetime, outcome: str, detail: str) -> tuple[Attempt, ...]:
    return (*item.log, Attempt(at, outcome, detail[:MAX_DETAIL]))[-MAX_ATTEMPTS_KEPT:]
