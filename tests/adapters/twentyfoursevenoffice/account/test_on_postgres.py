"""Voucher numbers on PostgreSQL, drawn and booked by two gateways on one database."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.stores import open_store
from tests import pg
from tests.adapters.twentyfoursevenoffice.account.office import Office, opened, voucher
from tests.adapters.twentyfoursevenoffice.account.test_any_order import SETTINGS, WAVES, Act, Clerk, check_waves
from tests.long_form import short_or_long
from tests.stores.postgres.conftest import MakePostgres, cluster, database, make_store
from tests.stores.postgres.test_suite import run_on_empty

__all__ = ["cluster", "database", "make_store"]
pytestmark = pytest.mark.long_form


async def test_nobody_gets_a_number_twice(make_store: MakePostgres) -> None:
    """Fifty ask at once, over two gateways, for a line that is not there yet; then each books what it got."""
    one, other = await make_store(), await make_store()
    office = await opened(one)
    twin = Office(other, office.series, office.clock)
    numbers = await asyncio.gather(*(each.number() for _ in range(25) for each in (office, twin)))
    assert sorted(numbers) == list(range(1, 51))
    saved = await asyncio.gather(
        *((office, twin)[number % 2].save(voucher(number, amount=str(number))) for number in numbers)
    )
    assert {answer.outcome for answer in saved} == {"Ok"}
    assert sorted(each.number for each in await twin.vouchers()) == list(range(1, 51))
    assert (await office.gaps()).gaps == ()


async def test_one_number_is_booked_by_one_of_two(make_store: MakePostgres) -> None:
    one, other = await make_store(), await make_store()
    office = await opened(one)
    twin = Office(other, office.series, office.clock)
    calls = [each.save(voucher(7, amount=str(at))) for at in range(1, 6) for each in (office, twin)]
    answers = sorted(answer.outcome for answer in await asyncio.gather(*calls))
    assert answers.count("Ok") == 1
    assert set(answers) == {"Ok", "DuplicateData", "DataAlreadySaved"}
    assert [each.number for each in await office.vouchers()] == [7]


async def test_a_hundred_vouchers_in_a_call(make_store: MakePostgres) -> None:
    office = await opened(await make_store())
    for first in (1, 1001):
        assert (await office.save(*(voucher(first + step) for step in range(100)))).outcome == "Ok"
    assert await office.number() == 1101


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
            office = await opened(one, **SETTINGS)
            clerks = [Clerk(office), Clerk(Office(other, office.series, office.clock, **SETTINGS))]
            await check_waves(clerks, waves)
        finally:
            for store in (one, other):
                await store.close()

    run_on_empty(cluster, database, run())
