"""One worker number: the worker that has it now, and the sockets that this worker shares with the one that replaces it."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

import structlog

from gateway.server.supervisor.port import Listeners, SharedPort
from gateway.server.supervisor.talk import NoAnswerError
from gateway.server.supervisor.workers import Worker, WorkerFailedError, WorkerSlowError

log = structlog.get_logger("supervisor")

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
NOT_STARTED: Final = (WorkerFailedError, WorkerSlowError, NoAnswerError, OSError)
"""What says that a worker could not be started; another try may work."""


class Starter(Protocol):
    """How a worker is started."""

    async def start(self, number: int, listeners: Listeners) -> Worker:
        """Start a worker and wait until it can answer. Raises what NOT_STARTED lists."""
        ...


class Slot:
    """A worker number.

    Two may want to start a worker for it at the same time: `keep`, because the old worker has died, and `replace`, because
    a rolling restart has come to this number. A lock lets one of them go first. The other one finds the new worker then.

    number: counts from 1.
    worker: the newest worker; None before the first start.
    """

    def __init__(self, number: int, starter: Starter, port: SharedPort, stop_seconds: float) -> None:
        self.number = number
        self.worker: Worker | None = None
        self._starter = starter
        self._port = port
        self._stop_seconds = stop_seconds
        self._listeners: Listeners = ()
        self._leaving: set[Worker] = set()
        self._starting = asyncio.Lock()

    @property
    def is_alive(self) -> bool:
        """True while the newest worker runs."""
        return self.worker is not None and self.worker.alive

    async def start(self) -> Worker:
        """Start the first worker. Raises what NOT_STARTED lists."""
        async with self._starting:
            return await self._start()

    async def replace(self) -> None:
        """Start a new worker, and stop the old one when the new one is ready. Raises what NOT_STARTED lists."""
        async with self._starting:
            old = self.worker
            await self._start()
        if old is not None:
            self._leaving.add(old)
            await old.stop(self._stop_seconds)
            self._leaving.discard(old)

    async def keep(self, worker: Worker) -> None:
        """Start a new worker each time the newest one has died. Pauses grow while that fails. Runs until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            code = await worker.process.wait()
            async with self._starting:
                fresh = self._replacement_of(worker) or await self._start_after(worker, code, pause)
            if fresh is not None:
                worker, pause = fresh, FIRST_PAUSE_SECONDS
                continue
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def stop(self) -> None:
        """Let every worker of this number drain and end. Call when neither `keep` nor `replace` runs."""
        self._close_listeners()
        workers = self._leaving | ({self.worker} if self.worker else set())
        await asyncio.gather(*(worker.stop(self._stop_seconds) for worker in workers))

    def _replacement_of(self, worker: Worker) -> Worker | None:
        return None if self.worker is worker else self.worker

    async def _start_after(self, dead: Worker, code: int, pause: float) -> Worker | None:
        log.warning("worker ended", worker=dead.number, code=code)
        self._close_listeners()  # until the new worker listens, the kernel gives all connections to the other workers
        try:
            fresh = await self._start()
        except NOT_STARTED as error:
            log.error("worker not started", worker=dead.number, reason=str(error), pause_seconds=pause)
            return None
        log.info("worker replaced", worker=dead.number)
        return fresh

    async def _start(self) -> Worker:
        self._listeners = self._listeners or self._port.open()
        try:
            self.worker = await self._starter.start(self.number, self._listeners)
        except BaseException:
            if not self.is_alive:
                self._close_listeners()  # nobody would accept what waits in their queue
            raise
        return self.worker

    def _close_listeners(self) -> None:
        """Close the supervisor's copies. The sockets end with the last copy, and the next worker gets new ones."""
        for listener in self._listeners:
            listener.close()
        self._listeners = ()
