"""What the workers have in common, when one of them refuses, ends or joins late. The workers are servers in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.admin.api import ROUTES, common_problems
from gateway.admin.guesses import AdminGuesses
from gateway.admin.problems import NO_WORKER, WORKERS_DIFFER
from gateway.server.supervisor.admin import AdminFront
from gateway.server.supervisor.merging import merged_health
from gateway.server.supervisor.talk import Answer, NoAnswerError, Talk
from gateway.server.supervisor.team import Team
from gateway.server.supervisor.workers import Worker
from gateway.spi.guessing import Guesses, GuessLimits
from tests.admin.paths import path_of
from tests.until import until


class Process:
    """A process that ends when the test says so."""

    def __init__(self) -> None:
        self.returncode: int | None = None
        self.ended = asyncio.Event()

    def end(self) -> None:
        self.returncode = -9
        self.ended.set()

    async def wait(self) -> int:
        await self.ended.wait()
        return -9


class Stand:
    """Stands in for a worker. What it has in common with others is one list of rules.

    matched: what all of them say when they look for a match in the journal.
    refuses: it answers the supervisor with a problem.
    breaks: it ends before it answers a caller.
    forgot: tenants whose answers it has forgotten.
    arrived: set when it has a journal entry for which somebody waits.
    """

    matched = False

    def __init__(self) -> None:
        self.rules: list[str] = []
        self.refuses = False
        self.breaks = False
        self.forgot: list[str] = []
        self.asked: list[str] = []
        self.secrets: set[str] = set()
        self.process = Process()
        self.arrived = asyncio.Event()
        application = web.Application()
        application.router.add_get("/worker/state", self._state)
        application.router.add_put("/worker/state", self._take)
        application.router.add_get("/worker/journal", self._written)
        application.router.add_delete("/worker/journal", self._written)
        application.router.add_get("/worker/journal/arrived", self._wait)
        application.router.add_route("*", "/{path:.*}", self._carry_out)
        self.server = TestServer(application)

    async def worker(self, number: int) -> Worker:
        await self.server.start_server()
        url = str(self.server.make_url("")).rstrip("/")
        return Worker(number, cast("asyncio.subprocess.Process", self.process), url, data_url="http://data")

    def _check(self, request: web.Request) -> None:
        self.secrets.add(request.headers["X-Supervisor-Secret"])
        if self.refuses:
            raise web.HTTPInternalServerError(text="cannot")

    async def _state(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response({"rules": self.rules})

    async def _take(self, request: web.Request) -> web.Response:
        self._check(request)
        handover = await request.json()
        self.rules = list((handover["state"] or {"rules": []})["rules"])
        self.forgot += [handover["forget"]] if handover["forget"] else []
        return web.json_response({})

    async def _written(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response({"position": 0})

    async def _wait(self, request: web.Request) -> web.Response:
        self._check(request)
        await self.arrived.wait()
        return web.json_response({"arrived": True})

    async def _carry_out(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        self.secrets.update(request.headers.getall("X-Supervisor-Secret"))
        if request.headers.get("Authorization") == "wrong":
            raise web.HTTPUnauthorized
        if request.method == "POST":
            self.rules.append((await request.read()).decode() or "rule")
        if self.breaks:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"host": request.host, "path": request.raw_path, "matched": Stand.matched})


class Yard:
    """A team with its admin port. waits: for how long refusals of wrong tokens would have been held back."""

    def __init__(self, team: Team, client: TestClient, waits: list[float]) -> None:
        self.team = team
        self.client = client
        self.waits = waits
        self.stands: list[Stand] = []

    async def join(self, number: int) -> Stand:
        stand = Stand()
        await self.team.welcome(await stand.worker(number))
        self.stands.append(stand)
        return stand

    async def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any]:
        async with self.client.request(method, path, data=body or None, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None) if answer.status != 401 else None

    async def rules(self) -> list[list[str]]:
        return [stand.rules for stand in self.stands]


@pytest.fixture
async def yard(aiohttp_client: Callable[..., Awaitable[TestClient]]) -> AsyncIterator[Yard]:
    async with Talk("the secret") as talk:
        team = Team(talk)
        waits: list[float] = []

        async def wait(seconds: float, _: asyncio.Event) -> None:
            waits.append(seconds)

        slowed = AdminGuesses(Guesses(GuessLimits(failures_per_minute=1), wait=wait), ())
        yard = Yard(team, await aiohttp_client(TestServer(AdminFront(team, slowed).application())), waits)
        yield yard
        for stand in yard.stands:
            await stand.server.close()


async def test_a_change_is_taken_over_by_all(yard: Yard) -> None:
    one, two = await yard.join(1), await yard.join(2)
    assert (await yard.ask("POST", "/v1/faults", "a"))[0] == 200
    assert await yard.rules() == [["a"], ["a"]]
    assert (one.asked, two.asked) == (["/v1/faults"], [])
    assert one.secrets == two.secrets == {"the secret"}
    late = await yard.join(2)
    assert late.rules == ["a"]


async def test_a_refused_change_is_not_taken_over(yard: Yard) -> None:
    _, two = await yard.join(1), await yard.join(2)
    two.refuses = True
    assert (await yard.ask("POST", "/v1/faults", "a", Authorization="wrong"))[0] == 401
    assert two.secrets == {"the secret"}  # from its welcome


async def test_wrong_tokens_are_slowed_down_whichever_worker_refuses_them(yard: Yard) -> None:
    await yard.join(1)
    await yard.join(2)
    for method, path in (("POST", "/v1/faults"), ("GET", "/metrics"), ("GET", "/v1/tenants"), ("GET", "/v1/tenants")):
        assert (await yard.ask(method, path, Authorization="wrong"))[0] == 401
    assert yard.waits == [0.25, 0.5, 1.0]
    assert (await yard.ask("GET", "/v1/tenants"))[0] == 200
    assert len(yard.waits) == 3


async def test_a_worker_that_does_not_take_over_is_reported_and_catches_up(yard: Yard) -> None:
    _, two = await yard.join(1), await yard.join(2)
    two.refuses = True
    status, problem = await yard.ask("POST", "/v1/faults", "a")
    assert (status, problem["type"]) == (503, "urn:invoice-gateway:problem:workers-differ")
    assert "worker 2" in problem["detail"]
    assert await yard.rules() == [["a"], []]
    two.refuses = False
    assert (await yard.ask("POST", "/v1/faults", "b"))[0] == 200
    assert await yard.rules() == [["a", "b"]] * 2


async def test_a_worker_that_lags_carries_out_no_change(yard: Yard) -> None:
    one, two = await yard.join(1), await yard.join(2)
    two.refuses = True
    await yard.ask("POST", "/v1/faults", "a")
    one.process.end()
    status, problem = await yard.ask("POST", "/v1/faults", "b")
    assert (status, problem["type"]) == (503, "urn:invoice-gateway:problem:no-worker")
    two.refuses = False
    assert (await yard.ask("POST", "/v1/faults", "b"))[0] == 200
    assert two.rules == ["a", "b"]


async def test_a_worker_that_ends_is_no_obstacle(yard: Yard) -> None:
    _, two = await yard.join(1), await yard.join(2)
    two.process.end()
    await two.server.close()
    assert (await yard.ask("POST", "/v1/faults", "a"))[0] == 200


async def test_a_change_of_unknown_outcome_is_taken_back_and_reported(yard: Yard) -> None:
    one, two = await yard.join(1), await yard.join(2)
    one.breaks = True
    status, problem = await yard.ask("POST", "/v1/faults", "a")
    assert (status, problem["type"]) == (503, "urn:invoice-gateway:problem:workers-differ")
    assert one.rules == two.rules == []


async def test_a_change_that_nobody_can_take_over_is_reported(yard: Yard) -> None:
    one, two = await yard.join(1), await yard.join(2)
    one.refuses = True
    status, problem = await yard.ask("POST", "/v1/faults", "a")
    assert (status, problem["type"]) == (503, "urn:invoice-gateway:problem:workers-differ")
    one.refuses = False
    assert (await yard.ask("POST", "/v1/faults", "b"))[0] == 200
    assert one.rules == two.rules == ["b"]  # what was reported as not taken over is gone


async def test_a_worker_that_cannot_take_over_does_not_join(yard: Yard) -> None:
    stand = Stand()
    stand.refuses = True
    with pytest.raises(NoAnswerError, match="worker 1: cannot"):
        await yard.team.welcome(await stand.worker(1))
    assert yard.team.newest() == []
    assert (await yard.ask("GET", "/v1/tenants"))[0] == 503
    await stand.server.close()


async def test_answers_of_a_tenant_are_forgotten_by_all_others(yard: Yard) -> None:
    _, two = await yard.join(1), await yard.join(2)
    await yard.ask("POST", "/v1/tenants/a%20b/reset")
    await yard.ask("PATCH", "/v1/tenants/c")
    assert two.forgot == ["a b"]


async def test_the_next_worker_answers_for_one_that_cannot_be_reached(yard: Yard) -> None:
    one, two = await yard.join(1), await yard.join(2)
    await one.server.close()
    for _ in range(4):
        assert (await yard.ask("GET", "/v1/tenants"))[0] == 200
    assert len(two.asked) == 4


async def test_a_change_whose_answer_is_lost_is_not_sent_twice(yard: Yard) -> None:
    one, two = await yard.join(1), await yard.join(2)
    one.breaks = two.breaks = True
    status, problem = await yard.ask("POST", "/v1/tenants", "a")
    assert status == 503
    assert "it may have carried out the request" in problem["detail"]
    assert len(one.asked) + len(two.asked) == 1


async def test_what_the_caller_sent_is_passed_on_as_it_is(yard: Yard) -> None:
    await yard.join(1)
    status, facts = await yard.ask("GET", "/v1/tenants/a%2Fb?c=%26&d=+", Host="gateway.example")
    assert status == 200
    assert (facts["host"], facts["path"]) == ("gateway.example", "/v1/tenants/a%2Fb?c=%26&d=+")


async def test_an_answer_waits_for_what_all_workers_have_recorded(yard: Yard) -> None:
    one, two = await yard.join(1), await yard.join(2)
    two.refuses = True
    asked = asyncio.create_task(yard.ask("GET", "/v1/requests"))
    await until(lambda: len(two.secrets) == 1)
    two.process.end()
    assert (await asked)[0] == 200
    assert one.asked + two.asked == ["/v1/requests"]


@pytest.mark.parametrize("dies", [True, False])
async def test_a_wait_is_also_for_matches_of_a_worker_that_joins(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    one, two = await yard.join(1), await yard.join(2)
    waiting = asyncio.create_task(yard.ask("GET", "/v1/requests/wait?timeout_seconds=240"))
    await until(lambda: one.asked + two.asked != [])
    if dies:
        two.process.end()
        two.arrived.set()  # as its journal does when it is closed
        await two.server.close()
    three = await yard.join(2)
    monkeypatch.setattr(Stand, "matched", True)
    three.arrived.set()
    assert (await waiting)[1]["matched"]
    one.arrived.set()
    two.arrived.set()


async def test_every_operation_needs_a_worker(yard: Yard) -> None:
    for route in ROUTES:
        assert NO_WORKER in common_problems(route)
        status, problem = await yard.ask(route.method, path_of(route))
        assert (status, problem["type"]) == (503, NO_WORKER.type), route.name


async def test_every_change_of_what_is_common_says_who_has_not_taken_it_over(yard: Yard) -> None:
    _, two = await yard.join(1), await yard.join(2)
    two.refuses = True
    common = {route.name for route in ROUTES if WORKERS_DIFFER in common_problems(route)}
    for route in (route for route in ROUTES if route.changes):
        status, answer = await yard.ask(route.method, path_of(route))
        assert (status == 503) is (route.name in common), route.name
        assert route.name not in common or (answer["type"] == WORKERS_DIFFER.type and "worker 2" in answer["detail"])


def test_health_is_added_up() -> None:
    def facts(status: str, seconds: float, count: int) -> Answer:
        body = f'{{"status":"{status}","uptime_seconds":{seconds},"dialects":[{{"name":"a","in_flight":{count}}}]}}'
        return Answer(200, (), body.encode())

    merged = merged_health([facts("ready", 5, 2), facts("ready", 7, 3)]).facts()
    assert merged == {"status": "ready", "uptime_seconds": 7, "dialects": [{"name": "a", "in_flight": 5}]}
    assert merged_health([facts("ready", 5, 2), facts("degraded", 7, 3)]).facts()["status"] == "degraded"
    assert merged_health([Answer(503, (), b""), facts("ready", 7, 3)]).facts()["status"] == "degraded"
    assert merged_health([Answer(503, (), b"")]).status == 503
