"""The power fails while a SQLite store writes: every acknowledged commit is there afterwards, and none by halves."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.stores import open_store
from gateway.stores.sqlite import file
from tests.failover.power import Files, careless_losses, life_of, losses, wrong_cuts
from tests.stores.commands import issue

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
