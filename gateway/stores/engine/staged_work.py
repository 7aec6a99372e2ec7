"""Work that is due, as a group of commands sees it: rows both ways, and what the group has changed (ADR-65)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from gateway.core.values import TenantId
from gateway.core.work import Attempt, WorkId, WorkItem, WorkState
from gateway.stores.engine import statements, tables
from gateway.stores.engine.chain_ends import Written
from gateway.stores.engine.rows import EPOCH, microseconds
from gateway.stores.engine.statements import Row

_TENANT, _STATE, _TAKER = map(tables.due_work.columns.index, ("tenant", "state", "taken_by"))


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
    rows = (*written.get(statements.ADD_WORK, ()), *written.get(statements.SAVE_WORK, ()))
    return {row[_TENANT] for row in rows if row[_STATE] == WorkState.WAITING.value and not row[_TAKER]}


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
