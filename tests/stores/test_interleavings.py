"""Commands at the same time, in any groups: the store answers as if they came one after the other, and keeps the same state."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.commands import (
    Command,
    CreateSeries,
    GetSeries,
    Issue,
    ListSeries,
    MoveAhead,
    PeekNext,
    SetDefault,
    SetNext,
    SetPolicy,
    UpdateSeries,
    Void,
)
from gateway.core.ledger import Entry
from gateway.core.refusals import Refused
from gateway.core.results import NumberIssued
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, CounterKey, Origin, SeriesId, TenantId
from gateway.stores import DatabaseStore, open_store
from tests.core.memory_state import MemoryState
from tests.stores.commands import BY, LINE, TENANT, issue

TENANTS = st.sampled_from([TenantId("a"), TenantId("b")])
SERIES = st.integers(1, 4).map(SeriesId)
KINDS = st.sampled_from([INVOICE, CREDIT_NOTE])
LINES = st.builds(CounterKey, SERIES, KINDS)
NUMBERS = st.one_of(st.integers(0, 6), st.sampled_from([-1, MAX_NUMBER - 1, MAX_NUMBER, MAX_NUMBER + 1]))
MAYBE = st.one_of(st.none(), NUMBERS)
NAMES = st.sampled_from(["Main", "Side", "Ünïcode", "x"])
KEYS = st.sampled_from([f"key-{i}" for i in range(12)])
POLICIES = st.builds(SetPolicy, st.booleans(), st.booleans(), st.booleans(), st.frozensets(KINDS, max_size=1))
ORIGINS = st.builds(Origin, st.just("test"), NAMES, KEYS)
COUNTERS = st.dictionaries(KINDS, MAYBE)

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(Issue, TENANTS, LINES, KEYS, NAMES, ORIGINS, MAYBE),
    st.builds(Issue, TENANTS, LINES, KEYS, NAMES, ORIGINS, st.just(1)),
    st.builds(SetNext, TENANTS, LINES, MAYBE, POLICIES, ORIGINS),
    st.builds(MoveAhead, TENANTS, LINES, ORIGINS, ahead=st.integers(0, 3)),
    st.builds(MoveAhead, TENANTS, LINES, ORIGINS, next_number=NUMBERS),
    st.builds(Void, TENANTS, LINES, NUMBERS, ORIGINS),
    st.builds(CreateSeries, TENANTS, NAMES, ORIGINS, NAMES, counters=COUNTERS, make_default=st.booleans()),
    st.builds(CreateSeries, TENANTS, NAMES, ORIGINS),
    st.builds(UpdateSeries, TENANTS, SERIES, POLICIES, ORIGINS, name=NAMES, prefix=NAMES, counters=COUNTERS),
    st.builds(SetDefault, TENANTS, SERIES, ORIGINS),
)
WAVES = st.lists(st.lists(COMMANDS, min_size=1, max_size=12), min_size=1, max_size=5)
GROUP_LIMITS = st.sampled_from([1, 2, 3, 1024])
START = [CreateSeries(TenantId("a"), "Main", BY), CreateSeries(TenantId("b"), "Main", BY)]

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)


def modelled(model: MemoryState, command: Command) -> Any:
    """What the command answers when it runs alone: a result, or a refusal."""
    try:
        return model.run(command).result
    except Refused as refused:
        return refused.refusal


def outcome(answer: Any) -> Any:
    return answer.refusal if isinstance(answer, Refused) else answer


async def assert_reads_as(store: DatabaseStore, model: MemoryState) -> None:
    for tenant in (TenantId("a"), TenantId("b")):
        views = (await store.read(ListSeries(tenant))).views
        assert [view.series for view in views] == [s for _, s in sorted(model.all_series.items()) if s.tenant == tenant]
        assert all(view.counters == model.counters(view.series.id) for view in views)
        default = model.default_series(tenant)
        assert default is not None
        assert (await store.read(GetSeries(tenant, None))).view.series == default
    for key, counter in model.lines.items():
        owner = model.all_series[key.series].tenant
        assert (await store.read(PeekNext(owner, key))).counter == counter


def story(entry: Entry) -> tuple[object, ...]:
    """An entry without its time and hashes."""
    return (entry.chain, entry.index, entry.tenant, entry.operation, entry.before, entry.after, entry.number, entry.key,
            entry.dialect, entry.principal, entry.request_id, entry.reason)  # fmt: skip


async def run_waves(url: str, waves: list[list[Command]], group_limit: int) -> None:
    model = MemoryState()
    store = open_store(url)
    store._groups.group_limit = group_limit
    await store.start()
    try:
        for wave in [START, *waves]:
            answers = await asyncio.gather(*map(store.execute, wave), return_exceptions=True)
            assert [outcome(answer) for answer in answers] == [modelled(model, command) for command in wave]
            await assert_reads_as(store, model)
        assert store.stats.replays == 0, "a group should have known what it would do itself"
    finally:
        await store.close()
    await assert_kept(url, model)


async def assert_kept(url: str, model: MemoryState) -> None:
    """After a restart: the same state, the same history, every number under its key, and valid chains."""
    store = open_store(url)
    await store.start()
    try:
        await assert_reads_as(store, model)
        entries = [entry async for entry in store.ledger()]
        assert list(map(story, entries)) == list(map(story, model.ledger()))
        assert await store.verify() == (len(entries), [])
        for given_out in model.issued:
            again = await store.execute(Issue(given_out.tenant, given_out.counter, given_out.key, "", BY))
            assert isinstance(again, NumberIssued)
            assert (again.issued, again.replayed) == (given_out, True)
    finally:
        await store.close()


@PROPERTY
@given(waves=WAVES, group_limit=GROUP_LIMITS)
def test_any_interleaving_is_some_order(blank_store: Path, waves: list[list[Command]], group_limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.db"
        shutil.copy(blank_store, path)
        asyncio.run(run_waves(f"sqlite:///{path}", waves, group_limit))


A, MAIN, OTHER, POLICY = TenantId("a"), SeriesId(1), SeriesId(3), SetPolicy(allow_lower=True, allow_clear=True)
UNUSED_ONLY = SetPolicy(allow_lower=True, allow_when_issued=False)


def rename(series: SeriesId, name: str, *, default: bool = False) -> Command:
    return UpdateSeries(A, series, POLICY, BY, name=name, make_default=default)


def issue_a(key: str) -> Command:
    return Issue(A, CounterKey(MAIN, INVOICE), key, "", BY, 1)


TOGETHER: dict[str, list[Command]] = {
    "a name is freed and taken": [rename(MAIN, "x"), CreateSeries(A, "Main", BY)],
    "a freed name is taken and refused again": [
        rename(MAIN, "x"),
        CreateSeries(A, "Main", BY),
        CreateSeries(A, "Main", BY),
        CreateSeries(A, "x", BY),
    ],
    "names are swapped": [
        CreateSeries(A, "Side", BY),
        rename(MAIN, "tmp"),
        rename(OTHER, "Main"),
        rename(MAIN, "Side"),
        rename(OTHER, "Side"),
    ],
    "the default goes to and fro": [
        CreateSeries(A, "Side", BY, make_default=True),
        SetDefault(A, MAIN, BY),
        SetDefault(A, OTHER, BY),
        CreateSeries(A, "Third", BY, make_default=True),
        rename(OTHER, "Side", default=True),
    ],
    "keys are made up and asked for": [
        CreateSeries(A, "Side", BY, key="series-4"),
        CreateSeries(A, "Third", BY),
        CreateSeries(A, "Fourth", BY, key="series-4"),
    ],
    "a key is used twice": [issue_a("k"), issue_a("k"), issue_a("l"), issue_a("k")],
    "a number is given, voided twice and asked for again": [
        issue_a("k"),
        Void(A, CounterKey(MAIN, INVOICE), 1, BY),
        Void(A, CounterKey(MAIN, INVOICE), 1, BY),
        issue_a("k"),
    ],
    "a line goes back onto numbers of the same moment": [
        issue_a("k"),
        issue_a("l"),
        SetNext(A, CounterKey(MAIN, INVOICE), 1, POLICY, BY),
        issue_a("m"),
        SetNext(A, CounterKey(MAIN, INVOICE), None, POLICY, BY),
        issue_a("n"),
    ],
    "a series comes into use": [
        UpdateSeries(A, MAIN, UNUSED_ONLY, BY, counters={INVOICE: 5, CREDIT_NOTE: 6}),
        UpdateSeries(A, MAIN, UNUSED_ONLY, BY, counters={INVOICE: 4}),
        issue_a("k"),
        UpdateSeries(A, MAIN, UNUSED_ONLY, BY, counters={INVOICE: 3}),
        SetNext(A, CounterKey(MAIN, CREDIT_NOTE), 1, UNUSED_ONLY, BY),
    ],
    "what is new is used at once": [
        CreateSeries(A, "Side", BY, counters={INVOICE: 9}),
        Issue(A, CounterKey(OTHER, INVOICE), "k", "", BY),
        issue_a("k"),
    ],
}


@pytest.mark.parametrize("group_limit", [1, 1024])
@pytest.mark.parametrize("wave", TOGETHER.values(), ids=TOGETHER.keys())
async def test_what_comes_together_sees_what_came_before(
    store_path: Path, wave: list[Command], group_limit: int
) -> None:
    await run_waves(f"sqlite:///{store_path}", [wave, wave], group_limit)


REFUSED_ANYWAY: list[Command] = [
    SetNext(TENANT, LINE, -1, SetPolicy(allow_lower=True), BY),
    SetNext(TENANT, LINE, None, SetPolicy(), BY),
    Void(TENANT, LINE, 10**6, BY),
    CreateSeries(TENANT, "Main", BY),
    issue("elsewhere", line=CounterKey(SeriesId(9), INVOICE)),
]
NOISY = st.lists(st.one_of(st.integers(0, 40), st.sampled_from(REFUSED_ANYWAY)), min_size=1, max_size=60)


async def run_noisy(url: str, requests: list[Any], group_limit: int, cancelled: set[int]) -> None:
    store = open_store(url)
    store._groups.group_limit = group_limit
    await store.start()
    try:
        await store.execute(CreateSeries(TENANT, "Main", BY))
        commands = [issue(f"key-{item}") if isinstance(item, int) else item for item in requests]
        tasks = [asyncio.ensure_future(store.execute(command)) for command in commands]
        await asyncio.sleep(0)  # every command is queued now
        for position in cancelled & set(range(len(tasks))):
            tasks[position].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await store.close()
    numbers = {a.issued.key: a.issued.number for a in answers if isinstance(a, NumberIssued)}
    keys = {command.key for command in commands if isinstance(command, Issue) and command.key != "elsewhere"}
    await assert_gapless(url, keys, numbers)


async def assert_gapless(url: str, keys: set[str], acknowledged: dict[str, int]) -> None:
    reader = open_store(url, read_only=True)
    await reader.start()
    try:
        given = {entry.key: entry.number async for entry in reader.ledger() if entry.operation == "issue"}
        assert sorted(given.values()) == list(range(1, len(keys) + 1))
        assert set(given) == keys
        assert acknowledged.items() <= given.items()
        assert (await reader.verify())[1] == []
    finally:
        await reader.close()


@PROPERTY
@given(requests=NOISY, group_limit=GROUP_LIMITS, cancelled=st.sets(st.integers(0, 59), max_size=8))
def test_issued_is_one_to_n(blank_store: Path, requests: list[Any], group_limit: int, cancelled: set[int]) -> None:
    """Retries, refusals and callers that give up in between: no hole, no number twice."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.db"
        shutil.copy(blank_store, path)
        asyncio.run(run_noisy(f"sqlite:///{path}", requests, group_limit, cancelled))
