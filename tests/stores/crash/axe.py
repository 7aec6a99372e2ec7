"""When the axe falls: after so many answers, however long they take, and then at a random moment of the work for the next."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from tests.stores.crash.history import History

MOMENTS = (0.0, 0.005)
"""Seconds that spread the kills over a commit, between these."""


async def run_until_killed(
    clients: Sequence[asyncio.Task[None]],
    history: History,
    answers: int,
    chance: random.Random,
    kill: Callable[[], None],
) -> None:
    """All clients at full speed until so many more answers have come, then the axe. The clients end with the server."""
    goal = history.answered + answers
    while history.answered < goal and not any(client.done() for client in clients):
        await asyncio.sleep(0.001)
    await asyncio.sleep(chance.uniform(*MOMENTS))
    kill()
    await asyncio.gather(*clients)
