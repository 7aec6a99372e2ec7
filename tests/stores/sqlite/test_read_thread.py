"""The reading thread: waiting questions go there together, and each caller gets its own answer."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.stores import SqliteStore
from gateway.stores.errors import StoreOpenError
from gateway.stores.sqlite.file import Reader
from gateway.stores.sqlite.publication import Publication
from gateway.stores.sqlite.read_thread import ReadingThread


class Watched(ReadingThread):
    """Notes how many questions each turn of the thread got."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "watched", Publication("watched"))
        self.turns: list[int] = []

    def _answer(self, works: Any) -> Any:
        self.turns.append(len(works))
        return super()._answer(works)


@pytest.fixture
async def thread(store: SqliteStore) -> AsyncIterator[Watched]:
    thread = Watched(store.path)
    yield thread
    await thread.close()


def answering(value: int) -> Callable[[Reader], int]:
    return lambda _: value


async def test_what_is_asked_in_one_turn_goes_there_together(thread: Watched) -> None:
    assert await asyncio.gather(*(thread.ask(answering(n)) for n in range(40))) == list(range(40))
    assert sum(thread.turns) >= 40
    assert len(thread.turns) < 40
    assert await thread.ask(answering(7)) == 7


async def test_an_error_is_only_for_who_asked(thread: Watched) -> None:
    def broken(_: Reader) -> None:
        raise sqlite3.OperationalError("no such table")

    def wrong(_: Reader) -> None:
        raise LookupError("mine")

    asked = [thread.ask(answering(1)), thread.ask(broken), thread.ask(wrong), thread.ask(answering(2))]
    one, unavailable, own, two = await asyncio.gather(*asked, return_exceptions=True)
    assert (one, two) == (1, 2)
    assert isinstance(unavailable, StoreUnavailableError)
    assert isinstance(own, LookupError)


async def test_what_is_slow_loses_nothing_that_waits_behind_it(thread: Watched) -> None:
    await thread.ask(answering(0))
    go_on = threading.Event()

    def slow(_: Reader) -> str:
        assert go_on.wait(60)
        return "slow"

    first, last = (asyncio.ensure_future(thread.ask(work)) for work in (answering(1), slow))
    behind = asyncio.ensure_future(thread.ask(answering(3)))
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(first, last, behind) == [1, "slow", 3]


async def test_who_has_gone_holds_up_nobody(thread: Watched) -> None:
    gone, stays = (asyncio.ensure_future(thread.ask(answering(n))) for n in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 2
    assert await thread.ask(answering(3)) == 3


async def test_what_waits_is_answered_before_the_thread_ends(store: SqliteStore) -> None:
    thread = Watched(store.path)
    asked = [asyncio.ensure_future(thread.ask(answering(n))) for n in range(5)]
    await asyncio.sleep(0)
    await thread.close()
    assert [await one for one in asked] == [0, 1, 2, 3, 4]
    with pytest.raises(StoreUnavailableError):
        await thread.ask(answering(6))


async def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    thread = ReadingThread(tmp_path / "none.db", "nowhere", Publication("nowhere"))
    outcomes = await asyncio.gather(*(thread.ask(answering(n)) for n in range(3)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreOpenError}
    await thread.close()
