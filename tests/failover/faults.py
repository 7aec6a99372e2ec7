"""The faults. Each one begins on entering, yields the moment from which recovery is timed, and is repaired on leaving.

A fault that lasts (a cut, a shortage, a clock) is over when it yields: recovery is timed from its end.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg

from tests.failover.clients import InvoiceXpressClient, ResursClient
from tests.failover.clusters import Node
from tests.failover.daemons import send
from tests.failover.notebook import Notebook
from tests.failover.scene import ClusterScene
from tests.failover.wire import Addresses, Wire, client_session

Fault: TypeAlias = Callable[[ClusterScene], AbstractAsyncContextManager[float]]

CUT_SECONDS: Final = 12.0
"""Longer than a gateway waits for a commit, and longer than it retries a group of commands."""
SHORTAGE_SECONDS: Final = 6.0
IDLE_SECONDS: Final = 1.0
"""A gateway finishes its current work within this time."""
ASKED: Final = 20
"""How often a gateway is asked for what a former primary cannot know; its peeks are written into the notebook."""
JUDGE_GONE_SECONDS: Final = 25.0
"""Longer than a lease of the leader."""


async def _leader(scene: ClusterScene) -> Node:
    return await asyncio.to_thread(scene.cluster.leader)


@asynccontextmanager
async def nothing(scene: ClusterScene) -> AsyncIterator[float]:
    """No fault: the figures of the load alone."""
    yield time.monotonic()


@asynccontextmanager
async def primary_killed(scene: ClusterScene) -> AsyncIterator[float]:
    """kill -9 each process of the primary's PostgreSQL."""
    leader = await _leader(scene)
    mark = time.monotonic()
    leader.kill_server()
    yield mark


@asynccontextmanager
async def node_killed(scene: ClusterScene) -> AsyncIterator[float]:
    """kill -9 the primary's PostgreSQL and its Patroni, as if the machine were switched off."""
    leader = await _leader(scene)
    mark = time.monotonic()
    leader.kill()
    yield mark
    leader.patroni.start()


@asynccontextmanager
async def standby_killed(scene: ClusterScene) -> AsyncIterator[float]:
    """kill -9 the whole node of the synchronous standby."""
    name = next(one["name"] for one in scene.cluster.members() if one["role"] == "sync_standby")
    node = next(node for node in scene.cluster.nodes if node.name == name)
    mark = time.monotonic()
    node.kill()
    yield mark
    node.patroni.start()


@asynccontextmanager
async def gateway_killed(scene: ClusterScene) -> AsyncIterator[float]:
    """kill -9 one of the two gateways."""
    mark = time.monotonic()
    scene.gateways.members[0].kill()
    yield mark
    await asyncio.to_thread(scene.gateways.start, 0)


@asynccontextmanager
async def primary_frozen(scene: ClusterScene) -> AsyncIterator[float]:
    """The primary's node is frozen until another one leads; then it wakes up and still believes that it is the primary."""
    leader = await _leader(scene)
    mark = time.monotonic()
    pids = leader.everything()
    send(pids, signal.SIGSTOP)
    try:
        yield mark
    finally:
        send(reversed(pids), signal.SIGCONT)


@asynccontextmanager
async def server_frozen(scene: ClusterScene) -> AsyncIterator[float]:
    """The primary's PostgreSQL is frozen, its Patroni is not; when another node leads, PostgreSQL wakes up."""
    leader = await _leader(scene)
    mark = time.monotonic()
    pids = leader.server()
    send(pids, signal.SIGSTOP)
    try:
        yield mark
    finally:
        send(reversed(pids), signal.SIGCONT)


@asynccontextmanager
async def woken_primary_asked(scene: ClusterScene) -> AsyncIterator[float]:
    """A frozen primary wakes up, and a gateway that was idle meanwhile is asked for what that primary cannot know."""
    async with _idle_gateway_asked(scene, Node.everything) as mark:
        yield mark


@asynccontextmanager
async def forgotten_primary_asked(scene: ClusterScene) -> AsyncIterator[float]:
    """The primary's Patroni is frozen, so another node leads in the end; its PostgreSQL runs all the time."""
    async with _idle_gateway_asked(scene, Node.keeper) as mark:
        yield mark


@asynccontextmanager
async def _idle_gateway_asked(scene: ClusterScene, frozen: Callable[[Node], list[int]]) -> AsyncIterator[float]:
    idle, busy = (member.data_url for member in scene.gateways.members)
    async with client_session() as session:
        early, late = (InvoiceXpressClient(0, Wire(session, Addresses([url]), 0), Notebook()) for url in (idle, busy))
        peeking = ResursClient(0, Wire(session, Addresses([idle]), 0), scene.book)
        await early.shows(await early.draft("before"))
        scene.gateways.addresses.urls[:] = [busy, busy]
        admin_url, scene.gateways.members[0].admin_url = scene.gateways.members[0].admin_url, ""
        await asyncio.sleep(IDLE_SECONDS)
        leader = await _leader(scene)
        mark = time.monotonic()
        pids, server = frozen(leader), leader.server()
        send(pids, signal.SIGSTOP)
        answers: list[bool | None] = []
        try:
            await asyncio.to_thread(scene.cluster.leader, leader)
            await scene.wait_until_back(mark)
            while not (own := await late.draft("after")):  # its gateway may still be looking for the new primary
                pass
            send(reversed(server), signal.SIGCONT)
            while len(answers) < ASKED or set(answers) == {None}:
                answers.append(await early.shows(own))
                await peeking.peek()
        finally:
            send(reversed(pids), signal.SIGCONT)
        if False in answers:
            scene.problems.append(f"{answers.count(False)} of {len(answers)} answers came from a former primary")
        scene.gateways.addresses.urls[:] = [idle, busy]
        scene.gateways.members[0].admin_url = admin_url
        yield mark


@asynccontextmanager
async def replication_cut(scene: ClusterScene) -> AsyncIterator[float]:
    """Nothing reaches the standbys for a while: the processes that send to them are frozen."""
    senders = (await _leader(scene)).senders()
    assert senders
    send(senders, signal.SIGSTOP)
    try:
        await asyncio.sleep(CUT_SECONDS)
    finally:
        send(senders, signal.SIGCONT)
    yield time.monotonic()


WAITING: Final = (
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'gateway' AND wait_event = 'SyncRep'"
)


@asynccontextmanager
async def commits_cancelled(scene: ClusterScene) -> AsyncIterator[float]:
    """Commits that wait for a standby are cancelled, so only the primary has them; then the primary is killed."""
    yield await cancel_and_kill(await _leader(scene))


async def cancel_and_kill(leader: Node, seconds: float = 4.0) -> float:
    """Cut replication, cancel every commit that waits for it, and kill the server; returns the moment of its death."""
    send(leader.senders(), signal.SIGSTOP)
    cancelled = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        cancelled += len(await leader.ask(WAITING))
        await asyncio.sleep(0.1)
    assert cancelled, "no commit waited for a standby"
    mark = time.monotonic()
    leader.kill_server()
    return mark


@asynccontextmanager
async def connections_lost(scene: ClusterScene) -> AsyncIterator[float]:
    """The server ends every connection of the gateways, again and again."""
    leader = await _leader(scene)
    until = time.monotonic() + SHORTAGE_SECONDS
    while time.monotonic() < until:
        await leader.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gateway'")
        await asyncio.sleep(0.2)
    yield time.monotonic()


@asynccontextmanager
async def connections_exhausted(scene: ClusterScene) -> AsyncIterator[float]:
    """A stranger takes every free connection, and the gateways lose theirs."""
    leader = await _leader(scene)
    taken: list[asyncpg.Connection[asyncpg.Record]] = []
    until = time.monotonic() + SHORTAGE_SECONDS
    try:
        while time.monotonic() < until:
            try:
                taken.append(await asyncpg.connect(f"postgresql://gateway@127.0.0.1:{leader.port}/postgres"))
            except asyncpg.TooManyConnectionsError:
                kill = (
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gateway' AND datname = $1"
                )
                await leader.ask(kill, scene.database)
                await asyncio.sleep(0.05)
    finally:
        assert taken
        for connection in taken:
            connection.terminate()
    yield time.monotonic()


@asynccontextmanager
async def judge_gone(scene: ClusterScene) -> AsyncIterator[float]:
    """etcd is frozen for longer than a lease: no node may lead any more."""
    etcd = scene.cluster.etcd.pid
    send([etcd], signal.SIGSTOP)
    try:
        await asyncio.sleep(JUDGE_GONE_SECONDS)
    finally:
        send([etcd], signal.SIGCONT)
    yield time.monotonic()


@asynccontextmanager
async def switched_over(scene: ClusterScene) -> AsyncIterator[float]:
    """The lead is handed over in an orderly way, as for an upgrade."""
    mark = time.monotonic()
    await asyncio.to_thread(scene.cluster.switch_over)
    yield mark


@asynccontextmanager
async def clocks_jumped(scene: ClusterScene) -> AsyncIterator[float]:
    """One gateway's clock falls back by an hour, the other's runs two hours ahead; they swap, then both are right."""
    files = [member.folder / "clock" for member in scene.gateways.members]
    for offsets in (("-3600", "7200"), ("7200", "-3600"), ("0", "0")):
        for file, offset in zip(files, offsets, strict=True):
            _replace(file, offset)
        await asyncio.sleep(1.5)
    yield time.monotonic()


def _replace(file: Path, text: str) -> None:
    """Replace the file in one step, because gateways read it all the time."""
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
