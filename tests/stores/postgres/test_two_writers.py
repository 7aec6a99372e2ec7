"""Two gateways work on one database at once, and the result is as if their commands had run one after the other."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.commands import Command, GetDocuments, ListSeries, SearchDocumentIds
from gateway.core.values import TenantId
from gateway.stores import open_store
from gateway.stores.postgres import PostgresStore
from tests import pg
from tests.core.memory_state import MemoryState
from tests.stores.commands import TENANT
from tests.stores.postgres.test_suite import run_on_empty
from tests.stores.test_documents_interleavings import COMMANDS as DOCUMENT_COMMANDS
from tests.stores.test_documents_interleavings import START as DOCUMENT_START
from tests.stores.test_documents_interleavings import Reread, StandingClock
from tests.stores.test_interleavings import COMMANDS, START, modelled, outcome, story

PROPERTY = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TENANTS = (TenantId("a"), TenantId("b"), TENANT)


def duels(commands: st.SearchStrategy[Command]) -> st.SearchStrategy[list[tuple[list[Command], list[Command]]]]:
    """Waves: the commands that each of the two gateways gets at the same time."""
    half = st.lists(commands, min_size=0, max_size=3)
    return st.lists(st.tuples(half, half), min_size=1, max_size=4)


def merged(left: list[int], right: list[int]) -> Iterator[list[int]]:
    """Every order of all commands that keeps the order on each side."""
    size = len(left) + len(right)
    for places in itertools.combinations(range(size), len(left)):
        lefts, rights = iter(left), iter(right)
        yield [next(lefts) if place in places else next(rights) for place in range(size)]


def copied(model: MemoryState) -> MemoryState:
    """A copy of a model: its collections are copied, the values in them never change."""
    other = MemoryState()
    vars(other).update({name: copy.copy(value) for name, value in vars(model).items()})
    other.entries = {chain: list(entries) for chain, entries in model.entries.items()}
    return other


def explanations(
    models: list[MemoryState], left: list[Command], right: list[Command], answers: list[Any]
) -> list[MemoryState]:
    """The states after every order of the commands that explains the answers."""
    commands = [*left, *right]
    mine, theirs = list(range(len(left))), list(range(len(left), len(commands)))
    found: list[MemoryState] = []
    for model in models:
        for order in merged(mine, theirs):
            trial = copied(model)
            if all(modelled(trial, commands[place]) == answers[place] for place in order):
                found.append(trial)
    return found


async def seen(store: PostgresStore) -> list[Any]:
    """What the store shows of every tenant's series and documents."""
    lists = []
    for tenant in TENANTS:
        views = (await store.read(ListSeries(tenant))).views
        ids = (await store.read(SearchDocumentIds(tenant))).ids
        documents = (await store.read(GetDocuments(tenant, ids))).documents
        lists.append(([(view.series, dict(view.counters)) for view in views], list(documents)))
    return lists


def shown(model: MemoryState) -> list[Any]:
    """The same for a model."""
    lists = []
    for tenant in TENANTS:
        own = [series for _, series in sorted(model.all_series.items()) if series.tenant == tenant]
        documents = [document for _, document in sorted(model.documents.items()) if document.tenant == tenant]
        lists.append(([(series, dict(model.counters(series.id))) for series in own], documents))
    return lists


def bound(items: Sequence[Command | Reread], model: MemoryState) -> list[Command]:
    return [item.bound(model) if isinstance(item, Reread) else item for item in items]


async def duel(url: str, waves: Sequence[Any], start: Sequence[Command | Reread], limit: int) -> None:
    stores = [open_store(url, clock=StandingClock()), open_store(url, clock=StandingClock())]
    models = [MemoryState()]
    try:
        for store in stores:
            store._groups.group_limit = limit
            await store.start()
        for wave in [(start, []), *waves]:
            left, right = (bound(side, models[0]) for side in wave)
            sides = [(stores[0], left), (stores[1], right)]
            tasks = [asyncio.ensure_future(store.execute(command)) for store, own in sides for command in own]
            answers = [outcome(answer) for answer in await asyncio.gather(*tasks, return_exceptions=True)]
            models = explanations(models, left, right, answers)
            assert models, f"no order explains {answers}"
            views = await seen(stores[len(left) % 2])
            models = [model for model in models if shown(model) == views]
            assert models, "no order leads to what is shown"
        entries = [entry async for entry in stores[0].ledger()]
        told_story = sorted(map(story, entries), key=repr)
        assert any(sorted(map(story, model.ledger()), key=repr) == told_story for model in models)
        assert await stores[1].verify() == (len(entries), [])
        assert sum(store.stats.replays for store in stores) == 0
    finally:
        for store in stores:
            await store.close()


@PROPERTY
@given(waves=duels(COMMANDS), limit=st.sampled_from([1, 2, 1024]))
def test_numbers(cluster: pg.Cluster, database: str, waves: list[Any], limit: int) -> None:
    run_on_empty(cluster, database, duel(cluster.url(database), waves, START, limit))


@PROPERTY
@given(waves=duels(DOCUMENT_COMMANDS), limit=st.sampled_from([1, 2, 1024]))
def test_documents(cluster: pg.Cluster, database: str, waves: list[Any], limit: int) -> None:
    run_on_empty(cluster, database, duel(cluster.url(database), waves, DOCUMENT_START, limit))
