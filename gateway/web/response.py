"""Writes a dialect's answer as it is: status line, its headers, Date, Content-Length and, where HTTP needs it, Connection.

aiohttp's own response classes add a Server and a Content-Type that the vendor would not send, and assemble each head anew
(ADR-3). Its protocol needs only `prepare`, `write_eof` and `keep_alive` of a response, and this class has no more. Heads are
remembered by their parts, because a dialect answers with the same few header sets over and over.
"""

from __future__ import annotations

import time
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from aiohttp import HttpVersion10, web

from gateway.spi.adapter import Reply

_DIRECT_BYTES: Final = 64 * 1024
"""Up to this size, head and body go to the transport in one piece. Above it, the writer waits for a slow client."""
_BODILESS: Final = frozenset({204, 304})
_FORBIDDEN: Final = str.maketrans({"\r": " ", "\n": " ", "\0": " "})
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=2048)
def _head(
    is_old: bool, keep_alive: bool | None, status: int, reason: str | None, headers: tuple[tuple[str, str], ...]
) -> bytes:
    """The part of a head that does not change: status line, the dialect's headers, Connection where HTTP needs it.

    is_old: the request is HTTP/1.0.
    """
    if reason is None:
        reason = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else ""
    # A client's text may stand in a header. Without line breaks it cannot become a header of its own.
    lines = [f"HTTP/1.{0 if is_old else 1} {status} {reason}".translate(_FORBIDDEN)]
    lines += [f"{name}: {value}".translate(_FORBIDDEN) for name, value in headers]
    if keep_alive and is_old:
        lines.append("Connection: keep-alive")
    elif not keep_alive and not is_old:
        lines.append("Connection: close")
    return "\r\n".join([*lines, ""]).encode()


@lru_cache(maxsize=2)
def _date_at(second: int) -> bytes:
    now = time.gmtime(second)
    text = f"{_WEEKDAYS[now.tm_wday]}, {now.tm_mday:02} {_MONTHS[now.tm_mon - 1]} {now.tm_year:04}"
    return f"Date: {text} {now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02} GMT\r\n".encode()


class NoResponse:
    """Ends a connection without an answer, because nobody is there who could read one."""

    __slots__ = ()
    keep_alive = False

    def force_close(self) -> None:
        """The connection is closed in any case."""

    async def prepare(self, request: web.BaseRequest) -> None:
        """Close. Raises ConnectionResetError: aiohttp takes it for a client that went away, and writes nothing."""
        if request.transport is not None:
            request.transport.close()
        raise ConnectionResetError("the client has gone")


class WireResponse:
    """One answer on its way out, in the form that aiohttp's protocol expects of a response."""

    __slots__ = ("_closing", "_reply", "keep_alive", "sent")

    def __init__(self, reply: Reply, *, closing: bool = False) -> None:
        self._reply = reply
        self._closing = closing
        self.keep_alive: bool | None = None
        self.sent = False

    @property
    def status(self) -> int:
        """The status code."""
        return self._reply.status

    def force_close(self) -> None:
        """End the connection after this answer."""
        self._closing = True

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write head and body."""
        if self.sent:
            return
        self.sent = True
        self.keep_alive = request.keep_alive and not self._closing
        body = self.body_for(request)
        head = self.full_head(request, len(self._reply.body))
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        if len(body) <= _DIRECT_BYTES:
            transport.write(head + body)
            return
        transport.write(head)
        await request.writer.write(body)
        await request.writer.drain()

    def body_for(self, request: web.BaseRequest) -> bytes:
        """The body, where the request and the status allow one."""
        return b"" if request.method == "HEAD" or self._reply.status in _BODILESS else self._reply.body

    def full_head(self, request: web.BaseRequest, length: int) -> bytes:
        """Status line, headers, Content-Length and the empty line. `keep_alive` must be decided before."""
        reply = self._reply
        is_old = request.version == HttpVersion10
        head = _head(is_old, self.keep_alive, reply.status, reply.reason, reply.headers)
        date = _date_at(int(time.time()))
        if reply.status in _BODILESS:
            return b"%b%b\r\n" % (head, date)
        return b"%b%bContent-Length: %d\r\n\r\n" % (head, date, length)

    async def write_eof(self) -> None:
        """Nothing is left to write."""
