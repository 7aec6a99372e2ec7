"""The data port: reads requests within limits, finds the dialect, writes its answer as it is.

It uses aiohttp's low-level server (ADR-3): there is no router and no middleware between the socket and a dialect. On a
vendor's path nothing here has words of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, cast

from aiohttp import web

from gateway.spi.adapter import Call, Failure, Reply
from gateway.spi.guessing import Guesses
from gateway.spi.reading import HeadProblem, refused_head
from gateway.web.body import Bodies, BodyProblem, EarlyReply, WebLimits
from gateway.web.broken import BrokenResponse
from gateway.web.connection import ClientGoneError, Unread
from gateway.web.metrics import Metrics
from gateway.web.mounts import Mount, Routes
from gateway.web.origin import Network, asked_host, client_address, request_origin, target_host
from gateway.web.request_log import RequestLog
from gateway.web.response import NoResponse, WireResponse

_BODILESS: Final = frozenset({"GET", "HEAD"})


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
    guesses: holds back refusals of wrong credentials; None holds back none.
    is_blind: True while another process may have made the tenant that these credentials belong to.
    bodies: reads the bodies.
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
        guesses: Guesses | None = None,
        is_blind: Callable[[], bool] = bool,
    ) -> None:
        self.mounts = tuple(mounts)
        self.bodies = Bodies(limits)
        self._networks = networks
        self._metrics = metrics
        self._log = log_requests
        self._recorder = recorder
        self._guesses = guesses
        self._is_blind = is_blind
        self._ids = _RequestIds()
        self._routes = Routes(self.mounts, depends_on_peer=bool(networks))
        self.draining = False

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Handle one request; never raises for anything a client can do."""
        started = time.perf_counter()
        target = request.raw_path
        path, _, query = target.partition("?")
        host = request.headers.get("Host", "")
        problem = request.content.problem if isinstance(request.content, Unread) else None
        if not path.startswith("/"):
            host, path, problem = _other_form(request, host, problem)
        if self._networks:
            host = asked_host(_peer(request), host, request.headers, self._networks)
        mount, inner, prefix, origin = self._routes.known.get((host, path)) or self._routes.find(host, path)
        call = self._call(request, host, inner, query, prefix, origin)
        if problem is not None:
            reply = _refuse_head(call, problem, mount)
        elif mount is None:
            reply = _not_a_vendor_path()
        else:
            reply = await self._exchange(request, call, mount)
            if call.guessed is not None:
                reply = await self._credentials_refused(call, call.guessed, mount, reply)
        self._finish(call, reply, mount, time.perf_counter() - started)
        if not reply.status and reply.wire is None:
            return cast("web.StreamResponse", NoResponse())
        closing = self.draining or problem is not None
        if reply.wire is None:
            return cast("web.StreamResponse", WireResponse(reply, closing=closing))
        return cast("web.StreamResponse", BrokenResponse(reply, reply.wire, closing=closing))

    async def _credentials_refused(self, call: Call, account: str, mount: Mount, reply: Reply) -> Reply:
        if self._is_blind():
            return mount.exchange.failed(call, Failure.STORE_UNAVAILABLE)
        if self._guesses is not None:
            await self._guesses.hold(mount.exchange.name, call.remote, account)
        return reply

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
        has_body = (
            request.body_exists and headers.get("Content-Length") != "0" and not isinstance(request.content, Unread)
        )
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
        if not call.has_body and (call.method in _BODILESS or "Content-Encoding" not in call.headers):
            return await mount.exchange.run(call)
        share = self.bodies.share()
        try:
            call.body = await self.bodies.read(request, call, mount.exchange, share)
            return await mount.exchange.run(call)
        except BodyProblem as problem:
            return mount.exchange.failed(call, problem.failure)
        except EarlyReply as early_reply:
            return early_reply.reply
        except ClientGoneError:
            call.outcome = "aborted"
            return Reply(0)
        finally:
            share.give_back()

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


def _refuse_head(call: Call, problem: HeadProblem, mount: Mount | None) -> Reply:
    """The answer to a head that could not be read: that of the vendor's web server, else the bare status."""
    call.outcome = f"broken_head_{problem.name.lower()}"
    return refused_head(mount.exchange.dialect if mount else None, problem)


def _other_form(
    request: web.BaseRequest, host: str, problem: HeadProblem | None
) -> tuple[str, str, HeadProblem | None]:
    """Host, path and problem of a target that is no path: `*`, a whole address as for a proxy, or a tunnel's host."""
    if request.method == "CONNECT":
        return host, "/", HeadProblem.METHOD
    path = request.rel_url.raw_path or "/"
    return (host if path == "*" else target_host(request.raw_path) or host), path, problem
