"""One worker process: started with the supervisor's own command line, on the shared port, with an admin port of its own.

A worker notices the supervisor's death by the end of its standard input, so that none is left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

READY: Final = re.compile(rb"invoice-gateway ready data=(\S+) admin=(\S+)\n")
SUPERVISED: Final = "INVOICE_GATEWAY_SUPERVISED"
"""Set in a worker's environment: share the port, and stop when standard input ends."""


class WorkerFailedError(Exception):
    """A worker ended before it was ready. `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a worker ended with exit code {code} before it was ready")
        self.code = code


@dataclass(slots=True)
class Worker:
    """A running worker. `number` counts from 1 and is reused by the worker that replaces it."""

    number: int
    process: asyncio.subprocess.Process
    data_url: str
    admin_url: str

    @property
    def alive(self) -> bool:
        """True until the process has ended."""
        return self.process.returncode is None

    async def stop(self, seconds: float) -> None:
        """Ask it to drain and end; after `seconds` end it."""
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
    """How workers are made: the supervisor's own arguments, the shared port, and how long a start may take."""

    arguments: Sequence[str]
    port: int
    start_seconds: float = 30.0

    async def start(self, number: int) -> Worker:
        """Start a worker and wait until it can answer. Raises WorkerFailedError."""
        words = [*self.arguments, "--port", str(self.port), "--admin-port", "0", "--workers", "1"]
        environment = {**os.environ, SUPERVISED: "1", "INVOICE_GATEWAY_ADMIN_HOST": "127.0.0.1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            *words,
            env=environment,
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
    return os.environ.get(SUPERVISED) == "1"


async def supervisor_gone() -> None:
    """Return when the supervisor has ended, however it did."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        await reader.read()
    finally:
        transport.close()
