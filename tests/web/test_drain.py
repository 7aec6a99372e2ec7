"""A data server that stops: what it still answers, and when it closes idle connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from gateway.spi.exchange import Exchange
from gateway.web.app import DataHandler
from gateway.web.body import WebLimits
from gateway.web.metrics import Metrics
from gateway.web.mounts import Mount
from gateway.web.server import DataRunner, DataServer
from tests.until import until
from tests.web.test_app import Toy

LONG = 3600.0
"""A drain time that no test waits for."""


@dataclass
class Stoppable:
    """A server on a port of its own."""

    handler: DataHandler
    server: DataServer
    runner: DataRunner

    async def connect(self) -> Client:
        """Connect, and wait until the server has accepted the connection."""
        known = len(self.server.connections)
        host, port = self.runner.addresses[0]
        client = Client(*await asyncio.open_connection(host, port))
        await until(lambda: len(self.server.connections) == known + 1)
        return client

    async def stopping(self) -> asyncio.Task[None]:
        """Ask the server to stop, and wait until it has begun to."""
        task = asyncio.create_task(self.runner.cleanup())
        await until(lambda: self.handler.draining)
        return task


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, path: str) -> None:
        """Send a request."""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: toy\r\n\r\n".encode())

    async def head(self) -> str:
        """The head of the next answer; answers in these tests have no body."""
        return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def ended(self) -> bool:
        """Wait until the server closes the connection. True when it sent nothing else."""
        rest = await self.reader.read()
        self.writer.close()
        await self.writer.wait_closed()
        return not rest


@asynccontextmanager
async def serving(toy: Toy, drain_seconds: float = LONG) -> AsyncIterator[Stoppable]:
    handler = DataHandler([Mount(Exchange("toy", toy, 60, 10))], WebLimits(1000, 60), (), Metrics())
    server = DataServer(handler, 600)
    runner = DataRunner(server, drain_seconds)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Stoppable(handler, server, runner)
    await runner.cleanup()


async def test_a_request_on_a_kept_connection_is_answered_while_the_server_drains() -> None:
    async with serving(Toy()) as stoppable:
        client = await stoppable.connect()
        client.send("/toy/1")
        assert "Connection: close" not in await client.head()
        stopped = await stoppable.stopping()
        client.send("/toy/2")
        head = await client.head()
        assert "X-Path: /toy/2" in head
        assert "Connection: close" in head
        assert await client.ended()
        await stopped  # no connection is left, so it does not wait for the rest of the drain time


async def test_a_connection_without_a_first_request_is_answered_while_the_server_drains() -> None:
    async with serving(Toy()) as stoppable:
        client = await stoppable.connect()
        stopped = await stoppable.stopping()
        client.send("/toy/1")
        assert "Connection: close" in await client.head()
        assert await client.ended()
        await stopped


async def test_an_answer_in_flight_says_that_the_connection_ends() -> None:
    toy = Toy()
    async with serving(toy) as stoppable:
        client = await stoppable.connect()
        client.send("/toy/slow")
        await toy.started.wait()
        stopped = await stoppable.stopping()
        toy.release.set()
        assert "Connection: close" in await client.head()
        assert await client.ended()
        await stopped


async def test_silent_connections_are_closed_before_the_drain_time_is_over() -> None:
    toy = Toy()
    async with serving(toy, drain_seconds=1.0) as stoppable:
        fresh, kept = await stoppable.connect(), await stoppable.connect()
        kept.send("/toy/1")
        await kept.head()
        await (await stoppable.stopping())
        assert await fresh.ended()
        assert await kept.ended()


async def test_a_client_that_leaves_is_not_waited_for() -> None:
    async with serving(Toy()) as stoppable:
        client = await stoppable.connect()
        stopped = await stoppable.stopping()
        client.writer.close()
        await stopped
