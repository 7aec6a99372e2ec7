"""Group commit: one commit for all commands that wait; a command that fails does not disturb the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.core import numbering, rules
from gateway.core.commands import Command, CreateSeries, Issue
from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.core.refusals import NumberBehind, Refused
from gateway.core.results import NextSet, NumberIssued
from gateway.core.values import Origin
from gateway.stores import SqliteStore
from gateway.stores.engine import store_base
from gateway.stores.sqlite.file import Writer
from tests.stores.commands import BY, LINE, TENANT, issue, number_for, peek, provide_main, set_next
from tests.stores.conftest import MakeStore


@contextmanager
def commits_held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every commit waits until the block ends; the event is set when one is waiting."""
    arrived, go_on = threading.Event(), threading.Event()
    true_commit = Writer.commit

    def held(writer: Writer) -> None:
        arrived.set()
        go_on.wait(30)
        true_commit(writer)

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "commit", held)
        try:
            yield arrived
        finally:
            go_on.set()


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 30)


async def test_what_waits_together_is_committed_together(store: SqliteStore) -> None:
    await provide_main(store)
    commits = store.stats.commits
    answers = await asyncio.gather(*(number_for(store, f"key-{i}") for i in range(300)))
    assert answers == list(range(1, 301))
    assert store.stats.commits == commits + 1
    assert store.stats.largest_group == 300


async def test_what_comes_during_a_commit_is_the_next_group(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provide_main(store)
    commits = store.stats.commits
    with commits_held(monkeypatch) as arrived:
        first = asyncio.ensure_future(number_for(store, "first"))
        await until(arrived)
        rest = [asyncio.ensure_future(number_for(store, f"key-{i}")) for i in range(50)]
        await asyncio.sleep(0)
        assert store.figures()["store_waiting"] == 50
    assert await first == 1
    assert await asyncio.gather(*rest) == list(range(2, 52))
    assert store.stats.commits == commits + 2


async def test_peek_neither_waits_for_a_commit_nor_runs_ahead_of_it(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provide_main(store)
    await store.execute(set_next(445))
    with commits_held(monkeypatch) as arrived:
        setting = asyncio.ensure_future(store.execute(set_next(446)))
        await until(arrived)
        assert await peek(store) == 445
        assert not setting.done()
    await setting
    assert await peek(store) == 446


async def test_an_answer_is_never_ahead_of_what_peek_shows(store: SqliteStore) -> None:
    await provide_main(store)

    async def one(key: str) -> None:
        number = await number_for(store, key)
        shown = await peek(store)
        assert shown is not None
        assert shown > number

    await asyncio.gather(*(one(f"key-{i}") for i in range(100)))


async def test_refused_neighbours_do_no_harm(store: SqliteStore) -> None:
    await provide_main(store)
    commands: list[Command] = [set_next(5), set_next(4, rules.SetPolicy()), issue("a"), issue("b")]
    results = await asyncio.gather(*map(store.execute, commands), return_exceptions=True)
    assert isinstance(results[0], NextSet)
    assert isinstance(results[1], Refused)
    assert results[1].refusal == NumberBehind(LINE, 4, 5)
    assert [r.issued.number for r in results[2:] if isinstance(r, NumberIssued)] == [5, 6]


async def test_a_bug_in_one_decision_fails_that_command_alone(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provide_main(store)
    true_decide = rules.decide

    def decide(state: rules.State, command: Command) -> object:
        if getattr(command, "key", "") == "poison":
            raise ZeroDivisionError("a bug")
        return true_decide(state, command)

    monkeypatch.setattr("gateway.stores.engine.group_commit.decide", decide)
    results = await asyncio.gather(*map(store.execute, map(issue, ["a", "poison", "b"])), return_exceptions=True)
    assert isinstance(results[1], ZeroDivisionError)
    assert [results[0].issued.number, results[2].issued.number] == [1, 2]  # type: ignore[union-attr]
    assert store.stats.replays == 0
    assert (await store.verify())[1] == []


UNWRITABLE = "\ud800"
"""A lone surrogate: a Python text that no database accepts."""


@pytest.mark.parametrize(
    "poison",
    [
        issue("poison", document=UNWRITABLE),
        issue(UNWRITABLE),
        Issue(TENANT, LINE, "poison", "", Origin("d", UNWRITABLE, ""), 1),
        CreateSeries(TENANT, UNWRITABLE, BY),
    ],
    ids=["document", "key", "principal", "name"],
)
async def test_a_row_that_cannot_be_written_fails_its_command_alone(store: SqliteStore, poison: Command) -> None:
    await provide_main(store)
    before = store.stats.replays
    commands: list[Command] = [issue("a"), poison, issue("b"), set_next(10), issue("c")]
    results = await asyncio.gather(*map(store.execute, commands), return_exceptions=True)
    assert isinstance(results[1], UnicodeEncodeError)
    numbers = [results[i].issued.number for i in (0, 2, 4)]  # type: ignore[union-attr]
    assert numbers == [1, 2, 10]
    assert store.stats.replays == before + 1
    assert await peek(store) == 11
    assert (await store.verify())[1] == []


async def test_a_constraint_that_trips_fails_its_command_alone(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A safeguard: if a rule wrongly took a number for free, the table would still refuse to hold it twice."""
    await provide_main(store)
    await asyncio.gather(*(number_for(store, key) for key in "abc"))
    await store.execute(set_next(2))
    monkeypatch.setattr(numbering, "drawn_number", lambda _, line, __: (line.next_number, None))
    results = await asyncio.gather(
        store.execute(issue("twin")), store.execute(set_next(9)), store.execute(issue("d")), return_exceptions=True
    )
    assert "UNIQUE constraint failed" in str(results[0])
    assert results[2].issued.number == 9  # type: ignore[union-attr]
    assert (await store.verify())[1] == []


async def test_a_waiter_that_goes_away_does_not_stop_the_commit(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provide_main(store)
    with commits_held(monkeypatch) as arrived:
        gone = asyncio.ensure_future(number_for(store, "gone"))
        await until(arrived)
        waiting = asyncio.ensure_future(number_for(store, "waiting"))
        await asyncio.sleep(0)
        gone.cancel()
        waiting.cancel()
        await asyncio.gather(gone, waiting, return_exceptions=True)
    assert await number_for(store, "next") == 3
    assert await number_for(store, "gone") == 1
    assert await number_for(store, "waiting") == 2


async def test_more_than_may_wait_is_refused_and_not_written(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await make_store(max_queued=3)
    await provide_main(store)
    with commits_held(monkeypatch) as arrived:
        first = asyncio.ensure_future(number_for(store, "first"))
        await until(arrived)
        tasks = [asyncio.ensure_future(number_for(store, f"key-{i}")) for i in range(5)]
        await asyncio.sleep(0)
    results = await asyncio.gather(first, *tasks, return_exceptions=True)
    assert results[:4] == [1, 2, 3, 4]
    assert all(isinstance(result, StoreOverloadedError) for result in results[4:])
    assert all(result.committed is False for result in results[4:])  # type: ignore[union-attr]
    assert store.stats.overloaded == 2
    assert await number_for(store, "later") == 5


async def test_close_finishes_what_waits_and_takes_no_more(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await provide_main(store)
    with commits_held(monkeypatch) as arrived:
        first = asyncio.ensure_future(number_for(store, "first"))
        await until(arrived)
        second = asyncio.ensure_future(number_for(store, "second"))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(store.close())
        await asyncio.sleep(0)
        with pytest.raises(StoreUnavailableError) as refused:
            await number_for(store, "late")
        assert refused.value.committed is False
    await closing
    assert [await first, await second] == [1, 2]
    await store.close()


async def test_ready_means_a_commit_is_possible(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await store.ready()
    monkeypatch.setattr(store_base, "READY_SECONDS", 0.05)
    with commits_held(monkeypatch):
        assert not await store.ready()
    monkeypatch.undo()
    assert await store.ready()
    await store.close()
    assert not await store.ready()


async def test_figures_count(make_store: MakeStore) -> None:
    seen: list[tuple[int, float]] = []
    store = await make_store(on_commit=lambda jobs, seconds: seen.append((jobs, seconds)))
    await provide_main(store)
    await asyncio.gather(*(number_for(store, f"key-{i}") for i in range(10)))
    with pytest.raises(Refused):
        await store.execute(set_next(1, rules.SetPolicy()))
    figures = store.figures()
    assert [jobs for jobs, _ in seen] == [1, 10]
    assert (figures["store_commits"], figures["store_jobs"], figures["store_refused"]) == (2, 12, 1)
    assert figures["store_commit_seconds"] == pytest.approx(sum(seconds for _, seconds in seen))
    assert (figures["store_failed"], figures["store_waiting"], figures["store_largest_group"]) == (0, 0, 10)
