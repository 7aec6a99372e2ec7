"""Reads the body of a request: within its limits, within what all bodies may take together, and decompressed.

A stranger must not cost more than his connection. So the dialect looks at the credentials in the head before a large body is
read, and all bodies that are held at the same time share one budget.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import HttpVersion11, web

from gateway.spi.adapter import Call, Failure, Reply
from gateway.spi.exchange import Exchange
from gateway.spi.reading import body_limit_of, codings_of
from gateway.web.connection import ClientGoneError, Connection, StoppingError
from gateway.web.inflate import TooLargeError, UnreadableError, inflate
from gateway.web.memory import Trimmer

READ_UNASKED: Final = 64 * 1024
"""A body of more bytes is read only when the dialect has not refused the head."""


@dataclass(frozen=True, slots=True)
class WebLimits:
    """Caps on reading a request.

    max_body_bytes: size of the body after decompression.
    body_timeout_seconds: how long the body may take to arrive.
    max_reading_bytes: of all bodies together that are being read or answered; those that come whole with their heads are
        not counted.
    """

    max_body_bytes: int
    body_timeout_seconds: float
    max_reading_bytes: int = 64 * 1024 * 1024


class BodyProblem(Exception):
    """The body could not be read."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class EarlyReply(Exception):
    """The dialect has answered before the body was read."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Bodies:
    """Reads the bodies of a server.

    held: how many bytes of bodies count against `max_reading_bytes` now.
    """

    def __init__(self, limits: WebLimits) -> None:
        self._limits = limits
        self._trimmer = Trimmer()
        self.held = 0

    def share(self) -> Share:
        """A share of the budget for one request."""
        return Share(self)

    def take(self, count: int) -> None:
        """Count further bytes. Raises BodyProblem when all bodies together would be too many."""
        if self.held + count > self._limits.max_reading_bytes:
            raise BodyProblem(Failure.OVERLOADED)
        self.held += count

    def give_back(self, count: int) -> None:
        """Count these bytes no more."""
        self.held -= count
        self._trimmer.freed(count)

    async def read(self, request: web.BaseRequest, call: Call, exchange: Exchange, share: Share) -> bytes:
        """The whole body, decompressed.

        Raises BodyProblem: too large, too slow, unreadable, one too many. Raises EarlyReply and ClientGoneError.
        """
        limit = body_limit_of(exchange.dialect, self._limits.max_body_bytes)
        try:
            raw = await self._raw(request, call, exchange, share, limit)
            coding = call.headers.get("Content-Encoding")
            return raw if coding is None else _plain(raw, coding, exchange, share, limit)
        except (BodyProblem, EarlyReply, ClientGoneError):
            raise
        except TimeoutError:
            raise BodyProblem(Failure.BODY_TIMEOUT) from None
        except StoppingError:
            raise BodyProblem(Failure.OVERLOADED) from None
        except TooLargeError:
            raise BodyProblem(Failure.BODY_TOO_LARGE) from None
        except ConnectionError:
            raise ClientGoneError from None
        except UnreadableError:
            raise BodyProblem(Failure.BODY_UNREADABLE) from None
        except Exception as error:
            # aiohttp's compiled and Python parsers raise different private errors for chunks that are broken.
            if type(error).__module__.startswith("aiohttp"):
                raise BodyProblem(Failure.BODY_UNREADABLE) from None
            raise

    async def _raw(self, request: web.BaseRequest, call: Call, exchange: Exchange, share: Share, limit: int) -> bytes:
        """The body as it was sent."""
        headers, content = call.headers, request.content
        if content.is_eof() and content.exception() is None and "Expect" not in headers:
            body = content.read_nowait()  # it came whole with the head, as it mostly does
            if len(body) > limit:
                raise BodyProblem(Failure.BODY_TOO_LARGE)
            return body
        # Refuse by the head before asking the client to go on: that is what `Expect` is for.
        announced = request.content_length
        if (announced or 0) > limit:
            raise BodyProblem(Failure.BODY_TOO_LARGE)
        waits = request.version >= HttpVersion11 and headers.get("Expect", "").lower() == "100-continue"
        is_asked = (announced or 0) > READ_UNASKED or (waits and announced is None)
        if is_asked:
            await _ask(request, call, exchange, is_waiting=waits)
        if waits:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0  # or aiohttp would take the answer for begun
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self._limits.body_timeout_seconds):
                while part := await content.readany():
                    share.take(len(part))
                    if share.held > limit:
                        raise BodyProblem(Failure.BODY_TOO_LARGE)
                    parts.append(part)
                    if not is_asked and share.held > READ_UNASKED:
                        is_asked = True
                        await _ask(request, call, exchange, is_waiting=False)
            return b"".join(parts)
        finally:
            parts.clear()  # an error that the connection remembers has this frame, and would keep the bytes


class Share:
    """What one request holds of the budget. To be given back when it is answered.

    held: bytes.
    """

    __slots__ = ("_bodies", "held")

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self.held = 0

    def take(self, count: int) -> None:
        """Hold further bytes. Raises BodyProblem."""
        self._bodies.take(count)
        self.held += count

    def give_back(self) -> None:
        """Hold nothing any more."""
        if self.held:
            self._bodies.give_back(self.held)
            self.held = 0


async def _ask(request: web.BaseRequest, call: Call, exchange: Exchange, *, is_waiting: bool) -> None:
    """Ask the dialect whether it refuses the head. Raises EarlyReply.

    is_waiting: the client sends nothing until it is asked to go on. It never is then, and what follows on the connection
        could be a body or a request, so the connection ends.
    """
    reply = await exchange.admit(call)
    if reply is None:
        return
    if is_waiting:
        cast("Connection", request.protocol).stop_reading(StoppingError())
    raise EarlyReply(reply)


def _plain(raw: bytes, coding: str, exchange: Exchange, share: Share, limit: int) -> bytes:
    """The body without its content coding, if that is one that the vendor's stack undoes."""
    coding = coding.strip().lower()
    return inflate(raw, coding, limit, share.take) if coding in codings_of(exchange.dialect) else raw
