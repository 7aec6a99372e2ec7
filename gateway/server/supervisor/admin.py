"""The one admin port of several workers. It answers for all of them; see `gateway.admin.several_workers` for each operation.

It reports the health of all workers, and the metrics of each one with a `worker` label. It passes the caller's credentials on,
and the workers check them.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from gateway.admin.app import problems
from gateway.admin.guesses import AdminGuesses
from gateway.admin.problems import NO_WORKER, NOT_FOUND, Problem
from gateway.admin.several_workers import Way, way_of
from gateway.admin.worker_port import PREFIX
from gateway.server.supervisor.journal import SharedJournal
from gateway.server.supervisor.merging import merged_health, merged_metrics
from gateway.server.supervisor.talk import Answer, NoAnswerError, NotReachedError
from gateway.server.supervisor.team import Team
from gateway.server.supervisor.workers import Worker

_SAFE: Final = frozenset({"GET", "HEAD"})


class AdminFront:
    """Answers the admin port.

    team: the workers.
    slowed: holds back answers to wrong tokens.
    """

    def __init__(self, team: Team, slowed: AdminGuesses) -> None:
        self._team = team
        self._slowed = slowed
        self._journal = SharedJournal(team)
        self._turn = 0

    def application(self) -> web.Application:
        """Make the application."""
        application = web.Application(middlewares=[self._slowed.middleware(), problems], client_max_size=0)
        application.router.add_get("/livez", self._livez)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    # Health

    async def _livez(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive", "workers": len(self._team.newest())})

    async def _readyz(self, request: web.Request) -> web.Response:
        """Ready when any worker can commit. The counts say whether all can. `?store=NAME` asks about that store alone."""
        answers = await self._from_all(request)
        ready = sum(answer.status == 200 for answer in answers)
        facts = {"workers": len(self._team.newest()), "ready": ready}
        if ready:
            return web.json_response({"status": "ready", **facts})
        if not answers:
            raise Problem(NO_WORKER, "no worker can commit", None, **facts)
        return answers[0].with_facts(**facts).response()

    async def _health(self, request: web.Request) -> web.Response:
        answers = await self._from_all(request)
        if not answers:
            raise Problem(NO_WORKER)
        return merged_health(answers).response()

    async def _metrics(self, request: web.Request) -> web.Response:
        workers = self._team.newest()
        answers = await asyncio.gather(*(self._from(worker, request) for worker in workers))
        texts = [
            (str(worker.number), answer.body.decode())
            for worker, answer in zip(workers, answers, strict=True)
            if answer is not None and answer.status == 200
        ]
        refused = [answer for answer in answers if answer is not None and answer.status in {401, 403}]
        if refused:
            return refused[0].response()
        body, content_type = merged_metrics(texts)
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _from_all(self, request: web.Request) -> list[Answer]:
        """The answers of the workers that answer within 5 s."""
        found = await asyncio.gather(*(self._from(worker, request) for worker in self._team.newest()))
        return [answer for answer in found if answer is not None]

    async def _from(self, worker: Worker, request: web.Request) -> Answer | None:
        try:
            async with asyncio.timeout(5):
                return await self._team.talk.whole(worker, request)
        except (NotReachedError, NoAnswerError, TimeoutError):
            return None

    # Operations

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            raise Problem(NOT_FOUND, request.path)
        way, forget = way_of(request.method, request.rel_url.raw_path)
        match way:
            case Way.COMMON:
                return (await self._team.carry_out(request, forget)).response()
            case Way.WAIT if request.method == "GET":
                return (await self._journal.wait(request)).response()
            case Way.EACH:
                return (await self._journal.clear(request)).response()
            case Way.HEALTH if request.method == "GET":
                return await self._health(request)
            case Way.WRITTEN | Way.WAIT:
                await self._journal.written()
        return await self._pass_on(request)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        """The answer of any worker. One that cannot be connected to has not got the request, so the next one is asked."""
        for worker in self._in_turn():
            try:
                return await self._team.talk.stream(worker, request, self._slowed.hold)
            except NotReachedError:
                continue
            except NoAnswerError as error:
                unknown = "" if request.method in _SAFE else "; it may have carried out the request"
                raise Problem(NO_WORKER, f"{error}{unknown}") from error
        raise Problem(NO_WORKER)

    def _in_turn(self) -> list[Worker]:
        workers = list(self._team.newest())
        self._turn += 1
        start = self._turn % len(workers) if workers else 0
        return workers[start:] + workers[:start]
