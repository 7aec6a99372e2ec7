"""Chooses the moment of a kill: after a number of answers, and then at a random moment of the work for the next one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from tests.stores.crash.history import History

MOMENTS = (0.0, 0.005)
"""Bounds of the random delay before a kill, in seconds; they spread the kills over a commit."""


async def run_until_killed(
    clients: Sequence[asyncio.Task[None]],
    history: History,
    answers: int,
    chance: random.Random,
    kill: Callable[[], None],
) -> None:
    """Let all clients run at full speed until that many more answers have come, then kill. The clients end with the server."""
    goal = history.answered + answers
    while history.answered < goal and not any(client.done() for client in clients):
        await asyncio.sleep(0.001)
    await asyncio.sleep(chance.uniform(*MOMENTS))
    kill()
    await asyncio.gather(*clients)
