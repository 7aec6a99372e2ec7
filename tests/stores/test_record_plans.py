"""Every question about records is answered along an index of SQLite, whether one condition is rare or all are common."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.record_commands import GetRecords, RecordQuery, SearchRecords
from gateway.core.records import Record, RecordKey
from gateway.stores import open_store
from gateway.stores.engine import record_search
from gateway.stores.sqlite.connection import Connection
from gateway.stores.sqlite.file import Reader
from gateway.stores.sqlite.records import answer_records
from gateway.testing import memory_records
from tests.core.record_cases import OURS, PERSON
from tests.stores.record_library import MANY, MERGED, PUT_INTO_ORDER, QUESTIONS, fill
from tests.stores.test_records import SORTED, probing

PROBES = (20, 1000)
MADE_HERE = ("SCAN w", "SCAN d", "SCAN p", "SCAN t", "SCAN (subquery", "SCAN CONSTANT")


def made_here(step: str) -> bool:
    """Whether its rows come along with the statement, or have been found already."""
    return step.startswith(MADE_HERE) or step.endswith("CONSTANT ROWS")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, blank_store: Path) -> Path:
    """A file with records."""
    path = tmp_path_factory.mktemp("records") / "records.db"
    shutil.copy(blank_store, path)

    async def make() -> None:
        store = open_store(f"sqlite:///{path}")
        await store.start()
        await fill(store)
        await store.close()

    asyncio.run(make())
    return path


@pytest.fixture
def reader(library: Path) -> Iterator[Reader]:
    reader = Reader(library)
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def model(library: Path) -> dict[RecordKey, Record]:
    reader = Reader(library)
    found = reader.within(
        lambda connection: answer_records(connection, SearchRecords(OURS, PERSON, with_deleted=True, limit=MANY))
    )
    reader.close()
    return {record.key: record for record in found.records}


def plans_of(connection: Connection, query: RecordQuery[Any]) -> list[str]:
    """The steps of SQLite for each statement that answers a question."""
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    answer_records(connection, query)
    connection.set_trace_callback(None)
    rows = [connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall() for text in statements]
    return [row[3] for plan in rows for row in plan]


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize(("name", "query"), QUESTIONS.items(), ids=QUESTIONS.keys())
def test_no_table_is_read_from_end_to_end(reader: Reader, name: str, query: RecordQuery[Any], probe: int) -> None:
    with probing(probe):
        steps = reader.within(lambda connection: plans_of(connection, query))
    scans = [step for step in steps if step.startswith("SCAN") and not made_here(step)]
    assert not scans
    if name not in PUT_INTO_ORDER | MERGED:
        assert not [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step]
    assert any(step.startswith("SEARCH") for step in steps)


@pytest.mark.parametrize("query", [one for one in QUESTIONS.values() if not isinstance(one, GetRecords)])
def test_each_way_finds_what_the_model_finds(
    reader: Reader, model: dict[RecordKey, Record], query: RecordQuery[Any]
) -> None:
    expected = memory_records.answer_records(model, query)
    for probe in PROBES:
        with probing(probe):
            assert reader.within(lambda connection: answer_records(connection, query)) == expected


def test_what_does_not_match_is_not_walked_over(reader: Reader) -> None:
    """All that match stand at the end of the order. A walk alone would pass over 2,900 others."""
    query = SearchRecords(OURS, PERSON, (PERSON.begins_with("name", "Name 299"),), order="born", limit=10)

    def rows_read(connection: Connection) -> int:
        steps, read = record_search.answer(query), 0
        text, values = next(steps)
        with contextlib.suppress(StopIteration):
            while True:
                rows = connection.run(text, *values).fetchall()
                read += len(rows)
                text, values = steps.send(rows)
        return read

    with probing(5):
        assert reader.within(rows_read) < 500


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    search=SORTED,
    skip=st.sampled_from([0, 290, 1480]),
    limit=st.sampled_from([5, 300]),
    probe=st.sampled_from([1, 20, 1000]),
)
def test_records_of_equal_value_are_in_the_further_orders(
    reader: Reader, model: dict[RecordKey, Record], search: SearchRecords, skip: int, limit: int, probe: int
) -> None:
    """Thousands have equal values, so that a walk ends among them."""
    query = replace(search, skip=skip, limit=limit)
    with probing(probe):
        found = reader.within(lambda connection: answer_records(connection, query))
    assert found == memory_records.answer_records(model, query)
