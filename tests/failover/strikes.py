"""A fault at random moments: the database cancels what a gateway does, or ends one of its connections."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from tests.failover.scene import Scene

CONNECTIONS: Final = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid"
)
BLOW_SECONDS: Final = (0.02, 0.25)
"""The time between two blows."""


def struck(
    seconds: float, seed: int, *, and_killed: bool = False
) -> Callable[[Scene], AbstractAsyncContextManager[float]]:
    """Queries are cancelled and connections ended, at moments that the seed decides.

    seconds: for how long.
    and_killed: kill -9 one gateway in the middle, and start it again.
    """

    @asynccontextmanager
    async def fault(scene: Scene) -> AsyncIterator[float]:
        chance = random.Random(seed)
        await _strike(scene, chance, seconds / 2)
        if and_killed:
            scene.gateways.members[0].kill()
            await _strike(scene, chance, seconds / 4)
            await asyncio.to_thread(scene.gateways.start, 0)
        await _strike(scene, chance, seconds / 4)
        yield time.monotonic()

    return fault


async def _strike(scene: Scene, chance: random.Random, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pids = [row[0] for row in await scene.select(CONNECTIONS)]
        how = chance.choice(["pg_cancel_backend", "pg_terminate_backend"])
        if pids:
            await scene.select(f"SELECT {how}({chance.choice(pids)})")
        await asyncio.sleep(chance.uniform(*BLOW_SECONDS))
