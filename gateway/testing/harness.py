"""One installed dialect on the sequence service in memory, with the tenants of its golden cases: no server, no database.

A `Kit` is what is known of a dialect before it is built. A `Bench` is the dialect, built. A `Subject` is a kit with what
several tests need, worked out once. Tests talk to it by the functions at the end.

A package from elsewhere needs only its entry point and its folder of cases with a `profile.toml`.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Coroutine, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import BaseModel

from gateway.config.catalogue import CatalogueSection
from gateway.config.model import TenantSection
from gateway.config.process import LimitsSection
from gateway.config.validated import load_catalogue
from gateway.core.commands import SaveCatalogue
from gateway.core.values import Origin, SeriesId, TenantId
from gateway.spi.adapter import Adapter, Bound, Call, Context, Dialect, Failure, Reply
from gateway.spi.exchange import Exchange
from gateway.spi.hosts import vendor_hosts
from gateway.spi.pages import Pages, is_reserved
from gateway.spi.reading import body_limit_of
from gateway.spi.registry import installed_adapters, load_adapter
from gateway.spi.trace import Trace
from gateway.spi.watch import Watch
from gateway.testing.golden import (
    Answer,
    BrokenCase,
    CaseError,
    GoldenCase,
    read_cases,
    usable,
    with_tokens,
)
from gateway.testing.line_state import arrange
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore, MemoryVault
from gateway.testing.profile import Profile, WireRequest, cases_folder, load_profile
from gateway.testing.response_checks import faults_of, secrets_in

BASE_URL = "http://127.0.0.1:7070"
_MOST_BYTES = LimitsSection().max_body_bytes
T = TypeVar("T")


@cache
def _catalogue(path: Path) -> CatalogueSection:
    """Read once: a bench is made for each case."""
    return load_catalogue(path)


class Kit:
    """What is known about an installed dialect before it is built: adapter, cases, profile. Raises CaseError.

    found: every case, in the order of their paths: the usable ones are `cases`, the others `broken`.
    """

    def __init__(self, name: str) -> None:
        points = installed_adapters()
        if name not in points:
            raise CaseError(f"no dialect {name!r} is installed; installed: {', '.join(sorted(points))}")
        self.name = name
        self.point = points[name]
        self.adapter: Adapter = load_adapter(self.point)
        folder = cases_folder(self.point)
        self.profile = Profile(Path()) if folder is None else load_profile(folder)
        self.found: Sequence[GoldenCase | BrokenCase] = () if folder is None else read_cases(folder)
        self.cases: Sequence[GoldenCase] = usable(self.found)
        self.broken: Sequence[BrokenCase] = [case for case in self.found if isinstance(case, BrokenCase)]

    def catalogue_of(self, section: TenantSection) -> CatalogueSection | None:
        """The catalogue that a tenant of the profile begins with. Raises ConfigError."""
        if section.catalogue_file:
            return _catalogue(self.profile.folder / section.catalogue_file)
        return section.catalogue

    def bench(self, settings: Mapping[str, Any] | None = None) -> Bench:
        """The dialect built with settings, on numbers of its own."""
        return Bench(self, settings or {})


class Bench:
    """A dialect with the numbers, clock and vault it needs. `answer` sends it a request as the data port would."""

    def __init__(
        self, kit: Kit, settings: Mapping[str, Any], tenants: Sequence[Mapping[str, Any]] | None = None
    ) -> None:
        self.kit = kit
        self.clock = HandClock()
        self.store = MemoryStore(MemoryState(self.clock))
        self.watch = Watch()
        raw = kit.profile.tenants if tenants is None else tenants
        self.sections = [TenantSection.model_validate(dict(tenant)) for tenant in raw]
        vault = MemoryVault(self.clock)
        self.bindings = self._bound()
        chosen = kit.adapter.Settings.model_validate(dict(settings))
        context: Context[BaseModel, BaseModel] = Context(
            settings=chosen,
            bindings=self.bindings,
            service=self.watch.watched_service(self.store),
            vault=self.watch.watched_vault(vault),
            clock=self.clock,
            hosts=tuple(vendor_hosts(kit.adapter, chosen)),
        )
        self.dialect: Dialect = kit.adapter.build(context)
        self.exchange = Exchange(kit.name, self.dialect, deadline_seconds=30, max_in_flight=100, watch=self.watch)
        self.pages = Exchange(kit.name, Pages(lambda: self.dialect), 30, 100, watch=self.watch)
        self._requests = 0
        self._tokens: dict[str, str] = {}

    @property
    def tenant(self) -> TenantId:
        """The tenant that cases arrange."""
        return TenantId(self.sections[0].id)

    def _bound(self) -> list[Bound[BaseModel]]:
        found: list[Bound[BaseModel]] = []
        for section in self.sections:
            tenant = TenantId(section.id)
            series = self.store.provision(tenant, [item.key for item in section.series])
            self._seed(tenant, section)
            raw = (section.model_extra or {}).get(self.kit.name)
            if raw is not None:
                found.append(Bound(tenant, self.kit.adapter.Binding.model_validate(raw), series))
        return found

    def _seed(self, tenant: TenantId, section: TenantSection) -> None:
        catalogue = self.kit.catalogue_of(section)
        if catalogue is not None:
            by = Origin("test", "catalogue", "")
            self.store.state.run(SaveCatalogue(tenant, by, items=tuple(catalogue.items())))

    def series(self, key: str) -> SeriesId:
        """The id of a series of the tenant that cases arrange."""
        return self.store.provision(self.tenant, [key])[key]

    def call(self, case: GoldenCase) -> Call:
        """A case's request as the data port hands it over. Its tokens must be in their places."""
        self._requests += 1
        return call_of(case, f"r-{self._requests}")

    def tokens(self) -> list[str]:
        """The tokens obtained so far."""
        return list(self._tokens.values())

    async def arrange(self, given: Mapping[str, Any]) -> None:
        """Bring the first tenant's series into a state."""
        await arrange(self.store, self.tenant, given)

    async def ready(self, case: GoldenCase) -> GoldenCase:
        """The case with real tokens in it."""
        for name in case.tokens | ({case.bearer} if case.bearer else set()):
            if name not in self._tokens:
                self._tokens[name] = await self._obtain(name)
        return with_tokens(case, self._tokens, self._tokens[case.bearer] if case.bearer else "")

    async def _obtain(self, name: str) -> str:
        request = self.kit.profile.tokens.get(name)
        if request is None or request.find is None:
            raise CaseError(f"{self.kit.profile.folder}: profile.toml does not say how the token {name!r} is obtained")
        _, values = await self.ask(request)
        if "value" not in values:
            raise CaseError(f"{self.kit.name}: no token {name!r} was obtained")
        return values["value"]

    async def ask(self, request: WireRequest) -> tuple[Reply, dict[str, str]]:
        """Send one of the profile's requests; the answer, and what was found in it."""
        reply = await self.run(self.call(await self.ready(request.as_case())))
        return reply, request.found_in(reply.status, reply.body)

    async def run(self, call: Call) -> Reply:
        """Answer a call. There is an answer for everything, failures included."""
        exchange = self.pages if is_reserved(call.path) else self.exchange
        if len(call.body) > body_limit_of(exchange.dialect, _MOST_BYTES):  # the data port does not hand it over
            return exchange.failed(call, Failure.BODY_TOO_LARGE)
        return await exchange.run(call)

    async def answer(self, case: GoldenCase) -> tuple[Call, Answer]:
        """Send a case. Returns the call, as the dialect has left it, and the answer."""
        call = self.call(await self.ready(case))
        reply = await self.run(call)
        return call, answer_of(call, reply)

    async def trace(self, call: Call) -> tuple[Reply, Trace]:
        """Answer a call while watching what it does to the core."""
        self.watch.recording = True
        self.watch.refresh()
        reply = await self.run(call)
        return reply, call.trace or Trace()


def call_of(case: GoldenCase, request_id: str) -> Call:
    """A case's request as the data port hands it over."""
    path, _, query = case.path.partition("?")
    headers = CIMultiDictProxy(CIMultiDict({"Host": BASE_URL.removeprefix("http://"), **case.headers}))
    body = case.body or b""
    return Call(case.method, path, query, headers, body, BASE_URL, request_id, remote="127.0.0.1", has_body=bool(body))


def answer_of(call: Call, reply: Reply) -> Answer:
    """A reply as a client sees it."""
    bodiless = call.method == "HEAD" or reply.status in {204, 304}
    headers = CIMultiDictProxy(CIMultiDict(reply.headers))
    return Answer(reply.status, headers, b"" if bodiless else reply.body)


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
    """Run a coroutine. All of them share one event loop, and the suite needs no asynchronous test plug-in."""
    # `Runner.run` would take over SIGINT each time, which costs as much again
    return _runner().get_loop().run_until_complete(work)


async def traced(bench: Bench, case: GoldenCase) -> Trace:
    await bench.arrange(case.given)
    _, trace = await bench.trace(bench.call(await bench.ready(case)))
    return trace


def check(condition: bool, otherwise: str) -> None:
    """Fails the test with a sentence: the suite's own assertions are not rewritten by pytest."""
    if not condition:
        import pytest  # noqa: PLC0415 - the admin port and `conform` use this module where pytest is not installed

        pytest.fail(otherwise, pytrace=False)


def check_sound(reply: Reply, what: str) -> None:
    faults = list(faults_of(reply))
    check(not faults, f"{what}: {'; '.join(faults)}")


def call_to(path: str, query: str = "", method: str = "GET") -> Call:
    """A request of nobody in particular."""
    case = WireRequest(method, f"{path}?{query}" if query else path).as_case()
    return call_of(case, "r-0")
