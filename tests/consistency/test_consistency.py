"""The short form: two gateways, then two workers of one, on one database; everything that clients do and see is judged.

`make soak` runs the same recorders and checkers under every fault of a cluster; see README.md beside this file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import pg
from tests.consistency.breakage import BREAKAGES
from tests.consistency.scene import postgres_scene, worked, worker_killed
from tests.failover.scene import Row
from tests.failover.strikes import struck
from tests.stores.postgres.conftest import cluster, database

__all__ = ["cluster", "database"]

pytestmark = pytest.mark.timeout(240)

SEED = 1
STRUCK_SECONDS = 3.0


def assert_sound(row: Row) -> None:
    assert row.sound, "\n".join(
        [*row.verdict.problems, str(row.verdict)[:300], str(row.failures)[:2000], str(row.bugs)]
    )
    assert row.verdict.acknowledged > 20, "hardly any load"


async def test_two_gateways_keep_every_promise(cluster: pg.Cluster, database: str, tmp_path: Path) -> None:
    async with postgres_scene(cluster, database, tmp_path) as scene:
        assert_sound(await scene.run("struck and killed", struck(STRUCK_SECONDS, SEED, and_killed=True)))


NOTICED = {
    "make-twice": "but the store has 2 of it",
    "answer-with-the-past": "which the line did not stand at then",
    "repeat-old-writes": "catalogue of",
    "spend-codes-again": "of CodeRecorder 0: given",
    "keep-tenants-to-oneself": "tenant TenantRecorder",
    "stamp-with-the-machines-time": "clock of ClockRecorder",
}
"""For each breakage, a part of a finding that it must lead to."""


async def test_control_each_breakage_is_noticed(cluster: pg.Cluster, database: str, tmp_path: Path) -> None:
    broken = postgres_scene(cluster, database, tmp_path, sabotage=tuple(BREAKAGES), allowance=0, agreement=1)
    async with broken as scene:
        row = await scene.run("gateways that break promises", worked)
    noticed = {name for name, part in NOTICED.items() if any(part in problem for problem in row.verdict.problems)}
    assert noticed == set(BREAKAGES), row.verdict.problems


async def test_two_workers_keep_every_promise(cluster: pg.Cluster, database: str, tmp_path: Path) -> None:
    async with postgres_scene(cluster, database, tmp_path, count=1, workers=2) as scene:
        assert_sound(await scene.run("a worker killed", worker_killed))
