"""The cluster that the tests of this folder damage, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.failover.clusters import Cluster, lacking, python_is_usable, running_cluster
from tests.skips import require_or_skip


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Three nodes with synchronous replication."""
    missing = lacking()
    if missing:
        require_or_skip(missing, "a Patroni cluster needs it; see tests/failover/README.md")
    if not python_is_usable():
        require_or_skip("a Python that other users can run", "neither Patroni nor PostgreSQL may run as root")
    with running_cluster() as running:
        yield running
