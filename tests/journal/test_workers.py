"""Several workers write a file each, and any of them answers for all files, also for those of workers that are gone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.core.values import TenantId
from gateway.journal.file import JournalFile
from gateway.journal.journal import Journal
from gateway.journal.models import Filter, Limits
from gateway.journal.opening import JournalBusyError
from gateway.journal.worker_files import SharedIds, held_by_supervisor, paths_of
from gateway.spi.watch import Watch
from tests.journal.rig import Book, Hand, book
from tests.journal.test_honesty import told
from tests.until import until


@pytest.fixture
def ids(tmp_path: Path) -> SharedIds:
    return SharedIds.after_all(tmp_path / "journal.db")


async def entry_ids(kept: Book, **options: Any) -> list[int]:
    return [entry.id for entry in (await kept.journal.find(**options)).entries]


async def test_any_worker_answers_for_all(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids) as first, book(tmp_path, shared_ids=ids) as second:
        for writer in (first, second, second, first):
            writer.record("a")
            await writer.journal.written()
        assert first.journal.path != second.journal.path
        assert await told(first) == await told(second) == (4, True, [])
        everything = await entry_ids(first)
        assert everything == sorted(everything)
        assert await entry_ids(second, newest_first=True) == everything[::-1]
        for number in everything:
            assert (await second.journal.get(number)).status == "found"
        (client,) = (await second.journal.strict_report()).clients
        assert client.requests == 4
        assert [held.entries for held in (await first.journal.status()).held] == [4]


async def test_pages_go_through_all_files(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids) as first, book(tmp_path, shared_ids=ids) as second:
        for n in range(9):
            (first if n % 3 else second).record("a" if n % 2 else "b")
        await first.journal.written()
        await second.journal.written()
        found: list[int] = []
        cursor = None
        while True:
            page = await first.journal.find(Filter(tenant="b"), limit=2, cursor=cursor)
            found += [entry.id for entry in page.entries]
            cursor = page.next
            if cursor is None:
                break
        assert found == await entry_ids(second, where=Filter(tenant="b"))
        assert len(found) == 5


async def test_a_position_of_one_worker_holds_for_all(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids) as first, book(tmp_path, shared_ids=ids) as second:
        first.record("a")
        recorded = await first.journal.written()
        await until(lambda: ids.now() > recorded)
        position = second.journal.position
        await until(lambda: ids.now() > position)
        second.record("a")
        first.record("a")
        await first.journal.written()
        await second.journal.written()
        assert (await told(first, after=position))[0] == 2


async def test_files_of_workers_that_ended_are_still_read_and_cleared(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids) as first:
        async with book(tmp_path, shared_ids=ids) as second:
            second.record("a")
            second.record("b")
        first.record("a")
        assert await told(first, tenant="a") == (2, True, [])
        assert await first.journal.clear(TenantId("a")) == 2
        assert await told(first, tenant="a") == (0, False, ["cleared", "cleared"])
        assert (await told(first, tenant="b"))[0] == 1


async def test_what_a_killed_worker_had_not_written_is_a_gap(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids) as first:
        second = await _killed(tmp_path, ids)
        assert await told(first) == (0, False, ["crash"])
        async with book(tmp_path, shared_ids=ids) as third:  # takes the same file
            assert third.journal.path == second
            assert await told(third) == (0, False, ["crash"])


async def _killed(folder: Path, ids: SharedIds) -> Path:
    """The file of a worker that died."""
    journal = Journal(folder / "journal.db", Limits(), Watch(), shared_ids=ids)
    await journal.start()
    assert isinstance(journal._file, JournalFile)
    await journal._in_thread(journal._file._release)  # as the system does for a process that ends
    journal._thread.shutdown()
    if journal._tidy is not None:
        journal._tidy.cancel()
    return journal.path


async def test_old_entries_of_workers_that_ended_are_dropped(tmp_path: Path, ids: SharedIds) -> None:
    hand = Hand()
    async with book(tmp_path, hand, shared_ids=ids, max_age_seconds=50) as first:
        async with book(tmp_path, hand, shared_ids=ids, max_age_seconds=50) as second:
            second.record("a")
        hand.forward(100)
        assert first.journal._file is not None
        await first.journal._in_thread(lambda: first.journal._expire(first.journal._file, hand()))
        assert await told(first) == (0, False, ["evicted"])


async def test_sampling_stays_a_gap(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids, sample=0.5) as first:
        assert (await told(first))[1:] == (False, ["sampled"])


async def test_one_process_alone_says_what_it_does_not_read(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids) as first, book(tmp_path, shared_ids=ids) as second:
        first.record("a")
        second.record("a")
    async with book(tmp_path) as alone:
        assert await told(alone) == (1, False, ["workers"])


async def test_a_worker_notices_its_own_matches(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids) as first:
        position = await first.journal.written()
        waiting = asyncio.create_task(first.journal.arrived(Filter(tenant="a", after=position), 60))
        await until(lambda: bool(first.journal._waiters))
        first.record("b")
        first.record("a")
        assert await waiting
        assert await first.journal.arrived(Filter(tenant="a", after=position), 0)
        assert not await first.journal.arrived(Filter(tenant="c"), 0)


async def test_ids_go_on_above_those_of_an_earlier_start(tmp_path: Path, ids: SharedIds) -> None:
    path = tmp_path / "journal.db"
    ahead = SharedIds(ids.ahead_ns + 3600 * 10**9)  # the machine's clock was set back by an hour since
    async with book(tmp_path, shared_ids=ahead) as first:
        first.record("a")
        (old,) = await entry_ids(first)
    later = SharedIds.after_all(path)
    assert later.now() > old
    assert later.now() < 2**53
    async with book(tmp_path, shared_ids=later) as first, book(tmp_path, shared_ids=later) as second:
        second.record("a")
        first.record("a")
        await first.journal.written()
        assert all(number > old for number in (await entry_ids(second))[1:])
    assert len(paths_of(path)) == 2


def test_ids_of_two_workers_differ(ids: SharedIds) -> None:
    last = ids.now() + 10**6
    assert len({ids.next(last, number) for number in range(1, 256)}) == 255
    assert ids.next(ids.next(last, 7), 7) > ids.next(last, 7)


def test_one_supervisor_has_a_journal_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with held_by_supervisor(path), pytest.raises(JournalBusyError, match="give each its own"), held_by_supervisor(path):
        pass
    with held_by_supervisor(path):
        pass


async def test_a_supervisor_does_not_begin_beside_a_process_of_its_own(tmp_path: Path) -> None:
    async with book(tmp_path):
        with pytest.raises(JournalBusyError), held_by_supervisor(tmp_path / "journal.db"):
            pass


async def test_a_process_without_workers_is_refused_beside_them(tmp_path: Path, ids: SharedIds) -> None:
    async with book(tmp_path, shared_ids=ids):
        with pytest.raises(JournalBusyError):
            async with book(tmp_path):
                pass
