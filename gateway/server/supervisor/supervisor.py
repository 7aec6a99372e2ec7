"""Keeps the wanted number of workers running on one port until told to stop.

SIGTERM, SIGINT: every worker drains, then the supervisor ends. SIGHUP: workers are replaced one after the other, each by one
that is ready, so that no request is lost. A worker that dies is replaced, with growing pauses when it keeps dying.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

import structlog
from aiohttp import web

from gateway.config.model import Config
from gateway.config.yaml_file import ConfigError, Document, Problem
from gateway.server.errors import ListenError
from gateway.server.logs import configure_logs
from gateway.server.supervisor.admin import AdminFront
from gateway.server.supervisor.workers import Recipe, Worker, WorkerFailedError

log = structlog.get_logger("supervisor")

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
STOP_MARGIN_SECONDS: Final = 5.0
LINE_BYTES: Final = 64 * 1024
"""Of a request line on the admin port, as the workers take it."""


def check_store(config: Config, document: Document) -> None:
    """Refuse several processes on a store that only one may open. Raises ConfigError."""
    sections = config.store_sections()
    files = [name for name, section in sections.items() if section.url.get_secret_value().startswith("sqlite:")]
    if config.workers > 1 and files:
        path = ("workers",)
        whose = "a SQLite store" if len(sections) == 1 else f"a SQLite store ({', '.join(files)})"
        text = f"found {config.workers}: {whose} belongs to one process; use a PostgreSQL store, or 1 worker"
        raise ConfigError(document.name, [Problem(path, document.line_of(path), text)])


def reserve_port(host: str, port: int) -> socket.socket:
    """Bind the shared port without listening: it stays ours, and workers may share it. Raises ListenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:  # a stranger who shares ports must not share ours
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            port = probe.getsockname()[1]
        held = socket.socket(family, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError as error:
        raise ListenError(f"cannot listen on {host}:{port} (port): {error.strerror or error}") from None
    return held


class Supervisor:
    """The wanted workers and what keeps each of them running."""

    def __init__(self, recipe: Recipe, count: int, drain_seconds: float) -> None:
        self._recipe = recipe
        self._count = count
        self._stop_seconds = drain_seconds + STOP_MARGIN_SECONDS
        self._workers: dict[int, Worker] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._restarting = asyncio.Lock()
        self._ending = False

    def alive(self) -> list[Worker]:
        """The workers that run now."""
        return [worker for worker in self._workers.values() if worker.alive]

    async def start(self) -> None:
        """Start all workers; the first alone, so that it can prepare the store for the others. Raises WorkerFailedError."""
        self._workers[1] = await self._recipe.start(1)
        others = await asyncio.gather(*(self._recipe.start(number) for number in range(2, self._count + 1)))
        self._workers.update({worker.number: worker for worker in others})
        self._keepers = [asyncio.create_task(self._keep(number)) for number in self._workers]

    async def _keep(self, number: int) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._ending:
            worker = self._workers[number]
            code = await worker.process.wait()
            if self._ending or self._workers[number] is not worker:
                continue
            log.warning("worker ended", worker=number, code=code)
            try:
                self._workers[number] = await self._recipe.start(number)
                pause = FIRST_PAUSE_SECONDS
                log.info("worker replaced", worker=number)
            except (WorkerFailedError, TimeoutError, OSError) as error:
                log.error("worker not started", worker=number, reason=str(error), pause_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def restart(self) -> None:
        """Replace every worker by a new one, one at a time; the old one goes when the new one is ready."""
        async with self._restarting:
            for number in sorted(self._workers):
                try:
                    fresh = await self._recipe.start(number)
                except (WorkerFailedError, TimeoutError, OSError) as error:
                    log.error("rolling restart stopped", worker=number, reason=str(error))
                    return
                old, self._workers[number] = self._workers[number], fresh
                await old.stop(self._stop_seconds)
            log.info("rolling restart done", workers=len(self._workers))

    async def stop(self) -> None:
        """Let every worker drain and end."""
        self._ending = True
        await asyncio.gather(*(worker.stop(self._stop_seconds) for worker in self._workers.values()))
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)


async def supervise(config: Config, document: Document, arguments: Sequence[str]) -> int:
    """Run `config.workers` workers until told to stop; returns the exit code. `arguments`: this process's own command line."""
    check_store(config, document)
    configure_logs(config.log)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        held = stack.enter_context(contextlib.closing(reserve_port(config.host, config.port)))
        recipe = Recipe(arguments, held.getsockname()[1])
        supervisor = Supervisor(recipe, config.workers, config.limits.drain_seconds)
        admin_url = await _open_admin(stack, supervisor, config)
        stack.push_async_callback(supervisor.stop)
        try:
            await supervisor.start()
        except WorkerFailedError as error:
            return error.code  # the worker has said why
        restarts: set[asyncio.Task[None]] = set()

        def restart() -> None:
            task = loop.create_task(supervisor.restart())
            restarts.add(task)
            task.add_done_callback(restarts.discard)

        loop.add_signal_handler(signal.SIGHUP, restart)
        data_url = supervisor.alive()[0].data_url
        sys.stdout.write(f"invoice-gateway ready data={data_url} admin={admin_url}\n")
        sys.stdout.flush()
        await stop.wait()
        log.info("stopping", workers=len(supervisor.alive()))
    log.info("stopped")
    return 0


async def _open_admin(stack: AsyncExitStack, supervisor: Supervisor, config: Config) -> str:
    runner = web.AppRunner(AdminFront(supervisor.alive).application(), access_log=None, max_line_size=LINE_BYTES)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, config.admin_host, config.admin_port).start()
    except OSError as error:
        where = f"{config.admin_host}:{config.admin_port}"
        raise ListenError(f"cannot listen on {where} (admin_port): {error.strerror or error}") from None
    bound = runner.addresses[0]
    return f"http://{f'[{bound[0]}]' if ':' in bound[0] else bound[0]}:{bound[1]}"
