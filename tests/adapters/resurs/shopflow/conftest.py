"""One gateway with four accounts, whose tenant's clock stands still."""

from __future__ import annotations

import pytest

from tests.adapters.resurs.bank import DEMO, NOON
from tests.adapters.resurs.shopflow.checkout import Shop
from tests.adapters.resurs.test_cases import TENANTS
from tests.conftest import MakeGateway, only


@pytest.fixture
async def shop(make_gateway: MakeGateway) -> Shop:
    client = await make_gateway({**only("resurs"), "tenants": TENANTS})
    await client.server.gateway.clock.freeze(DEMO, NOON)
    return Shop(client)
