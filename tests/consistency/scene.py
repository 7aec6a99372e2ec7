"""Gateways on one PostgreSQL server, without a cluster: the scene of the short form, and what breaks in it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests import pg
from tests.consistency.promises import AGREEMENT_SECONDS, Recorders
from tests.failover.daemons import tree
from tests.failover.gateways import CONFIG, running_gateways
from tests.failover.scene import ISSUED, URL_OPTIONS, Scene
from tests.failover.verdict import Kept, read_kept
from tests.until import until

TURNS: Final = 2
"""How often each recorder does its work at least, where a scene waits for that."""
ALLOWANCE_SECONDS: Final = 5.0
"""A bound of staleness may be exceeded by so much: one machine runs the database, the clients and other tests."""


@dataclass(kw_only=True)
class PostgresScene(Scene):
    """A scene on a database of a server."""

    before: float = 0.5
    after: float = 0.5
    recorders: Recorders
    cluster: pg.Cluster
    database: str

    async def settle(self) -> None:
        """The server was never away."""

    async def kept(self) -> Kept:
        return await read_kept(self.cluster.url(self.database), await self.select(ISSUED))

    async def select(self, query: str) -> Sequence[Sequence[Any]]:
        return await self.cluster.ask(query, database=self.database)


@asynccontextmanager
async def postgres_scene(
    cluster: pg.Cluster,
    database: str,
    folder: Path,
    *,
    count: int = 2,
    workers: int = 1,
    sabotage: Sequence[str] = (),
    allowance: float = ALLOWANCE_SECONDS,
    agreement: float = AGREEMENT_SECONDS,
) -> AsyncIterator[PostgresScene]:
    """Gateways on a database, each with a number of worker processes; everything is recorded.

    allowance: by how many seconds a bound of staleness may be exceeded.
    agreement: within so many seconds after the load all gateways show the same.
    """
    config: Mapping[str, Any] = {**CONFIG, "workers": workers}
    with running_gateways(folder, cluster.url(database, **URL_OPTIONS), count, sabotage, config) as gateways:
        recorders = Recorders(allowance, one_process_each=workers == 1, agreement=agreement)
        scene = PostgresScene(gateways, recorders, recorders=recorders, cluster=cluster, database=database)
        await scene.begin()
        yield scene


@asynccontextmanager
async def worked(scene: PostgresScene) -> AsyncIterator[float]:
    """No fault, but every recorder has done its work a few times."""
    await until(lambda: scene.recorders.turns() >= TURNS)
    yield time.monotonic()


@asynccontextmanager
async def worker_killed(scene: Scene) -> AsyncIterator[float]:
    """kill -9 one of the workers; its supervisor starts another one."""
    supervisor = scene.gateways.members[0].process
    assert supervisor is not None
    workers = tree(supervisor.pid)[1:]
    mark = time.monotonic()
    os.kill(workers[0], signal.SIGKILL)
    yield mark
