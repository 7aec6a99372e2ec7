"""The short form of the proof: the primary is killed, then frozen, and a control that must lose numbers loses some.

`make soak` runs all faults and writes the table; see README.md beside this file.
"""

from __future__ import annotations

import pytest

from tests.failover import controls, faults
from tests.failover.clients import DIALECTS
from tests.failover.clusters import LEASE_SECONDS, Cluster
from tests.failover.scene import Row, cluster_scene
from tests.failover.verdict import Verdict

pytestmark = pytest.mark.timeout(240)


def assert_sound(row: Row) -> None:
    assert row.sound, (row.verdict, row.failures, row.bugs)
    assert row.verdict.acknowledged > 50, "hardly any load"


async def test_a_primary_dies_and_another_is_frozen(cluster: Cluster) -> None:
    async with cluster_scene(cluster, "short") as scene:
        killed = await scene.run("primary killed", faults.primary_killed)
        assert_sound(killed)
        assert killed.back_after < LEASE_SECONDS, "Patroni hands over at once when its server is dead"
        frozen = await scene.run("primary frozen", faults.woken_primary_asked)
        assert_sound(frozen)
        assert frozen.unready > 1, "without a primary the gateways must say that they are not ready"
        acknowledged = {dialect for dialect, _, _ in scene.book.acknowledged}
        assert acknowledged == {kind.dialect for kind in DIALECTS}
        print(killed.facts(), frozen.facts())


async def test_control_a_cancelled_commit_that_is_believed_is_caught(cluster: Cluster) -> None:
    row = await controls.trusting_gateway(cluster)
    verdict: Verdict = row.verdict
    assert verdict.lost > 0, verdict
    assert any("was acknowledged but is not in the ledger" in problem for problem in verdict.problems)
    assert any("the ledger has []" in problem for problem in verdict.problems)
