"""Two gateways want the same rows at the same moment. They lock in one order: nothing is lost, and nothing is tried twice.

If a lock were missing, the ledger's primary key would still refuse the second writer, which would then try again. So these
tests also check the number of retries.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.commands import (
    Command,
    CreateSeries,
    Expect,
    Issue,
    ListSeries,
    SaveDocument,
    SaveDocuments,
    SetNext,
    UpdateSeries,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.refusals import DocumentChanged, Refused
from gateway.core.results import DocumentsSaved, NumberIssued, SeriesCreated
from gateway.core.values import CREDIT_NOTE, INVOICE, RECEIPT, CounterKey, DocumentKind, SeriesId
from gateway.stores.postgres import PostgresStore
from tests.stores.commands import BY, FREE, LINE, TENANT, issue, number_for, provide_main
from tests.stores.postgres.conftest import MakePostgres

Pair = tuple[PostgresStore, PostgresStore]


@pytest.fixture
async def pair(make_store: MakePostgres) -> Pair:
    """Two stores on one database that has the series `main`."""
    stores = (await make_store(), await make_store())
    await provide_main(stores[0])
    return stores


async def at_once(pair: Pair, *commands: tuple[Command, Command]) -> list[Any]:
    """Run each pair's first command in one store and its second one in the other; returns the answers, in order."""
    tasks = [store.execute(command) for both in commands for store, command in zip(pair, both, strict=True)]
    return await asyncio.gather(*tasks, return_exceptions=True)


def retries(pair: Pair) -> int:
    return sum(store.stats.retries + store.stats.replays for store in pair)


async def test_one_line(pair: Pair) -> None:
    """Both stores know the line: its own row is the lock."""
    assert [await number_for(store, f"first-{i}") for i, store in enumerate(pair)] == [1, 2]
    for wave in range(20):
        keys = [(issue(f"{wave}-{i}-left"), issue(f"{wave}-{i}-right")) for i in range(10)]
        answers = await at_once(pair, *keys)
        assert sorted(answer.issued.number for answer in answers) == list(range(3 + wave * 20, 23 + wave * 20))
    assert retries(pair) == 0
    assert (await pair[0].verify())[1] == []


async def test_lines_that_nobody_has_touched(pair: Pair) -> None:
    """The line has no row yet that could be locked."""
    for i in range(15):
        line = CounterKey(SeriesId(1), DocumentKind(f"kind_{i}"))
        answers = await at_once(pair, (issue(f"{i}-left", line=line), issue(f"{i}-right", line=line)))
        assert sorted(answer.issued.number for answer in answers) == [1, 2]
    assert retries(pair) == 0


async def test_one_key_in_both(pair: Pair) -> None:
    for i in range(15):
        left, right = await at_once(pair, (issue(f"key-{i}"), issue(f"key-{i}")))
        assert left.issued == right.issued
        assert [left.replayed, right.replayed].count(True) == 1
    assert await number_for(pair[0], "next") == 16
    assert retries(pair) == 0


async def test_one_key_for_two_lines(pair: Pair) -> None:
    """No lock covers both lines. The unique index refuses the second key, and its store decides again."""
    other = CounterKey(SeriesId(1), CREDIT_NOTE)
    for line in (LINE, other):
        for i, store in enumerate(pair):
            await store.execute(issue(f"{line.line}-{i}", line=line))
    for i in range(15):
        neighbours = issue(f"left-{i}"), issue(f"right-{i}", line=other)
        answers = await at_once(pair, (issue(f"key-{i}"), issue(f"key-{i}", line=other)), neighbours)
        assert sorted(type(answer).__name__ for answer in answers) == ["NumberIssued"] * 3 + ["Refused"]
    assert sum(store.stats.replays for store in pair) == 0
    assert (await pair[0].verify())[1] == []


async def test_keys_in_opposite_orders(pair: Pair) -> None:
    """Both stores insert the same keys in opposite orders, on different lines."""
    lines = [CounterKey(SeriesId(1), kind) for kind in (INVOICE, CREDIT_NOTE)]
    for i in range(10):
        keys = [f"{i}-{n}" for n in range(8)]
        await at_once(
            pair,
            *((issue(a, line=lines[0]), issue(b, line=lines[1])) for a, b in zip(keys, reversed(keys), strict=True)),
        )
    assert sum(store.stats.deadlocks for store in pair) == 0
    assert (await pair[0].verify())[1] == []


async def test_fields_of_one_series(pair: Pair) -> None:
    """Both write the whole row; neither undoes what the other wrote."""
    for i in range(15):
        left = UpdateSeries(TENANT, SeriesId(1), FREE, BY, prefix=f"left-{i}")
        right = UpdateSeries(TENANT, SeriesId(1), FREE, BY, suffix=f"right-{i}")
        await at_once(pair, (left, right))
        series = (await number_issued(pair[0], f"key-{i}")).series
        assert (series.prefix, series.suffix) == (f"left-{i}", f"right-{i}")
    assert retries(pair) == 0


async def number_issued(store: PostgresStore, key: str) -> NumberIssued:
    answer = await store.execute(issue(key))
    assert isinstance(answer, NumberIssued)
    return answer


async def test_new_series(pair: Pair) -> None:
    for i in range(10):
        both = CreateSeries(TENANT, f"left-{i}", BY), CreateSeries(TENANT, f"right-{i}", BY)
        left, right = await at_once(pair, both)
        assert {type(left), type(right)} == {SeriesCreated}
        assert {left.view.series.id, right.view.series.id} == {2 + 2 * i, 3 + 2 * i}
    assert retries(pair) == 0


async def test_one_name_one_key_one_default(pair: Pair) -> None:
    for i in range(10):
        named, keyed = CreateSeries(TENANT, f"name-{i}", BY), CreateSeries(TENANT, f"other-{i}", BY, key=f"name-{i}")
        answers = await at_once(pair, (named, named), (keyed, replace(keyed, name=f"third-{i}")))
        assert sorted(type(answer).__name__ for answer in answers) == ["Refused"] * 2 + ["SeriesCreated"] * 2
        defaults = [UpdateSeries(TENANT, SeriesId(2 + i + n), FREE, BY, make_default=True) for n in range(2)]
        await at_once(pair, (defaults[0], defaults[1]))
        views = (await pair[0].read(ListSeries(TENANT))).views
        assert [view.series.is_default for view in views].count(True) == 1
    assert retries(pair) == 0


async def test_one_document(pair: Pair) -> None:
    """Two commands read the same version; only one may save."""
    await pair[0].execute(SaveDocuments(TENANT, (SaveDocument(Document(TENANT)),), BY))
    for version in range(1, 21):
        wanted = [Document(TENANT, id=DocumentId(1), stage=stage) for stage in ("left", "right")]
        saves = [SaveDocuments(TENANT, (SaveDocument(it, Expect.EXISTING, version),), BY) for it in wanted]
        answers = await at_once(pair, (saves[0], saves[1]))
        refusals = [answer.refusal for answer in answers if isinstance(answer, Refused)]
        assert refusals == [DocumentChanged(DocumentId(1), version + 1)]
    assert retries(pair) == 0


async def test_new_documents(pair: Pair) -> None:
    """Documents with made-up ids, and some with proposed ids."""
    ids: list[int] = []
    for i in range(10):
        proposed = SaveDocuments(TENANT, (SaveDocument(Document(TENANT, id=DocumentId(3 * i + 2))),), BY)
        made_up = SaveDocuments(TENANT, (SaveDocument(Document(TENANT)),), BY)
        answers = await at_once(pair, (proposed, made_up), (made_up, made_up))
        ids.extend(answer.saved[0].document.id for answer in answers if isinstance(answer, DocumentsSaved))
    assert len(ids) == len(set(ids)) >= 30
    assert retries(pair) == 0


@pytest.mark.parametrize("seed", range(3))
async def test_everything_at_once(pair: Pair, seed: int) -> None:
    """Many series in random order, some locked as a whole: no deadlock."""
    chance = random.Random(seed)
    for i in range(5):
        await pair[0].execute(CreateSeries(TENANT, f"series {i}", BY))
    kinds = (INVOICE, CREDIT_NOTE, RECEIPT)

    def command(name: str) -> Command:
        series = SeriesId(chance.randint(1, 6))
        line = CounterKey(series, chance.choice(kinds))
        match chance.randint(0, 9):
            case 0:
                return UpdateSeries(TENANT, series, FREE, BY, counters={INVOICE: chance.randint(1000, 2000)})
            case 1:
                return UpdateSeries(TENANT, series, FREE, BY, name=name, make_default=chance.random() < 0.5)
            case 2:
                return SetNext(TENANT, line, chance.randint(3000, 9000), FREE, BY)
            case 3:
                return SaveDocuments(TENANT, (SaveDocument(Document(TENANT, series=series)),), BY)
        return Issue(TENANT, line, name, "", BY, 1)

    async def client(store: PostgresStore, name: str) -> None:
        for i in range(15):
            try:
                await store.execute(command(f"{name}-{i}"))
            except Refused:
                continue

    await asyncio.gather(*(client(store, f"{place}-{n}") for place, store in enumerate(pair) for n in range(12)))
    assert retries(pair) == 0
    assert (await pair[0].verify())[1] == []
