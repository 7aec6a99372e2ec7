"""A tenant whose time is not known now gets no answer that would have to be stamped; its neighbours in the group do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.core.commands import Issue
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import INVOICE, CounterKey, SeriesId, TenantId
from gateway.stores.engine.tenant_rows import Contents
from tests.stores.commands import BY, TENANT, number_for, peek, provide_main

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
OTHER = TenantId("other")


class Uncertain:
    """A clock that does not know the time of some tenants."""

    def __init__(self) -> None:
        self.unknown: set[TenantId] = set()

    def now(self, tenant: TenantId | None = None) -> datetime:
        if tenant in self.unknown:
            raise StoreUnavailableError("clocks were not compared")
        return NOW


async def test_the_neighbours_are_answered(make_store: Any) -> None:
    clock = Uncertain()
    store = await make_store(clock=clock)
    await provide_main(store)
    await store.provision(OTHER, [("main", "Main", None, None, True)])
    theirs = CounterKey(SeriesId(2), INVOICE)
    assert await number_for(store, "a") == 1
    clock.unknown.add(TENANT)
    groups = store.stats.groups
    outcomes = await asyncio.gather(
        store.execute(Issue(OTHER, theirs, "x", "x", BY, 7)),
        number_for(store, "b"),
        store.execute(Issue(OTHER, theirs, "y", "y", BY)),
        return_exceptions=True,
    )
    assert (store.stats.groups, store.stats.replays) == (groups + 1, 0)
    assert [outcomes[0].issued.number, outcomes[2].issued.number] == [7, 8]
    assert isinstance(outcomes[1], StoreUnavailableError)
    assert outcomes[1].committed is False
    assert await peek(store) == 2, "what needs no time is answered"
    with pytest.raises(StoreUnavailableError):
        await store.tenant_records.replace(TENANT, Contents(), BY)
    clock.unknown.clear()
    assert await number_for(store, "b") == 2
    assert (await store.verify())[1] == []
