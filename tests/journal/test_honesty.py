"""The journal answers "unknown" for all that it evicted, lost or never recorded: overload, crashes, a full disk, restarts."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.core.values import TenantId
from gateway.journal import file as journal_file
from gateway.journal.file import JournalFile, note_not_recording
from gateway.journal.journal import Journal, JournalClosedError
from gateway.journal.models import Completeness, Filter, JournalError, Limits
from gateway.journal.opening import JournalBusyError
from gateway.spi.watch import Watch
from tests.journal.rig import START, Book, Hand, book


async def told(kept: Book, **question: Any) -> tuple[int, bool, list[str]]:
    """Count, complete, and the reasons of the gaps."""
    answer = await kept.journal.count(Filter(**question))
    return answer.count, answer.completeness.complete, [gap.reason for gap in answer.completeness.gaps]


async def test_what_was_evicted_is_unknown_and_not_absent(tmp_path: Path) -> None:
    async with book(tmp_path, max_entries=10) as kept:
        for _ in range(30):
            kept.record("a")
            kept.hand.forward(1)
        kept.record("b")
        count, complete, reasons = await told(kept, tenant="a")
        assert (count, complete, reasons) == (10, False, ["evicted"])
        facts = (await kept.journal.count(Filter(tenant="a"))).completeness
        assert facts.evicted_before == START + timedelta(seconds=19)
        assert (facts.lost, facts.gaps[0].count) == (0, 20)
        assert (await kept.journal.get(20)).status == "unknown"
        assert (await kept.journal.get("r-20")).status == "unknown"
        assert (await kept.journal.get(21)).status == "found"
        # Entries that eviction does not touch are still certain.
        assert await told(kept, tenant="a", since=START + timedelta(seconds=20)) == (10, True, [])
        assert await told(kept, tenant="a", after=20) == (10, True, [])
        assert await told(kept, tenant="a", after=19) == (10, False, ["evicted"])
        assert await told(kept, tenant="b") == (1, True, [])
        assert (await told(kept))[1] is False


async def test_bytes_are_bounded(tmp_path: Path) -> None:
    async with book(tmp_path, max_bytes=20_000) as kept:
        for _ in range(100):
            kept.record("a", body=b"x" * 1000)
        (held,) = (await kept.journal.status()).held
        assert held.bytes <= 20_000
        assert 5 < held.entries < 20
        kept.record("b", body=b"x" * 30_000)
        assert [held.tenant for held in (await kept.journal.status()).held] == ["a"]
        assert await told(kept, tenant="b") == (0, False, ["evicted"])


async def test_age_is_bounded_also_when_nothing_comes(tmp_path: Path) -> None:
    async with book(tmp_path, max_age_seconds=60) as kept:
        kept.record("a")
        kept.hand.forward(59)
        kept.record("b")
        assert await told(kept, tenant="a") == (1, True, [])
        kept.hand.forward(2)
        kept.journal._tidy_up()
        assert await told(kept, tenant="a") == (0, False, ["evicted"])
        assert await told(kept, tenant="b") == (1, True, [])


async def test_what_is_cleared_is_unknown_and_the_rest_is_not(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record("a")
        kept.record("b")
        assert await kept.journal.clear(TenantId("a")) == 1
        assert await told(kept, tenant="a") == (0, False, ["cleared"])
        assert await told(kept, tenant="b") == (1, True, [])
        assert await told(kept, tenant="a", after=kept.journal.position) == (0, True, [])
        assert await kept.journal.clear() == 1


async def check_three_of_eight_are_lost(kept: Book) -> None:
    """Record eight entries at once, of which three are lost."""
    for _ in range(8):
        kept.record("a")
    facts = (await kept.journal.count(Filter(tenant="a"))).completeness
    assert (facts.complete, facts.lost, [gap.reason for gap in facts.gaps]) == (False, 3, ["overload"])
    assert (await kept.journal.get(7)).status == "unknown"
    assert kept.journal.figures()["journal_lost"] == 3


async def test_more_than_the_rate_allows_is_let_go_and_counted(tmp_path: Path) -> None:
    async with book(tmp_path, max_per_second=0.5) as kept:  # a burst may be as long as ten seconds allow: five
        await check_three_of_eight_are_lost(kept)


async def test_more_than_can_wait_is_let_go_and_counted(tmp_path: Path) -> None:
    async with book(tmp_path, max_waiting=5) as kept:
        await check_three_of_eight_are_lost(kept)
        kept.hand.forward(1)
        kept.record("a")
        assert await told(kept, tenant="a", since=kept.hand.time) == (1, True, [])


async def test_sampling_is_never_complete(tmp_path: Path) -> None:
    async with book(tmp_path, sample=0.5) as kept:
        for _ in range(200):
            kept.record("a")
        count, complete, reasons = await told(kept)
        assert 40 < count < 160
        assert (complete, reasons) == (False, ["sampled"])
        assert (await kept.journal.count(Filter())).completeness.lost is None
    hand = Hand(START + timedelta(days=1))
    async with book(tmp_path, hand) as kept:
        assert await told(kept, since=hand.time + timedelta(seconds=1)) == (0, True, [])
        assert (await told(kept))[1:] == (False, ["sampled"])


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    async with book(tmp_path):
        with pytest.raises(JournalBusyError, match="in use by another process"):
            async with book(tmp_path):
                pass


async def test_a_restart_in_order_loses_nothing(tmp_path: Path) -> None:
    hand = Hand()
    async with book(tmp_path, hand) as kept:
        kept.record("a")
    hand.forward(100)
    async with book(tmp_path, hand) as kept:
        kept.record("a")
        assert await told(kept, tenant="a") == (2, True, [])
        assert [entry.id for entry in (await kept.journal.find()).entries] == [1, 2]


async def test_a_time_without_recording_is_a_gap(tmp_path: Path) -> None:
    hand = Hand()
    async with book(tmp_path, hand) as kept:
        kept.record("a")
    path = tmp_path / "journal.db"
    note_not_recording(path, START + timedelta(seconds=10))
    note_not_recording(path, START + timedelta(seconds=20))  # a second start without recording: the first one counts
    hand.forward(100)
    async with book(tmp_path, hand) as kept:
        (gap,) = (await kept.journal.status()).gaps
        assert (gap.reason, gap.since, gap.until) == (
            "off",
            START + timedelta(seconds=10),
            START + timedelta(seconds=100),
        )
        assert await told(kept, until=START + timedelta(seconds=5)) == (1, True, [])
        assert (await told(kept))[1] is False


def test_no_file_is_made_to_note_that_nothing_is_recorded(tmp_path: Path) -> None:
    note_not_recording(tmp_path / "journal.db", START)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import asyncio, sys, time
from pathlib import Path
from tests.journal.rig import Hand, book

async def run():
    async with book(Path(sys.argv[1]), Hand()) as kept:
        for _ in range(5):
            kept.record("a")
        print((await kept.journal.count()).count, flush=True)
        kept.record("a")  # taken over, not written
        print("ready", flush=True)
        time.sleep(60)

asyncio.run(run())
"""


async def test_a_killed_process_leaves_an_unknown_stretch(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(2)] == ["5", "ready"]
        os.kill(process.pid, signal.SIGKILL)
    hand = Hand(START + timedelta(seconds=100))
    async with book(tmp_path, hand) as kept:
        assert await told(kept, tenant="a") == (5, False, ["crash"])
        assert (await kept.journal.count(Filter())).completeness.lost is None
        assert (await kept.journal.get(6)).status == "unknown"
        kept.record("a")
        assert kept.journal.position > 6  # the id of the lost entry is not given again
        assert await told(kept, since=hand.time + timedelta(microseconds=1)) == (0, True, [])
        kept.hand.forward(1)
        kept.record("a")
        assert await told(kept, since=hand.time) == (1, True, [])


async def test_a_damaged_file_is_put_aside_and_nothing_before_is_known(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record("a")
    damage(tmp_path / "journal.db")
    async with book(tmp_path) as kept:
        assert await told(kept) == (0, False, ["crash"])
        kept.hand.forward(1)
        kept.record("a")
        assert await told(kept, since=kept.hand.time) == (1, True, [])
    assert b"this is no page" in (tmp_path / "journal.db.damaged").read_bytes()


def damage(path: Path) -> None:
    """Overwrite all of a file but the first 100 bytes, which are the head of a database."""
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + (b"this is no page " * len(whole))[: len(whole) - 100])


async def test_a_file_of_another_version_is_not_touched(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "journal.db")
    db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(JournalError, match="version 99"):
        async with book(tmp_path):
            pass


async def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot open journal"):
        async with book(tmp_path / "file"):
            pass


async def test_a_disk_that_refuses_costs_entries_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async with book(tmp_path) as kept:
        with monkeypatch.context() as broken:
            broken.setattr(JournalFile, "_insert", full)
            kept.record("a")
            kept.record("b")
            facts = (await kept.journal.count(Filter(tenant="a"))).completeness
            assert (facts.complete, facts.lost, [gap.reason for gap in facts.gaps]) == (False, 1, ["write_failed"])
        kept.hand.forward(1)
        kept.record("a")
        assert await told(kept, tenant="a") == (1, False, ["write_failed"])
        assert (await kept.journal.get(1)).status == "unknown"
        assert (await kept.journal.status()).held[0].entries == 1
    async with book(tmp_path, kept.hand) as again:  # the gap was written as soon as that was possible again
        assert (await told(again, tenant="b"))[1:] == (False, ["write_failed"])


async def test_a_call_that_cannot_be_rendered_costs_only_itself(tmp_path: Path) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a redactor with a bug")

    async with book(tmp_path, redactors={"bad": broken}) as kept:
        kept.record("a", dialect="bad")
        kept.record("a")
        assert await told(kept, tenant="a") == (1, False, ["write_failed"])


async def test_many_gaps_are_merged_and_never_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "_MOST_GAPS", 6)
    hand = Hand()
    for _ in range(10):
        async with book(tmp_path, hand, sample=0.999999):
            hand.forward(10)
        hand.forward(10)
    async with book(tmp_path, hand) as kept:
        gaps = (await kept.journal.status()).gaps
        assert len(gaps) <= 6
        for second in range(0, 190, 20):
            moment = START + timedelta(seconds=second + 5)
            assert (await told(kept, since=moment, until=moment))[1] is False, second


async def test_a_clock_set_back_does_not_disturb_the_order(tmp_path: Path) -> None:
    async with book(tmp_path) as kept:
        kept.record("a")
        kept.hand.forward(-3600)
        kept.record("a")
        entries = (await kept.journal.find()).entries
        assert [entry.at for entry in entries] == [START, START]


async def test_a_closed_journal_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", Limits(), Watch())
    with pytest.raises(JournalClosedError):
        await journal.count()


def test_completeness_is_plain() -> None:
    assert Completeness(complete=True).model_dump() == {"complete": True, "evicted_before": None, "lost": 0, "gaps": ()}
