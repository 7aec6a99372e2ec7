"""Gateways over several stores: the default one is a SQLite file, `east` and `west` are databases of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from gateway.config.loading import load_config
from gateway.server.wiring import Gateway
from tests import pg
from tests.admin.conftest import Admin
from tests.conftest import GatewayServer, example_config
from tests.stores.postgres.conftest import TEMPLATE, cluster, database, own_cluster

__all__ = ["cluster", "database", "own_cluster"]

MakeSeveral = Callable[..., Awaitable[Admin]]


@pytest.fixture
async def make_several(tmp_path: Path, aiohttp_client: Any) -> AsyncIterator[MakeSeveral]:
    """Starts gateways: `admin = await make_several({"stores": {"east": {"url": …}}})`; a test may pass its own file instead."""
    running: list[Gateway] = []

    async def make(changes: Mapping[str, Any], file: Path | None = None) -> Admin:
        example = {"journal": {"mode": "off"}, **changes}
        config, document = load_config(file) if file else example_config(tmp_path, example)
        gateway = await Gateway(config, document).__aenter__()
        running.append(gateway)
        data = await aiohttp_client(GatewayServer(gateway))
        gateway.data_url = str(data.make_url("/")).rstrip("/")
        return Admin(await aiohttp_client(TestServer(gateway.admin_application())), data, gateway)

    yield make
    for gateway in running:
        await gateway.__aexit__(None, None, None)


@pytest.fixture
def urls(tmp_path: Path, cluster: pg.Cluster) -> Iterator[dict[str, str]]:
    """URLs of four empty stores: SQLite files `default` and `file`, databases `east` and `west`."""
    names = [cluster.database(TEMPLATE) for _ in range(2)]
    east, west = names
    yield {
        "default": f"sqlite:///{tmp_path / 'default.db'}",
        "file": f"sqlite:///{tmp_path / 'file.db'}",
        "east": cluster.url(east),
        "west": cluster.url(west),
    }
    for name in names:
        cluster.drop(name)
