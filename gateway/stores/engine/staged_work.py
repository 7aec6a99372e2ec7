"""Work that is due, as a group of commands sees it: rows both ways, and what the group has changed (ADR-65)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from gateway.core.values import TenantId
from gateway.core.work import Attempt, WorkId, WorkItem, WorkState
from gateway.core.work_rules import KnownWork
from gateway.stores.engine import statements, tables
from gateway.stores.engine.chain_ends import Written
from gateway.stores.engine.rows import EPOCH, microseconds
from gateway.stores.engine.statements import Row


def work_row(item: WorkItem) -> Row:
    """The row that keeps an item."""
    return (
        item.tenant,
        item.id,
        item.dialect,
        item.kind,
        item.lane,
        item.body,
        microseconds(item.due),
        microseconds(item.scheduled),
        item.request_id,
        item.state.value,
        item.attempts,
        item.taken_by,
        item.taken_until,
        None if item.ended is None else microseconds(item.ended),
        json.dumps([(microseconds(one.at), one.outcome, one.detail) for one in item.log]),
    )


def work_of(row: Sequence[Any]) -> WorkItem:
    """The item that a row keeps."""
    (tenant, own, dialect, kind, lane, body, due, scheduled, request, state, attempts, taker, until, ended, log) = row
    return WorkItem(
        tenant=tenant,
        id=own,
        dialect=dialect,
        kind=kind,
        lane=lane,
        body=body,
        due=moment_of(due),
        scheduled=moment_of(scheduled),
        request_id=request,
        state=WorkState(state),
        attempts=attempts,
        taken_by=taker,
        taken_until=until,
        ended=None if ended is None else moment_of(ended),
        log=tuple(Attempt(moment_of(at), outcome, detail) for at, outcome, detail in json.loads(log)),
    )


def moment_of(us: int) -> dt.datetime:
    """The moment that is so many microseconds after the beginning of 1970, UTC."""
    return EPOCH + dt.timedelta(microseconds=us)


def free_work(written: Written) -> set[TenantId]:
    """The tenants that got an item that waits for somebody to take it."""
    places = {name: place for place, name in enumerate(tables.due_work.columns)}
    tenant, state, taker = places["tenant"], places["state"], places["taken_by"]
    rows = (*written.get(statements.ADD_WORK, ()), *written.get(statements.SAVE_WORK, ()))
    return {row[tenant] for row in rows if row[state] == WorkState.WAITING.value and not row[taker]}


class StagedWork:
    """Work as the next command of a group sees it, on top of what is committed. Implements `work_rules.KnownWork`."""

    def __init__(self, committed: KnownWork) -> None:
        self._committed = committed
        self._items: dict[tuple[TenantId, WorkId], WorkItem | None] = {}
        self._last: dict[TenantId, int] = {}

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:
        """One item."""
        if (tenant, work) in self._items:
            return self._items[tenant, work]
        return self._committed.item(tenant, work)

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:
        """The first item of a lane, and those that are taken.

        A first item that this group has ended is still in the way of the one behind it, which the next group can take.
        """
        committed = self._committed.first_attempts(tenant, lane)
        staged = [item for item in self._items.values() if item is not None]
        own = [item for item in staged if (item.tenant, item.lane) == (tenant, lane) and item.is_first]
        known = {item.id for item in own}
        return [*own, *(item for item in committed if item.id not in known)]

    def last_id(self, tenant: TenantId) -> int:
        """The highest id of a tenant's items."""
        if tenant not in self._last:
            self._last[tenant] = self._committed.last_id(tenant)
        return self._last[tenant]

    def put(self, item: WorkItem) -> None:
        """An item is new or changed."""
        self._items[item.tenant, item.id] = item
        if item.tenant in self._last:
            self._last[item.tenant] = max(self._last[item.tenant], item.id)

    def forget(self, tenant: TenantId, work: WorkId) -> None:
        """An item is gone."""
        self._items[tenant, work] = None


class NoWork:
    """No work at all. Implements `work_rules.KnownWork`."""

    def item(self, tenant: TenantId, work: WorkId) -> WorkItem | None:  # noqa: ARG002 - part of the protocol
        """None."""
        return None

    def first_attempts(self, tenant: TenantId, lane: str) -> Sequence[WorkItem]:  # noqa: ARG002 - part of the protocol
        """None."""
        return ()

    def last_id(self, tenant: TenantId) -> int:  # noqa: ARG002 - part of the protocol
        """0."""
        return 0
