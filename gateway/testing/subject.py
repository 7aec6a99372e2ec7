"""A dialect under test: its kit, with what several tests need worked out once, and how tests talk to it."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Coroutine
from functools import cache, cached_property
from typing import Any, TypeVar

import pytest

from gateway.spi.adapter import Call, Reply
from gateway.spi.trace import Trace
from gateway.testing.golden import GoldenCase
from gateway.testing.profile import WireRequest
from gateway.testing.soundness import faults_of, secrets_in
from gateway.testing.workbench import Bench, Kit, call_of

T = TypeVar("T")


class Subject(Kit):
    """A kit with what several tests need, worked out once."""

    @cached_property
    def claimed(self) -> list[GoldenCase]:
        """The cases that the dialect claims."""
        dialect = self.bench().dialect
        return [case for case in self.cases if dialect.claims(case.path.partition("?")[0])]

    @cached_property
    def paths(self) -> list[str]:
        """The paths of all cases, each once."""
        return list(dict.fromkeys(case.path.partition("?")[0] for case in self.cases))

    @cached_property
    def secrets(self) -> list[str]:
        """The secrets of all tenants."""
        found = {secret for bound in self.bench().bindings for secret in secrets_in(bound.binding)}
        return sorted(found, key=len, reverse=True)

    @cached_property
    def changes(self) -> list[GoldenCase]:
        """One case that changes something, for each operation that can."""
        found: dict[str, GoldenCase] = {}
        for case in self.claimed:
            operation = self.profile.operation_of(case)
            if operation in found or case.status >= 400 or case.before or self.profile.is_reading(case):
                continue
            if run(traced(self.bench(case.settings), case)).committed:
                found[operation] = case
        return list(found.values())


@cache
def subject_of(name: str) -> Subject:
    """The subject of an installed dialect, made once."""
    return Subject(name)


@cache
def _runner() -> asyncio.Runner:
    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine, all of them in one event loop; the suite needs no asynchronous test plug-in."""
    return (
        _runner().get_loop().run_until_complete(work)
    )  # `Runner.run` takes SIGINT over each time, which costs as much again


async def traced(bench: Bench, case: GoldenCase) -> Trace:
    await bench.arrange(case.given)
    _, trace = await bench.trace(bench.call(await bench.ready(case)))
    return trace


def check(condition: bool, otherwise: str) -> None:
    """Fails the test with a sentence: the suite's own assertions are not rewritten by pytest."""
    if not condition:
        pytest.fail(otherwise, pytrace=False)


def check_sound(reply: Reply, what: str) -> None:
    faults = list(faults_of(reply))
    check(not faults, f"{what}: {'; '.join(faults)}")


def call_to(path: str, query: str = "", method: str = "GET") -> Call:
    """A request of nobody in particular."""
    case = WireRequest(method, f"{path}?{query}" if query else path).as_case()
    return call_of(case, "r-0")
