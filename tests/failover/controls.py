"""Runs that must lose numbers, so that it is known that the checks would notice.

asynchronous replica    commits do not wait for a standby; what was not sent yet dies with the primary
commit cancelled        the gateway believes a COMMIT that the server warned about
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.failover.clusters import Cluster
from tests.failover.daemons import send
from tests.failover.faults import cancel_and_kill
from tests.failover.scene import ClusterScene, Row, cluster_scene

UNSENT_SECONDS = 1.0


@asynccontextmanager
async def _killed_before_it_has_sent(scene: ClusterScene) -> AsyncIterator[float]:
    """What was committed last never reaches a standby."""
    leader = await asyncio.to_thread(scene.cluster.leader)
    send(leader.senders(), signal.SIGSTOP)
    await asyncio.sleep(UNSENT_SECONDS)
    mark = time.monotonic()
    leader.kill_server()
    yield mark


@asynccontextmanager
async def _cancelled(scene: ClusterScene) -> AsyncIterator[float]:
    yield await cancel_and_kill(await asyncio.to_thread(scene.cluster.leader))


async def trusting_gateway(cluster: Cluster) -> Row:
    """Synchronous cluster, gateways that take a cancelled commit for a commit."""
    async with cluster_scene(cluster, "trusting", ["trust-every-commit"]) as scene:
        return await scene.run("control: commit cancelled, gateway believes it", _cancelled)


async def asynchronous_cluster(cluster: Cluster) -> Row:
    """True gateways, a cluster that does not wait for its standbys; it stays so."""
    await asyncio.to_thread(cluster.make_asynchronous)
    async with cluster_scene(cluster, "asynchronous") as scene:
        return await scene.run("control: asynchronous replicas", _killed_before_it_has_sent)
