"""Claims, reservations and bounds on PostgreSQL: as one store, and as two gateways on one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.commands import Command, Issue
from gateway.core.line_commands import Claim, OpenSeries
from gateway.core.values import MAX_NUMBER, OnHeld
from gateway.stores.postgres import PostgresStore, queries
from gateway.stores.postgres.connection import Connection
from tests import pg
from tests.long_form import short_or_long
from tests.stores.commands import BY, LINE, TENANT, peek, provide_main
from tests.stores.postgres.test_suite import run_on_empty
from tests.stores.postgres.test_two_writers import duel, duels
from tests.stores.test_claims_interleavings import COMMANDS, START, TOGETHER, WAVES, run_waves

pytestmark = pytest.mark.long_form

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=short_or_long(12, 500), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(waves=WAVES, group_limit=st.sampled_from([1, 3, 1024]), unkept=st.sets(st.integers(1, 6), max_size=1))
def test_any_interleaving_is_some_order(
    cluster: pg.Cluster, database: str, waves: list[list[Command[Any]]], group_limit: int, unkept: set[int]
) -> None:
    run_on_empty(cluster, database, run_waves(cluster.url(database), waves, group_limit, unkept))


@settings(max_examples=short_or_long(12, 500), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(waves=duels(COMMANDS), limit=st.sampled_from([1, 2, 1024]))
def test_two_gateways(cluster: pg.Cluster, database: str, waves: list[Any], limit: int) -> None:
    run_on_empty(cluster, database, duel(cluster.url(database), waves, START, limit))


@pytest.mark.parametrize("wave", TOGETHER.values(), ids=TOGETHER.keys())
async def test_what_comes_together_sees_what_came_before(
    cluster: pg.Cluster, database: str, wave: list[Command[Any]]
) -> None:
    await run_waves(cluster.url(database), [wave, wave], 1024, set())


async def test_a_long_run_of_held_numbers_is_one_question(
    store: PostgresStore, cluster: pg.Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provide_main(store)
    await store.execute(Claim(TENANT, LINE, 2, "first", "", BY))
    cluster.sql(
        "INSERT INTO issued (series, line, number, tenant, key, document, voided) "
        f"SELECT 1, 'invoice', n, '{TENANT}', 'held ' || n, '', false FROM generate_series(3, 100000) n",
        database,
    )
    cluster.sql("UPDATE counters SET highest_issued = 100000", database)
    asked: list[str] = []
    true_rows = Connection.rows

    async def rows(connection: Any, text: str, *values: Any) -> Any:
        asked.append(text)
        return await true_rows(connection, text, *values)

    monkeypatch.setattr(Connection, "rows", rows)
    await store.execute(Issue(TENANT, LINE, "a", "", BY, 1))
    passing = Issue(TENANT, LINE, "b", "", BY, on_held=OnHeld.PASS_OVER)
    assert (await store.execute(passing)).issued.number == 100_001
    assert [asked.count(text) for text in (queries.FIRST_FREE, queries.ISSUED_NUMBERS)] == [1, 1]
    assert await peek(store) == 100_002


async def test_the_largest_number_can_be_claimed_and_passed(store: PostgresStore) -> None:
    await provide_main(store)
    await store.execute(Claim(TENANT, LINE, MAX_NUMBER, "a", "", BY, MAX_NUMBER))
    assert await peek(store) == MAX_NUMBER + 1


@pytest.fixture
async def two(cluster: pg.Cluster, database: str) -> AsyncIterator[list[PostgresStore]]:
    """Two gateways on one database."""
    stores = [PostgresStore(cluster.url(database)) for _ in range(2)]
    for store in stores:
        await store.start()
    yield stores
    for store in stores:
        await store.close()


async def test_however_many_open_a_series_there_is_one(two: list[PostgresStore]) -> None:
    await provide_main(two[0])
    opening = OpenSeries(TENANT, "stamp", "test", BY)
    answers = await asyncio.gather(*(store.execute(opening) for store in two * 10))
    assert {answer.series.id for answer in answers} == {2}
    assert sum(answer.created for answer in answers) == 1
