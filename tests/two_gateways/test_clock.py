"""A tenant has one clock, whichever gateway moves it and whichever one stamps with it."""

from __future__ import annotations

import asyncio
from datetime import datetime

from tests import pg
from tests.failover.gateways import Gateway
from tests.two_gateways.conftest import Asked
from tests.two_gateways.test_tenants import made

YEAR_END = "2030-12-31T23:00:00Z"
STAMPS = "SELECT at FROM ledger WHERE tenant = $1 AND operation = 'set' ORDER BY \"index\""


async def test_every_gateway_stamps_with_the_moved_clock_when_the_answer_has_come(
    pair: tuple[Asked, Asked], processes: tuple[list[Gateway], str], cluster: pg.Cluster
) -> None:
    one, other = pair
    tenant = await made(one, "timed")
    for step, (mover, stamper) in enumerate([(one, other), (other, one)] * 3):
        moment = f"{2030 + step}-12-31T23:00:00Z"
        assert (await mover.admin("POST", "/timed/clock/freeze", {"at": moment}))[0] == 200
        for place, gateway in enumerate((stamper, mover, stamper)):
            assert await gateway.set_next(tenant, 10 * step + place + 1) == 200
        # asked last, because the one who is asked reads the store
        assert [(await own.admin("GET", "/timed/clock"))[1]["now"] for own in pair] == [moment, moment]
    stamps = [row[0] for row in await cluster.ask(STAMPS, "timed", database=processes[1])]
    assert [datetime.fromisoformat(stamp).year for stamp in stamps] == [2030 + place // 3 for place in range(18)]


async def test_journeys_add_up(pair: tuple[Asked, Asked]) -> None:
    await made(pair[0], "traveller")
    assert (await pair[0].admin("POST", "/traveller/clock/freeze", {"at": YEAR_END}))[0] == 200
    ways = [own.admin("POST", "/traveller/clock/travel", {"by_seconds": 3600}) for own in pair for _ in range(5)]
    assert [status for status, _ in await asyncio.gather(*ways)] == [200] * 10
    for gateway in pair:
        assert (await gateway.admin("GET", "/traveller/clock"))[1]["now"] == "2031-01-01T09:00:00Z"
