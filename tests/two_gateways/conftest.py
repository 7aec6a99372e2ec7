"""Two gateway processes on one PostgreSQL database, with the example configuration."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests import pg
from tests.admin.actions import RESURS, resurs_request
from tests.failover.gateways import Gateway, running_gateways
from tests.stores.postgres.conftest import TEMPLATE, cluster

__all__ = ["cluster"]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Asked:
    """One gateway, and a client of its two ports. process: may be stopped and continued by signals."""

    process: Gateway
    session: aiohttp.ClientSession

    async def data(self, path: str, body: str, headers: Mapping[str, str] = FORM) -> tuple[int, str, Mapping[str, str]]:
        """Send a body to the data port; the answer's status, body and headers."""
        url = self.process.data_url + path
        async with self.session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            return response.status, await response.text(), response.headers

    async def set_next(self, tenant: Any, number: int) -> int:
        """Set the next number of a tenant made by the admin port, as its client; the answer's status."""
        body, headers = resurs_request(tenant, "setInvoiceSequence", number)
        return (await self.data(RESURS, body, headers))[0]

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
