"""Two gateway processes on one PostgreSQL database, with the example configuration."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests import pg
from tests.failover.gateways import Gateway, running_gateways
from tests.stores.postgres.conftest import TEMPLATE, cluster

__all__ = ["cluster"]


@dataclass
class Asked:
    """One gateway, and a client of its two ports. process: may be stopped and continued by signals."""

    process: Gateway
    session: aiohttp.ClientSession

    async def data(self, path: str, form: str) -> tuple[int, Any, dict[str, str]]:
        """Send a form to the data port; the answer's status, body and headers."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url = self.process.data_url + path
        async with self.session.post(url, data=form, headers=headers, allow_redirects=False) as response:
            return response.status, await response.text(), dict(response.headers)

    async def admin(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the admin port; the answer's status and body."""
        async with self.session.request(method, f"{self.process.admin_url}/v1/tenants{path}", json=body) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None


@pytest.fixture(scope="module")
def processes(cluster: pg.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Gateway], str]]:
    """The two processes, and the name of their database."""
    folder: Path = tmp_path_factory.mktemp("gateways")
    name = cluster.database(TEMPLATE)
    with running_gateways(folder, cluster.url(name)) as gateways:
        yield gateways.members, name
    cluster.drop(name)


@pytest.fixture
async def pair(processes: tuple[list[Gateway], str]) -> AsyncIterator[tuple[Asked, Asked]]:
    """The two gateways; tests that share them make tenants of their own, or leave `demo` as it was."""
    async with aiohttp.ClientSession() as session:
        one, other = (Asked(member, session) for member in processes[0])
        yield one, other
