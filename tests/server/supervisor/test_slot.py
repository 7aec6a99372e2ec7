"""Rolling restarts while workers die: a worker number never has two workers, and no process is left behind.

The workers are `cat`: real processes that end on request. A gate holds each start until the test opens it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.server.supervisor.port import Listeners, SharedPort
from gateway.server.supervisor.supervisor import Supervisor
from gateway.server.supervisor.workers import Worker, WorkerFailedError
from tests.until import until

pytestmark = pytest.mark.process  # asyncio starts the workers, which `tests/needs.py` cannot see from the imports


class Gated:
    """Starts `cat` when its gate is open.

    begun: the sockets with which each start began, by worker number.
    made: every worker that was started.
    failures: how many of the next starts fail.
    """

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun: dict[int, list[Listeners]] = {1: [], 2: []}
        self.made: list[Worker] = []
        self.failures = 0

    async def start(self, number: int, listeners: Listeners) -> Worker:
        self.begun[number].append(listeners)
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise WorkerFailedError(4)
        worker = Worker(number, await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE), "", "")
        self.made.append(worker)
        return worker

    def alive(self) -> list[Worker]:
        """Every worker that runs, also those that the supervisor does not know."""
        return [worker for worker in self.made if worker.alive]


@asynccontextmanager
async def supervised() -> AsyncIterator[tuple[Supervisor, Gated]]:
    """Two workers; the gate is open."""
    starter = Gated()
    with contextlib.closing(SharedPort("127.0.0.1", 0)) as port:
        supervisor = Supervisor(starter, port, 2, 60)
        await supervisor.start()
        try:
            yield supervisor, starter
        finally:
            await supervisor.stop()
        assert not starter.alive()


async def test_a_restart_beside_a_replacement_adds_no_worker() -> None:
    async with supervised() as (supervisor, starter):
        starter.gate.clear()
        starter.made[0].process.kill()
        await until(lambda: len(starter.begun[1]) == 2)  # its replacement is about to start
        restart = asyncio.create_task(supervisor.restart())
        starter.gate.set()
        await restart
        assert starter.alive() == sorted(supervisor.alive(), key=starter.made.index)
        assert [worker.number for worker in supervisor.alive()] == [1, 2]
        assert not set(starter.made[:2]) & set(supervisor.alive())


async def test_a_worker_that_dies_while_its_successor_starts_is_not_replaced_twice() -> None:
    async with supervised() as (supervisor, starter):
        starter.gate.clear()
        restart = asyncio.create_task(supervisor.restart())
        await until(lambda: len(starter.begun[1]) == 2)  # its successor is about to start
        starter.made[0].process.kill()
        await starter.made[0].process.wait()
        starter.gate.set()
        await restart
        assert [len(starts) for starts in starter.begun.values()] == [2, 2]
        assert starter.alive() == supervisor.alive()


async def test_restarts_that_come_together_are_one_after_the_other() -> None:
    async with supervised() as (supervisor, starter):
        await asyncio.gather(supervisor.restart(), supervisor.restart())
        assert [len(starts) for starts in starter.begun.values()] == [3, 3]
        assert starter.alive() == supervisor.alive()


async def test_a_stop_ends_what_is_about_to_start() -> None:
    async with supervised() as (supervisor, starter):
        starter.gate.clear()
        supervisor.begin_restart()
        await until(lambda: len(starter.begun[1]) == 2)
        starter.made[1].process.kill()
        await until(lambda: len(starter.begun[2]) == 2)
        await supervisor.stop()
        assert len(starter.made) == 2


async def test_a_restart_stops_at_a_worker_that_does_not_start() -> None:
    async with supervised() as (supervisor, starter):
        starter.failures = 1
        await supervisor.restart()
        assert supervisor.alive() == starter.made == starter.alive()


async def test_a_successor_gets_the_sockets_of_the_worker_that_it_replaces() -> None:
    async with supervised() as (supervisor, starter):
        await supervisor.restart()
        for first, second in starter.begun.values():
            assert first == second
            assert all(listener.fileno() >= 0 for listener in second)
    assert all(listener.fileno() < 0 for starts in starter.begun.values() for listener in starts[0])


async def test_sockets_of_a_dead_worker_are_closed_until_a_new_one_runs() -> None:
    async with supervised() as (supervisor, starter):
        starter.failures = 1
        starter.made[0].process.kill()
        await until(lambda: len(supervisor.alive()) == 2 and len(starter.begun[1]) == 3)
        dead, failed, fresh = starter.begun[1]
        assert [listener.fileno() < 0 for (listener,) in (dead, failed, fresh)] == [True, True, False]
