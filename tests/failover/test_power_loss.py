"""The power fails while a SQLite store writes: every acknowledged commit is there afterwards, and none by halves."""

from __future__ import annotations

import random
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gateway.core.ports import StoreUnavailableError
from gateway.stores import open_store
from gateway.stores.sqlite import file
from gateway.stores.sqlite.log import log_of
from tests.failover.power import Disk, Files, careless_losses, life_of, losses, recovered, wrong_cuts
from tests.stores.commands import issue, number_for, peek, provide_main
from tests.stores.sqlite.commits import fail_commit

COMMITS = 30
SMALL_LOG_PAGES = 48
"""Such a short log is copied into the main file several times in a run."""


async def test_a_log_cut_anywhere_leaves_what_was_acknowledged_by_then(tmp_path: Path) -> None:
    moments = await life_of(tmp_path, COMMITS)
    assert len(moments[-1].files.cuts()) > 3 * COMMITS
    assert list(wrong_cuts(moments, tmp_path / "cut.db")) == []


async def test_any_part_of_an_unfinished_commit_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "CHECKPOINT_PAGES", SMALL_LOG_PAGES)
    moments = await life_of(tmp_path, COMMITS)
    copies = sum(before.files.main != after.files.main for before, after in pairwise(moments))
    assert copies >= 3, "the log was not copied into the main file often enough"
    assert list(losses(moments, tmp_path / "torn.db", tries=3)) == []
    assert list(careless_losses(moments, tmp_path / "careless.db")), "the control must be caught"


async def test_the_store_itself_goes_on_from_there(tmp_path: Path) -> None:
    moments = await life_of(tmp_path, COMMITS)
    last, chance = moments[-1].files, random.Random(1)
    for cut in chance.sample([cut for cut in last.cuts() if cut >= len(moments[0].files.log)], 6):
        path = tmp_path / f"cut-{cut}.db"
        Files(last.main, last.log[:cut]).write(path)
        store = open_store(f"sqlite:///{path}")
        await store.start()
        try:
            entries, findings = await store.verify()
            assert findings == []
            await store.execute(issue("after the power came back", start=1))
            assert (await store.verify())[0] == entries + 1
        finally:
            await store.close()


async def test_what_a_start_finds_is_on_the_disk_before_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process was killed before it synced the last commit, or the sync failed: only the kernel's memory has it."""
    before, after = (await life_of(tmp_path, COMMITS))[-2:]
    path = tmp_path / "again.db"
    after.files.write(path)
    disk = Disk(log_of(path), before.files.log, monkeypatch)
    copied_too_early: list[int] = []
    true_pragma = file.Writer._pragma

    def pragma(writer: file.Writer, text: str) -> Any:
        if text.startswith("wal_checkpoint") and not disk.syncs:
            copied_too_early.append(1)
        return true_pragma(writer, text)

    monkeypatch.setattr(file.Writer, "_pragma", pragma)
    assert recovered(Files(before.files.main, disk.held), tmp_path / "cut.db") == before.contents
    store = open_store(f"sqlite:///{path}")
    await store.start()
    try:
        assert recovered(Files(before.files.main, disk.held), tmp_path / "cut.db") == after.contents
        assert not copied_too_early
    finally:
        await store.close()


async def test_what_a_doubt_leaves_is_on_the_disk_before_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number given again writes nothing, so nothing more would sync it. A reader keeps the log from being copied."""
    store = open_store(f"sqlite:///{tmp_path / 'numbers.db'}")
    await store.start()
    try:
        await provide_main(store)
        files = Files.read(store.path)
        reader = sqlite3.connect(store.path, isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT * FROM issued").fetchall() == []
        fail_commit(monkeypatch, before=False, times=1)
        disk = Disk(log_of(store.path), files.log, monkeypatch)
        with pytest.raises(StoreUnavailableError):
            await number_for(store, "a")
        assert await peek(store) == 2
        assert await number_for(store, "a") == 1
        shown = recovered(Files(files.main, disk.held), tmp_path / "cut.db")
        assert [row[2] for row in shown[2]] == [1]
        reader.close()
    finally:
        await store.close()
