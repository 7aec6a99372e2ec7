"""Keeps the wanted number of workers running on one port until the supervisor is stopped.

SIGTERM, SIGINT: every worker drains, then the supervisor ends. SIGHUP: new workers replace the old ones, one after the
other. An old worker stops when its successor is ready, so that no request is lost. A worker that dies is replaced, with
growing pauses when its successors cannot be started.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import sys
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, TypeVar

import structlog
from aiohttp import web

from gateway.admin.guesses import AdminGuesses
from gateway.admin.port import AdminRunner
from gateway.clock import SystemClock
from gateway.config.model import Config
from gateway.config.yaml_file import Document
from gateway.journal.worker_files import SharedIds, held_by_supervisor
from gateway.server.errors import ListenError, WorkersNotStartedError
from gateway.server.journal_path import journal_path
from gateway.server.logs import configure_logs
from gateway.server.supervisor.admin import AdminFront
from gateway.server.supervisor.charge import Charge
from gateway.server.supervisor.port import SharedPort
from gateway.server.supervisor.slot import NOT_STARTED, Slot, Starter
from gateway.server.supervisor.talk import Talk
from gateway.server.supervisor.team import Team
from gateway.server.supervisor.workers import Recipe, Worker, WorkerFailedError
from gateway.spi.guessing import Guesses
from gateway.stores.watermark.start import watermarked
from gateway.tenants.check import checked_plan
from gateway.tenants.configured import new_store
from gateway.web.descriptors import prepare_descriptors
from gateway.web.origin import read_networks

log = structlog.get_logger("supervisor")
_T = TypeVar("_T")

STOP_MARGIN_SECONDS: Final = 5.0
"""A worker that has not ended this long after its drain time is killed."""
ACCEPT_STORE: Final = "--accept-store"


class Supervisor:
    """The wanted workers, and the tasks that keep each of them running."""

    def __init__(self, starter: Starter, port: SharedPort, count: int, drain_seconds: float) -> None:
        stop_seconds = drain_seconds + STOP_MARGIN_SECONDS
        self._slots = [Slot(number, starter, port, stop_seconds) for number in range(1, count + 1)]
        self._tasks: set[asyncio.Task[Any]] = set()
        self._restarting = asyncio.Lock()

    def alive(self) -> list[Worker]:
        """The newest worker of each number, if it runs."""
        return [slot.worker for slot in self._slots if slot.worker is not None and slot.is_alive]

    async def start(self) -> str:
        """Start all workers. Returns the address of the data port. Raises what NOT_STARTED lists.

        The first worker starts alone, so that it can prepare the store for the others.
        """
        async with self._restarting:  # a restart that is asked for meanwhile waits until there is something to replace
            first, *others = self._slots
            workers = [await first.start()]
            workers += await asyncio.gather(*(self._in_background(slot.start()) for slot in others))
        for slot, worker in zip(self._slots, workers, strict=True):
            self._in_background(slot.keep(worker))
        return workers[0].data_url

    def _in_background(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def begin_restart(self) -> None:
        """Replace all workers in the background."""
        self._in_background(self.restart())

    async def restart(self) -> None:
        """Replace every worker, one at a time. Stop at the first one that cannot be started; its old worker stays."""
        async with self._restarting:
            for slot in self._slots:
                try:
                    await slot.replace()
                except NOT_STARTED as error:
                    log.error("rolling restart stopped", worker=slot.number, reason=str(error))
                    return
            log.info("rolling restart done", workers=len(self._slots))

    async def stop(self) -> None:
        """Let every worker drain and end. A worker that is about to start is killed."""
        running = list(self._tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(slot.stop() for slot in self._slots))


async def supervise(config: Config, document: Document, arguments: Sequence[str], *, accept_store: bool = False) -> int:
    """Run `config.workers` workers until the process is asked to stop. Returns the exit code.

    arguments: this process's own command line; the workers get it, too, except what is for this start alone.
    accept_store: see `Gateway`. Done here, once: a worker that starts later must not accept whatever it finds then.
    """
    checked_plan(config, document)
    configure_logs(config.log)
    if accept_store:
        await _accept_stores(config)
        arguments = [word for word in arguments if word != ACCEPT_STORE]
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    prepare_descriptors(loop)
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        port = stack.enter_context(contextlib.closing(SharedPort(config.host, config.port)))
        if config.journal.mode != "off":
            stack.enter_context(held_by_supervisor(journal_path(config)))
        charge = Charge(
            secret=secrets.token_urlsafe(32),
            folder=stack.enter_context(
                tempfile.TemporaryDirectory(prefix="invoice-gateway-", ignore_cleanup_errors=True)
            ),
            ids_ahead_ns=SharedIds.after_all(journal_path(config)).ahead_ns,
        )
        team = Team(await stack.enter_async_context(Talk(charge.secret)))
        recipe = Recipe(arguments, port.number, charge, team.welcome)
        supervisor = Supervisor(recipe, port, config.workers, config.limits.drain_seconds)
        admin_url = await _open_admin(stack, team, config)
        stack.push_async_callback(supervisor.stop)
        loop.add_signal_handler(signal.SIGHUP, supervisor.begin_restart)
        try:
            data_url = await _unless(stop, supervisor.start())
        except WorkerFailedError as error:
            return error.code  # the worker has said why
        except NOT_STARTED as error:
            raise WorkersNotStartedError(f"no gateway is running: {error}") from error
        if data_url is None:
            return 0
        sys.stdout.write(f"invoice-gateway ready data={data_url} admin={admin_url}\n")
        sys.stdout.flush()
        await stop.wait()
        log.info("stopping", workers=len(supervisor.alive()))
    log.info("stopped")
    return 0


async def _accept_stores(config: Config) -> None:
    store = new_store(config, SystemClock())
    await store.start()
    try:
        async with watermarked(config, store.stores, accept=True):
            pass
    finally:
        await store.close()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, _T]) -> _T | None:
    """The result of the work; None when the process is asked to stop before it is done."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.wait({working})
    return None


async def _open_admin(stack: AsyncExitStack, team: Team, config: Config) -> str:
    guesses = Guesses(config.guessing.limits())
    slowed = AdminGuesses(guesses, read_networks(config.trusted_proxies))
    runner = AdminRunner(AdminFront(team, slowed).application(), config.limits)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.callback(guesses.end)
    try:
        await web.TCPSite(runner, config.admin_host, config.admin_port).start()
    except OSError as error:
        where = f"{config.admin_host}:{config.admin_port}"
        raise ListenError(f"cannot listen on {where} (admin_port): {error.strerror or error}") from None
    bound = runner.addresses[0]
    return f"http://{f'[{bound[0]}]' if ':' in bound[0] else bound[0]}:{bound[1]}"
