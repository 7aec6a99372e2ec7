"""The pool: everything that the gateway sends to other servers goes through it, for due work and for all others.

It follows no redirect, keeps no cookie, reads no proxy from the environment, and verifies certificates. It bounds time and
sizes. Each request is an entry of the journal with the finding `outbound`, and fault rules can lose, delay or double it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.core.values import TenantId
from gateway.core.work import AUTOMATIC
from gateway.outbound.connections import (
    GOING_TO,
    DestinationRefusedError,
    LookUp,
    Names,
    connector,
    system_look_up,
)
from gateway.outbound.refusal import refusal
from gateway.spi.adapter import Call, Reply
from gateway.spi.destinations import AllowList
from gateway.spi.findings import OUTBOUND
from gateway.spi.outbound import Outbound, OutboundError, OutboundRequest
from gateway.spi.redaction import redacted_log
from gateway.spi.trace import Trace
from gateway.spi.watch import NOTHING_STRUCK, Watch

NO_ANSWER: Final = Reply(0)
_OWN_HEADERS: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that the library would add; each header is the sender's own."""
_CHUNK: Final = 65_536


class Recorder(Protocol):
    """What notes requests, such as the journal."""

    def record(self, call: Call, reply: Reply, dialect: str, outcome: str, seconds: float) -> None:
        """Take over a request that has ended. Never waits, never raises."""
        ...


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Bounds.

    connect_seconds: for a name's address, a connection and its TLS.
    total_seconds: for a whole request with its answer.
    max_request_bytes, max_answer_bytes: of a body.
    connections, per_host: at a time, for one allow-list, in all and to one host and port.
    """

    connect_seconds: float = 10.0
    total_seconds: float = 30.0
    max_request_bytes: int = 16 * 1024 * 1024
    max_answer_bytes: int = 1024 * 1024
    connections: int = 100
    per_host: int = 20


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends requests of one dialect for one tenant. Implements `spi.outbound.Outbound`.

    allowed: where they may go.
    operation: what they are, where a request does not say.
    request_id: in the journal.
    """

    pool: Pool
    tenant: TenantId | None
    dialect: str
    allowed: AllowList
    operation: str = ""
    request_id: str = ""

    async def send(self, request: OutboundRequest) -> Reply:
        """Send a request once. Raises OutboundError."""
        return await self.pool.send(request, self)


class Pool:
    """Make it in the event loop; `close` ends it.

    own_ports: ports on which this machine is administered.
    watch: has the fault rules.
    recorder: notes what was sent; None for nobody.
    look_up: the addresses of a name.
    """

    def __init__(
        self,
        limits: PoolLimits | None = None,
        *,
        own_ports: Callable[[], Collection[int]] = tuple,
        watch: Watch | None = None,
        recorder: Recorder | None = None,
        look_up: LookUp = system_look_up,
    ) -> None:
        self.recorder = recorder
        self._limits = limits or PoolLimits()
        self._own_ports = own_ports
        self._watch = watch or Watch()
        self._look_up = look_up
        self._sessions: dict[AllowList, ClientSession] = {}
        self._names: list[Names] = []
        self._outcomes: Counter[str] = Counter()
        self._under_way = 0

    def sender(
        self, tenant: TenantId | None, dialect: str, allowed: AllowList, operation: str = "", request_id: str = ""
    ) -> Outbound:
        """What sends the requests of one dialect for one tenant."""
        return Sender(self, tenant, dialect, allowed, operation, request_id)

    async def close(self) -> None:
        """Close every connection."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()
        for names in self._names:
            await names.close()

    def figures(self) -> dict[str, float]:
        """Counts since the start, by name, for metrics."""
        counts = {f"outbound_{name}": float(self._outcomes[name]) for name in ("answered", "failed", "refused")}
        return {**counts, "outbound_under_way": float(self._under_way)}

    async def send(self, request: OutboundRequest, sender: Sender) -> Reply:
        """Send a request once, and note it. Raises OutboundError."""
        call = _call(request, sender)
        started, reply, outcome = time.perf_counter(), NO_ANSWER, "failed"
        self._under_way += 1
        try:
            reply = await self._struck(request, sender, call)
            outcome = "answered"
        except OutboundError as error:
            outcome = "refused" if error.is_refused else "failed"
            call.findings[-1] = f"{OUTBOUND}: {error}"[:200]
            raise
        finally:
            self._under_way -= 1
            self._outcomes[outcome] += 1
            if self.recorder is not None:
                self.recorder.record(call, reply, sender.dialect, outcome, time.perf_counter() - started)
        return reply

    async def _struck(self, request: OutboundRequest, sender: Sender, call: Call) -> Reply:
        """Send it as the fault rules want it."""
        faults = self._watch.faults
        strike = NOTHING_STRUCK if faults is None else faults.outbound(call)
        if strike.delay_seconds:
            await asyncio.sleep(strike.delay_seconds)
        if strike.lost:
            raise OutboundError("lost on the way, as a fault rule wants it")
        reply = await self._sent(request, sender)
        if strike.doubled:
            reply = await self._sent(request, sender)
        if strike.answer_lost:
            raise OutboundError("the answer was lost, as a fault rule wants it", may_have_arrived=True)
        return reply

    async def _sent(self, request: OutboundRequest, sender: Sender) -> Reply:
        url = _url(request)
        if len(request.body) > self._limits.max_request_bytes:
            raise OutboundError(f"the body is larger than {self._limits.max_request_bytes} bytes", is_refused=True)
        GOING_TO.set(url.host or "")
        try:
            async with self._session(sender.allowed).request(
                request.method,
                url,
                headers=CIMultiDict(request.headers),
                data=request.body or None,
                allow_redirects=False,
            ) as response:
                body = await self._read(response)
                return Reply(response.status, tuple(_headers(response.raw_headers)), body, response.reason)
        except DestinationRefusedError as error:
            raise OutboundError(str(error), is_refused=True) from error
        except TimeoutError as error:
            raise OutboundError("no answer in time", may_have_arrived=True) from error
        except ClientConnectorError as error:  # a certificate that is not good is a ValueError, too
            raise OutboundError(redacted_log(str(error))) from error
        except ValueError as error:
            raise OutboundError(f"cannot be sent: {redacted_log(str(error))}", is_refused=True) from error
        except (ClientError, OSError) as error:
            raise OutboundError(redacted_log(str(error) or type(error).__name__), may_have_arrived=True) from error

    def _session(self, allowed: AllowList) -> ClientSession:
        session = self._sessions.get(allowed)
        if session is None:
            limits = self._limits

            def check(host: str, address: str, port: int) -> str | None:
                return refusal(allowed, host, address, port, self._own_ports())

            names = Names(check, self._look_up)
            self._names.append(names)
            session = self._sessions[allowed] = ClientSession(
                connector=connector(names, check, connections=limits.connections, per_host=limits.per_host),
                cookie_jar=DummyCookieJar(),
                timeout=ClientTimeout(total=limits.total_seconds, connect=limits.connect_seconds),
                skip_auto_headers=_OWN_HEADERS,
                auto_decompress=False,
                trust_env=False,
            )
        return session

    async def _read(self, response: ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._limits.max_answer_bytes:
                response.close()
                raise OutboundError(
                    f"status {response.status}, but the answer is larger than {self._limits.max_answer_bytes} bytes",
                    may_have_arrived=True,
                )
        return bytes(body)


def _url(request: OutboundRequest) -> URL:
    try:
        url = URL(request.url, encoded=True)
        if url.scheme not in {"http", "https"} or not url.host or not url.port:
            raise ValueError("it is no http or https address")
    except ValueError as error:
        raise OutboundError(f"cannot be sent: {error}", is_refused=True) from error
    return url


def _call(request: OutboundRequest, sender: Sender) -> Call:
    """The request as the journal and the fault rules see it, without the user and password of its address."""
    try:
        url = URL(request.url, encoded=True)
        origin = f"{url.scheme}://{url.host_subcomponent}:{url.port}"
        path, query = url.raw_path, url.raw_query_string
    except ValueError:
        origin = path = query = ""
    call = Call(
        method=request.method,
        path=path,
        query=query,
        headers=CIMultiDictProxy(CIMultiDict(request.headers)),
        body=request.body,
        base_url=origin,
        request_id=sender.request_id,
        has_body=bool(request.body),
        operation=request.operation or sender.operation,
        tenant=sender.tenant,
        principal=AUTOMATIC,
        dialect=sender.dialect,
        trace=Trace(),
    )
    call.findings.append(OUTBOUND)
    return call


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    for name, value in raw:
        yield name.decode("latin-1"), value.decode("latin-1")
