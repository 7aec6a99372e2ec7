"""The data port: reads requests within limits, finds the dialect, writes its answer as it is.

It uses aiohttp's low-level server (ADR-3): there is no router and no middleware between the socket and a dialect. On a
vendor's path nothing here has words of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import structlog
from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from gateway.spi.adapter import Call, Failure, Reply
from gateway.web.broken import BrokenResponse
from gateway.web.metrics import Metrics
from gateway.web.mounts import Mount, Routes
from gateway.web.origin import Network, asked_host, client_address, request_origin, target_host
from gateway.web.request_log import RequestLog
from gateway.web.response import WireResponse

log = structlog.get_logger("web")

_IDLE_SHARE: Final = 0.05
"""For how much of the drain time a connection without a request stays open."""
_ACCEPT_TURNS: Final = 3
"""Turns of the event loop until a connection that was accepted just now has reached the server."""
_DECODED: Final = frozenset({"", "identity", "gzip", "x-gzip", "deflate", "br"})
"""Content codings that aiohttp undoes. It passes others on as they are, and a dialect would take them for a message."""


@dataclass(frozen=True, slots=True)
class WebLimits:
    """Caps on reading a request.

    max_body_bytes: size of the body after decompression.
    body_timeout_seconds: how long the body may take to arrive.
    """

    max_body_bytes: int
    body_timeout_seconds: float


class BodyProblem(Exception):
    """The body could not be read."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Recorder(Protocol):
    """What keeps a record of answered requests."""

    def record(self, call: Call, reply: Reply, dialect: str, outcome: str, seconds: float) -> None:
        """Take note of one. Must be quick and must not raise."""
        ...


class DataHandler:
    """Answers every request of the data port.

    mounts: the dialects and where clients reach them.
    limits: caps on reading a request.
    networks: addresses of proxies whose `X-Forwarded-*` headers count.
    metrics: counts each request.
    log_requests: writes a line for each request; None writes none.
    recorder: keeps a record of each request; None keeps none.
    draining: set to True to end each connection with its next answer.
    """

    def __init__(
        self,
        mounts: Sequence[Mount],
        limits: WebLimits,
        networks: tuple[Network, ...],
        metrics: Metrics,
        log_requests: RequestLog | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.mounts = tuple(mounts)
        self._limits = limits
        self._networks = networks
        self._metrics = metrics
        self._log = log_requests
        self._recorder = recorder
        self._ids = _RequestIds()
        self._routes = Routes(self.mounts, depends_on_peer=bool(networks))
        self.draining = False

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Handle one request; never raises for anything a client can do."""
        started = time.perf_counter()
        target = request.raw_path
        path, _, query = target.partition("?")
        host = request.headers.get("Host", "")
        if not path.startswith("/"):  # absolute form, as a proxy sends it; its host ranks before the header (RFC 9112)
            path, host = request.rel_url.raw_path, target_host(target) or host
        if self._networks:
            host = asked_host(_peer(request), host, request.headers, self._networks)
        mount, inner, prefix, origin = self._routes.known.get((host, path)) or self._routes.find(host, path)
        call = self._call(request, host, inner, query, prefix, origin)
        if mount is None:
            reply = _not_a_vendor_path()
        else:
            reply = await self._exchange(request, call, mount)
        self._finish(call, reply, mount, time.perf_counter() - started)
        if reply.wire is None:
            return cast("web.StreamResponse", WireResponse(reply, closing=self.draining))
        return cast("web.StreamResponse", BrokenResponse(reply, reply.wire, closing=self.draining))

    def forget_routes(self) -> None:
        """Forget which paths and hosts belong to which dialect, because the dialects have changed."""
        self._routes.forget()

    def _call(self, request: web.BaseRequest, host: str, path: str, query: str, prefix: str, origin: str) -> Call:
        transport, headers = request.transport, request.headers
        peer = _peer(request)
        if not origin:
            local = transport.get_extra_info("sockname") if transport else None
            fallback = f"{local[0]}:{local[1]}" if local else "localhost"
            origin = request_origin(peer, "http", host, headers, self._networks, fallback)
            origin += prefix
        has_body = request.body_exists and headers.get("Content-Length") != "0"
        return Call(
            method=request.method,
            path=path,
            query=query,
            headers=headers,
            body=b"",
            base_url=origin,
            request_id=self._ids.next(),
            remote=client_address(peer, headers, self._networks) if self._networks else peer,
            has_body=has_body,
            chunked=has_body and "chunked" in headers.get("Transfer-Encoding", "").lower(),
        )

    async def _exchange(self, request: web.BaseRequest, call: Call, mount: Mount) -> Reply:
        if mount.exchange.watch.active:
            early = await mount.exchange.arrived(call)
            if early is not None:
                return early
        if call.has_body:
            try:
                call.body = await read_body(request, self._limits)
            except BodyProblem as problem:
                return mount.exchange.failed(call, problem.failure)
        return await mount.exchange.run(call)

    def _finish(self, call: Call, reply: Reply, mount: Mount | None, seconds: float) -> None:
        dialect = mount.exchange.name if mount else ""
        outcome = call.outcome or ("ok" if reply.status < 400 else "refused")
        self._metrics.observe(dialect, call.operation, outcome, seconds)
        if self._recorder is not None:
            self._recorder.record(call, reply, dialect, outcome, seconds)
        if self._log is not None:
            self._log.write(call, dialect, outcome, reply.status, seconds)


class _RequestIds:
    """Ids that are unique across restarts and sort by time of start: 12 hex digits, a dash, a count."""

    def __init__(self) -> None:
        self._start = f"{time.time_ns() // 1_000_000:x}"
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"{self._start}-{self._count}"


def _peer(request: web.BaseRequest) -> str:
    """The address at the other end of the connection."""
    name = request.transport.get_extra_info("peername") if request.transport else None
    return str(name[0]) if name else ""


def _not_a_vendor_path() -> Reply:
    """No dialect serves this path, so there is no vendor whose words could be used."""
    body = b"invoice-gateway: no enabled dialect serves this path\n"
    return Reply(404, (("Content-Type", "text/plain; charset=utf-8"),), body)


async def read_body(request: web.BaseRequest, limits: WebLimits) -> bytes:
    """Read and decompress the whole body. Raises BodyProblem: too large, too slow, or not readable."""
    headers, content = request.headers, request.content
    encoding = headers.get("Content-Encoding")
    if encoding is not None and encoding.strip().lower() not in _DECODED:
        raise BodyProblem(Failure.BODY_UNREADABLE)
    try:
        if content.is_eof() and "Expect" not in headers:  # the whole body came with the head, as it mostly does
            return _within(content.read_nowait(), limits)
        # Refuse by the announced length before asking the client to go on: that is what `Expect` is for.
        if (request.content_length or 0) > limits.max_body_bytes:
            raise BodyProblem(Failure.BODY_TOO_LARGE)
        if request.version >= HttpVersion11 and headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0  # or aiohttp would take the answer for begun
        async with asyncio.timeout(limits.body_timeout_seconds):
            return await _read_slowly(request, limits)
    except TimeoutError:
        raise BodyProblem(Failure.BODY_TIMEOUT) from None
    except (HttpProcessingError, web.PayloadAccessError, zlib.error, ValueError) as error:
        raise BodyProblem(Failure.BODY_UNREADABLE) from error
    except Exception as error:
        # aiohttp's compiled and Python parsers raise different private errors for bad chunks and bad compression.
        if type(error).__module__.startswith("aiohttp"):
            raise BodyProblem(Failure.BODY_UNREADABLE) from error
        raise


def _within(data: bytes, limits: WebLimits) -> bytes:
    if len(data) > limits.max_body_bytes:
        raise BodyProblem(Failure.BODY_TOO_LARGE)
    return data


async def _read_slowly(request: web.BaseRequest, limits: WebLimits) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        part = await request.content.readany()
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > limits.max_body_bytes:
            raise BodyProblem(Failure.BODY_TOO_LARGE)
        parts.append(part)


class _Protocol(RequestHandler):  # type: ignore[type-arg, unused-ignore]
    """One connection. A request that is not even HTTP gets a bare status: no vendor's words fit, and aiohttp's are wrong."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= 500:
            log.error("unhandled error", exc_info=exc)
        return cast("web.StreamResponse", WireResponse(Reply(status), closing=True))


class DataServer(web.Server):
    """The low-level server of the data port. `DataRunner` stops it."""

    def __init__(self, handler: DataHandler, keepalive_seconds: float) -> None:
        super().__init__(handler)
        self._handler = handler
        self._open = 0
        self._none_open = asyncio.Event()
        self._none_open.set()
        self._options: dict[str, Any] = {
            "keepalive_timeout": keepalive_seconds,
            "access_log": None,
            "lingering_time": 2.0,  # time for the rest of a body that was refused; then the connection is closed
            "max_line_size": 16 * 1024,
            "max_field_size": 16 * 1024,
        }

    def __call__(self) -> RequestHandler:
        """A protocol for one new connection."""
        return _Protocol(self, loop=asyncio.get_running_loop(), **self._options)

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
    connections without a request at once. Here they stay open for a small share of the drain time.
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
        await super().cleanup()
