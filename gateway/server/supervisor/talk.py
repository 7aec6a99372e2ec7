"""HTTP from the supervisor to the admin ports of its workers: it passes on callers' requests, and asks questions of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from gateway.admin.worker_port import PREFIX, PROOF_HEADER
from gateway.server.supervisor.workers import Worker

_HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "upgrade",
        "content-length",
        "date",
        "server",
        PROOF_HEADER.lower(),
    }
)
_PASS_ON: Final = aiohttp.ClientTimeout(total=None, connect=5)
OWN_SECONDS: Final = 30.0
"""How long a worker may take for a question of the supervisor. A dialect with very many tenants is built in that time."""
_PIECE: Final = 64 * 1024


class NotReachedError(Exception):
    """A worker could not be connected to: it has not got the request."""


class NoAnswerError(Exception):
    """A worker did not answer, or answered the supervisor with a problem. The text says which and why."""

    def __init__(self, worker: Worker, reason: object) -> None:
        super().__init__(f"worker {worker.number}: {reason}")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read to its end."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def facts(self) -> dict[str, Any]:
        """The body, which is a JSON object."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def response(self) -> web.Response:
        """For the caller."""
        return web.Response(status=self.status, body=self.body or None, headers=CIMultiDict(self.headers))

    def with_facts(self, **changed: Any) -> Answer:
        """The same answer with other facts in its body."""
        return Answer(self.status, self.headers, json.dumps({**self.facts(), **changed}).encode())


class Talk:
    """An open HTTP client. Use it as an async context manager.

    secret: shows a worker that its supervisor asks.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._http.close()

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is not open")
        return self._session

    async def ask(
        self,
        worker: Worker,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        seconds: float = OWN_SECONDS,
    ) -> dict[str, Any]:
        """Ask a worker something that is not for callers. Raises NoAnswerError."""
        timeout = aiohttp.ClientTimeout(total=seconds, connect=5)
        try:
            async with self._http.request(
                method,
                worker.admin_url + PREFIX + path,
                params=query,
                json=body,
                headers={PROOF_HEADER: self._secret},
                timeout=timeout,
            ) as answer:
                text = await answer.text()
                if answer.status != 200:
                    raise NoAnswerError(worker, text)
                facts: dict[str, Any] = json.loads(text)
                return facts
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswerError(worker, repr(error)) from error

    async def whole(self, worker: Worker, request: web.Request, query: Mapping[str, str] | None = None) -> Answer:
        """Pass a caller's request on and read the whole answer. Raises NotReachedError, NoAnswerError.

        query: replaces these parameters.
        """
        async with self._passed_on(worker, request, query) as answer:
            return Answer(answer.status, tuple(_end_to_end(answer.headers)), await answer.read())

    async def stream(
        self, worker: Worker, request: web.Request, first: Callable[[web.Request, int], Awaitable[None]]
    ) -> web.StreamResponse:
        """Pass a caller's request on, and the answer back piece by piece. Raises NotReachedError, NoAnswerError.

        first: awaited with the answer's status before its first byte goes out.
        """
        async with self._passed_on(worker, request, None) as answer:
            front = web.StreamResponse(status=answer.status, reason=answer.reason)
            front.headers.extend(_end_to_end(answer.headers))
            await first(request, answer.status)
            await front.prepare(request)
            try:
                async for piece in answer.content.iter_chunked(_PIECE):
                    await front.write(piece)
                await front.write_eof()
            except (aiohttp.ClientError, TimeoutError):  # the caller must see that the answer is not whole
                if request.transport is not None:
                    request.transport.abort()
            return front

    def _passed_on(self, worker: Worker, request: web.Request, query: Mapping[str, str] | None) -> _PassedOn:
        url = URL(worker.admin_url + request.rel_url.raw_path_qs, encoded=True)
        call = self._http.request(
            request.method,
            url.update_query(query) if query else url,
            headers=[*_end_to_end(request.headers), (PROOF_HEADER, self._secret)],
            data=request.content if request.body_exists else None,
            allow_redirects=False,
            timeout=_PASS_ON,
        )
        return _PassedOn(worker, call)


class _PassedOn:
    """A request that is passed on, as an async context manager that says what went wrong."""

    def __init__(self, worker: Worker, call: Any) -> None:
        self._worker = worker
        self._call = call

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            answer: aiohttp.ClientResponse = await self._call.__aenter__()
        except aiohttp.ClientConnectorError as error:
            raise NotReachedError(str(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswerError(self._worker, repr(error)) from error
        return answer

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        await self._call.__aexit__(kind, error, trace)
        if isinstance(error, aiohttp.ClientError | TimeoutError):
            raise NoAnswerError(self._worker, repr(error)) from error


def _end_to_end(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP]
