"""One worker process, seen from both sides: how the supervisor starts it, and how it finds what it was started with.

A worker has the supervisor's own command line, inherits the sockets of the shared data port, and has an admin port of its
own. Its standard input ends when the supervisor dies. The worker stops then, so that none is left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway import PACKAGE
from gateway.server.supervisor.charge import Charge
from gateway.server.supervisor.port import Listeners

START_SECONDS: Final = 120.0
PREPARED: Final = "invoice-gateway prepared admin="
_PREPARED_LINE: Final = re.compile(PREPARED.encode() + rb"(\S+)\n")
_READY_LINE: Final = re.compile(rb"invoice-gateway ready data=(\S+) admin=\S+\n")


def _program() -> tuple[str, ...]:
    """This program, in a process of its own.

    The command has no working directory on its path, and `python -m` has it first. A worker is as its supervisor is, so that
    it imports the same modules.
    """
    try:
        has_working_directory = bool(sys.path) and Path(sys.path[0]).absolute() == Path.cwd()
    except FileNotFoundError:  # it was deleted
        has_working_directory = False
    return (sys.executable, *(() if has_working_directory else ("-P",)), "-m", PACKAGE)


PROGRAM: Final = _program()
"""Found at the start: workers are replaced later, when the working directory may be gone."""


class WorkerFailedError(Exception):
    """A worker ended before it was ready, and has said why. `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a worker ended with exit code {code} before it was ready")
        self.code = code


class WorkerSlowError(Exception):
    """A worker was not ready in time. It was killed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"a worker was not ready after {seconds:g} s")


@dataclass(eq=False, slots=True)
class Worker:
    """A running worker.

    number: counts from 1; the worker that replaces this one has the same number.
    process: the worker's process.
    admin_url: the address of the worker's own admin port.
    data_url: the address of the shared data port; "" until the worker serves it.
    """

    number: int
    process: asyncio.subprocess.Process
    admin_url: str
    data_url: str = ""

    @property
    def alive(self) -> bool:
        """True until the process has ended."""
        return self.process.returncode is None

    async def stop(self, seconds: float) -> None:
        """Ask the worker to drain and end. Kill it when it has not ended after `seconds`."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds):
                await self.process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the supervisor makes workers.

    arguments: the supervisor's own command line.
    port: the number of the shared data port.
    charge: what all workers get.
    welcome: called when a worker has opened its admin port; the worker serves clients afterwards.
    start_seconds: how long a worker may take until it is ready. Only a worker that hangs takes so long; one that ends is
        noticed at once.
    """

    arguments: Sequence[str]
    port: int
    charge: Charge
    welcome: Callable[[Worker], Awaitable[None]]
    start_seconds: float = START_SECONDS

    async def start(self, number: int, listeners: Listeners) -> Worker:
        """Start a worker and wait until it can answer.

        Raises WorkerFailedError, WorkerSlowError, and what `welcome` raises.
        """
        words = [*self.arguments, "--port", str(self.port), "--admin-port", "0", "--workers", "1"]
        environment = {
            **os.environ,
            **self.charge.environment(listeners),
            "INVOICE_GATEWAY_ADMIN_HOST": "127.0.0.1",
        }
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *words,
            env=environment,
            pass_fds=[listener.fileno() for listener in listeners],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(self.start_seconds) as limit:
                worker = Worker(number, process, await _address(process, _PREPARED_LINE))
                await self.welcome(worker)
                worker.data_url = await _address(process, _READY_LINE)
        except BaseException as error:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            if isinstance(error, TimeoutError) and limit.expired():
                raise WorkerSlowError(self.start_seconds) from None
            raise
        return worker


async def _address(process: asyncio.subprocess.Process, wanted: re.Pattern[bytes]) -> str:
    """The address in the line that comes next. Raises WorkerFailedError."""
    if process.stdout is None:
        raise RuntimeError("a worker is started with a pipe for its output")
    match = wanted.fullmatch(await process.stdout.readline())
    if match is None:
        raise WorkerFailedError(await process.wait())
    return match[1].decode()


async def supervisor_gone() -> None:
    """Return when the supervisor has ended, by whatever cause."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        await reader.read()
    finally:
        transport.close()
