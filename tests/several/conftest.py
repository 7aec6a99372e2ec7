"""Gateways over several stores: the default one a SQLite file, `east` and `west` databases of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from gateway.bootstrap import Gateway
from tests.admin.conftest import Admin
from tests.conftest import GatewayServer, example_config
from tests.stores.postgres.conftest import cluster, database, own_cluster

__all__ = ["cluster", "database", "own_cluster"]

MakeSeveral = Callable[[Mapping[str, Any]], Awaitable[Admin]]


@pytest.fixture
async def make_several(tmp_path: Path, aiohttp_client: Any) -> AsyncIterator[MakeSeveral]:
    """Starts gateways: `admin = await make_several({"stores": {"east": {"url": …}}})`."""
    running: list[Gateway] = []

    async def make(changes: Mapping[str, Any]) -> Admin:
        config, document = example_config(tmp_path, {"journal": {"mode": "off"}, **changes})
        gateway = await Gateway(config, document).__aenter__()
        running.append(gateway)
        data = await aiohttp_client(GatewayServer(gateway))
        gateway.data_url = str(data.make_url("/")).rstrip("/")
        return Admin(await aiohttp_client(TestServer(gateway.admin_application())), data, gateway)

    yield make
    for gateway in running:
        await gateway.__aexit__(None, None, None)
