"""A commit that no standby has confirmed, and a gateway that may show it.

A commit whose wait for its standby is cancelled is visible on the primary, and on no other node. When the primary is killed
then, the commit has never been. So nobody may have seen it.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable
from typing import Final

from gateway.stores.postgres.lease import READ_SECONDS
from tests.failover.clients import ResursClient
from tests.failover.clusters import Node
from tests.failover.daemons import send
from tests.failover.faults import WAITING
from tests.failover.scene import BACK_SECONDS, ClusterScene
from tests.failover.wire import PAUSE_SECONDS, Addresses, UnansweredError, UnsentError, Wire, client_session

PEEKS: Final = 5
"""How many peeks are under way when the primary is killed."""


async def asked_and_lost(scene: ClusterScene) -> float:
    """One gateway's set is cancelled while it waits; the other gateway has a fresh lease and is peeked; the primary is killed.

    The first gateway is killed, too, so that it cannot send its set again. Returns the seconds from the death of the primary
    until the other gateway acknowledged a set.
    """
    first = scene.gateways.members[0]
    leader = await asyncio.to_thread(scene.cluster.leader)
    async with client_session() as session:
        writing = ResursClient(1, Wire(session, Addresses([first.data_url]), 0), scene.book)
        asking = ResursClient(2, Wire(session, scene.gateways.addresses, 1), scene.book)
        await writing.set()
        await asking.set()  # the lease of the second gateway begins
        send(leader.senders(), signal.SIGSTOP)
        since = time.monotonic()
        lost = asyncio.ensure_future(_answered(writing.set()))
        await _cancelled(leader)
        peeks = [asyncio.ensure_future(_answered(asking.peek())) for _ in range(PEEKS)]
        await asyncio.wait(peeks, timeout=max(0.0, since + READ_SECONDS - time.monotonic()))
        mark = time.monotonic()
        leader.kill_server()
        first.kill()
        await asyncio.gather(lost, *peeks)
        scene.gateways.addresses.urls[0] = scene.gateways.addresses.urls[1]
        back = await _acknowledged(scene, asking) - mark
        await asking.peek()
    await asyncio.to_thread(scene.gateways.start, 0)
    return back


async def _answered(request: Awaitable[None]) -> None:
    """Wait for a request, which may well get no answer."""
    try:
        await request
    except (UnsentError, UnansweredError):
        await asyncio.sleep(PAUSE_SECONDS)


async def _cancelled(leader: Node) -> None:
    """Cancel the commit that waits for a standby as soon as there is one."""
    deadline = time.monotonic() + BACK_SECONDS
    while not await leader.ask(WAITING):
        assert time.monotonic() < deadline, "no commit waited for a standby"
        await asyncio.sleep(0.005)


async def _acknowledged(scene: ClusterScene, client: ResursClient) -> float:
    """Set until a set is acknowledged; returns the moment."""
    before = len(scene.book.acknowledged)
    deadline = time.monotonic() + BACK_SECONDS
    while len(scene.book.acknowledged) == before:
        assert time.monotonic() < deadline, scene.gateways.addresses.failures
        await _answered(client.set())
    return scene.book.acknowledged[-1][2]
