"""The server of the admin port: connections and timeouts of the data port, a cap on their number, errors as problems."""

from __future__ import annotations

import asyncio
import json
from typing import Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.admin.problems import (
    BODY_TIMEOUT,
    BODY_TOO_LARGE,
    BROKEN_REQUEST,
    INTERNAL,
    MALFORMED_BODY,
    STOPPING,
    TOO_MANY_CONNECTIONS,
    Problem,
)
from gateway.config.process import LimitsSection
from gateway.spi.reading import CODINGS, HeadProblem
from gateway.web.connection import ClientGoneError, ConnectionServer, StoppingError, Unread
from gateway.web.inflate import TooLargeError, UnreadableError, inflate

log = structlog.get_logger("admin")

LINE_BYTES: Final = 64 * 1024
"""The longest request line. Searches have many parameters."""


def problem_response(problem: Problem) -> web.Response:
    """A problem as an answer."""
    return web.Response(
        status=problem.kind.status,
        text=json.dumps(problem.document()),
        content_type="application/problem+json",
        headers=problem.headers,
    )


async def read_body(request: web.Request, limits: LimitsSection) -> bytes:
    """The whole body, decompressed. Raises Problem; ClientGoneError when the body will never be whole."""
    try:
        async with asyncio.timeout(limits.body_timeout_seconds):
            raw = await request.read()
        coding = request.headers.get("Content-Encoding", "").strip().lower()
        return inflate(raw, coding, limits.max_body_bytes) if coding in CODINGS else raw
    except (web.HTTPRequestEntityTooLarge, TooLargeError):
        raise Problem(BODY_TOO_LARGE, f"at most {limits.max_body_bytes} bytes are taken") from None
    except TimeoutError:
        raise Problem(BODY_TIMEOUT, f"it was not whole after {limits.body_timeout_seconds:g} s") from None
    except StoppingError:
        raise Problem(STOPPING) from None
    except ConnectionError:
        raise ClientGoneError from None
    except UnreadableError as error:
        raise Problem(MALFORMED_BODY, f"Content-Encoding {coding}: {error}") from None
    except HttpProcessingError:
        raise Problem(BROKEN_REQUEST, "the chunks of the body are broken") from None


class AdminServer(ConnectionServer):
    """The low-level server of an admin application. made: the server that aiohttp makes for it."""

    def __init__(self, made: web.Server, limits: LimitsSection) -> None:
        super().__init__(
            self._answer,
            request_factory=made.request_factory,
            most_connections=limits.max_admin_connections,
            keepalive_timeout=limits.keepalive_seconds,
            max_line_size=LINE_BYTES,
        )
        self._application = made.request_handler

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        problem = request.content.problem if isinstance(request.content, Unread) else None
        if problem is None and request.method == "CONNECT":
            problem = HeadProblem.METHOD
        if problem is not None:
            return _broken(problem.text)
        try:
            return await self._application(request)
        except ClientGoneError:
            log.info("request", outcome="aborted", method=request.method, path=request.path)
            return self.bug_answer()  # nobody reads it
        except web.HTTPExpectationFailed:  # aiohttp looks at this field before it asks any middleware
            return _broken("an Expect header may only say 100-continue")

    def bug_answer(self) -> web.StreamResponse:
        """The answer when a handler has failed. It ends the connection."""
        response = problem_response(Problem(INTERNAL))
        response.force_close()
        return response

    def turn_away(self, transport: asyncio.Transport) -> None:
        """Say why, and end the connection."""
        body = json.dumps(Problem(TOO_MANY_CONNECTIONS).document()).encode()
        head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
        transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        transport.close()


def _broken(detail: str) -> web.Response:
    """The answer to a head that this server does not read. It ends the connection."""
    response = problem_response(Problem(BROKEN_REQUEST, detail))
    response.force_close()
    return response


class AdminRunner(web.AppRunner):
    """Starts and stops an admin application. What has arrived whole is answered; nothing else is waited for."""

    def __init__(self, application: web.Application, limits: LimitsSection) -> None:
        self._limits = limits
        super().__init__(application, access_log=None, shutdown_timeout=limits.drain_seconds)

    async def _make_server(self) -> web.Server:
        return AdminServer(await super()._make_server(), self._limits)

    async def cleanup(self) -> None:
        """Accept no connection any more, give up bodies that are not whole, answer the rest, then close all."""
        for site in list(self.sites):
            await site.stop()
        if isinstance(self.server, AdminServer):
            self.server.stop_reading()
        await super().cleanup()
