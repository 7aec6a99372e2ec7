"""Work that is due: what waits, what was tried, and what a person decides about it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from gateway.admin.problems import TENANT_UNKNOWN, WORK_SETTLED, WORK_UNKNOWN, Problem
from gateway.admin.resources.series import origin
from gateway.admin.routing import Ask, Body, Page, Paging, Route, View, read_cursor, write_cursor
from gateway.core.values import TenantId
from gateway.core.work import DropWork, RetryWork, WorkId, WorkItem, WorkState, lane_of
from gateway.spi.redaction import redacted_log
from gateway.stores.engine.work_records import WorkFilter

Text = Annotated[str, Field(max_length=300)]


class AttemptView(View):
    """An attempt, or an order of a person.

    at: the tenant's time at its end.
    outcome: delivered, failed, given_up, dropped or asked_again.
    detail: what happened.
    """

    at: dt.datetime
    outcome: str
    detail: str


class WorkView(View):
    """An item of work.

    kind: the dialect's name for it.
    lane: items of one lane have an order.
    body: what is to be done, JSON text of the dialect's own, secrets blotted out.
    due: when, by the tenant's clock.
    scheduled: the tenant's time when it was scheduled.
    ended: the tenant's time when it stopped waiting; null while it waits.
    attempts: how many have ended.
    under_way: somebody works on it now, or has died while doing so.
    request_id: the request that it follows from.
    result: what came of the last attempt; empty before the first one.
    log: the last attempts, oldest first.
    """

    id: int
    dialect: str
    kind: str
    lane: str
    state: WorkState
    body: str
    due: dt.datetime
    scheduled: dt.datetime
    ended: dt.datetime | None
    attempts: int
    under_way: bool
    request_id: str
    result: str
    log: list[AttemptView]


class WorkQuery(Paging):
    """Conditions. All of them must hold.

    lane: together with the dialect only.
    """

    state: WorkState | None = None
    dialect: Text | None = None
    kind: Text | None = None
    lane: Text | None = None


class WorkOrder(Body):
    """Why a person wants it.

    reason: kept with the item.
    """

    reason: Annotated[str, Field(max_length=500)] = ""


def _view(item: WorkItem) -> WorkView:
    return WorkView(
        id=item.id,
        dialect=item.dialect,
        kind=item.kind,
        lane=item.lane.removeprefix(lane_of(item.dialect, "")),
        state=item.state,
        body=redacted_log(item.body),
        due=item.due,
        scheduled=item.scheduled,
        ended=item.ended,
        attempts=item.attempts,
        under_way=item.taken_by != "",
        request_id=item.request_id,
        result=item.log[-1].detail if item.log else "",
        log=[AttemptView(at=one.at, outcome=one.outcome, detail=one.detail) for one in item.log],
    )


def _tenant(ask: Ask) -> TenantId:
    return ask.services.directory.get(TenantId(ask.path["tenant"])).id


def _number(ask: Ask) -> WorkId:
    text = ask.path["work"]
    return WorkId(int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0)


async def search(ask: Ask) -> Page[WorkView]:
    """Items by ascending id. Those that have ended are kept for a while (`outbound.kept_items`)."""
    tenant, query = _tenant(ask), ask.query
    after = read_cursor(query.cursor, int)
    lane = None if query.lane is None else lane_of(query.dialect or "", query.lane)
    where = WorkFilter(query.state, query.dialect, query.kind, lane)
    records = ask.services.store.of(tenant).work
    items = await records.page(tenant, where, after[0] if after else 0, query.limit + 1)
    shown = items[: query.limit]
    following = write_cursor(shown[-1].id) if len(items) > len(shown) else None
    return Page[WorkView](items=[_view(item) for item in shown], next=following)


async def get(ask: Ask) -> WorkView:
    """One item with its attempts."""
    return _view(await _found(ask))


async def _found(ask: Ask) -> WorkItem:
    tenant = _tenant(ask)
    item = await ask.services.store.of(tenant).work.item(tenant, _number(ask))
    if item is None:
        raise Problem(WORK_UNKNOWN, f"no item {ask.path['work']}")
    return item


async def retry(ask: Ask) -> WorkView:
    """Try an item at once, also one that was dropped or given up."""
    item = await _found(ask)
    changed = await ask.services.numbers.execute(RetryWork(item.tenant, item.id, origin(ask, ask.body.reason)))
    if changed.item is None:
        raise Problem(WORK_SETTLED, "it is done")
    return _view(changed.item)


async def drop(ask: Ask) -> WorkView:
    """Never do an item. An attempt that is under way may still reach its receiver."""
    item = await _found(ask)
    changed = await ask.services.numbers.execute(DropWork(item.tenant, item.id, origin(ask, ask.body.reason)))
    if changed.item is None:
        raise Problem(WORK_SETTLED, "it does not wait any more")
    return _view(changed.item)


_WORK = "/v1/tenants/{tenant}/due-work"
_UNKNOWN = (TENANT_UNKNOWN, WORK_UNKNOWN)

ROUTES = (
    Route(
        "GET",
        _WORK,
        "searchWork",
        "work",
        "Work that is due, or was",
        search,
        query=WorkQuery,
        answer=Page[WorkView],
        problems=(TENANT_UNKNOWN,),
    ),
    Route(
        "GET",
        _WORK + "/{work}",
        "getWork",
        "work",
        "One item with its attempts",
        get,
        answer=WorkView,
        problems=_UNKNOWN,
    ),
    Route(
        "POST",
        _WORK + "/{work}/retry",
        "retryWork",
        "work",
        "Try an item at once",
        retry,
        body=WorkOrder,
        body_required=False,
        answer=WorkView,
        problems=(*_UNKNOWN, WORK_SETTLED),
    ),
    Route(
        "POST",
        _WORK + "/{work}/drop",
        "dropWork",
        "work",
        "Never do an item",
        drop,
        body=WorkOrder,
        body_required=False,
        answer=WorkView,
        problems=(*_UNKNOWN, WORK_SETTLED),
    ),
)
