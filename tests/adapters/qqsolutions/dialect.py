"""The dialect alone, without HTTP: vault and clock are in memory, and by default any call of the service fails the test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from multidict import CIMultiDict, CIMultiDictProxy

from adapters.qqsolutions import adapter
from adapters.qqsolutions.routes import QQSolutions
from adapters.qqsolutions.settings import Binding, Settings
from gateway.core.values import SeriesId, TenantId
from gateway.spi.adapter import Bound, Call, Context, Reply

DEMO = {
    "clients": [{"id": "demo-client", "secret": "demo-secret"}],
    "users": [{"name": "demo", "password": "demo-secret"}],
    "locations": [{"id": "37", "series": "main"}],
}
FORM = "application/x-www-form-urlencoded"
INVOICES = "/v1/Locations/37/Finance/InvoiceNumbers"


class NoService:
    """Fails the test: the dialect asked for a number although it should have answered the request without one."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the service was asked to {name}")


class FixedClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = datetime(2024, 1, 1, tzinfo=UTC)

    def now(self, tenant: TenantId | None = None) -> datetime:
        return self.time

    def forward(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class MemoryVault:
    """Tokens in memory, which expire by the clock."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.kept: dict[tuple[str, str], tuple[TenantId, Mapping[str, Any], datetime]] = {}

    async def put(self, kind: str, token: str, tenant: TenantId, facts: Mapping[str, Any], expires: datetime) -> None:
        self.kept[kind, token] = tenant, dict(facts), expires

    async def replace(self, kind: str, token: str, *given: Any) -> bool:
        if (kind, token) not in self.kept:
            return False
        await self.put(kind, token, *given)
        return True

    async def get(self, kind: str, token: str) -> tuple[TenantId, Mapping[str, Any]] | None:
        found = self.kept.get((kind, token))
        return (found[0], found[1]) if found and found[2] > self._clock.now() else None

    async def prolong(self, *_: Any) -> None:
        raise AssertionError("an access token lives as long as it was said to")

    async def drop(self, kind: str, token: str) -> bool:
        return self.kept.pop((kind, token), None) is not None


def bound(tenant: str = "demo", **binding: Any) -> Bound[Any]:
    """The section of one tenant, which has the series main."""
    return Bound(TenantId(tenant), Binding.model_validate({**DEMO, **binding}), {"main": SeriesId(1)})


class Bench:
    """A dialect and the parts that it needs."""

    def __init__(self, *tenants: Bound[Any], vault: MemoryVault | None = None, **settings: Any) -> None:
        self.clock = FixedClock()
        self.vault = vault or MemoryVault(self.clock)
        nothing: Any = NoService()
        context: Context[Any, Any] = Context(
            Settings.model_validate(settings), tenants or (bound(),), nothing, self.vault, self.clock
        )
        self.dialect: QQSolutions = adapter.build(context)

    async def token(self, **form: str) -> tuple[int, dict[str, Any]]:
        """Ask the token endpoint as the demo client; returns the status and the members of the answer."""
        fields = {"client_id": "demo-client", "client_secret": "demo-secret", **form}
        reply = await self.dialect.answer(make_call("POST", "/oauth/token", body=urlencode(fields), content_type=FORM))
        return reply.status, json.loads(reply.body)

    async def user_token(self) -> str:
        """An access token of the demo user."""
        _, answer = await self.token(grant_type="password", username="demo", password="demo-secret")
        return str(answer["access_token"])


def make_call(
    method: str = "GET",
    path: str = INVOICES,
    query: str = "",
    body: str | bytes = b"",
    operation: str = "",
    **headers: str,
) -> Call:
    """A request in the form in which the data port hands it over."""
    named = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))
    data = body.encode() if isinstance(body, str) else body
    return Call(
        method, path, query, named, data, "http://127.0.0.1:7070", "r-1", has_body=bool(data), operation=operation
    )


def header(reply: Reply, name: str) -> str | None:
    """The value of a header of an answer."""
    return dict(reply.headers).get(name)
