"""Questions to the journal of several workers. Any worker can read the files of all, after all of them have written theirs."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from aiohttp import web

from gateway.admin.problems import JOURNAL_UNAVAILABLE, NO_WORKER, WORKERS_DIFFER, Problem
from gateway.server.supervisor.talk import OWN_SECONDS, Answer, NoAnswerError, NotReachedError
from gateway.server.supervisor.team import Team
from gateway.server.supervisor.workers import Worker

_END_SECONDS: Final = 5.0
_LONGEST_WAIT: Final = 300.0
_WAIT_SECONDS: Final = 30.0


class SharedJournal:
    """Asks the workers of a team."""

    def __init__(self, team: Team) -> None:
        self._team = team

    async def written(self) -> dict[Worker, int]:
        """Have every worker write what it has in memory. Returns the newest id of each. Raises Problem."""
        workers = self._team.running()
        positions = await asyncio.gather(*map(self._written_by, workers))
        return {worker: position for worker, position in zip(workers, positions, strict=True) if position is not None}

    async def _written_by(self, worker: Worker) -> int | None:
        """The newest id of a worker; None when it has ended: its file then says whether entries are missing."""
        try:
            return int((await self._team.talk.ask(worker, "GET", "journal"))["position"])
        except NoAnswerError as error:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await worker.process.wait()
                    return None
            raise Problem(JOURNAL_UNAVAILABLE, str(error)) from error

    async def clear(self, request: web.Request) -> Answer:
        """Drop entries in every worker. Raises Problem."""
        workers = self._team.running()
        if not workers:
            raise Problem(NO_WORKER)
        first, *others = workers
        answer = await self._asked(first, request)
        if answer.status != 200:
            return answer
        tenant = {"tenant": request.query["tenant"]} if "tenant" in request.query else {}
        try:
            cleared = await asyncio.gather(
                *(self._team.talk.ask(other, "DELETE", "journal", query=tenant) for other in others)
            )
        except NoAnswerError as error:
            raise Problem(WORKERS_DIFFER, f"{error}: it may still have entries; ask again") from error
        return answer.with_facts(entries=answer.facts()["entries"] + sum(one["entries"] for one in cleared))

    async def wait(self, request: web.Request) -> Answer:
        """Answer when the n-th match is there, whichever worker got it, or when the time is up. Raises Problem."""
        loop = asyncio.get_running_loop()
        seconds = _seconds(request)
        deadline = loop.time() + (seconds or 0.0)
        while True:
            joined = self._team.joined
            positions = await self.written()
            if not positions:
                raise Problem(NO_WORKER)
            left = deadline - loop.time()
            look = None if seconds is None else {"timeout_seconds": "0"}
            answer = await self._asked(next(iter(positions)), request, look)
            if answer.status != 200 or answer.facts()["matched"] or left <= 0:
                return answer
            await self._next_arrival(request, positions, joined, left)

    async def _asked(self, worker: Worker, request: web.Request, query: dict[str, str] | None = None) -> Answer:
        try:
            return await self._team.talk.whole(worker, request, query)
        except (NotReachedError, NoAnswerError) as error:
            raise Problem(NO_WORKER, str(error)) from error

    async def _next_arrival(
        self, request: web.Request, positions: dict[Worker, int], joined: asyncio.Event, seconds: float
    ) -> None:
        """Wait until a worker gets a match after its position, until a worker joins, or until the time is up."""
        tasks = [asyncio.create_task(self._arrival(request, *known, seconds)) for known in positions.items()]
        tasks.append(asyncio.create_task(_waited(joined, seconds)))
        try:
            for done in asyncio.as_completed(tasks):
                if await done:
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _arrival(self, request: web.Request, worker: Worker, position: int, seconds: float) -> bool:
        query = {name: value for name, value in request.query.items() if name != "n"}
        after = max(position, int(query.get("after", 0)))
        query |= {"after": str(after), "timeout_seconds": str(seconds)}
        try:
            limit = seconds + OWN_SECONDS
            facts = await self._team.talk.ask(worker, "GET", "journal/arrived", query=query, seconds=limit)
        except NoAnswerError:
            await worker.process.wait()  # the others are waited for meanwhile, and a new worker joins
            return True
        return bool(facts["arrived"])


async def _waited(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _seconds(request: web.Request) -> float | None:
    """How long the caller wants to wait; None for a value that the worker is to refuse."""
    given = request.query.getall("timeout_seconds", [])
    try:
        seconds = float(given[0]) if given else _WAIT_SECONDS
    except ValueError:
        return None
    return seconds if len(given) < 2 and 0 <= seconds <= _LONGEST_WAIT else None
