"""The watch on a dialect's calls of the core: what it sees, what stops a call, and the cost of an unwatched call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateway.core.commands import ListSeries, SetNext, SetPolicy
from gateway.core.ports import StoreUnavailableError
from gateway.core.refusals import CounterUnset, Refused
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesId, TenantId
from gateway.spi.adapter import Call, Failed, Failure, Reply
from gateway.spi.exchange import Exchange
from gateway.spi.findings import NEAR_MISSES, Finding, tolerated
from gateway.spi.watch import Watch

DEMO = TenantId("demo")
LINE = CounterKey(SeriesId(1), INVOICE)
SET = SetNext(DEMO, LINE, 7, SetPolicy(), Origin("test", "t", "r"))
LIST = ListSeries(DEMO)


class Service:
    """A service that answers as the test sets it, with the methods that a dialect may use."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.asked: list[Any] = []

    async def _do(self, command: Any) -> str:
        self.asked.append(command)
        if self.error is not None:
            raise self.error
        return "result"

    async def execute(self, command: SetNext) -> str:
        return await self._do(command)

    async def read(self, query: ListSeries) -> str:
        return await self._do(query)

    def catalogue(self, tenant: TenantId) -> str:
        return f"catalogue of {tenant}"


@dataclass
class Toy:
    """A dialect that sends one command."""

    service: Any
    command: Any = SET
    findings: tuple[Finding, ...] = ()
    status: int = 200
    operations: tuple[Any, ...] = ()
    failed: list[Failure] = field(default_factory=list)

    def claims(self, path: str) -> bool:
        return True

    async def answer(self, call: Call) -> Reply:
        call.tenant = DEMO
        for finding in self.findings:
            call.found(finding)
        if self.command is SET:
            await self.service.execute(SET)
        elif self.command is LIST:
            await self.service.read(LIST)
        return Reply(self.status)

    def refuse(self, call: Call, refusal: Any) -> Reply:
        return Reply(409)

    def fail(self, call: Call, failure: Failure) -> Reply:
        self.failed.append(failure)
        return Reply(599)

    def endpoints(self, base_url: str, tenant: TenantId) -> tuple[Any, ...]:
        return ()


def call() -> Call:
    return Call("POST", "/p", "", CIMultiDictProxy(CIMultiDict()), b"", "http://h", "r-1")


def exchange(toy: Toy, watch: Watch, seconds: float = 30) -> Exchange:
    return Exchange("toy", toy, seconds, 5, watch=watch)


def watched(error: BaseException | None = None, **changes: Any) -> tuple[Exchange, Toy, Service, Watch]:
    watch = Watch()
    watch.recording = True
    watch.refresh()
    service = Service(error)
    toy = Toy(watch.watched_service(service), **changes)  # type: ignore[arg-type]
    return exchange(toy, watch), toy, service, watch


@pytest.mark.parametrize(
    ("error", "committed", "refusal", "name"),
    [
        (None, True, None, ""),
        (Refused(CounterUnset(LINE)), False, CounterUnset(LINE), ""),
        (StoreUnavailableError("full"), False, None, "StoreUnavailableError"),
        (StoreUnavailableError("torn", committed=None), None, None, "StoreUnavailableError"),
        (RuntimeError("bug"), None, None, "RuntimeError"),
    ],
)
async def test_each_outcome_of_a_command_is_told(
    error: BaseException | None, committed: bool | None, refusal: Any, name: str
) -> None:
    line, _, _, _ = watched(error)
    made = call()
    await line.run(made)
    assert made.trace is not None
    (step,) = made.trace.steps
    assert (step.command, step.committed, step.refusal, step.error) == (SET, committed, refusal, name)
    assert step.result == ("result" if error is None else None)
    assert (made.trace.committed, made.trace.uncertain) == (committed is True, committed is None)


@pytest.mark.parametrize("error", [None, StoreUnavailableError("x", committed=None), RuntimeError("bug")])
async def test_a_query_never_commits(error: BaseException | None) -> None:
    line, _, _, _ = watched(error, command=LIST)
    made = call()
    await line.run(made)
    assert made.trace is not None
    assert [step.committed for step in made.trace.steps] == [False]


async def test_a_command_that_outlives_the_deadline_is_uncertain() -> None:
    watch = Watch()
    watch.recording = True
    watch.refresh()

    class Slow(Service):
        async def execute(self, command: SetNext) -> str:
            await asyncio.Event().wait()
            return ""

    toy = Toy(watch.watched_service(Slow()))  # type: ignore[arg-type]
    made = call()
    await asyncio.create_task(exchange(toy, watch, 0.01).run(made))  # type: ignore[arg-type]
    assert toy.failed == [Failure.DEADLINE]
    assert made.trace is not None
    assert [(step.error, step.committed) for step in made.trace.steps] == [("CancelledError", None)]


async def test_nobody_watches_nobody_sees() -> None:
    watch = Watch()
    service = Service()
    made = call()
    assert (await exchange(Toy(watch.watched_service(service)), watch).run(made)).status == 200  # type: ignore[arg-type]
    assert made.trace is None
    assert service.asked == [SET]


async def test_the_catalogue_is_handed_through() -> None:
    service: Any = Watch().watched_service(Service())  # type: ignore[arg-type]
    assert service.catalogue(DEMO) == "catalogue of demo"


@pytest.mark.parametrize(
    "name",
    [
        *("peek_next", "get_series", "list_series", "get_documents", "search_documents", "search_document_ids"),
        *(
            "set_next",
            "create_series",
            "update_series",
            "set_default",
            "issue",
            "void",
            "save_documents",
            "save_catalogue",
        ),
    ],
)
async def test_dialects_of_the_first_version_find_the_methods_that_they_call(name: str) -> None:
    service = Service()
    watched_service: Any = Watch().watched_service(service)  # type: ignore[arg-type]
    assert await getattr(watched_service, name)(SET) == "result"
    assert service.asked == [SET]


@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("command", [SET, LIST, None])
async def test_strict_refuses_what_is_tolerated_and_only_that(finding: Finding, strict: bool, command: Any) -> None:
    line, toy, service, watch = watched(findings=(finding,), command=command)
    if strict:
        watch.strict.add(DEMO)
    made = call()
    reply = await line.run(made)
    refused = strict and finding not in NEAR_MISSES
    assert toy.failed == ([Failure.STRICT] if refused else [])
    assert (reply.status, made.outcome) == ((599, "strict") if refused else (200, ""))
    assert service.asked == ([] if refused or command is None else [command])


async def test_an_answer_that_is_an_error_anyway_stays_the_vendors() -> None:
    line, toy, _, watch = watched(findings=(Finding.UNKNOWN_MEMBER,), command=None, status=400)
    watch.strict.add(DEMO)
    assert (await line.run(call())).status == 400
    assert toy.failed == []


def test_a_profile_switches_the_watch_on_and_off() -> None:
    watch = Watch()
    watch.set_strict(DEMO, True)
    assert (watch.active, DEMO in watch.strict) == (True, True)
    watch.set_strict(DEMO, False)
    assert (watch.active, DEMO in watch.strict) == (False, False)


def test_details_belong_to_a_finding_and_are_cut() -> None:
    made = call()
    made.found(Finding.UNKNOWN_MEMBER, "x" * 1000)
    made.found(Finding.LENIENT_SYNTAX)
    assert made.findings == [f"unknown-member: {'x' * 100}", "lenient-syntax"]
    assert tolerated(made.findings)
    assert not tolerated(["wrong-namespace: peek"])
    assert not tolerated([])


def test_a_failure_carries_its_words() -> None:
    assert "strict profile" in str(Failed(Failure.STRICT))
