"""The low-level server of the data port, and how it stops: it serves what has arrived and gives up what has not."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from gateway.spi.adapter import Reply
from gateway.web.app import DataHandler
from gateway.web.connection import ConnectionServer
from gateway.web.response import WireResponse

MAX_LINE_BYTES: Final = 16 * 1024
"""The longest request line and the longest header line."""
_IDLE_SHARE: Final = 0.05
"""For how much of the drain time a connection without a request, or with a part of one, stays open."""
_ACCEPT_TURNS: Final = 3
"""Turns of the event loop until a connection that was accepted just now has reached the server."""


class DataServer(ConnectionServer):
    """The low-level server of the data port. `DataRunner` stops it."""

    def __init__(self, handler: DataHandler, keepalive_seconds: float) -> None:
        super().__init__(
            handler,
            keepalive_timeout=keepalive_seconds,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
        )
        self._handler = handler
        self._open = 0
        self._none_open = asyncio.Event()
        self._none_open.set()

    def bug_answer(self) -> web.StreamResponse:
        """The bare status: no dialect has worded it."""
        return cast("web.StreamResponse", WireResponse(Reply(500), closing=True))

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count a new connection."""
        super().connection_made(handler, transport)
        self._open += 1
        self._none_open.clear()

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """Count a connection that has ended."""
        super().connection_lost(handler, exc)
        self._open -= 1
        if not self._open:
            self._none_open.set()

    async def serve_last_requests(self, seconds: float) -> None:
        """Answer what still arrives on open connections and end each with its answer. Return when none is left.

        seconds: how long to wait for that.
        """
        self._handler.draining = True
        for _ in range(_ACCEPT_TURNS):
            await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none_open.wait()


class DataRunner(web.ServerRunner):
    """Starts and stops a data server. drain_seconds: how long stopping may take.

    A client may have connected, or used a kept connection, just before it could know that the server stops. aiohttp closes
    connections without a request at once. Here they stay open for a small share of the drain time. A body that is not whole
    by then is not waited for: its request gets the dialect's overload answer, and has changed nothing.
    """

    def __init__(self, server: DataServer, drain_seconds: float) -> None:
        self._data_server = server
        self._idle_seconds = drain_seconds * _IDLE_SHARE
        super().__init__(server, shutdown_timeout=drain_seconds - self._idle_seconds)

    async def cleanup(self) -> None:
        """Accept no connection any more, serve the open ones, then close all."""
        for site in self.sites:
            await site.stop()
        await self._data_server.serve_last_requests(self._idle_seconds)
        self._data_server.stop_reading()
        await super().cleanup()
