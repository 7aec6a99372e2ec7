"""The dialect alone, without HTTP: sessions are in a dictionary, the clock moves only by hand, and there is no service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from multidict import CIMultiDict

from adapters.twentyfoursevenoffice.auth import Directory
from adapters.twentyfoursevenoffice.authenticate import Authenticate
from adapters.twentyfoursevenoffice.routes import TwentyFourSevenOffice, adapter
from adapters.twentyfoursevenoffice.sessions import Sessions
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from gateway.core.values import SeriesId, TenantId
from gateway.spi.adapter import Bound, Call, Context
from tests.adapters.twentyfoursevenoffice.tenants import PATH, TENANTS

NOON = datetime(2020, 12, 24, 12, 0, tzinfo=UTC)


class NoService:
    """Fails the test: the dialect called the service although it should have answered the request by itself."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the service was asked to {name}")


@dataclass
class Clock:
    """The time of all tenants."""

    time: datetime = NOON

    def now(self, tenant: TenantId | None = None) -> datetime:
        return self.time

    def later(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Vault:
    """Implements the token vault; a write takes a turn of the event loop, as in a real vault."""

    clock: Clock
    kept: dict[tuple[str, str], tuple[TenantId, dict[str, Any], datetime]] = field(default_factory=dict)
    writes: int = 0

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        self.writes += 1
        await asyncio.sleep(0)
        self.kept[kind, token] = (tenant, dict(facts), expires)

    async def replace(self, kind: str, token: str, *given: Any) -> bool:
        if (kind, token) not in self.kept:
            return False
        await self.put(kind, token, *given)
        return True

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        known = self.kept.get((kind, token))
        return None if known is None or known[2] <= self.clock.now() else (known[0], known[1])

    async def prolong(self, kind: str, token: str, expires: datetime, slack: timedelta) -> None:
        if await self.get(kind, token) is None or expires - self.kept[kind, token][2] < slack:
            return
        self.writes += 1
        await asyncio.sleep(0)
        self.kept[kind, token] = (*self.kept[kind, token][:2], expires)

    async def drop(self, kind: str, token: str) -> bool:
        return self.kept.pop((kind, token), None) is not None


def bindings(tenants: list[dict[str, Any]] | None = None) -> tuple[Bound[Binding], ...]:
    """The tenants of the golden cases, or others."""
    return tuple(
        Bound(
            TenantId(tenant["id"]),
            Binding.model_validate(tenant["twentyfoursevenoffice"]),
            {series["key"]: SeriesId(at) for at, series in enumerate(tenant["series"], start=1)},
        )
        for tenant in tenants or TENANTS
    )


@dataclass
class Bench:
    """The parts of a dialect on one vault and clock."""

    clock: Clock
    vault: Vault
    context: Context[Settings, Binding]
    directory: Directory
    sessions: Sessions
    authenticate: Authenticate

    @property
    def dialect(self) -> TwentyFourSevenOffice:
        context: Any = self.context
        return adapter.build(context)


def make_bench(tenants: list[dict[str, Any]] | None = None, vault: Vault | None = None, **settings: Any) -> Bench:
    """A dialect with the given settings, on a vault of its own or on one that another dialect has used before."""
    clock = vault.clock if vault else Clock()
    nothing: Any = NoService()
    kept = vault or Vault(clock)
    context = Context(Settings.model_validate(settings), bindings(tenants), nothing, kept, clock)
    directory = Directory(context.bindings, context.settings)
    sessions = Sessions(context, directory)
    return Bench(clock, kept, context, directory, sessions, Authenticate(directory, sessions))


def make_call(
    method: str = "POST", path: str = PATH, query: str = "", body: bytes = b"", cookie: str = "", **headers: str
) -> Call:
    """A request in the form in which the data port hands it over."""
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    if cookie:
        named["Cookie"] = f"ASP.NET_SessionId={cookie}"
    return Call(method, path, query, named, body, "http://127.0.0.1:7070", "r-1")
