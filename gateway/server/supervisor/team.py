"""The workers as one: what the admin port changes in one of them, all others take over before the answer goes out.

The supervisor remembers what they have in common, and a worker that starts later gets it before it serves clients. A caller's
credentials are checked by the worker that gets the request. Nothing is taken over from a request that was refused.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from aiohttp import web

from gateway.admin.problems import NO_WORKER, WORKERS_DIFFER, Problem
from gateway.server.supervisor.talk import Answer, NoAnswerError, NotReachedError, Talk
from gateway.server.supervisor.workers import Worker

log = structlog.get_logger("supervisor")


class Team:
    """The workers that have what the supervisor remembers.

    talk: asks the workers.
    joined: set when a worker joins; each waiter takes the present one.
    """

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.joined = asyncio.Event()
        self._members: list[Worker] = []
        self._behind: set[Worker] = set()
        self._remembered: dict[str, Any] | None = None
        self._sharing = asyncio.Lock()

    def newest(self) -> list[Worker]:
        """The newest worker of each number that serves clients, by number."""
        found = {worker.number: worker for worker in self.running() if worker.data_url}
        return [found[number] for number in sorted(found)]

    def running(self) -> list[Worker]:
        """Every worker that may serve clients, also one that is being replaced and ends."""
        self._members = [worker for worker in self._members if worker.alive]
        return list(self._members)

    async def welcome(self, worker: Worker) -> None:
        """Give a worker what all have in common; it serves clients from then on. Raises NoAnswerError."""
        async with self._sharing:
            await self._hand_over(worker)
            self._members.append(worker)
        self.joined.set()
        self.joined = asyncio.Event()

    async def carry_out(self, request: web.Request, forget: str) -> Answer:
        """Have one worker carry out a change, and all others take it over. Raises Problem.

        forget: the tenant whose answers must not be given again; "" for none.
        """
        async with self._sharing:
            leader = await self._leader()
        try:
            answer = await self.talk.whole(leader, request)
        except NotReachedError as error:
            raise Problem(NO_WORKER, f"{error}; nothing was changed") from error
        except NoAnswerError as error:
            await self._take_back(leader)
            raise Problem(WORKERS_DIFFER, f"{error}; look up what is in force, and ask again") from error
        if 400 <= answer.status < 500:
            return answer
        async with self._sharing:
            problems = await self._share(leader, forget, purge=request.query.get("purge") == "true")
        if problems:
            raise Problem(WORKERS_DIFFER, "; ".join(problems) + "; ask again")
        return answer

    async def _leader(self) -> Worker:
        """The worker that carries out changes: the first one that has what the supervisor remembers."""
        for worker in self.newest():
            if worker not in self._behind or await self._catches_up(worker):
                return worker
        raise Problem(NO_WORKER, "nothing was changed")

    async def _share(self, leader: Worker, forget: str, *, purge: bool) -> list[str]:
        """Remember what a worker has, and hand it to all others. Returns what went wrong."""
        try:
            self._remembered = await self.talk.ask(leader, "GET", "state")
        except NoAnswerError as error:
            self._behind.add(leader)
            return [f"{error}: it carried out the change, and no other worker has it"]
        others = [worker for worker in self.running() if worker is not leader]
        return [
            problem
            for problem in await asyncio.gather(*(self._catch_up(other, forget, purge=purge) for other in others))
            if problem
        ]

    async def _catch_up(self, worker: Worker, forget: str, *, purge: bool) -> str:
        """Hand over what is remembered. Returns what went wrong, "" when nothing did or the worker has ended."""
        try:
            await self._hand_over(worker, forget, purge=purge)
        except NoAnswerError as error:
            if not worker.alive:
                return ""
            self._behind.add(worker)
            log.error("worker differs from the others", worker=worker.number, reason=str(error))
            return f"{error}: it has not taken over the change"
        self._behind.discard(worker)
        return ""

    async def _catches_up(self, worker: Worker) -> bool:
        return not await self._catch_up(worker, "", purge=False) and worker.alive

    async def _take_back(self, leader: Worker) -> None:
        """After a change with unknown outcome: have the worker hold again what all others hold."""
        async with self._sharing:
            await self._catch_up(leader, "", purge=False)

    async def _hand_over(self, worker: Worker, forget: str = "", *, purge: bool = False) -> None:
        handover = {"state": self._remembered, "forget": forget, "purge": purge}
        await self.talk.ask(worker, "PUT", "state", body=handover)
