"""Work that is due, as a store keeps it: what is next in each lane, who holds it, and that it goes where its tenant goes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection

import pytest

from gateway.core.values import TenantId
from gateway.core.work import (
    Delivered,
    DropWork,
    FinishWork,
    ForgetWork,
    NewWork,
    ScheduleWork,
    TakeWork,
    TryAgain,
    WorkId,
    WorkItem,
    WorkState,
)
from gateway.stores import DatabaseStore
from gateway.stores.engine.work_records import WorkFilter
from tests.stores.commands import BY, TENANT, provide_main

MakeStore = Callable[..., Awaitable[DatabaseStore]]
OTHER = TenantId("other")
LATER = dt.datetime(2900, 1, 1, tzinfo=dt.UTC)


async def schedule(
    store: DatabaseStore, *lanes: str, tenant: TenantId = TENANT, due: dt.datetime | None = None
) -> None:
    items = tuple(NewWork("callback", lane, '{"to":"Åse"}', due) for lane in lanes)
    await store.execute(ScheduleWork(tenant, items, BY))


async def take(store: DatabaseStore, own: int, lane: str, taker: str = "me", now_ms: int = 0) -> bool:
    command = TakeWork(TENANT, WorkId(own), f"{BY.dialect}/{lane}", taker, now_ms, now_ms + 1000)
    return (await store.execute(command)).item is not None


async def heads(store: DatabaseStore) -> list[int]:
    return [item.id for item in await store.work.heads(TENANT)]


async def test_the_next_of_each_lane_and_of_those_that_failed(store: DatabaseStore) -> None:
    await schedule(store, "b", "a", "a", "c", "c")
    assert sorted(await heads(store)) == [1, 2, 4]
    assert await take(store, 4, "c")
    await store.execute(FinishWork(TENANT, WorkId(4), "me", TryAgain(LATER, "502")))
    assert sorted(await heads(store)) == [1, 2, 4, 5]
    await store.execute(DropWork(TENANT, WorkId(2), BY))
    assert sorted(await heads(store)) == [1, 3, 4, 5]
    again = await store.work.item(TENANT, WorkId(4))
    assert again is not None
    assert (again.due, again.body, again.log[0].detail) == (LATER, '{"to":"Åse"}', "502")


async def test_an_item_is_taken_once_and_a_lane_begins_one_first_attempt(make_store: MakeStore) -> None:
    store = await make_store()
    await schedule(store, "a", "a")
    assert not await take(store, 2, "a")  # the other one comes first
    taken = await asyncio.gather(*(take(store, own, "a", f"taker {n}") for n in range(5) for own in (1, 2)))
    assert sum(taken) == 1
    assert not await take(store, 2, "a")  # the other one is under way
    assert await take(store, 1, "a", "heir", now_ms=2000)  # the lease of the first one has ended


async def test_tenants_with_work_and_the_earliest_moment(store: DatabaseStore) -> None:
    assert await store.work.waiting() == []
    await schedule(store, "a", tenant=OTHER, due=LATER)
    await schedule(store, "a", due=LATER + dt.timedelta(1))
    await schedule(store, "a", due=LATER)
    assert [tuple(own) for own in sorted(await store.work.waiting())] == [(TENANT, LATER), (OTHER, LATER)]
    for own in (1, 2):
        await store.execute(DropWork(TENANT, WorkId(own), BY))
    assert [own.tenant for own in await store.work.waiting()] == [OTHER]


async def test_lists_for_people(store: DatabaseStore) -> None:
    await schedule(store, "a", "b", "a", "a")
    await store.execute(DropWork(TENANT, WorkId(3), BY))
    page = store.work.page
    assert [item.id for item in await page(TENANT, after=1, limit=2)] == [2, 3]
    assert [item.id for item in await page(TENANT, WorkFilter(state=WorkState.WAITING, lane=f"{BY.dialect}/a"))] == [
        1,
        4,
    ]
    assert [item.id for item in await page(TENANT, WorkFilter(state=WorkState.DROPPED))] == [3]
    assert await page(TENANT, WorkFilter(kind="other")) == await page(TENANT, WorkFilter(dialect="x")) == []
    assert await page(OTHER) == []
    assert await store.work.item(TENANT, WorkId(99)) is None


async def test_only_the_last_that_ended_are_kept(store: DatabaseStore) -> None:
    await schedule(store, *"abcde")
    for own, lane in ((2, "b"), (4, "d"), (1, "a")):
        assert await take(store, own, lane)
        await store.execute(FinishWork(TENANT, WorkId(own), "me", Delivered()))
    assert await store.work.old(TENANT, 3) == ()
    old = await store.work.old(TENANT, 1)
    assert set(old) == {2, 4}
    assert (await store.execute(ForgetWork(TENANT, (*old, WorkId(3), WorkId(99))))).ids == old
    assert [item.id for item in await store.work.page(TENANT)] == [1, 3, 5]


async def test_work_stays_over_a_restart_and_ids_go_on(make_store: MakeStore) -> None:
    first = await make_store()
    await schedule(first, "a", "b")
    before = await first.work.page(TENANT)
    await first.close()
    second = await make_store()
    assert await second.work.page(TENANT) == before
    await schedule(second, "c")
    assert [item.id for item in await second.work.page(TENANT)] == [1, 2, 3]


async def test_who_watches_is_called_for_work_that_is_free(store: DatabaseStore) -> None:
    calls: list[Collection[TenantId]] = []
    store.work_watch = calls.append
    await schedule(store, "a")
    assert await take(store, 1, "a")
    assert calls == [{TENANT}]
    await store.execute(FinishWork(TENANT, WorkId(1), "me", TryAgain(LATER)))
    assert calls == [{TENANT}, {TENANT}]
    await provide_main(store)
    assert len(calls) == 2


async def test_contents_of_a_tenant_have_its_work(store: DatabaseStore) -> None:
    await provide_main(store)
    await schedule(store, "a", "b")
    await schedule(store, "a", tenant=OTHER)
    kept = await store.tenant_records.contents(TENANT)
    before: list[WorkItem] = await store.work.page(TENANT)
    assert await take(store, 1, "a")
    await store.execute(FinishWork(TENANT, WorkId(1), "me", Delivered()))
    await schedule(store, "c")
    await store.tenant_records.replace(TENANT, type(kept).unpack(kept.pack()))
    assert await store.work.page(TENANT) == before
    assert len(await store.work.page(OTHER)) == 1
    await store.tenant_records.replace(TENANT, type(kept)())
    assert await store.work.page(TENANT) == []


@pytest.mark.parametrize("size", [1, 8, 50])
async def test_many_at_once_get_ids_in_their_order(store: DatabaseStore, size: int) -> None:
    await asyncio.gather(*(schedule(store, "a", "b") for _ in range(size)))
    assert [item.id for item in await store.work.page(TENANT, limit=1000)] == list(range(1, 2 * size + 1))
