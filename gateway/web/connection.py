"""One connection of the data port or of the admin port, on top of aiohttp's (ADR-58).

aiohttp closes a connection as soon as the client shuts down its sending side, answers a head that it cannot read in words of
its own, and goes on waiting for a body when a later part of it is broken. All of that is decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from aiohttp.web_protocol import RequestHandler

from gateway.spi.reading import HeadProblem
from gateway.web.broken_head import is_gathered, read_broken_head
from gateway.web.descriptors import DescriptorWatch, descriptor_limit

log = structlog.get_logger("web")

LINGERING_SECONDS: Final = 2.0
"""Time for the rest of a body that nobody reads. A connection that is closed while the client sends loses its answer."""
_Found: TypeAlias = tuple[Sequence[Any], bool, bytes]
"""New messages, whether another protocol begins, and what is left for that."""
_NOTHING: Final[_Found] = ((), False, b"")


class ClientGoneError(ConnectionError):
    """The client has gone, or has said that nothing more comes, before its body was whole."""


class StoppingError(Exception):
    """The server stops, and the body is not whole."""


class Unread(StreamReader):
    """Stands for the body of a request whose head the parser has refused. Its bytes are counted and dropped.

    problem: what is wrong with the head; None when only its method is unknown to the parser.
    """

    __slots__ = ("_rest", "problem")

    def __init__(self, connection: Connection, problem: HeadProblem | None, rest: int | None) -> None:
        super().__init__(connection, limit=1, loop=asyncio.get_running_loop())
        self.problem = problem
        self._rest = rest
        self.drop(0)

    def drop(self, count: int) -> None:
        """So many bytes were dropped. How many are to come is not always known; then the lingering time decides."""
        if self._rest is not None and not self.is_eof():
            self._rest = max(0, self._rest - count)
            if not self._rest:
                self.feed_eof()


class _Parser:
    """aiohttp's parser, with a memory of what it was given since the last whole head.

    body: the body of the newest request; `is_eof` says whether it is whole.
    dead: nothing more can be read on this connection.
    """

    def __init__(self, parser: Any, connection: Connection) -> None:
        self._parser = parser
        self._connection = connection
        self.message_consumed = parser.message_consumed
        self.pause_reading = parser.pause_reading
        self.set_upgraded = parser.set_upgraded
        self.feed_eof = parser.feed_eof
        self.body: StreamReader = EMPTY_PAYLOAD
        self.dead = False
        self._seen = b""
        self._error: HttpProcessingError | None = None

    def feed_data(self, data: bytes) -> _Found:
        """Read further bytes."""
        if self.dead:
            if isinstance(self.body, Unread):
                self.body.drop(len(data))
            return _NOTHING
        if self._error is not None:
            return self._refused(data, self._error)
        was_whole = self.body.is_eof()
        try:
            found: _Found = self._parser.feed_data(data)
        except HttpProcessingError as error:
            self._error = error
            if was_whole:
                return self._refused(data, error)
            self._connection.stop_reading(error)  # what is broken is the body; who reads that answers
            return _NOTHING
        if found[0]:
            self.body = found[0][-1][1]
            self._seen = b""
        elif data and was_whole:
            self._seen += data
        return found

    def _refused(self, data: bytes, error: HttpProcessingError) -> _Found:
        """Gather a head that the parser has refused until it can be answered."""
        self._seen += data
        if not is_gathered(self._seen, error):
            return _NOTHING
        head = read_broken_head(self._seen, error)
        self.dead, self._seen = True, b""
        self.body = Unread(self._connection, head.problem, head.rest)
        return [(head.message, self.body)], False, b""


class Connection(RequestHandler):  # type: ignore[type-arg, unused-ignore]
    """One connection. Every request that has arrived whole gets its answer, and every other one is let go at once."""

    def __init__(self, server: ConnectionServer, **options: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **options)
        self._server = server
        self._reading = _Parser(self._parser, self)
        self._parser = cast("Any", self._reading)
        self._answered = 0
        self._turned_away = False
        self._half_closed = False

    @property
    def _is_ending(self) -> bool:
        return (self._half_closed or self._reading.dead) and not self._messages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless the server has too many connections."""
        self._server.descriptors.look_at(transport)
        if self._server.is_full:
            self._turned_away = True
            self._server.turn_away(cast("asyncio.Transport", transport))
            return
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Read what has arrived."""
        if not self._turned_away:
            super().data_received(data)

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends nothing more. True, so that the connection stays open, while whole requests wait for answers."""
        if self._turned_away:
            return False
        self._half_closed = True
        waiting = self._request_count - self._answered
        body = self._reading.body
        if not body.is_eof():
            self.stop_reading(ClientGoneError())
            waiting -= not isinstance(body, Unread)
        return waiting > 0

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection has ended. A reader of its body learns that at once."""
        if self._turned_away:
            return
        self.stop_reading(ClientGoneError())
        super().connection_lost(exc)

    def stop_reading(self, error: Exception) -> None:
        """Give up a body that is not whole: its reader sees the error, and nothing more is read on this connection."""
        body = self._reading.body
        if body.is_eof():
            return
        self._reading.dead = True
        if self._answered < self._request_count:  # else aiohttp alone reads, to drop what it gets
            body.set_exception(error)
        body.feed_eof()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Write an answer; after the last one end the connection."""
        if self._is_ending:
            resp.force_close()
        try:
            done: tuple[web.StreamResponse, bool] = await super().finish_response(request, resp, start_time)
        finally:
            self._answered += 1
        if self._half_closed and not self._messages:
            self._close = True
        return done

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer when a handler has failed: a bug, so it has no words."""
        log.error("unhandled error", exc_info=exc)
        return self._server.bug_answer()


class ConnectionServer(web.Server):
    """A low-level server of such connections.

    most_connections: how many may be open at a time; further ones are turned away. 0 means any number.
    options: of aiohttp's RequestHandler.
    descriptors: notices when connections take the last ones.
    """

    def __init__(self, handler: Any, *, most_connections: int = 0, request_factory: Any = None, **options: Any) -> None:
        super().__init__(handler, request_factory=request_factory)
        self._most = most_connections
        self.descriptors = DescriptorWatch(descriptor_limit())
        # Bodies come as they are: a decoder that hands out what it has got would take half a body for a whole one.
        defaults = {"access_log": None, "lingering_time": LINGERING_SECONDS, "auto_decompress": False}
        self._options: dict[str, Any] = {**defaults, **options}

    def __call__(self) -> RequestHandler:
        """A protocol for one new connection."""
        return Connection(self, **self._options)

    @property
    def is_full(self) -> bool:
        """True when no further connection is taken."""
        return 0 < self._most <= len(self._connections)

    def turn_away(self, transport: asyncio.Transport) -> None:
        """End a connection that is one too many."""
        transport.close()

    def bug_answer(self) -> web.StreamResponse:
        """The answer when a handler has failed. It ends the connection."""
        raise NotImplementedError

    def stop_reading(self) -> None:
        """Give up all bodies that are not whole, because the server stops."""
        for connection in self.connections:
            cast("Connection", connection).stop_reading(StoppingError())
