"""Records and several commands in one, at the same time and in any groups: the store answers as a plain model does."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.commands import Command, CreateSeries, Expect, Issue
from gateway.core.record_commands import (
    BY_CHANGED,
    Action,
    CountRecords,
    GetRecords,
    GetRecordUsage,
    RecordCursor,
    RecordQuery,
    RecordsRead,
    SaveRecord,
    SearchRecords,
)
from gateway.core.records import Condition, Record, RecordId, RecordQuota
from gateway.core.refusals import RecordsFull, Refused
from gateway.core.together import Build, SoFar, Together
from gateway.core.values import INVOICE, CounterKey, SeriesId, TenantId
from gateway.stores import DatabaseStore, open_store
from gateway.stores.engine import record_places
from gateway.testing.memory_records import answer_records
from gateway.testing.memory_store import HandClock
from tests.core.memory_state import MemoryState
from tests.core.record_cases import BY, OURS, PERSON, person, save, saves
from tests.stores.conftest import MakeStore
from tests.stores.record_ids import assert_ids_are_above_all
from tests.stores.test_interleavings import modelled, outcome

THEIRS = TenantId("theirs")
LINES = {OURS: CounterKey(SeriesId(1), INVOICE), THEIRS: CounterKey(SeriesId(2), INVOICE)}
START: list[Command[Any]] = [CreateSeries(OURS, "Main", BY), CreateSeries(THEIRS, "Main", BY)]
NOON = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)

TENANTS = st.sampled_from([OURS, OURS, OURS, THEIRS])
IDS = st.sampled_from(["a", "b", "bb", "9", "10", "11"])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Anne", "ANNE", "Bo", "Å"]),
        "mail": st.sampled_from(["x", "y"]),
        "tag": st.lists(st.sampled_from(["red", "rose", "green"]), max_size=2),
        "age": st.integers(-2, 2),
        "born": st.sampled_from([NOON, NOON + dt.timedelta(microseconds=1)]),
        "paid": st.booleans(),
    },
)


@st.composite
def save_of(draw: st.DrawFn, tenant: TenantId) -> SaveRecord:
    own = draw(st.one_of(st.just(""), IDS))
    record = PERSON.record(tenant, own, draw(st.sampled_from([b"", b"\0\xff", b"x" * 101])), draw(VALUES))
    if not own:
        return save(record)
    return SaveRecord(
        record,
        draw(st.sampled_from([Expect.NEW, Expect.EITHER, Expect.EITHER, Expect.EXISTING])),
        draw(st.sampled_from([None, None, None, 1, 2])),
        draw(st.sampled_from([Action.SAVE, Action.SAVE, Action.DELETE, Action.FORGET])),
        draw(st.booleans()),
    )


@st.composite
def command_on(draw: st.DrawFn, tenant: TenantId) -> Command[Any]:
    if draw(st.integers(0, 3)) == 0:
        return Issue(tenant, LINES[tenant], draw(st.sampled_from("klmn")), "", BY, 1)
    items = draw(st.lists(save_of(tenant), min_size=1, max_size=3))
    return saves(*items, exactly=draw(st.integers(0, 7)) == 0)


class Noting:
    """A part that keeps the number just given in a record, along with what the record held before."""

    def __init__(self, tenant: TenantId) -> None:
        self.key = PERSON.key(tenant, "a")

    def __call__(self, so_far: SoFar) -> Command[Any] | None:
        issued = so_far.results[0]
        if issued.replayed:
            return None
        before = so_far.records.get(self.key)
        body = (b"" if before is None else before.body[-40:]) + str(issued.issued.number).encode()
        return saves(save(PERSON.record(self.key.tenant, "a", body, {"age": 1}), Expect.EITHER))


@st.composite
def commands(draw: st.DrawFn) -> Command[Any]:
    tenant = draw(TENANTS)
    kind = draw(st.integers(0, 5))
    if kind > 1:
        return draw(command_on(tenant))
    if kind:
        noting = Noting(tenant)
        issue = Issue(tenant, LINES[tenant], draw(st.sampled_from("klmn")), "", BY, 1)
        return Together(tenant, (issue, Build(noting, (noting.key,)), draw(command_on(tenant))), BY)
    parts = tuple(draw(st.lists(command_on(tenant), max_size=3)))
    whole = Together(tenant, parts, BY)
    return Together(tenant, (whole, *parts[:1]), BY) if draw(st.booleans()) else whole


WAVES = st.lists(st.lists(commands(), min_size=1, max_size=6), min_size=1, max_size=5)
LOWS = st.sampled_from([None, -1, 1])
CONDITIONS = st.one_of(
    st.sampled_from(
        [
            PERSON.is_one_of("name", "anne"),
            PERSON.is_one_of("name", "Bo", "å"),
            PERSON.is_one_of("tag", "red", "rose"),
            PERSON.begins_with("tag", "r"),
            PERSON.begins_with("name", "a"),
            PERSON.is_like("name", "%N_E"),
            PERSON.is_like("name", "_"),
            PERSON.is_one_of("paid", True),
            PERSON.is_between("born", NOON, NOON),
        ]
    ),
    st.builds(lambda low, high: PERSON.is_between("age", low, high), LOWS, LOWS),
)
MOMENTS = st.sampled_from([None, None, HandClock().moment, HandClock().moment + dt.timedelta(seconds=1.5)])
SEARCHES = st.builds(
    SearchRecords,
    TENANTS,
    st.just(PERSON),
    st.lists(CONDITIONS, max_size=3).map(tuple),
    changed_after=MOMENTS,
    registered_after=MOMENTS,
    order=st.sampled_from(["id", "id", "changed", "age", "name"]),
    descending=st.booleans(),
    skip=st.sampled_from([0, 0, 1]),
    limit=st.sampled_from([1, 2, 100]),
)
LISTS = st.builds(
    SearchRecords,
    TENANTS,
    st.just(PERSON),
    changed_after=MOMENTS,
    registered_after=MOMENTS,
    with_deleted=st.booleans(),
    only_deleted=st.booleans(),
    order=st.sampled_from(["id", "changed"]),
    descending=st.booleans(),
    skip=st.sampled_from([0, 0, 1, 3]),
    limit=st.sampled_from([1, 2, 100]),
)
SORTED = st.builds(
    SearchRecords,
    TENANTS,
    st.just(PERSON),
    st.lists(CONDITIONS, max_size=2).map(tuple),
    changed_after=st.sampled_from([None, None, HandClock().moment]),
    order=st.sampled_from(["age", "paid", "name"]),
    then=st.sampled_from([("name",), ("paid", "name"), ("age", "changed"), ("changed",), ("paid", "age", "changed")]),
    descending=st.booleans(),
    skip=st.sampled_from([0, 0, 1, 3]),
    limit=st.sampled_from([1, 2, 100]),
)
PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)


@contextmanager
def probing(most: int) -> Iterator[None]:
    """Searches look at so many entries first, and walk in small steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_places, "PROBE", most)
        patch.setattr(record_places, "_FIRST_BATCH", 1)
        yield


async def run_records(
    store: DatabaseStore, clock: HandClock, waves: list[list[Command[Any]]], searches: list[SearchRecords]
) -> None:
    """Execute waves on the store and on the model; compare answers and contents, and what searches find in all of it."""
    model = MemoryState(clock)
    for wave in [START, *waves]:
        answers = await asyncio.gather(*map(store.execute, wave), return_exceptions=True)
        assert [outcome(answer) for answer in answers] == [modelled(model, command) for command in wave]
        clock.forward(1)
    for tenant in (OURS, THEIRS):
        await assert_holds(store, model, tenant)
    for search in searches:
        await assert_finds(store, model, search)


async def assert_holds(store: DatabaseStore, model: MemoryState, tenant: TenantId) -> None:
    """Every record, every tombstone, and their number."""
    by_key = GetRecords(tenant, tuple(PERSON.key(tenant, own) for own in ("a", "b", "9", "never")), (PERSON.name,))
    everything = SearchRecords(tenant, PERSON, with_deleted=True, order=BY_CHANGED)
    since = SearchRecords(tenant, PERSON, changed_after=HandClock().moment, with_deleted=True, order=BY_CHANGED)
    for query in (by_key, everything, since, SearchRecords(tenant, PERSON, with_deleted=True)):
        assert await store.read(query) == answer_records(model.records, query)
    for count in (CountRecords(tenant, PERSON), CountRecords(tenant, PERSON, with_deleted=True)):
        assert await store.read(count) == answer_records(model.records, count)
    usage = GetRecordUsage(tenant, PERSON.name)
    assert await store.read(usage) == model.record_usage(tenant, PERSON.name)


async def assert_finds(store: DatabaseStore, model: MemoryState, search: SearchRecords) -> None:
    """One page, all pages, and how many there are."""
    found = await store.read(search)
    assert found == answer_records(model.records, search)
    if not search.then:
        await assert_pages_follow(store, model, search)
    for at_most in (1, 100):
        count = counting(search, at_most)
        assert await store.read(count) == answer_records(model.records, count)


def counting(search: SearchRecords, at_most: int) -> CountRecords:
    """How many records the search finds on all its pages."""
    moments = search.changed_after, search.registered_after
    return CountRecords(
        search.tenant, PERSON, search.where, at_most, *moments, search.with_deleted, search.only_deleted
    )


async def assert_pages_follow(store: DatabaseStore, model: MemoryState, search: SearchRecords) -> None:
    """Page by page, each behind the one before it."""
    records: list[Record] = []
    after: RecordCursor | None = None
    while True:
        query = replace(search, after=after, skip=0)
        page = await store.read(query)
        records += page.records
        after = page.end
        if not page.more:
            break
    everything = replace(search, skip=0, limit=100)
    assert tuple(records) == answer_records(model.records, everything).records


async def on_file(path: Path, group_limit: int, *given: Any) -> None:
    clock = HandClock()
    store = open_store(f"sqlite:///{path}", clock=clock)
    store._groups.group_limit = group_limit  # type: ignore[attr-defined]
    await store.start()
    try:
        await run_records(store, clock, *given)
    finally:
        await store.close()


@PROPERTY
@given(
    waves=WAVES,
    searches=st.lists(st.one_of(SEARCHES, SORTED, LISTS), min_size=1, max_size=6),
    group_limit=st.sampled_from([1, 2, 1024]),
    probe=st.sampled_from([1, 2, 1000]),
)
def test_any_interleaving_is_some_order(
    blank_store: Path, waves: list[list[Command[Any]]], searches: list[SearchRecords], group_limit: int, probe: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, probing(probe):
        path = Path(folder) / "records.db"
        shutil.copy(blank_store, path)
        asyncio.run(on_file(path, group_limit, waves, searches))


def test_a_condition_is_one_of_these_values_or_of_a_span() -> None:
    assert Condition("age", low="b").takes("b")
    assert not Condition("age", high="a").takes("b")
    assert RecordId("a") == person("a").id


async def test_a_store_holds_its_quota(make_store: MakeStore) -> None:
    store = await make_store(record_quota=RecordQuota(records=2))
    await store.execute(saves(save(person("a")), save(person("b"))))
    with pytest.raises(Refused) as caught:
        await store.execute(saves(save(person("c"))))
    assert caught.value.refusal == RecordsFull(PERSON.name, "records", 2)


async def test_a_part_that_is_refused_leaves_nothing(make_store: MakeStore) -> None:
    """Neither the number nor the id is consumed, and what waits in the same group is not touched."""
    store = await make_store()
    for command in START:
        await store.execute(command)
    issue = Issue(OURS, LINES[OURS], "k", "", BY, 1)
    spoiled = Together(OURS, (issue, saves(save(person())), saves(save(person("a", b"x" * 101)))), BY)
    refused, done = await asyncio.gather(
        store.execute(spoiled),
        store.execute(Together(OURS, (issue, saves(save(person()))), BY)),
        return_exceptions=True,
    )
    assert isinstance(refused, Refused)
    assert (done.results[0].issued.number, done.results[0].replayed, done.results[1].records[0].id) == (1, False, "10")


@pytest.mark.parametrize(
    "query",
    [
        SearchRecords(OURS, PERSON, (PERSON.is_one_of("name", "\ud800"),)),
        SearchRecords(OURS, PERSON, after=RecordCursor("", RecordId("\ud800"))),
        SearchRecords(OURS, PERSON, skip=2**64),
        GetRecords(OURS, (PERSON.key(OURS, "\ud800"), PERSON.key(OURS, "\0"))),
    ],
    ids=["value", "place", "skip", "id"],
)
async def test_no_question_harms_the_store(store: DatabaseStore, query: RecordQuery[Any]) -> None:
    """Clients send half surrogate pairs and huge pages. At worst the one who asks gets an error."""
    with contextlib.suppress(UnicodeError, asyncpg.DataError):
        assert not (await store.read(query)).records
    (saved,) = (await store.execute(saves(save(person("a"))))).records
    key = PERSON.key(OURS, "a")
    assert await store.read(GetRecords(OURS, (key,))) == RecordsRead({key: saved})


async def test_a_record_that_no_id_can_name_is_not_there(store: DatabaseStore) -> None:
    odd = PERSON.key(OURS, "\ud800")
    build = Build(lambda so_far: saves(save(person(str(len(so_far.records)) + "x"))), (odd,))
    assert (await store.execute(Together(OURS, (build,), BY))).results[0].records[0].id == "0x"


async def test_made_up_ids_are_above_all_others(store: DatabaseStore) -> None:
    await assert_ids_are_above_all([store])
