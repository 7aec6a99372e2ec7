"""Runs golden cases against a gateway in this process: arranges the state, sends, compares answer and state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp.test_utils import TestClient

from gateway.core.commands import ANYTHING, CreateSeries, Issue, ListSeries, SetNext, UpdateSeries
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesView, TenantId, document_kind
from gateway.testing.golden import GoldenCase, differences, earlier, send
from tests.conftest import MakeGateway, base_url, only

TENANT = TenantId("demo")
TEST = Origin("test", "golden", "")


async def run_case(
    make_gateway: MakeGateway, dialect: str, case: GoldenCase, bearer: Any = None, obtain: Any = None
) -> None:
    """Run one case; `bearer(client, name)` and `obtain(client, name)` get the tokens that the case names."""
    changes = only(dialect)
    changes["dialects"][dialect] = {"settings": dict(case.settings)}
    client = await make_gateway(changes)
    await arrange(client, case.given)
    token = await bearer(client, case.bearer) if case.bearer else ""
    address = base_url(client)
    tokens = {name: await obtain(client, name) for name in case.tokens}
    for step in earlier(case):
        before = await send(client.session, address, step, token, tokens)
        assert before.status == step.status, before.body
    answer = await send(client.session, address, case, token, tokens)
    found = differences(case, answer, address) + await state_differences(client, case.state)
    assert not found, "\n".join([case.title, *found])


def _table(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {"invoice": value}


async def _views(client: TestClient) -> dict[str, SeriesView]:
    store = client.server.gateway.store
    views = (await store.read(ListSeries(TENANT))).views
    return {view.series.key: view for view in views} | {view.series.name: view for view in views}


async def arrange(client: TestClient, given: Mapping[str, Any]) -> None:
    """Bring the tenant's series into the given state through ordinary commands; a series not configured is created."""
    store = client.server.gateway.store
    for key, value in given.items():
        table = _table(value)
        if key not in await _views(client):
            await store.execute(CreateSeries(TENANT, key, TEST, key=key))
        series = (await _views(client))[key].series
        affixes = {name: table.pop(name) for name in ("prefix", "suffix", "name") if name in table}
        count = table.pop("issued", 0)
        for number in range(count):
            await store.execute(
                Issue(TENANT, CounterKey(series.id, INVOICE), f"given-{number}", "given", TEST, start_if_unset=1)
            )
        for kind, number in table.items():
            counter = CounterKey(series.id, document_kind(kind))
            await store.execute(SetNext(TENANT, counter, None if number == "unset" else number, ANYTHING, TEST))
        if affixes:
            await store.execute(UpdateSeries(TENANT, series.id, ANYTHING, TEST, **affixes))


async def state_differences(client: TestClient, expected: Mapping[str, Any]) -> list[str]:
    """Where the numbers stand after the case, compared with what it expects."""
    found = []
    views = await _views(client) if expected else {}
    for key, value in expected.items():
        if key not in views:
            found.append(f"no series {key}; there are {sorted(views)}")
            continue
        view = views[key]
        for name, wanted in _table(value).items():
            if name in {"prefix", "suffix", "name"}:
                actual: Any = getattr(view.series, name)
            elif name == "default":
                actual = view.series.is_default
            else:
                number = view.next_number(document_kind(name))
                actual = "unset" if number is None else number
            if actual != wanted:
                found.append(f"{key} {name}: {actual!r}, expected {wanted!r}")
    return found
