"""A receiver of callbacks, and a gateway whose clock stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from tests.adapters.resurs.bank import DEMO, NOON, Bank
from tests.adapters.resurs.test_cases import TENANTS
from tests.conftest import MakeGateway, only
from tests.outbound.receiver import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def bank(make_gateway: MakeGateway, aiohttp_client: Any) -> Bank:
    client = await make_gateway({**only("resurs"), "tenants": TENANTS})
    gateway = client.server.gateway
    await gateway.clock.freeze(DEMO, NOON)
    return Bank(client, await aiohttp_client(TestServer(gateway.admin_application())))
