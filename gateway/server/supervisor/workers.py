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
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.server.supervisor.port import Listeners

READY: Final = re.compile(rb"invoice-gateway ready data=(\S+) admin=(\S+)\n")
SUPERVISED: Final = "INVOICE_GATEWAY_SUPERVISED"
"""Set in a worker's environment: the descriptors of the inherited sockets, with commas between them."""


class WorkerFailedError(Exception):
    """A worker ended before it was ready. `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a worker ended with exit code {code} before it was ready")
        self.code = code


@dataclass(eq=False, slots=True)
class Worker:
    """A running worker.

    number: counts from 1; the worker that replaces this one has the same number.
    process: the worker's process.
    data_url: the address of the shared data port.
    admin_url: the address of the worker's own admin port.
    """

    number: int
    process: asyncio.subprocess.Process
    data_url: str
    admin_url: str

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
    start_seconds: how long a worker may take until it is ready. Only a worker that hangs takes so long; one that ends is
        noticed at once.
    """

    arguments: Sequence[str]
    port: int
    start_seconds: float = 120.0

    async def start(self, number: int, listeners: Listeners) -> Worker:
        """Start a worker and wait until it can answer. Raises WorkerFailedError."""
        words = [*self.arguments, "--port", str(self.port), "--admin-port", "0", "--workers", "1"]
        inherited = [listener.fileno() for listener in listeners]
        environment = {
            **os.environ,
            SUPERVISED: ",".join(map(str, inherited)),
            "INVOICE_GATEWAY_ADMIN_HOST": "127.0.0.1",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            *words,
            env=environment,
            pass_fds=inherited,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(self.start_seconds):
                urls = await _ready_line(process)
        except BaseException:
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise
        return Worker(number, process, *urls)


async def _ready_line(process: asyncio.subprocess.Process) -> tuple[str, str]:
    if process.stdout is None:
        raise RuntimeError("a worker is started with a pipe for its output")
    line = await process.stdout.readline()
    match = READY.fullmatch(line)
    if match is None:
        raise WorkerFailedError(await process.wait())
    return match[1].decode(), match[2].decode()


def is_worker() -> bool:
    """True in a process that a supervisor started."""
    return SUPERVISED in os.environ


def inherited_listeners() -> Listeners:
    """The sockets on which this process serves the data port, if it is a worker; otherwise none. Call once."""
    inherited = os.environ.get(SUPERVISED, "")
    return tuple(socket.socket(fileno=int(descriptor)) for descriptor in inherited.split(",") if descriptor)


async def supervisor_gone() -> None:
    """Return when the supervisor has ended, by whatever cause."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        await reader.read()
    finally:
        transport.close()
