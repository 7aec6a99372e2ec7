"""The one admin port of several workers.

It reports the health of all workers and the metrics of each one with a `worker` label. It passes every other request on to
one worker, in turn. It passes the caller's credentials on as well, and the workers check them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp import web

from gateway.server.supervisor.workers import Worker

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length", "date", "server"}
)
_ASK: Final = aiohttp.ClientTimeout(total=5)
_PASS_ON: Final = aiohttp.ClientTimeout(total=None, connect=5)
_PIECE: Final = 64 * 1024


class AdminFront:
    """Answers the admin port. workers: returns the workers that run now."""

    def __init__(self, workers: Callable[[], Sequence[Worker]]) -> None:
        self._workers = workers
        self._turn = 0
        self._session: aiohttp.ClientSession | None = None

    def application(self) -> web.Application:
        """Make the application."""
        application = web.Application(client_max_size=0)
        application.cleanup_ctx.append(self._with_session)
        application.router.add_get("/livez", self._livez)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        return application

    async def _with_session(self, _: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            self._session = session
            yield

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the admin port is not open")
        return self._session

    async def _livez(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive", "workers": len(self._workers())})

    async def _readyz(self, request: web.Request) -> web.Response:
        """Ready when any worker can commit. The counts say whether all can. `?store=NAME` asks about that store alone."""
        asked = f"?{request.query_string}" if request.query_string else ""
        answers = await asyncio.gather(*(self._is_ready(worker, asked) for worker in self._workers()))
        facts = {"workers": len(answers), "ready": sum(answers)}
        if any(answers):
            return web.json_response({"status": "ready", **facts})
        body = {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": "no worker can commit",
            **facts,
        }
        return web.json_response(body, status=503, content_type="application/problem+json")

    async def _is_ready(self, worker: Worker, asked: str) -> bool:
        try:
            async with self._http.get(f"{worker.admin_url}/readyz{asked}", timeout=_ASK) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() == "authorization"}
        texts: list[tuple[str, str]] = []
        for worker in self._workers():
            try:
                async with self._http.get(f"{worker.admin_url}/metrics", headers=headers, timeout=_ASK) as answer:
                    if answer.status == 401:
                        return await self._pass_on(request)
                    texts.append((str(worker.number), await answer.text()))
            except (aiohttp.ClientError, TimeoutError):
                continue
        body, content_type = merged_metrics(texts)
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        workers = self._workers()
        if not workers:
            body = {
                "type": "about:blank",
                "title": "Service Unavailable",
                "status": 503,
                "detail": "no worker is running",
            }
            return web.json_response(body, status=503, content_type="application/problem+json")
        self._turn += 1
        worker = workers[self._turn % len(workers)]
        headers = [
            (name, value) for name, value in request.headers.items() if name.lower() not in {*_HOP_BY_HOP, "host"}
        ]
        async with self._http.request(
            request.method,
            worker.admin_url + request.raw_path,
            headers=headers,
            data=request.content if request.body_exists else None,
            allow_redirects=False,
            timeout=_PASS_ON,
        ) as answer:
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
            front = web.StreamResponse(status=answer.status, reason=answer.reason)
            front.headers.extend(kept)
            await front.prepare(request)
            async for piece in answer.content.iter_chunked(_PIECE):
                await front.write(piece)
            await front.write_eof()
            return front


def merged_metrics(texts: Iterable[tuple[str, str]]) -> tuple[bytes, str]:
    """Merge the metrics of several workers: each sample gets a `worker` label. Returns body and content type."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - only a scrape pays for the import
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest  # noqa: PLC0415
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    families: dict[str, Metric] = {}
    for worker, text in texts:
        for family in text_string_to_metric_families(text):
            target = families.setdefault(family.name, family)
            samples = [sample._replace(labels={**sample.labels, "worker": worker}) for sample in family.samples]
            if target is family:
                family.samples = samples
            else:
                target.samples.extend(samples)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(families.values()))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Families:
    """What prometheus_client asks of a collector."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families

    def describe(self) -> Iterable[Metric]:
        return ()
