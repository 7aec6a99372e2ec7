"""A server that gets what goes out: it keeps every request and answers as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Got:
    """One request: its path with the query, its body and its headers."""

    path: str
    body: str
    headers: list[tuple[str, str]]


@dataclass
class Receiver:
    """url: its address. got: the requests. answers: by path; others get 200. hung: requests that wait for `release`."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    hung: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.got]

    def status(self, path: str, *statuses: int) -> None:
        """Answer these in turn, then 200."""
        rest = list(statuses)

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=rest.pop(0) if rest else 200)

        self.answers[path] = answer

    async def hang(self, _: web.Request) -> web.Response:
        self.hung += 1
        await self.release.wait()
        return web.Response()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = [(name.decode(), value.decode()) for name, value in request.raw_headers]
        self.got.append(Got(request.rel_url.raw_path_qs, (await request.read()).decode(), headers))
        answer = self.answers.get(request.path)
        return web.Response(text="ok") if answer is None else await answer(request)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver._answer), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        receiver.release.set()
        await runner.cleanup()
