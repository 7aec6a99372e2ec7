"""Two stores on one PostgreSQL database, each with a runner, as two processes have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.outbound.pool import Pool
from gateway.simulation.clock import TenantClock
from tests.outbound.receiver import Receiver
from tests.outbound.workshop import TENANT, Toy, Workshop
from tests.stores.postgres.conftest import cluster, database, make_store
from tests.until import until

__all__ = ["cluster", "database", "make_store"]


@pytest.fixture
async def shared(make_store: Any, pool: Pool) -> AsyncIterator[tuple[Workshop, Any]]:
    """A workshop on the first store, and the second store."""
    clock = TenantClock()
    one, two = await make_store(clock=clock), await make_store(clock=clock)
    made = Workshop(one, pool, clock)
    yield made, two
    await made.stop()


async def ended(workshop: Workshop, ids: list[int]) -> None:
    async def all_ended() -> bool:
        items = await workshop.store.work.page(TENANT, limit=1000)
        return {item.id for item in items if item.ended is not None} >= set(ids)

    await until(all_ended)


async def test_both_share_the_work_keep_its_order_and_one_takes_over_from_the_other(
    shared: tuple[Workshop, Any], receiver: Receiver
) -> None:
    workshop, two = shared
    now = [1_000_000]
    ids = [await workshop.schedule("ab"[n % 2], url=f"{receiver.url}/{n}") for n in range(20)]
    toys = Toy(), Toy()
    first = workshop.runner(toy=toys[0], now_ms=lambda: now[0])
    second = workshop.runner(two, toys[1], now_ms=lambda: now[0])
    await ended(workshop, ids)
    assert sorted([*toys[0].begun, *toys[1].begun]) == [(own, 1) for own in ids]
    paths = [int(path[1:]) for path in receiver.paths]
    assert [n for n in paths if n % 2 == 0] == list(range(0, 20, 2))
    assert [n for n in paths if n % 2 == 1] == list(range(1, 20, 2))
    receiver.answers["/hangs"] = receiver.hang
    hung = await workshop.schedule("a", url=f"{receiver.url}/hangs")
    await until(lambda: receiver.hung == 1)
    holder, heir = (first, second) if (hung, 1) in toys[0].begun else (second, first)
    await holder.die()
    receiver.answers.clear()
    heir.wake([TENANT])
    behind = await workshop.schedule("a", url=f"{receiver.url}/behind")
    other = await workshop.schedule("c", url=f"{receiver.url}/other")
    await ended(workshop, [other])
    assert receiver.paths[-1] == "/other"  # the lane of the one that is held waits for it
    now[0] += 31_000
    heir.wake([TENANT])
    await ended(workshop, [hung, behind])
    assert receiver.paths[-2:] == ["/hangs", "/behind"]
