"""Gateways on one PostgreSQL server, without a cluster: the scene of the short form, and what breaks in it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests import pg
from tests.consistency.promises import Recorders
from tests.failover.daemons import tree
from tests.failover.gateways import CONFIG, running_gateways
from tests.failover.scene import ISSUED, URL_OPTIONS, Scene
from tests.failover.verdict import Kept, read_kept

GATEWAYS: Final = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
BLOW_SECONDS: Final = (0.02, 0.25)
"""The time between two blows."""
ALLOWANCE_SECONDS: Final = 2.0
"""By how much a bound of staleness may be exceeded, because one machine runs the database, the clients and other tests."""


@dataclass(kw_only=True)
class PostgresScene(Scene):
    """A scene on a database of a server."""

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
) -> AsyncIterator[PostgresScene]:
    """Gateways on a database, each with a number of worker processes; everything is recorded."""
    config: Mapping[str, Any] = {**CONFIG, "workers": workers}
    with running_gateways(folder, cluster.url(database, **URL_OPTIONS), count, sabotage, config) as gateways:
        recorders = Recorders(ALLOWANCE_SECONDS, one_process_each=workers == 1)
        scene = PostgresScene(gateways, recorders, cluster=cluster, database=database)
        await scene.begin()
        yield scene


Blow = Callable[[PostgresScene], AbstractAsyncContextManager[float]]


def struck(seconds: float, seed: int, *, and_killed: bool) -> Blow:
    """Queries of the gateways are cancelled and their connections ended, at random moments.

    seconds: for how long.
    and_killed: kill -9 one gateway in the middle, and start it again.
    """

    @asynccontextmanager
    async def fault(scene: PostgresScene) -> AsyncIterator[float]:
        chance = random.Random(seed)
        await strike(scene, chance, seconds / 2)
        if and_killed:
            scene.gateways.members[0].kill()
            await strike(scene, chance, seconds / 4)
            await asyncio.to_thread(scene.gateways.start, 0)
        await strike(scene, chance, seconds / 4)
        yield time.monotonic()

    return fault


async def strike(scene: PostgresScene, chance: random.Random, seconds: float) -> None:
    """Cancel what one connection of the gateways does, or end it, again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pids = sorted(row["pid"] for row in await scene.cluster.ask(GATEWAYS, scene.database))
        if pids:
            how = chance.choice(["pg_cancel_backend", "pg_terminate_backend"])
            await scene.cluster.ask(f"SELECT {how}($1)", chance.choice(pids))
        await asyncio.sleep(chance.uniform(*BLOW_SECONDS))


@asynccontextmanager
async def worker_killed(scene: PostgresScene) -> AsyncIterator[float]:
    """kill -9 one of the workers; its supervisor starts another one."""
    supervisor = scene.gateways.members[0].process
    assert supervisor is not None
    workers = tree(supervisor.pid)[1:]
    mark = time.monotonic()
    os.kill(workers[0], signal.SIGKILL)
    yield mark
