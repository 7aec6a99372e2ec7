"""Waiting for the n-th match: the call itself wakes the waiter; nothing polls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.journal.journal import JournalClosedError
from gateway.journal.models import Filter
from tests.journal.rig import book


async def test_what_is_there_already_counts(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        for number in (1, 2, 3):
            kept.record("a", number=number)
        waited = await kept.journal.wait(Filter(tenant="a"), n=2, timeout_seconds=0)
        assert (waited.matched, waited.count) == (True, 2)
        assert waited.entry is not None
        assert waited.entry.number == 2


async def test_what_comes_wakes(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record("a")
        waiting = asyncio.create_task(kept.journal.wait(Filter(tenant="a"), n=3, timeout_seconds=120))
        while not kept.journal._waiters:
            await asyncio.sleep(0)
        kept.record("b")
        kept.record("a")
        kept.record("a", number=7)
        kept.record("a")
        waited = await asyncio.wait_for(waiting, 60)
        assert waited.matched
        assert waited.entry is not None
        assert (waited.entry.number, waited.entry.id) == (7, 4)
        assert waited.completeness.complete
        assert not kept.journal._waiters


async def test_what_comes_while_the_file_is_asked_is_not_missed(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record("a")
        waiting = asyncio.create_task(kept.journal.wait(Filter(tenant="a"), n=2, timeout_seconds=120))
        await asyncio.sleep(0)  # the wait has asked the file, and its thread has not answered yet
        kept.record("a")
        assert (await asyncio.wait_for(waiting, 60)).matched


async def test_the_time_is_up(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record("a")
        waited = await kept.journal.wait(Filter(tenant="a"), n=2, timeout_seconds=0.01)
        assert (waited.matched, waited.count, waited.entry) == (False, 1, None)
        assert waited.completeness.complete


async def test_a_time_that_is_up_after_losses_is_no_certainty(tmp_path: Path) -> None:
    async with book(tmp_path, max_entries=1) as kept:
        kept.record("a", number=1)
        kept.record("a", number=2)
        await kept.journal.count()
        waited = await kept.journal.wait(Filter(tenant="a", number=1), timeout_seconds=0.01)
        assert (waited.matched, waited.completeness.complete) == (False, False)


async def test_a_match_that_could_not_be_kept_is_still_a_match(tmp_path: Path) -> None:
    async with book(tmp_path, max_waiting=1) as kept:
        waiting = asyncio.create_task(kept.journal.wait(Filter(number=9), timeout_seconds=120))
        while not kept.journal._waiters:
            await asyncio.sleep(0)
        kept.record("a")
        kept.record("a", number=9)
        waited = await asyncio.wait_for(waiting, 60)
        assert (waited.matched, waited.entry, waited.completeness.complete) == (True, None, False)


async def test_two_wait_for_different_things(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        first = asyncio.create_task(kept.journal.wait(Filter(number=1), timeout_seconds=120))
        second = asyncio.create_task(kept.journal.wait(Filter(number=2), timeout_seconds=120))
        await asyncio.sleep(0)
        kept.record("a", number=2)
        assert (await second).matched
        assert not first.done()
        kept.record("a", number=1)
        assert (await first).matched


async def test_a_journal_that_closes_lets_go(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        waiting = asyncio.create_task(kept.journal.wait(Filter(number=1), timeout_seconds=120))
        while not kept.journal._waiters:
            await asyncio.sleep(0)
        await kept.journal.count()
        await asyncio.sleep(0)
    with pytest.raises(JournalClosedError):
        await asyncio.wait_for(waiting, 60)


async def test_n_counts_from_one(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        with pytest.raises(ValueError, match="counts from 1"):
            await kept.journal.wait(n=0)
