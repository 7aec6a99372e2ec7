"""Runs that must lose numbers. They prove that the checks would notice a loss.

asynchronous replica    commits do not wait for a standby; the primary dies with what it has not sent yet
commit cancelled        the gateway takes a COMMIT for durable although the server answered with a warning
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
    """The primary is killed before its last commits reach a standby."""
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
    """A synchronous cluster, with gateways that take a cancelled commit for a durable one."""
    async with cluster_scene(cluster, "trusting", ["trust-every-commit"]) as scene:
        return await scene.run("control: commit cancelled, gateway believes it", _cancelled)


async def asynchronous_cluster(cluster: Cluster) -> Row:
    """Unchanged gateways on a cluster that does not wait for its standbys; the cluster stays that way."""
    await asyncio.to_thread(cluster.make_asynchronous)
    async with cluster_scene(cluster, "asynchronous") as scene:
        return await scene.run("control: asynchronous replicas", _killed_before_it_has_sent)
