"""Records on PostgreSQL: questions go along an index, what two gateways do at once is in some order, tenants are whole."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.core.access_set import AccessSet
from gateway.core.commands import Command, Expect
from gateway.core.record_commands import CountRecords, GetRecords, RecordQuery, SearchRecords
from gateway.core.together import Build, SoFar, Together
from gateway.stores import open_store
from gateway.stores.engine import record_search, tables
from gateway.stores.engine.statements import with_placeholders
from gateway.stores.postgres import locking
from gateway.stores.postgres.connection import Connection
from gateway.stores.postgres.locked_state import Held
from gateway.stores.postgres.records import BEGIN, _by_key, read_records
from tests import pg
from tests.core.record_cases import BY, OURS, PERSON, person, save, saves
from tests.stores.engine import test_every_table
from tests.stores.postgres.conftest import TEMPLATE, MakePostgres
from tests.stores.record_ids import assert_ids_are_above_all
from tests.stores.record_library import PUT_INTO_ORDER, QUESTIONS, fill
from tests.stores.test_records import probing


@pytest.fixture(scope="module", params=["statistics", "no statistics"])
def library(request: pytest.FixtureRequest, cluster: pg.Cluster) -> str:
    """The address of a database with records."""
    name = cluster.database(TEMPLATE)

    async def make() -> None:
        store = open_store(cluster.url(name))
        await store.start()
        await fill(store)
        await store.close()

    asyncio.run(make())
    if request.param == "statistics":
        cluster.sql("ANALYZE", name)
    return cluster.url(name)


async def plans_of(connection: asyncpg.Connection, query: RecordQuery[Any]) -> list[tuple[str, str]]:
    """Each statement that answers a question, and its plan."""
    found: list[tuple[str, str]] = []
    await connection.execute(BEGIN)
    steps = record_search.answer(query)
    rows: Sequence[Any] | None = None
    while True:
        try:
            text, values = steps.send(rows)
        except StopIteration:
            await connection.execute("ROLLBACK")
            return found
        sql = with_placeholders(text, "$", len(values))
        rows = await connection.fetch(sql, *values)
        found.append((text, "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}", *values))))


WHOLE = ("Seq Scan on record", "Bitmap", "Filter: (value", "Join Filter", "Filter: (id")

PATTERN = "Filter: (value ~~"
"""A pattern is held against each value of the field, in the index."""


@pytest.mark.parametrize("probe", [20, 1000])
async def test_no_table_is_read_from_end_to_end(library: str, probe: int) -> None:
    connection = await asyncpg.connect(library)
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    with probing(probe):
        plans = [(name, plan) for name, query in QUESTIONS.items() for plan in await plans_of(connection, query)]
    await connection.close()
    read_whole = [(name, plan) for name, (_, plan) in plans if any(way in plan.replace(PATTERN, "") for way in WHOLE)]
    assert not read_whole
    sorted_by_hand = {name for name, (text, plan) in plans if "ORDER BY" in text and "Sort  (" in plan}
    assert sorted_by_hand <= PUT_INTO_ORDER
    not_in_index = [(name, plan) for name, (text, plan) in plans if "LIKE" in text and "Index Only" not in plan]
    assert not not_in_index


WAYS = ("seqscan", "hashjoin", "mergejoin")


@pytest.mark.parametrize("table", [tables.records, tables.record_tombstones], ids=lambda table: table.name)
async def test_records_are_found_by_their_key_before_there_are_statistics(
    cluster: pg.Cluster, database: str, make_store: MakePostgres, table: tables.Table
) -> None:
    """The plan on which the server settles after a few questions; along another index all of the kind would be read."""
    await fill(await make_store())
    connection = await asyncpg.connect(cluster.url(database), statement_cache_size=0)
    for setting in ("plan_cache_mode = force_generic_plan", *(f"enable_{way} = off" for way in WAYS)):
        await connection.execute(f"SET {setting}")
    await connection.execute(f"PREPARE found AS {_by_key(table)}")
    rows = await connection.fetch("EXPLAIN EXECUTE found('{ours}', '{test.person}', '{0217}')")
    await connection.close()
    assert f"Index Scan using pk_{table.name}" in "\n".join(row[0] for row in rows)


async def test_a_tenant_takes_everything_along(cluster: pg.Cluster, database: str, tmp_path: Path) -> None:
    await test_every_table.check_journey(cluster.url(database), tmp_path / "tenant.jsonl")


def one_more() -> Together:
    """Count in one record, whatever it held, and note the count in a record of its own. No line is locked for that."""
    key = PERSON.key(OURS, "count")

    def counted(so_far: SoFar) -> Command[Any]:
        before = so_far.records.get(key)
        total = str(1 + (int(before.body) if before is not None else 0))
        own = save(person(f"n{total}", total.encode()))
        return saves(save(person("count", total.encode()), Expect.EITHER), own, save(person()))

    return Together(OURS, (Build(counted, (key,)),), BY)


async def test_two_gateways_change_the_same_records(make_store: MakePostgres) -> None:
    """Nothing is lost: the count is exact, made-up ids follow one another, and the usage agrees."""
    one, other = await make_store(), await make_store()
    size = 40
    await asyncio.gather(*(store.execute(one_more()) for store in [one, other] * (size // 2)))
    for store in (one, other):
        found = await store.read(SearchRecords(OURS, PERSON, limit=1000))
        bodies = {record.id: record.body.decode() for record in found.records}
        assert bodies["count"] == str(size)
        assert all(bodies[f"n{number}"] == str(number) for number in range(1, size + 1))
        assert {str(number) for number in range(10, 10 + size)} <= set(bodies)
        assert (await store.read(CountRecords(OURS, PERSON))).count == len(bodies) == 2 * size + 1


async def test_many_new_records_take_few_questions(make_store: MakePostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await make_store()
    asked: list[int] = []

    async def counted(connection: Connection, more: AccessSet, held: Held) -> None:
        asked.append(len(more.records))
        await read_records(connection, more, held)

    monkeypatch.setattr(locking, "read_records", counted)
    saved = await store.execute(saves(*(save(person()) for _ in range(300))))
    assert [record.id for record in saved.records] == [str(number) for number in range(10, 310)]
    assert len(asked) < 15


async def test_what_was_saved_is_seen_by_every_process_at_once(make_store: MakePostgres) -> None:
    one, other = await make_store(), await make_store()
    for number in range(20):
        await one.execute(saves(save(person("a", str(number).encode(), name=f"n{number}"), Expect.EITHER)))
        read = await other.read(GetRecords(OURS, (PERSON.key(OURS, "a"),)))
        found = await other.read(SearchRecords(OURS, PERSON, (PERSON.is_one_of("name", f"n{number}"),)))
        assert [record.body for record in (*read.records.values(), *found.records)] == [str(number).encode()] * 2


async def test_of_two_gateways_one_gets_a_unique_value(make_store: MakePostgres) -> None:
    one, other = await make_store(), await make_store()
    for number in range(25):
        pair = [saves(save(person(f"{side}{number}", mail=f"m{number}"))) for side in "ab"]
        answers = await asyncio.gather(one.execute(pair[0]), other.execute(pair[1]), return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["RecordsSaved", "Refused"]
    assert (await one.read(CountRecords(OURS, PERSON))).count == 25


async def test_made_up_ids_are_above_all_others(make_store: MakePostgres) -> None:
    await assert_ids_are_above_all([await make_store(), await make_store()])
