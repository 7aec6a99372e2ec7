"""Payments on PostgreSQL, written by two gateways on one database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.stores import open_store
from gateway.stores.engine.group_commit import Job, Outcome, decide_group
from gateway.stores.engine.unit_of_work import UnitOfWork
from gateway.stores.postgres import committer
from gateway.testing.memory_store import HandClock
from tests import pg
from tests.adapters.resurs.payments.model import Act
from tests.adapters.resurs.payments.shop import Shop, finalize, opened
from tests.adapters.resurs.payments.test_any_order import WAVES, check_ledger, check_waves, shop_with_payments
from tests.adapters.resurs.payments.test_at_once import check_many_at_once
from tests.long_form import short_or_long
from tests.stores.postgres.conftest import MakePostgres, cluster, database, make_store
from tests.stores.postgres.test_suite import run_on_empty

__all__ = ["cluster", "database", "make_store"]
pytestmark = pytest.mark.long_form


async def test_many_at_once(make_store: MakePostgres) -> None:
    one, other = await make_store(), await make_store()
    clock = HandClock()
    shop = await opened(one, clock)
    await check_many_at_once([shop, Shop(other, shop.series, clock, {})])


async def test_a_group_is_decided_twice_at_most(make_store: MakePostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time shows where the line stands, and so which numbers of the representative to look for; all at once."""
    store = await make_store()
    shop = await opened(store, HandClock())
    await asyncio.gather(*(shop.book(f"p-{index}", "30") for index in range(30)))
    decided: list[int] = []

    def decide(unit: UnitOfWork, jobs: Sequence[Job]) -> list[Outcome]:
        decided.append(len(jobs))
        return decide_group(unit, jobs)

    monkeypatch.setattr(committer, "decide_group", decide)
    commits = store.stats.commits
    answers = await asyncio.gather(*(shop.ask("finalizePayment", finalize(f"p-{index}")) for index in range(30)))
    assert {answer.error for answer in answers} == {0}
    assert len(decided) <= 2 * (store.stats.commits - commits)


@settings(
    max_examples=short_or_long(4, 300),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(waves=WAVES)
def test_several_at_once(cluster: pg.Cluster, database: str, waves: list[list[Act]]) -> None:
    async def run() -> None:
        one, other = open_store(cluster.url(database)), open_store(cluster.url(database))
        for store in (one, other):
            await store.start()
        try:
            shop, model = await shop_with_payments(one, HandClock())
            writers = [shop, Shop(other, shop.series, shop.clock, {})]
            await check_ledger(one, await check_waves(writers, model, waves))
        finally:
            for store in (one, other):
                await store.close()

    run_on_empty(cluster, database, run())
